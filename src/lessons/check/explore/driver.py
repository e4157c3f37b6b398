"""Drivers: a simulation's world without its time, in which somebody else says which event comes next.

Nodes, processes, disks, faults and the record are those of ``lessons.sim``. What a node puts on the agenda is
taken off at once, and waits until it is chosen. Clocks stand still, syncs take no time, and every event begins
with the same chance: what a node does is then decided by its own past alone, which is what an explorer rests on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import count
from typing import Any

from lessons.check.explore.moves import Kind, Move, Packet, Packets, Token
from lessons.check.explore.reading import Number
from lessons.sim import Action, Constant, Link, Network, Simulation
from lessons.sim.clock import StoppedClock
from lessons.sim.kernel import Entry, comes_last
from lessons.sim.machine import Machine
from lessons.sim.process import Process

TICK = 0.01  # seconds between two moves, in the trace

ON_A_NODE = ("crash", "restart", "ask", "limit_disk")
ON_THE_NETWORK = ("cut", "partition", "isolate", "bridge", "heal")


class Driver:
    """A world that waits to be told what happens.

    It runs in virtual time up to ``after`` first, as any simulation would, if that is given. ``flight`` is how long
    messages are on their way in the picture, unless they arrive. Raises ValueError when a node waits for its disk.
    """

    tick = 0.0

    def __init__(self, sim: Simulation, packets: Packets, after: float | None, flight: float = 1.0) -> None:
        self.sim, self.world, self.packets = sim, sim.world, packets
        self.world.kernel.numbers = map(Number, count(1))
        self.world.operations = map(Number, count(1))
        self.timers: dict[str, list[Entry]] = defaultdict(list)
        self.script: list[Action] = []
        self._tokens: dict[int, Token] = {}
        self._first_lives: dict[str, tuple[int, int]] = {}  # which life it was here, and from which number on
        if after is not None:
            sim.run(after)
        self._stop_time(flight)
        self._remember_lives()

    def _stop_time(self, flight: float) -> None:
        self.world.traffic.become(Network(Link(Constant(flight))))
        for machine in self.world.machines.values():
            machine.clock = StoppedClock(machine.clock, self.sim.now)
            machine.disk.slowness = 0.0

    def _remember_lives(self) -> None:
        """What the numbers of messages that were sent before mean, also when their sender is gone."""
        for name, machine in self.world.machines.items():
            if machine.process is not None:
                self._first_lives[name] = machine.lives, machine.process.born
                self._learn_calls(machine, machine.process)

    def _learn_calls(self, machine: Machine, process: Process) -> None:
        for call, number in enumerate(process.waiting, start=1):
            self._tokens.setdefault(number, (machine.lives, call))

    def token(self, sender: str, number: int) -> Token:
        """What the number of a message stands for that ``sender`` has sent, some time."""
        if number not in self._tokens:
            life, born = self._first_lives.get(sender, (0, 0))
            self._tokens[number] = (life if number >= born else 0, 0)
        return self._tokens[number]

    # Events

    def begin(self, names: Collection[str]) -> list[Packet]:
        """Start these nodes, unless they have started; returns all messages that are under way then."""
        sent = []
        for event in self.world.kernel.withdraw(lambda event: True):
            if getattr(event[2], "__func__", None) is not Machine.begin:
                sent += self._sort(event)
            elif event[2].__self__.name in names:
                sent += self._run(event[2].__self__, (self.sim.now, *event[1:]))
        return sent

    def perform(self, move: Move) -> list[Packet]:
        """Let this happen; returns the messages that were sent."""
        time = self.sim.now + self.tick
        if move.kind is Kind.ACT:
            return self._act(move.what, time)
        machine = self.world.machine(move.node)
        match move.kind:
            case Kind.FIRE:
                return self._run(machine, (time, *self.timers[move.node].pop(move.what[1])[1:]))
            case Kind.CRASH:
                given = {"writes": list(move.what)} if move.what else {}
                return self._act(Action(time, "crash", {"node": move.node, **given}), time)
            case Kind.RESTART:
                return self._act(Action(time, "restart", {"node": move.node}), time)
        number, *rest = self.delivery(move)
        return self._run(machine, (time, number, machine.receive_with_care, *rest))

    def delivery(self, move: Move) -> tuple[Any, ...]:
        """The message of a move, as the agenda has it: number, sender, message, answered number, time of the send."""
        raise NotImplementedError

    def _act(self, action: Action, time: float) -> list[Packet]:
        self.sim.apply([Action(time, action.name, action.args)])
        [event] = self.world.kernel.withdraw(comes_last)
        place = action.args.get("node", action.args.get("client"))
        return self._run(None if place is None else self.world.machine(place), event)

    def _run(self, machine: Machine | None, event: Entry) -> list[Packet]:
        """Run one event, and sort what it put on the agenda; returns the messages that were sent."""
        kernel = self.world.kernel
        if machine is not None:
            machine.reseed()
        kernel.agenda.append(event)
        self.sim.step()
        for name, events in self.timers.items():
            self.timers[name] = list(filter(_may_fire, events))
        if machine is not None and machine.process is not None:
            self._learn_calls(machine, machine.process)
        return [packet for event in kernel.withdraw(lambda event: True) for packet in self._sort(event)]

    def _sort(self, event: Entry) -> list[Packet]:
        """Put what will happen some time where it belongs; returns the message, if it is one."""
        match event[2].__name__:
            case "receive" | "receive_with_care":
                return [self.sent(event)]
            case "receive_again":
                return [self.sent(event[3])]
            case "awake":
                self.timers[event[3].host.name] += filter(_may_fire, [event])
            case _ if comes_last(event):
                self.script.append(_explorable(event[3]))
            case waits:
                raise ValueError(f"after is {self.sim.now!r}: a node is busy with its disk then ({waits.lstrip('_')})")
        return []

    def sent(self, event: Entry) -> Packet:
        """The packet of a message that is under way."""
        _, number, receive, sender, message, answers, _ = event
        to, machine = receive.__self__.name, self.world.machine(sender)
        if machine.process is not None and number >= machine.process.born:
            self._tokens.setdefault(number, (machine.lives, 0))
        answered = None if answers is None else self.token(to, answers)
        return self.packets.of(sender, to, message, self.token(sender, number), answered)


def _may_fire(event: Entry) -> bool:
    """Whether a timer was not cancelled, and its process lives."""
    return not event[3].done and not event[3].host.dead


def _explorable(action: Action) -> Action:
    """A planned fault that means something where no time passes; raises ValueError for another one."""
    if action.name not in (*ON_A_NODE, *ON_THE_NETWORK):
        known = ", ".join((*ON_A_NODE, *ON_THE_NETWORK))
        raise ValueError(f"{action.name} is planned at {action.at:g} s: an explorer knows no time, only {known}")
    return action
