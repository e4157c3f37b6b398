"""Figures of the store: what a read costs on each level, what an answer costs to remember, how much one core does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lessons.agreement.raft import Options
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.raft.runs import DISK
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import Get, Put, Txn
from lessons.agreement.replicated_kv.messages import Consistency
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.sim import Link, LogNormal, Simulation
from lessons.trace import Delivered

NETWORK = Link(LogNormal(0.0005, 0.3))
#: Heartbeats so seldom that none comes into a short measurement, and yet often enough for a lease.
SELDOM = Options(heartbeat=5.0, election=(20.0, 25.0), batch=1024, compact_after=5000)


class Load(KVClient):
    """Does something ``total`` times, ``at_once`` of it under way; ``what`` says what."""

    watched = ("done",)

    def __init__(self, servers: tuple[str, ...], total: int, at_once: int, what: str, **options: Any) -> None:
        super().__init__(servers, patience=5.0)
        self.total, self.at_once, self.what, self.options = total, at_once, what, options

    def start(self) -> None:
        """Nothing done."""
        self.begun = self.done = 0
        self.ended = 0.0
        super().start()

    def begin_all(self) -> None:
        """Set out."""
        for _ in range(min(self.at_once, self.total)):
            self.spawn(self.go_on())

    async def go_on(self) -> None:
        """One thing after the other, until all are begun."""
        while self.begun < self.total:
            self.begun += 1
            await self.do(self.begun)
            self.done += 1
        self.ended = self.now

    async def do(self, number: int) -> None:
        """One write, one read, or one read that goes through the log as a command does."""
        if self.what == "write":
            await self.write(Put(f"k{number % 100}", f"{number:020}"))
        elif self.what == "read through the log":
            await self.write(Txn((), (Get("k0"),)))
        else:
            await self.read(Get("k0"), **self.options)


def load_run(
    size: int, total: int, at_once: int, what: str = "write", lease: bool = False, **options: Any
) -> Simulation:
    """A cluster with a leader and a client that has a session, both ready; ``until_done`` does the rest.

    ``at`` among the options of a read may be "leader" or "follower".
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    servers = Options(**{**vars(SELDOM), "lease": lease})
    sim = Simulation(1, network=NETWORK, disk=DISK, limit=10**9)
    sim.add(names, KVServer, voters=names, options=servers, limits=Limits(answers=2 * at_once + 1))
    sim.add("load", Load, servers=names, total=total, at_once=at_once, what=what, **options)
    while leader_of(sim.state) is None:
        sim.step()
    load, leader = load_of(sim), leader_of(sim.state)
    follower = next(name for name in names if name != leader)
    load.target = str(leader)
    if "at" in options:
        load.options["at"] = {"leader": leader, "follower": follower}[options["at"]]
    load.spawn(load.open_session())
    sim.run(sim.now + SELDOM.heartbeat + 0.5)  # one heartbeat, from which followers learn that it is committed
    return sim


def load_of(sim: Simulation) -> Load:
    """The client of a ``load_run``."""
    load = sim.node("load")
    assert isinstance(load, Load)
    return load


def until_done(sim: Simulation) -> Load:
    """Run until the client has had all its answers; returns the client."""
    load = load_of(sim)
    load.after(0.0, load.begin_all)
    while load.done < load.total:
        sim.run(sim.now + 0.01)
    return load


@dataclass(frozen=True)
class Cost:
    """What a read or a write cost, on average: messages between servers, and virtual seconds."""

    messages: float
    seconds: float


def cost(
    what: str = "read", *, size: int = 5, total: int = 200, at_once: int = 1, lease: bool = False, **options: Any
) -> Cost:
    """The cost of one of ``total`` reads or writes, of which ``at_once`` are under way in a cluster of ``size``.

    For the rest see ``load_run``, ``Load`` and ``KVClient.read``. It must be over in 4 seconds, before a heartbeat.
    """
    sim = load_run(size, total, at_once, what, lease, **options)
    begun = sim.now
    load = until_done(sim)
    among = [event for event in sim.trace.only(Delivered) if "load" not in (event.node, event.sender)]
    sent = sum(begun < event.time <= load.ended for event in among)
    return Cost(sent / total, (load.ended - begun) / total)


#: The levels of consistency with what ``cost`` needs to measure them.
LEVELS: dict[str, dict[str, Any]] = {
    "through the log": {"what": "read through the log"},
    "linearizable, leader": {"at": "leader"},
    "linearizable, follower": {"at": "follower"},
    "linearizable, leader with a lease": {"at": "leader", "lease": True},
    "bounded, 50 ms, follower": {"at": "follower", "consistency": Consistency.BOUNDED, "bound": 0.05},
    "session, follower": {"at": "follower", "consistency": Consistency.SESSION},
    "stale, follower": {"at": "follower", "consistency": Consistency.STALE},
}
