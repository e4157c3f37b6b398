"""A machine of the simulated world: what survives a crash (name, disk, clock), and its process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from lessons.node import AuthorError, Node, OutsideWorld, Unwatchable, snapshot
from lessons.sim.clock import Clock
from lessons.sim.disk import SimDisk
from lessons.sim.kernel import Entry
from lessons.sim.process import Process
from lessons.sim.state import NodeState

if TYPE_CHECKING:
    from lessons.sim.world import World


def is_delivery(event: Entry) -> bool:
    """Whether an event of the agenda brings a message (and is no timer)."""
    return len(event) == 7


class Machine:
    """Runs one node: starts it, delivers to it, watches it, crashes it, keeps it waiting."""

    def __init__(self, world: World, name: str, kind: type[Node], make: Callable[[], Node]) -> None:
        self.world, self.name, self._make = world, name, make
        self._record = world.kernel.record
        self.kind = kind.__name__
        self.watched = kind.watched
        self.clock = Clock()
        self.disk = SimDisk(name, world.disk_model, world.chance(f"disk of {name}"), self)
        self.process: Process | None = None
        self.stalled = False  # paused, or waiting for the disk: events queue up in the backlog
        self.paused = False
        self.catching_up = False
        self.unreachable = True  # a delivery needs a second look: down, stalled, or a link is cut
        self.backlog: deque[Entry] = deque()
        self._held: list[Entry] = []  # sends that waited for the disk when a pause came
        self._busy_until = 0.0
        self.lives = 0
        self._seen: dict[str, Any] = {}
        self.state = NodeState(name, self.kind, self._seen)

    # Time of this machine

    def time(self) -> float:
        """Virtual time now."""
        return self.world.kernel.now

    def spend(self, seconds: float) -> float:
        """Keep the process busy for ``seconds`` more; returns the time at which it is free."""
        if self.process is None:
            return self.time()
        self.process.lag += seconds
        self.process.attentive = True
        return self.time() + self.process.lag

    # Life and death

    def begin(self, event: Entry) -> None:
        """Start for the first time."""
        self.start()

    def start(self) -> None:
        """Begin a new process with an empty memory and the disk as it is."""
        self.lives += 1
        self.disk.off = False
        node = self._make_node()
        rng = self.world.chance(f"{self.name}, life {self.lives}")
        self.process = Process(self, node, self.world.peers_of(self.name), rng)
        self.review()
        self.world.put("start", self.name)
        node.enter(self.process)
        node.start()
        self.leave()

    def _make_node(self) -> Node:
        try:
            return self._make()
        except AttributeError as error:
            if isinstance(error.obj, Node) and error.name in Node.__annotations__:
                raise OutsideWorld(self.kind, error.name) from None
            raise

    def crash(self, fates: Sequence[str] | None = None) -> dict[str, int]:
        """End the process at once; returns what became of writes that were not synced (see ``SimDisk.crash``)."""
        self.disk.off = True
        if self.process is not None:
            self.process.die()
        self.process = None
        self._busy_until = 0.0
        self.state.up = self.stalled = self.paused = False
        self.review()
        return self.disk.crash(fates)

    def spill(self) -> None:
        """Lose what a process that has crashed had not got round to."""
        for event in self.backlog:
            if is_delivery(event):
                self.world.put("drop", self.name, event[1], "down")
        self.backlog.clear()
        self._held.clear()

    def reseed(self) -> None:
        """Let chance begin anew, so that what is drawn next does not depend on what was drawn before."""
        seed = crc32(self.name.encode())
        self.disk.rng.seed(seed)
        if self.process is not None:
            self.process.rng.seed(seed)

    def pause(self) -> None:
        """Stop running events, as a long garbage collection does; time goes on."""
        if self.process is None:
            return
        self.paused = self.stalled = True
        self.review()

    def hold(self, departure: Entry) -> bool:
        """Keep a send that is due during a pause for its end; False when there is no pause."""
        if self.paused:
            self._held.append(departure)
        return self.paused

    def resume(self) -> None:
        """Go on after a pause, with what has queued up."""
        self.paused = False
        for departure in self._held:
            departure[2](departure)
        self._held.clear()
        if self.time() >= self._busy_until:
            self._catch_up()

    def review(self) -> None:
        """Decide whether deliveries need a second look."""
        cut = bool(self.world.traffic.cuts)
        self.unreachable = self.process is None or self.stalled or cut

    # Events

    def receive(self, event: Entry) -> None:
        """A message arrives: an event ``(time, number, receive, sender, message, answers, sent)``."""
        _, number, _, sender, message, answers, _ = event
        if self.unreachable:
            if not self._admits(event):
                return
        else:
            record = self._record
            record(number)
        process: Process = self.process  # type: ignore[assignment]
        process.current = event
        if answers is None or not process.answered(event):
            try:
                handler = process.handlers[type(message)]
            except KeyError:
                handler = process.find_handler(type(message))
            result = handler(sender, message)
            if result is not None:
                process.go_on(result)
        if process.attentive:
            self.leave()

    def _admits(self, event: Entry) -> bool:
        """Whether a message gets in now; if not, it is dropped or kept for later."""
        number, sender, message = event[1], event[3], event[4]
        if (sender, self.name) in self.world.traffic.cuts and not self.catching_up:
            self.world.put("drop", self.name, number, "partition")
        elif self.process is None:
            self.world.put("drop", self.name, number, "down")
        elif self.stalled:
            self.backlog.append(event)
        else:
            self.world.guard.check(sender, message)
            self.world.put("deliver", self.name, number)
            return True
        return False

    def receive_with_care(self, event: Entry) -> None:
        """A message arrives that is late, or a copy, or could have changed since it was sent."""
        self.unreachable = True
        self.receive(event)
        self.review()

    def receive_again(self, event: Entry) -> None:
        """The network delivers a copy of a message: an event ``(time, number, action, original)``."""
        self.receive_with_care(event[3])

    def leave(self) -> None:
        """After a handler: wait for the disk if the handler did, and then see what has changed."""
        if self.process is not None and self.process.lag:
            self._wait_for_disk(self.process)
        else:
            self._observe()

    def _wait_for_disk(self, process: Process) -> None:
        self.stalled = True
        self.review()
        self._busy_until = self.time() + process.lag
        process.lag = 0.0
        self.world.kernel.schedule(self._busy_until, self._disk_done, process)

    def _disk_done(self, event: Entry) -> None:
        if event[3] is self.process and not self.paused and self.time() >= self._busy_until:
            self._catch_up()

    def _catch_up(self) -> None:
        """Run what queued up while the machine was stalled, until it stalls again."""
        self.stalled, self.catching_up = False, True
        self.review()
        self._observe()
        while self.backlog and not self.stalled:
            event = self.backlog.popleft()
            if is_delivery(event):
                self.receive_with_care(event)
            else:
                event[2]((self.time(), *event[1:]))
        self.catching_up = False

    def _observe(self) -> None:
        """Put the watched fields that changed on record, and let the invariants look."""
        node, seen = self.process.node, self._seen  # type: ignore[union-attr]
        appears = not self.state.up
        if appears:
            self._appear()
        changed: dict[str, Any] = {}
        for field in self.watched:
            value = self._look(node, field)
            if field not in seen or seen[field] != value:
                changed[field] = seen[field] = self._copy(field, value)
        if changed:
            self.world.put("state", self.name, changed)
        if changed or appears:
            self.world.check()

    def _appear(self) -> None:
        """Let the invariants see the node: its start has ended, so it has its fields."""
        self._seen.clear()
        self.state.up = True
        self.world.unborn.discard(self.name)

    def _look(self, node: Node, field: str) -> Any:
        try:
            return getattr(node, field)
        except AttributeError as error:
            if error.obj is not node or error.name != field:
                raise
            raise AuthorError(
                f"{self.kind}.watched names {field!r}, which {self.name} does not have: set it in start()"
            ) from None

    def _copy(self, field: str, value: Any) -> Any:
        try:
            return snapshot(value)
        except TypeError:
            raise Unwatchable(self.name, field, value) from None
