"""Two drivers: a node alone, whose messages come from outside, and all nodes together, as in any run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any

from lessons.check.explore.driver import TICK, Driver
from lessons.check.explore.moves import Kind, Move, Packet, Packets, Token
from lessons.check.explore.reading import Number, Reader, Reading
from lessons.node import snapshot
from lessons.sim import NodeState, Simulation
from lessons.sim.kernel import Entry
from lessons.sim.machine import Machine
from lessons.sim.process import Process


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """What invariants see of one node; equal ones are one object."""

    place: int
    state: NodeState


class Views:
    """All views that were seen so far, each once."""

    def __init__(self) -> None:
        self._known: dict[Reading, View] = {}

    def of(self, machine: Machine) -> View:
        """What is to be seen of a machine now."""
        shown = machine.state
        fields = {field: getattr(shown, field) for field in machine.watched if field in shown}
        reading = machine.name, shown.up, Reader().read(fields)
        if reading not in self._known:
            state = NodeState(machine.name, machine.kind, snapshot(fields))
            state.up = shown.up
            self._known[reading] = View(len(self._known), state)
        return self._known[reading]


class Alone(Driver):
    """One node: whatever is sent to it is handed in, and nobody receives what it sends."""

    def __init__(self, sim: Simulation, packets: Packets, after: float | None, name: str) -> None:
        sim.judge_by(())
        super().__init__(sim, packets, after)
        self.world.traffic.heal()
        self.world.review()
        self.machine = self.world.machine(name)
        self._foreign = count(-1, -1)
        self.begin([name])

    def delivery(self, move: Move) -> tuple[Any, ...]:
        """See ``Driver.delivery``: the message as it would be had its sender been here."""
        packet: Packet = move.what
        number = Number(next(self._foreign))
        self._tokens[number] = packet.number
        answers = None if packet.answers is None else self._own(packet.answers)
        return number, packet.sender, snapshot(packet.message), answers, self.sim.now

    def _own(self, token: Token) -> int:
        """The number of one of this node's own messages: a call, another message of this life, or of an earlier one."""
        life, call = token
        process = self.machine.process
        if process is None or life != self.machine.lives:
            return 0
        return list(process.waiting)[call - 1] if call else process.born

    @property
    def pending(self) -> list[tuple[str, bool]]:
        """The timers that may fire: the name of each, and whether it waits for a time, and not just for its turn."""
        return [(event[3].name, event[0] > self.sim.now) for event in self.timers[self.machine.name]]

    def reading(self) -> Reading:
        """All that decides what this node will do; raises Unreadable."""
        machine, process, world = self.machine, self.machine.process, self.world
        known = {id(self.sim): "simulation", id(world): "world", id(world.kernel): "kernel", id(machine): "machine"}
        if process is None:
            return machine.lives, Reader(known).read(machine.disk.contents())
        known |= {id(process): "host", id(process.send): "send", id(machine.disk): "disk", id(process.rng): "chance"}
        reader = Reader(known, self._tokens.get)
        inside = (process.node, machine.disk.contents(), list(process.tasks), self._calls(process), self._sleepers())
        return machine.lives, len(process.waiting), tuple(reader.all(inside))

    def _calls(self, process: Process) -> list[Any]:
        """The calls that may still be answered, and what is done with an answer."""
        calls = enumerate(process.waiting.values())
        return [(place, answer) for place, answer in calls if answer is not None]

    def _sleepers(self) -> list[Any]:
        return [event[3] for event in self.timers[self.machine.name]]


class Together(Driver):
    """All nodes: messages go from one to the other, and everything is on record."""

    tick = TICK

    def __init__(self, sim: Simulation, packets: Packets, after: float | None, flight: float = 1.0) -> None:
        super().__init__(sim, packets, after, flight)
        self.under_way: dict[Packet, list[Entry]] = defaultdict(list)
        self.begin(list(self.world.machines))

    def sent(self, event: Entry) -> Packet:
        """See ``Driver.sent``."""
        packet = super().sent(event)
        self.under_way[packet].append(event)
        return packet

    def delivery(self, move: Move) -> tuple[Any, ...]:
        """See ``Driver.delivery``."""
        events = self.under_way[move.what]
        event = events[0]
        if move.kind is not Kind.COPY:
            del events[0]
        return event[1], *event[3:]

    def perform(self, move: Move) -> list[Packet]:
        """See ``Driver.perform``."""
        if move.kind is not Kind.LOSE:
            return super().perform(move)
        self.world.kernel.now += self.tick
        self.world.put("drop", move.what.to, self.delivery(move)[0], "loss")
        return []
