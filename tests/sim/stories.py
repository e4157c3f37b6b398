"""Runs that are kept word for word in tests/sim/golden, with every fault, disks, clocks, workflows and clients.

``python -m tests.sim.stories`` prints what they are on this Python; with ``--write`` it renews the files, which is
right only when a change of the simulator is meant to change its runs. Needs the standard library alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from hashlib import sha256
from pathlib import Path

from lessons.node import Cancelled, Client, DiskFull, Node, Task, TimedOut, message
from lessons.sim import (
    KINDS,
    Constant,
    DiskModel,
    Exponential,
    Link,
    LogNormal,
    Nemesis,
    Network,
    Simulation,
    State,
    Uniform,
)
from lessons.trace import Trace

GOLDEN = Path(__file__).parent / "golden"


class Mood(Enum):
    CALM = "calm"
    EXCITED = "excited"


@message
class Rumor:
    """Of every kind of plain data a little."""

    origin: str
    number: int
    weight: float
    believers: frozenset[str] = frozenset()
    mood: Mood = Mood.CALM


@message
class Put:
    key: str
    value: int


@message
class Get:
    key: str


@message
class Value:
    value: int | None


@message
class Stored:
    pass


@message
class Batch:
    """Holds what can change."""

    items: list[tuple[str, int]]


class Village(Node):
    """Villagers spread rumors by chance and believe the heavier ones."""

    watched = ("believes", "friends", "mood")

    def start(self) -> None:
        self.believes: dict[str, float] = {}
        self.friends: set[str] = set()
        self.mood = Mood.CALM
        self.every(0.4, self.invent)

    def invent(self) -> None:
        self.mood = self.rng.choice(list(Mood))
        weight = 2.0 * self.rng.random()
        rumor = Rumor(self.name, self.rng.randrange(100), weight, frozenset(self.friends), self.mood)
        self.send(self.rng.choice(self.peers), rumor)

    def on_rumor(self, sender: str, rumor: Rumor) -> None:
        self.friends.add(sender)
        if rumor.weight > self.believes.get(rumor.origin, 0.0):
            self.believes[rumor.origin] = rumor.weight
            self.broadcast(rumor, to=self.rng.sample(self.peers, 2))
        else:
            self.note("does not believe it", number=rumor.number, at=self.now)


class Store(Node):
    """A store of keys with a log that it replays when it starts."""

    watched = ("table", "full")

    def start(self) -> None:
        self.full = False
        self.table: dict[str, int] = self.disk.get("snapshot", {})
        for line in self.disk.read("log").decode(errors="replace").splitlines():
            key, _, value = line.partition("=")
            if value.isdigit():
                self.table[key] = int(value)
        self.every(1.5, self.compact)

    def on_put(self, sender: str, put: Put) -> None:
        try:
            self.disk.append("log", f"{put.key}={put.value}\n".encode())
        except DiskFull as full:
            self.full = True
            self.note("refused", why=str(full))
            return
        self.table[put.key] = put.value
        if self.rng.random() < 0.4:
            self.disk.sync()
        self.reply(Stored())

    def on_get(self, sender: str, get: Get) -> None:
        self.reply(Value(self.table.get(get.key)))

    def on_batch(self, sender: str, batch: Batch) -> None:
        self.table.update(batch.items)

    def compact(self) -> None:
        try:
            self.disk.put("snapshot", self.table)
        except DiskFull:
            self.full = True
            return
        self.disk.sync()
        self.disk.rename("log", "old log") if "log" in self.disk.files() else None
        self.disk.remove("old log")


class Town(Village, Store):
    """Villagers with a store."""

    watched = (*Village.watched, *Store.watched)

    def start(self) -> None:
        Village.start(self)
        Store.start(self)


class Customer(Client):
    """Writes to all stores, reads from the first that answer, and gives up at times."""

    watched = ("done",)

    def start(self) -> None:
        self.done = 0
        super().start()

    async def session(self) -> None:
        for number in range(8):
            await self.sleep(0.5 * self.rng.random())
            try:
                await self.write(f"k{number % 3}", number)
                await self.read(f"k{number % 3}")
            except TimedOut as error:
                self.note("gave up", why=str(error), answers=sorted(error.answers))
            self.done += 1
        for name in self.peers:
            self.send(name, Batch([("end", self.done)]))

    async def write(self, key: str, value: int) -> None:
        operation = self.begin("write", key, value)
        try:
            await self.gather(self.peers, Put(key, value), first=2, timeout=0.3)
        except TimedOut:
            operation.unknown("timeout")
            raise
        operation.ok()

    async def read(self, key: str) -> None:
        watchdog = self.spawn(self.watch())
        try:
            await self.request(self.rng.choice(self.peers), Get(key), timeout=0.25)
        finally:
            watchdog.cancel()

    async def watch(self) -> None:
        try:
            await self.sleep(0.1)
            self.note("this takes long")
        except Cancelled:
            self.note("it was quick")

    def on_stored(self, sender: str, stored: Stored) -> None:
        self.note("late", sender=sender)


class Racer(Node):
    """Passes a baton on, sometimes by a workflow of its own that another one awaits."""

    watched = ("laps",)
    running: Task | None = None

    def start(self) -> None:
        self.laps = 0
        if self.name == "r1":
            self.after(0.1, self.go)

    def go(self) -> None:
        self.running = self.spawn(self.run())

    async def run(self) -> int:
        steps = self.spawn(self.steps())
        self.laps += await steps
        self.send(self.peers[self.laps % len(self.peers)], Put("baton", self.laps))
        return self.laps

    async def steps(self) -> int:
        await self.sleep(self.rng.random() / 10)
        return 1

    def on_get(self, sender: str, get: Get) -> None:
        self.reply(Value(self.laps))

    async def on_put(self, sender: str, baton: Put) -> None:
        if self.running is not None and not self.running.done:
            self.running.cancel()
            self.note("one baton too many", of=sender)
        self.go()


class Referee(Client):
    """Asks all racers how far they are, and takes two answers for enough."""

    async def session(self) -> None:
        while True:
            operation = self.begin("laps")
            try:
                answers = await self.gather(self.peers, Get("laps"), first=2, timeout=0.08)
                operation.ok(sorted((name, answer.value) for name, answer in answers.items()))
            except TimedOut as error:
                operation.fail(sorted(error.answers))
            await self.sleep(0.05)

    async def ask_where(self, racer: str) -> None:
        """Ask one racer how far it is."""
        await self.request(racer, Get("laps"), timeout=0.2)


def faults() -> Trace:
    """Every fault once, by hand, over links of every kind."""
    towns = Network(Link(LogNormal(0.05), loss=0.05, duplicate=0.1, reorder=0.5)).between(
        ["v1"], ["v2"], Link(Exponential(0.02, 0.01), bandwidth=2000.0)
    )
    sim = Simulation("a village", network=towns, disk=DiskModel(sync=0.01))
    sim.add(["v1", "v2", "v3", "v4"], Village)
    sim.at(0.5).crash("v1")
    sim.at(0.9).restart("v1")
    sim.at(1.0).pause("v2")
    sim.at(1.1).partition({"v3", "v1"}, ("v2", "v4"))
    sim.at(1.6).resume("v2")
    sim.at(1.7).heal()
    sim.at(1.8).cut("v1", "v2")
    sim.at(1.9).bridge("v1", left={"v2"}, right={"v4", "v3"})
    sim.at(2.2).isolate("v4")
    sim.at(2.4).heal()
    sim.at(2.5).weather(loss=0.3, duplicate=0.3, latency=Uniform(0.0, 0.5))
    sim.at(2.8).step_clock("v3", -5.0)
    sim.at(2.9).drift_clock("v2", 1.7)
    sim.at(3.2).weather()
    sim.at(3.3).restart("v3")
    sim.at(4.11).delay("v1", "v2", 12, 0.2)
    sim.at(4.12).drop("v3", "v4", 17)
    sim.at(4.5).deliver_only([("v2", "v1", [14]), ("v1", "v4", [11])])
    return sim.run(5.0)


def disks() -> Trace:
    """Stores with slow, full and forgetful disks, and their customers."""
    sim = Simulation(11, network=Link(Uniform(0.005, 0.05)), disk=DiskModel(sync=0.02, keep=0.7, tear=0.7))
    sim.add(["s1", "s2", "s3"], Store)
    sim.add(["c1", "c2"], Customer)
    for time, node in ((0.6, "s1"), (1.3, "s2"), (1.9, "s3"), (2.4, "s1")):
        sim.at(time).crash(node)
        sim.at(time + 0.35).restart(node)
    sim.at(1.0).slow_disk("s2", 8.0)
    sim.at(1.2).limit_disk("s3", 12)
    sim.at(2.6).slow_disk("s2", 1.0)
    sim.at(2.8).limit_disk("s3", None)
    return sim.run(6.0)


def workflows() -> Trace:
    """Workflows that start, await and cancel each other over a network that doubles and loses."""
    sim = Simulation(5, network=Link(Exponential(0.03), loss=0.02, duplicate=0.15, reorder=0.0))
    sim.add(["r1", "r2", "r3"], Racer)
    sim.add("c1", Referee)
    sim.at(0.5).pause("r2")
    sim.at(0.8).resume("r2")
    sim.run(1.2)
    sim.faults.restart("c1")
    sim.at(1.6).ask("c1", "where", ["r3"])
    return sim.run(1.8)


def nemesis() -> Trace:
    """All that the nemesis can do, drawn from the seed."""
    sim = Simulation(2024, network=Link(Uniform(0.0, 0.1), reorder=0.8), disk=DiskModel(sync=0.01, tear=0.4))
    sim.add(["t1", "t2", "t3", "t4"], Town)
    sim.add(["c1", "c2"], Customer)
    sim.unleash(Nemesis(tuple(KINDS), every=0.1, lasting=0.4), until=2.5)
    return sim.run(3.0)


def violation() -> Trace:
    """A rule that breaks while a store catches up after a pause."""

    def Small(state: State) -> str | None:
        """The second store holds two keys at most."""
        return f"it holds {sorted(state['s2'].table)}" if len(state["s2"].table) > 2 else None

    sim = Simulation(-3, network=Link(Constant(0.02)), invariants=[Small])
    sim.add(["s1", "s2"], Store)
    sim.add(["c1", "c2"], Customer)
    sim.at(0.3).pause("s2")
    sim.at(4.0).resume("s2")
    return sim.run(9.0)


STORIES: dict[str, Callable[[], Trace]] = {
    story.__name__: story for story in (faults, disks, workflows, nemesis, violation)
}


def told(name: str) -> str:
    """A story as text: its transcript, and a fingerprint of its JSON form."""
    trace = STORIES[name]()
    return f"{trace.transcript()}\njson {sha256(trace.to_json().encode()).hexdigest()}\n"


def main(arguments: list[str]) -> None:
    """Print all stories, or write them into their files."""
    for name in STORIES:
        if "--write" in arguments:
            text = told(name).rsplit("json ", 1)[0]
            (GOLDEN / f"{name}.txt").write_text(text, encoding="utf8")
        else:
            print(f"# {name}")
            print(told(name))


if __name__ == "__main__":
    main(sys.argv[1:])
