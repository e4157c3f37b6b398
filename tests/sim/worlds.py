"""Small worlds for the tests: protocols that gossip, count and ask, and random links, disks and faults for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from lessons.node import Client, DiskFull, Node, TimedOut, message
from lessons.sim import (
    KINDS,
    Action,
    Constant,
    DiskModel,
    Exponential,
    Link,
    LogNormal,
    Nemesis,
    Network,
    Simulation,
    Uniform,
)
from lessons.trace import Changed, Delivered, Dropped, Faulted, Noted, Trace

#: The same examples in every run of the tests, half as many as usual, and no word about the speed of the machine.
LAWS = settings(derandomize=True, deadline=None, max_examples=settings.default.max_examples // 2, database=None)

END = 6.0  # virtual seconds that a random world runs


@message
class Ping:
    number: int = 0


@message
class Pong:
    number: int = 0


@message
class Rumor:
    origin: str
    number: int
    hops: int


@message
class Add:
    amount: int


@message
class Total:
    value: int


@message
class Bag:
    """A message that can change: it is watched on its way."""

    items: list[Any]


class Idle(Node):
    """Does nothing and can receive nothing."""


class Echo(Node):
    """Answers every Ping."""

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.reply(Pong(ping.number))


class Ear(Node):
    """Remembers what it hears, in order; its life begins deaf."""

    watched = ("heard",)

    def start(self) -> None:
        self.heard: tuple[int, ...] = ()

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.heard = (*self.heard, ping.number)


class Talker(Ear):
    """Sends numbered Pings to all its peers, one ``every`` so many seconds."""

    def __init__(self, every: float = 0.1, most: int = 1_000_000) -> None:
        self.interval, self.most = every, most

    def start(self) -> None:
        super().start()
        self.said = 0
        self.timer = self.every(self.interval, self.talk)

    def talk(self) -> None:
        self.said += 1
        self.broadcast(Ping(self.said))
        if self.said == self.most:
            self.timer.cancel()


class Gossip(Node):
    """Starts rumors and passes on those of others, by chance; keeps count on its disk, synced now and then."""

    watched = ("heard",)

    def start(self) -> None:
        self.heard = self.disk.get("heard", 0)
        self.every(0.4, self.start_rumor)

    def start_rumor(self) -> None:
        self.pass_on(Rumor(self.name, self.heard, 0))

    def pass_on(self, rumor: Rumor) -> None:
        if self.peers:
            self.send(self.rng.choice(self.peers), rumor)

    def on_rumor(self, sender: str, rumor: Rumor) -> None:
        self.heard += 1
        try:
            self.disk.put("heard", self.heard)
            self.disk.append("rumors", b"%d," % rumor.number)
        except DiskFull as full:
            self.note("can't keep it", why=str(full))
        if self.rng.random() < 0.3:
            self.disk.sync()
        if rumor.hops < 2:
            self.pass_on(Rumor(rumor.origin, rumor.number, rumor.hops + 1))


class Counter(Node):
    """Keeps a total and answers every Add with it, once it is on disk."""

    watched = ("total",)

    def start(self) -> None:
        self.total = self.disk.get("total", 0)

    def on_add(self, sender: str, add: Add) -> None:
        try:
            self.disk.put("total", self.total + add.amount)
        except DiskFull:
            return
        self.total += add.amount
        self.disk.sync()
        self.reply(Total(self.total))


class Caller(Client):
    """Asks every server again and again, and lives with no answer."""

    async def session(self) -> None:
        for number in range(20):
            await self.sleep(self.rng.random() * 0.4)
            try:
                await self.request(self.rng.choice(self.peers), Add(number), timeout=0.2)
            except TimedOut:
                self.note("no answer", number=number)


@dataclass(frozen=True)
class Plan:
    """A random world: what it is built of, and what happens to it."""

    seed: int
    kind: type[Node] = Gossip
    size: int = 3
    network: Network = field(default_factory=Network)
    disk: DiskModel = field(default_factory=DiskModel)
    actions: tuple[Action, ...] = ()
    nemesis: Nemesis | None = None

    def build(self) -> Simulation:
        """The world, with all its faults scheduled, not run yet."""
        sim = self.bare()
        sim.apply(self.actions)
        if self.nemesis is not None:
            sim.unleash(self.nemesis, until=END - 1)
        return sim

    def bare(self) -> Simulation:
        """The world without its faults."""
        sim = Simulation(self.seed, network=self.network, disk=self.disk)
        sim.add(NODES[: self.size], self.kind)
        if self.kind is Counter:
            sim.add(["c1", "c2"], Caller)
        return sim

    def run(self) -> Trace:
        """Build it and run it to its end."""
        return self.build().run(END)


NODES = ("n1", "n2", "n3", "n4")
NODE = st.sampled_from(NODES[:3])
SECONDS = st.integers(0, 5_900).map(lambda ms: ms / 1000)
ODDS = st.sampled_from([0.0, 0.1, 0.5, 0.9])
LATENCY = st.sampled_from([Constant(0.0), Constant(0.05), Uniform(0.0, 0.4), Exponential(0.1, 0.01), LogNormal(0.05)])


def links(reorder: st.SearchStrategy[float] = ODDS, duplicate: st.SearchStrategy[float] = ODDS) -> Any:
    """Links with random ills."""
    bandwidth = st.sampled_from([None, 500.0, 5000.0])
    return st.builds(Link, latency=LATENCY, loss=ODDS, duplicate=duplicate, reorder=reorder, bandwidth=bandwidth)


def networks(**ills: Any) -> Any:
    """Networks with rules of their own for some directions."""
    pairs = st.tuples(NODE, NODE)
    return st.builds(Network, links(**ills), st.dictionaries(pairs, links(**ills), max_size=3))


DISKS = st.builds(DiskModel, sync=st.sampled_from([0.0, 0.03]), keep=ODDS, tear=ODDS)
FAULTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "crash": st.fixed_dictionaries({"node": NODE}),
    "restart": st.fixed_dictionaries({"node": NODE}),
    "pause": st.fixed_dictionaries({"node": NODE}),
    "resume": st.fixed_dictionaries({"node": NODE}),
    "cut": st.fixed_dictionaries({"sender": NODE, "to": NODE}),
    "partition": st.fixed_dictionaries({"groups": st.lists(NODE, unique=True, max_size=2).map(lambda side: [side])}),
    "isolate": st.fixed_dictionaries({"node": NODE}),
    "bridge": st.permutations(NODES[:3]).map(lambda p: {"node": p[0], "left": [p[1]], "right": [p[2]]}),
    "heal": st.just({}),
    "weather": st.fixed_dictionaries({}, optional={"loss": ODDS, "duplicate": ODDS, "latency": LATENCY}),
    "step_clock": st.fixed_dictionaries({"node": NODE, "seconds": st.sampled_from([-3.0, -0.1, 0.1, 3.0])}),
    "drift_clock": st.fixed_dictionaries({"node": NODE, "rate": st.sampled_from([0.5, 1.0, 2.0])}),
    "slow_disk": st.fixed_dictionaries({"node": NODE, "factor": st.sampled_from([0.0, 1.0, 10.0])}),
    "limit_disk": st.fixed_dictionaries({"node": NODE, "capacity": st.sampled_from([None, 0, 40])}),
}


def actions(*names: str) -> Any:
    """Lists of faults of these names, or of all."""
    one = st.one_of([st.builds(Action, SECONDS, st.just(name), FAULTS[name]) for name in names or FAULTS])
    return st.lists(one, max_size=15).map(tuple)


def actions_but(*names: str) -> Any:
    """Lists of faults of all names but these."""
    return actions(*(name for name in FAULTS if name not in names))


NEMESES = st.none() | st.builds(
    Nemesis,
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, unique=True).map(tuple),
    every=st.sampled_from([0.2, 1.0]),
    lasting=st.sampled_from([0.3, 1.0]),
)


def plans(**given: Any) -> Any:
    """Random worlds; keyword arguments replace the strategies of fields of ``Plan``."""
    anything = {
        "seed": st.integers(0, 10_000),
        "kind": st.sampled_from([Gossip, Counter, Talker]),
        "size": st.just(3),
        "network": networks(),
        "disk": DISKS,
        "actions": actions(),
        "nemesis": NEMESES,
    }
    return st.builds(Plan, **{**anything, **given})


def cut_before(trace: Trace) -> list[frozenset[tuple[str, str]]]:
    """For every event, the directions that were cut just before it."""
    cuts: set[tuple[str, str]] = set()
    before = []
    for event in trace:
        before.append(frozenset(cuts))
        if isinstance(event, Faulted):
            cuts |= {(one, other) for one, other in event.effect.get("cut", ())}
            cuts -= {(one, other) for one, other in event.effect.get("heal", ())}
    return before


def fates(trace: Trace) -> dict[int, list[str]]:
    """What became of every send, by its index: "delivered", or why it was not."""
    found: dict[int, list[str]] = {}
    for event in trace:
        if isinstance(event, Delivered):
            found.setdefault(event.sent, []).append("delivered")
        elif isinstance(event, Dropped):
            found.setdefault(event.sent, []).append(event.why)
    return found


def happenings(trace: Trace) -> list[tuple[object, ...]]:
    """What happened, when, and where, but for what the record shows of a node's fields."""
    return [
        (type(event), event.time, event.node, *((event.text, event.facts) if isinstance(event, Noted) else ()))
        for event in trace
        if not isinstance(event, Changed)
    ]
