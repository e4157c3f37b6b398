"""A machine of the simulated world: what survives a crash (name, disk, clock), and its process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import compress
from operator import attrgetter, ne
from typing import TYPE_CHECKING, Any
from zlib import crc32

from lessons.node import AuthorError, Node, OutsideWorld, Unwatchable, snapshot
from lessons.node.message import CONSTANT
from lessons.sim.clock import Clock
from lessons.sim.disk import SimDisk
from lessons.sim.kernel import Entry
from lessons.sim.process import Process
from lessons.sim.state import NodeState
from lessons.trace.decode import Shape

if TYPE_CHECKING:
    from lessons.sim.world import World


def is_delivery(event: Entry) -> bool:
    """Whether an event of the agenda brings a message (and is no timer)."""
    return len(event) == 7


def reader(fields: tuple[str, ...]) -> Callable[[Node], tuple[Any, ...]]:
    """A function that reads these fields of a node, all at once: it runs after nearly every event."""
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda node: tuple([getattr(node, field) for field in fields])


class Machine:
    """Runs one node: starts it, delivers to it, watches it, crashes it, keeps it waiting."""

    def __init__(self, world: World, name: str, kind: type[Node], make: Callable[[], Node]) -> None:
        self.world, self.name, self._make = world, name, make
        self._log = world.kernel.log
        self.kind = kind.__name__
        self.watched = tuple(dict.fromkeys(kind.watched))
        self._look = reader(self.watched)
        self.clock = Clock()
        self.disk = SimDisk(name, world.disk_model, world.chance(f"disk of {name}"), self)
        self.process: Process | None = None
        self.stalled = False  # paused, or waiting for the disk: events queue up in the backlog
        self.paused = self.catching_up = False
        self.unreachable = True  # a delivery needs a second look: down, stalled, or a link is cut
        self.backlog: deque[Entry] = deque()
        self._held: list[Entry] = []  # sends that waited for the disk when a pause came
        self._busy_until = 0.0
        self.lives = 0
        self._seen: dict[str, Any] = {}
        self._shown: tuple[Any, ...] = ()  # the same values, in the order of the fields
        self._shapes: dict[bytes, Shape] = {}
        self.state = NodeState(name, self.kind, self._seen)

    # Time of this machine

    def time(self) -> float:
        """Virtual time now."""
        return self.world.kernel.now

    def spend(self, seconds: float) -> float:
        """Keep the process busy for ``seconds`` more; returns the time at which it is free."""
        process, now = self.process, self.world.kernel.now
        if process is None:
            return now
        process.lag += seconds
        process.heed()
        return now + process.lag

    def drift(self, rate: float) -> None:
        """Let the clock count ``rate`` seconds a second from now on (see ``Clock.drift``)."""
        self.clock.drift(self.time(), rate)
        if self.process is not None:
            self.process.heed()

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
        self.process.go_on(node.start())
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

    def give_up(self, number: int) -> list[Entry]:
        """Forget the message of this number, if it waits here; returns the events that brought it."""
        waiting = [event for event in self.backlog if event[1] == number]
        self.backlog = deque(event for event in self.backlog if event[1] != number)
        return waiting

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
        self.process.heed()
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
        if not self.unreachable:
            self._log.append(number)
        elif not self._admits(event):
            return
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
        if not self.catching_up and (sender, self.name) in self.world.traffic.cuts:
            self.world.put("drop", self.name, number, "partition")
        elif self.process is None:
            self.world.put("drop", self.name, number, "down")
        elif self.stalled:
            self.backlog.append(event)
        else:
            world = self.world
            world.guard.check(sender, message)
            self._log.append(("deliver", world.kernel.now, self.name, number))
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
        kernel = self.world.kernel
        self.stalled = self.unreachable = True
        self._busy_until = kernel.now + process.lag
        process.lag = 0.0
        kernel.schedule(self._busy_until, self._disk_done, process)

    def _disk_done(self, event: Entry) -> None:
        if event[3] is self.process and not self.paused and self.time() >= self._busy_until:
            self._catch_up()

    def _catch_up(self) -> None:
        """Run what queued up while the machine was stalled, until it stalls again."""
        self.stalled, self.catching_up = False, True
        self.unreachable = True  # what comes from the backlog is late
        self._observe()
        while self.backlog and not self.stalled:
            event = self.backlog.popleft()
            if is_delivery(event):
                self.receive(event)
            else:
                self.world.kernel.perform((self.time(), *event[1:]))
        self.catching_up = False
        self.review()

    def _observe(self) -> None:
        """Put the watched fields that changed on record, and let the invariants look."""
        appears = not self.state.up
        if appears:
            self._appear()
        try:
            values = self._look(self.process.node)  # type: ignore[union-attr]
        except AttributeError as error:
            self._explain(error)
            raise
        if values != self._shown:
            self._show(values)
        elif appears:
            self.world.check()

    def _appear(self) -> None:
        """Let the invariants see the node: its start has ended, so it has its fields."""
        self._seen.clear()
        self._shown = ()
        self.state.up = True
        self.world.unborn.discard(self.name)

    def _show(self, values: tuple[Any, ...]) -> None:
        """Some of the watched fields have new values."""
        changes = bytes(map(ne, self._shown, values)) if self._shown else b"\x01" * len(values)
        shape = self._shapes.get(changes) or self._shape(changes)
        news = [*compress(values, changes)]
        if not CONSTANT.issuperset(map(type, news)):
            news = [*map(self._copy, shape.fields, news)]
        self._seen.update(zip(shape.fields, news, strict=True))
        self._shown = tuple(self._seen.values())
        world = self.world
        self._log.extend((shape, world.kernel.now, *news))
        world.check()

    def _shape(self, changes: bytes) -> Shape:
        """The fields that have changed, those with a 1 in ``changes``, as the record names them."""
        self._shapes[changes] = shape = Shape(self.name, tuple(compress(self.watched, changes)))
        return shape

    def _explain(self, error: AttributeError) -> None:
        """Raise a better error when it is a watched field that the node lacks."""
        if error.obj is self.process.node and error.name in self.watched:  # type: ignore[union-attr]
            raise AuthorError(
                f"{self.kind}.watched names {error.name!r}, which {self.name} does not have: set it in start()"
            ) from None

    def _copy(self, field: str, value: Any) -> Any:
        try:
            return snapshot(value)
        except TypeError:
            raise Unwatchable(self.name, field, value) from None
