"""Small random systems, and the plainest way to look at all that may happen in one: try every order, from the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from lessons.check.explore.moves import Kind, Move, Packets
from lessons.check.explore.runs import Together
from lessons.node import Client, Node, TimedOut, message
from lessons.sim import DiskModel, Simulation, State

#: Fixed seeds and no deadline: a test is the same every time, whatever the speed of the machine.
SMALL = settings(derandomize=True, deadline=None, max_examples=25, database=None)
FEW = settings(SMALL, max_examples=12)

NODES = ("a", "b", "c")


@message
class Token:
    """What nodes that follow a table send each other."""

    colour: int


@message
class Get:
    key: int


@message
class Got:
    key: int
    value: int


@dataclass(frozen=True)
class Rule:
    """What a node does: its next state, what it sends to whom, and with its timer and its disk."""

    state: int = 0
    sends: tuple[tuple[int, int], ...] = ()
    timer: bool = False
    write: bool = False
    sync: bool = False


class Table(Node):
    """Does what its rules say: at its start, when its timer fires, for each colour that it gets in each state."""

    watched = ("state",)

    def __init__(self, rules: dict[Any, Rule], hidden: bool) -> None:
        self.rules, self.hidden = rules, hidden

    @property
    def state(self) -> int:
        """What others may see: a part of the state, if some of it is hidden."""
        return self.inside // 2 if self.hidden else self.inside

    def start(self) -> None:
        self.inside = self.disk.get("inside", 0)
        self.do(self.rules["start"])

    def on_token(self, sender: str, token: Token) -> None:
        rule = self.rules.get((self.inside, token.colour))
        if rule is not None:
            self.do(rule)

    def tick(self) -> None:
        self.do(self.rules["timer"])

    def do(self, rule: Rule) -> None:
        self.inside = rule.state
        if rule.write:
            self.disk.put("inside", rule.state)
        if rule.sync:
            self.disk.sync()
        for to, colour in rule.sends:
            self.send(self.peers[to % len(self.peers)], Token(colour))
        if rule.timer:
            self.after(1.0, self.tick)


class Shelf(Node):
    """Answers at once, after a while, or after it has asked another: in handlers that are workflows."""

    watched = ("given",)

    def __init__(self, manner: int) -> None:
        self.manner = manner

    def start(self) -> None:
        self.given = 0

    async def on_get(self, sender: str, get: Get) -> None:
        if self.manner == 1:
            await self.sleep(0.5)
        elif self.manner == 2 and get.key < 5:
            await self.call(self.peers[0], Get(get.key + 5))
        self.given += 1
        self.reply(Got(get.key, self.given))


class Reader(Client):
    """Asks for one key after the other: one shelf, or all of them until the first answers."""

    watched = ("got",)

    def __init__(self, keys: tuple[int, ...], everybody: bool, patience: float | None) -> None:
        self.keys, self.everybody, self.patience = keys, everybody, patience

    def start(self) -> None:
        self.got: tuple[int, ...] = ()
        super().start()

    async def session(self) -> None:
        for key in self.keys:
            asked = self.peers if self.everybody else self.peers[:1]
            try:
                answers = await self.gather(asked, Get(key), first=1, timeout=self.patience)
            except TimedOut:
                self.got = (*self.got, -1)
            else:
                self.got = (*self.got, *(answer.value for answer in answers.values()))


@dataclass(frozen=True)
class Plan:
    """A system and bounds for it."""

    build: Callable[[], Simulation]
    bounds: dict[str, Any] = field(default_factory=dict)


def pairs(most: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    return st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=most).map(tuple)


def rules(sends: int, timer: st.SearchStrategy[bool]) -> st.SearchStrategy[Rule]:
    flags = {"write": st.booleans(), "sync": st.booleans()}
    return st.builds(Rule, st.integers(0, 3), pairs(sends), timer, **flags)


def table() -> st.SearchStrategy[dict[Any, Rule]]:
    """A rule for the start, for the timer, and for most messages in most states."""
    never = st.just(False)
    answers = {(state, colour): rules(1, never) for state in range(4) for colour in range(2)}
    return st.fixed_dictionaries({"start": rules(2, st.booleans()), "timer": rules(2, never), **answers})


@st.composite
def tables(draw: Any) -> Plan:
    """Nodes that follow random tables, some of which crash."""
    programs = [draw(table()) for _ in NODES]
    hidden = draw(st.booleans())
    crashes = draw(st.sampled_from([0, 0, 1]))

    def build() -> Simulation:
        sim = Simulation(1, disk=DiskModel(tear=0.0))
        for name, program in zip(NODES, programs, strict=True):
            sim.add(name, Table, rules=program, hidden=hidden)
        return sim

    return Plan(build, {"crashes": crashes, "timers": 1, "losses": draw(st.integers(0, 1))})


@st.composite
def libraries(draw: Any) -> Plan:
    """Clients that ask shelves, whose handlers are workflows."""
    manners = draw(st.lists(st.integers(0, 2), min_size=2, max_size=2))
    patience = draw(st.sampled_from([None, 1.0]))
    keys = draw(st.sampled_from([(1,), (1, 2), (1, 1)]))
    everybody = draw(st.booleans())

    def build() -> Simulation:
        sim = Simulation(1)
        for name, manner in zip(NODES, manners, strict=False):
            sim.add(name, Shelf, manner=manner)
        sim.add("r", Reader, keys=keys, everybody=everybody, patience=patience)
        return sim

    return Plan(build, {"crashes": draw(st.sampled_from([0, 0, 1])), "timers": 1, "copies": draw(st.integers(0, 1))})


def shown(state: State) -> str:
    """A state as invariants see it."""
    return "; ".join(f"{node!r} {'up' if node.up else 'down'}" for node in state.values())


def possible(run: Together, bounds: dict[str, Any], past: tuple[Move, ...]) -> Iterator[Move]:
    """What may happen next, found without any of the explorer's own knowledge; a timer may fire once at each node."""
    machines, clients = run.world.machines, run.world.clients
    done = [(move.kind, move.node, move.what[0] if move.kind is Kind.FIRE else "") for move in past]
    kinds = [move.kind for move in past]
    for packet in [packet for packet, events in run.under_way.items() if events]:
        if machines[packet.to].process is not None:
            yield Move(Kind.DELIVER, packet.to, packet)
            if kinds.count(Kind.COPY) < bounds.get("copies", 0):
                yield Move(Kind.COPY, packet.to, packet)
            if kinds.count(Kind.LOSE) < bounds.get("losses", 0):
                yield Move(Kind.LOSE, packet.to, packet)
    for name, machine in machines.items():
        for place, event in enumerate(run.timers[name]):
            if (Kind.FIRE, name, event[3].name) not in done:
                yield Move(Kind.FIRE, name, (event[3].name, place))
        if machine.process is None:
            yield Move(Kind.RESTART, name)
        elif kinds.count(Kind.CRASH) < bounds.get("crashes", 0) and name not in clients:
            yield from (Move(Kind.CRASH, name, fates) for fates in product(*machine.disk.possible_fates()))


def by_hand(plan: Plan, depth: int) -> list[str]:
    """What every schedule of at most ``depth`` moves ends in: one entry for each schedule."""
    found, open_ = [], [()]
    packets = Packets()
    while open_:
        past: tuple[Move, ...] = open_.pop()
        run = Together(plan.build(), packets, None)
        for move in past:
            run.perform(move)
        found.append(shown(run.sim.state))
        if len(past) < depth:
            open_ += [(*past, move) for move in possible(run, plan.bounds, past)]
    return found
