"""The inside of a simulation: what machines, network, chance and record share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from heapq import heappush
from itertools import count, islice
from math import inf
from random import Random
from typing import Any

from lessons.node import MessageChanged, UnknownNode, snapshot
from lessons.node.message import IMMUTABLE
from lessons.node.plain import is_frozen
from lessons.sim.disk import DiskModel
from lessons.sim.kernel import Entry, Halt, Kernel
from lessons.sim.machine import Machine
from lessons.sim.network import WITHHELD, Network, Pair, Traffic
from lessons.sim.rules import Test
from lessons.sim.state import State
from lessons.trace.decode import sends

Receive = Callable[[Entry], None]


class Guard:
    """Remembers messages that could change after they were sent, and notices when they do."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Any, str, Any]] = {}

    def look(self, sender: str, message: Any) -> bool:
        """Whether ``message`` must be checked at delivery, because it holds something mutable.

        Raises TypeError when it holds something that no network could carry.
        """
        if type(message) in IMMUTABLE or is_frozen(message):
            return False
        self._seen.setdefault(id(message), (message, sender, snapshot(message)))
        return True

    def check(self, sender: str, message: Any) -> None:
        """Raise MessageChanged if ``message`` is not what ``sender`` sent."""
        if id(message) in self._seen:
            before = self._seen[id(message)][2]
            if before != message:
                raise MessageChanged(sender, repr(before), repr(message))

    def check_all(self) -> None:
        """Raise MessageChanged if any message of the run is not what it was."""
        for message, sender, _ in self._seen.values():
            self.check(sender, message)


class World:
    """Everything a run consists of."""

    def __init__(self, seed: int | str, network: Network, disk: DiskModel) -> None:
        self.seed = seed
        self.kernel = Kernel()
        self.traffic = Traffic(network, self.chance)
        self.disk_model = disk
        self.machines: dict[str, Machine] = {}
        self.clients: set[str] = set()
        self.unborn: set[str] = set()  # added, but not started for the first time yet
        self.ports: dict[str, Receive] = {}
        self.guard = Guard()
        self.state = State()
        self.rules: list[Test] = []
        self.operations: Iterator[int] = count(1)

    def chance(self, purpose: str) -> Random:
        """A stream of random numbers for one purpose, fixed by the seed and independent of others."""
        return Random(f"{self.seed}/{purpose}")  # text seeds go through SHA-512: equal everywhere

    def machine(self, name: str) -> Machine:
        """The machine of that name; raises UnknownNode."""
        if name not in self.machines:
            raise UnknownNode(name, list(self.machines))
        return self.machines[name]

    def port(self, name: str) -> Receive:
        """Where messages for ``name`` go; raises UnknownNode."""
        return self.machine(name).receive

    def peers_of(self, name: str) -> tuple[str, ...]:
        """The nodes that ``name`` works with: all but itself and the clients, sorted."""
        return tuple(sorted(set(self.machines) - self.clients - {name}))

    def put(self, kind: str, *facts: Any) -> None:
        """Record something that happens now."""
        self.kernel.log.append((kind, self.kernel.now, *facts))

    def transmit(
        self, number: int, sender: str, receive: Receive, message: Any, answers: int | None
    ) -> None:
        """Put a message on the network: it arrives once, twice or never, as the network has it."""
        now, machine = self.kernel.now, receive.__self__  # type: ignore[attr-defined]
        fate = self.traffic.fate((sender, machine.name), message, now)
        if self.guard.look(sender, message):
            receive = machine.receive_with_care
        if isinstance(fate, str):
            self.kernel.log.extend((inf, number, receive, sender, message, answers, now))
            self.put("drop", machine.name, number, fate)
            return
        entry = (fate[0], number, receive, sender, message, answers, now)
        heappush(self.kernel.agenda, entry)
        self.kernel.log.extend(entry)
        for arrives in fate[1:]:
            self.kernel.schedule(arrives, machine.receive_again, entry)

    def deliver_only(self, chosen: Mapping[Pair, Container[int]]) -> list[tuple[str, int]]:
        """From now on let through only messages of these numbers; returns receiver and event of those under way."""
        sent: Counter[Pair] = Counter()
        unwanted: dict[int, str] = {}
        for number, sender, to in sends(self.kernel.log):
            sent[sender, to] += 1
            if sent[sender, to] not in chosen.get((sender, to), ()):
                unwanted[number] = to
        self.traffic.choose(chosen, sent)
        gone = self.kernel.withdraw(lambda event: _carried(event) in unwanted)
        return [(unwanted[number], number) for number in sorted({_carried(event) for event in gone})]

    def take_back(self, sender: str, to: str, number: int) -> list[tuple[float, Entry]]:
        """Take off its way the ``number``-th message from one node to another, with its copies, or out of a backlog.

        Returns when each would have arrived or did, and the event that brings it; nothing for no such message.
        """
        between = (event for event, one, other in sends(self.kernel.log) if (one, other) == (sender, to))
        wanted = next(islice(between, number - 1, None), 0)
        under_way = self.kernel.withdraw(lambda event: bool(wanted) and _carried(event) == wanted)
        return [(event[0], _original(event)) for event in [*self.machine(to).give_up(wanted), *under_way]]

    def bring(self, arrives: float, event: Entry) -> None:
        """Let what a delivery brings arrive at another time."""
        self.kernel.schedule(arrives, event[2].__self__.receive_again, event)

    def withhold(self, lost: Iterable[tuple[str, int]]) -> None:
        """Put on record that the receivers never get the messages of these events."""
        for receiver, number in lost:
            self.put("drop", receiver, number, WITHHELD)

    def review(self) -> None:
        """Tell every machine that the network has changed."""
        for machine in self.machines.values():
            machine.review()

    def check(self) -> None:
        """Evaluate every invariant on the present state; halt the run at the first that is broken.

        There is nothing to judge before each node has started and shows its fields.
        """
        if self.unborn:
            return
        for rule in self.rules:
            why = rule.broken(self.state)
            if why is not None:
                self.put("violation", rule.rule.name, why)
                raise Halt

    def end(self) -> None:
        """End all processes; nothing of it is recorded."""
        for machine in self.machines.values():
            if machine.process is not None:
                machine.process.die()

    def pairs(self, one: Iterable[str], other: Iterable[str]) -> list[tuple[str, str]]:
        """All directions from a node of one group to a node of the other."""
        others = [self.machine(name).name for name in other]
        return [(self.machine(a).name, b) for a in one for b in others if a != b]


def _carried(event: Entry) -> int:
    """The number of the message that an event of the agenda brings, if it brings one or a copy of one."""
    original = _original(event)
    return int(original[1]) if original[1] < inf else 0


def _original(event: Entry) -> Entry:
    """The event that brings a message itself, of one that brings a copy of it; else the event."""
    return event[3] if len(event) == 4 and isinstance(event[3], tuple) else event
