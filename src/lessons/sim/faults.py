"""Faults: everything that can be done to a simulated world at a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, Any

from lessons.node.bounds import LARGEST, LEAST, within
from lessons.sim.kernel import place
from lessons.sim.latency import Latency
from lessons.sim.network import DROPPED

if TYPE_CHECKING:
    from lessons.sim.world import World

Effect = dict[str, Any]

_ASK = "ask_"  # methods of this name are what a client can be asked for


class Faults:
    """What can be done to a world. Every method returns what it changed, for the trace.

    A simulation offers these methods twice: ``sim.at(3.0).crash("n1")`` schedules a fault, and
    ``sim.faults.crash("n1")`` does it now.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._consequences: list[Callable[[], object]] = []

    def perform(self, name: str, groups: Iterable[Any], arguments: dict[str, Any]) -> Effect:
        """Do what the method ``name`` does; its consequences wait for ``follow_up``."""
        self._consequences = []
        effect: Effect = getattr(self, name)(*groups, **arguments)
        return effect

    def follow_up(self) -> None:
        """Let the nodes react: what they do comes after the fault in the trace."""
        for consequence in self._consequences:
            try:
                consequence()
            except Exception as error:
                place(error, getattr(consequence, "__self__", None))
                raise
        self._world.check()

    # Processes

    def crash(self, node: str, writes: Sequence[str] | None = None) -> Effect:
        """Kill a node's process: memory and timers are gone, unsynced writes are at the disk's mercy.

        ``writes`` says what becomes of each of those, in order: "kept", "lost" or "torn"; chance does unless
        given. Raises ValueError when they are not as many, or a change that is no write to a file is "torn".
        """
        machine = self._world.machine(node)
        if machine.process is None:
            return {}
        fates = {fate: n for fate, n in machine.crash(writes).items() if n}
        self._consequences.append(machine.spill)
        return {"down": [node], **({"writes": fates} if fates else {})}

    def restart(self, node: str) -> Effect:
        """Start a process again on what its disk holds; crashes it first if it is running."""
        machine = self._world.machine(node)
        down = self.crash(node)
        self._consequences.append(machine.start)
        return {**down, "up": [node]}

    def pause(self, node: str) -> Effect:
        """Let a process run nothing until ``resume``, while time and messages go on."""
        machine = self._world.machine(node)
        if machine.process is None or machine.paused:
            return {}
        machine.pause()
        return {"pause": [node]}

    def resume(self, node: str) -> Effect:
        """End a pause; what came meanwhile is handled now."""
        machine = self._world.machine(node)
        if not machine.paused:
            return {}
        self._consequences.append(machine.resume)
        return {"resume": [node]}

    def ask(self, client: str, wish: str, args: Iterable[Any] = ()) -> Effect:
        """Let a client do by hand what its method ``ask_`` + ``wish`` says, with these arguments.

        A node that is in its user's hands, such as a phone with a copy of the data, can be asked as well. Nothing
        happens while it is down. Raises ValueError for a wish that it does not know, TypeError for arguments that
        the method can't have.
        """
        process = self._world.machine(client).process
        if process is None:
            return {}
        known = [name.removeprefix(_ASK) for name in dir(process.node) if name.startswith(_ASK)]
        if wish not in known:
            raise ValueError(f"wish is {wish!r}: {client} can be asked for {', '.join(known) or 'nothing'}")
        method, given = getattr(process.node, _ASK + wish), tuple(args)
        signature(method).bind(*given)
        self._consequences.append(lambda: process.after(0.0, method, given))
        return {}

    # Links

    def cut(self, sender: str, to: str) -> Effect:
        """Let nothing through from one node to another; the other direction stays as it is."""
        return self._cut(self._world.pairs([sender], [to]))

    def partition(self, *groups: Iterable[str]) -> Effect:
        """Let messages pass only within groups; nodes that are named in none form one more."""
        for group in groups:
            if not isinstance(group, Iterable):
                raise TypeError(f"groups has {group!r}: a group is a list of nodes, or one node")
        named = [[group] if isinstance(group, str) else list(group) for group in groups]
        for node, times in Counter(node for group in named for node in group).items():
            if times > 1:
                raise ValueError(f"groups are {named}: {node!r} must be in one group only")
        rest = [name for name in self._world.machines if not any(name in group for group in named)]
        sides = [*named, rest]
        pairs = self._world.pairs
        return self._cut(p for a in sides for b in sides if a is not b for p in pairs(a, b))

    def isolate(self, node: str) -> Effect:
        """Cut a node off from all others, both ways."""
        return self.partition([node])

    def bridge(self, node: str, left: Iterable[str], right: Iterable[str]) -> Effect:
        """Cut two groups off from each other; ``node``, in neither, still reaches both."""
        one, other = list(left), list(right)
        self._world.machine(node)
        if node in one or node in other:
            raise ValueError(f"node is {node!r}: the bridge must be in neither group")
        for twice in set(one) & set(other):
            raise ValueError(f"left and right are {one} and {other}: {twice!r} must be in one group only")
        pairs = self._world.pairs
        return self._cut([*pairs(one, other), *pairs(other, one)])

    def heal(self) -> Effect:
        """Mend all cuts."""
        healed = self._world.traffic.heal()
        self._world.review()
        return {"heal": healed} if healed else {}

    def deliver_only(self, messages: Iterable[tuple[str, str, Iterable[int]]]) -> Effect:
        """From now on let only these messages through: each item is a sender, a receiver, and numbers.

        The messages from one node to another are numbered from 1 in the order in which they were sent, from the
        beginning of the run. What is under way and not among them is lost. Raises ValueError for a number that
        is none.
        """
        chosen = {(one, to): self._numbers(one, to, numbers) for one, to, numbers in messages}
        lost = self._world.deliver_only(chosen)
        self._consequences.append(lambda: self._world.withhold(lost))
        return {}

    def drop(self, sender: str, to: str, number: int) -> Effect:
        """Lose one message that was sent and not received yet, with its copies; it is numbered as in ``deliver_only``.

        Nothing happens when there is no such message. Raises ValueError for a number that is none.
        """
        lost = self._world.take_back(sender, to, *self._numbers(sender, to, [number]))
        if lost:
            self._consequences.append(lambda: self._world.put("drop", to, lost[0][1][1], DROPPED))
        return {}

    def delay(self, sender: str, to: str, number: int, seconds: float) -> Effect:
        """Let one message that was sent and not received yet, with its copies, arrive so many seconds later.

        It is numbered as in ``deliver_only``. Nothing happens when there is no such message. Raises ValueError for a
        number that is none, and for seconds that are not finite and over 0.
        """
        if not within(seconds, LEAST, LARGEST):
            raise ValueError(f"seconds is {seconds!r}: it must be a finite number over 0")
        for arrives, event in self._world.take_back(sender, to, *self._numbers(sender, to, [number])):
            self._world.bring(max(arrives, self._world.kernel.now) + seconds, event)
        return {}

    def _numbers(self, sender: str, to: str, numbers: Iterable[int]) -> frozenset[int]:
        """The numbers of messages from one node to another, if they can be such."""
        self._world.machine(sender), self._world.machine(to)
        given = frozenset(numbers)
        for number in given:
            if not isinstance(number, int) or number < 1:
                raise ValueError(f"numbers from {sender} to {to} has {number!r}: messages are numbered 1, 2, 3 ...")
        return given

    def weather(
        self,
        loss: float | None = None,
        duplicate: float | None = None,
        reorder: float | None = None,
        bandwidth: float | None = None,
        latency: Latency | None = None,
    ) -> Effect:
        """Change what links do from now on, where the world gave them no rules of their own.

        Without arguments: back to what they did at first.
        """
        given: dict[str, Any] = {
            "loss": loss, "duplicate": duplicate, "reorder": reorder,
            "bandwidth": bandwidth, "latency": latency,
        }  # fmt: skip
        changes = {name: value for name, value in given.items() if value is not None}
        traffic = self._world.traffic
        before = traffic.default if changes else traffic.first
        traffic.change_default(replace(before, **changes))
        return {}

    # Clocks and disks

    def step_clock(self, node: str, seconds: float) -> Effect:
        """Make a node's time of day jump, forward or back; timers and ``monotonic`` go on as before."""
        self._world.machine(node).clock.step(seconds)
        return {}

    def drift_clock(self, node: str, rate: float) -> Effect:
        """Make a node's clock count ``rate`` seconds a second from now on (1 is right)."""
        self._world.machine(node).drift(rate)
        return {}

    def slow_disk(self, node: str, factor: float) -> Effect:
        """Make a node's syncs take ``factor`` times as long as the disk model says (1 is normal)."""
        if not within(factor, 0, LARGEST):
            raise ValueError(f"factor is {factor!r}: it must be a finite number, 0 or more")
        self._world.machine(node).disk.slowness = factor
        return {}

    def limit_disk(self, node: str, capacity: int | None) -> Effect:
        """Give a node's disk a capacity in bytes, so that writes beyond fail; None: that of the disk model."""
        if capacity is not None and not within(capacity, 0, LARGEST):
            raise ValueError(f"capacity is {capacity!r}: it must be 0 bytes or more, or None")
        self._world.machine(node).disk.capacity = self._world.disk_model.capacity if capacity is None else capacity
        return {}

    def _cut(self, pairs: Iterable[tuple[str, str]]) -> Effect:
        cut = self._world.traffic.cut(pairs)
        self._world.review()
        return {"cut": cut} if cut else {}
