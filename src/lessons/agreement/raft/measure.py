"""Figures of Raft to hold against the paper: how long nobody leads, and what an entry costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.raft.messages import AppendEntries, Done, NotLeader, Propose
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import DISK
from lessons.agreement.raft.server import Options
from lessons.node import Client
from lessons.sim import DiskModel, Link, LogNormal, Simulation
from lessons.trace import Delivered


def without_leader(
    seed: int, election: tuple[float, float], *, size: int = 5, latency: float = 0.005, patience: float = 10.0
) -> float:
    """How many seconds nobody leads after a leader's crash, as in the paper's section 9.3 and Figure 16.

    ``election`` is the range of the timeouts; a heartbeat goes out each half of the shortest, and the leader
    crashes at a random moment between two. ``latency`` is the median time of a message one way, in seconds; the disk
    takes none. There is no pre-vote, as there was none in the paper. We wait for ``patience`` seconds at most.
    """
    options = Options(heartbeat=election[0] / 2, election=election, pre_vote=False, check_quorum=False)
    eager = replace(options, heartbeat=election[0] / 8, election=(election[0] / 4, election[0] / 4))
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=Link(LogNormal(latency, 0.3)), disk=DiskModel(sync=0.0))
    sim.add(names[0], Raft, voters=names, options=eager)  # the first leader, whatever the others' timeouts are
    sim.add(names[1:], Raft, voters=names, options=options)
    while leader_of(sim.state) is None or sim.now < 4 * election[1]:
        sim.step()
    crash = sim.now + options.heartbeat * sim.node(names[-1]).rng.random()
    sim.run(crash)
    sim.faults.crash(str(leader_of(sim.state)))
    while leader_of(sim.state) is None and sim.now < crash + patience:
        sim.step()
    return min(sim.now - crash, patience)


class Load(Client):
    """Keeps ``window`` proposals of ``size`` characters under way until ``total`` are done."""

    def __init__(self, servers: tuple[str, ...], total: int, window: int, size: int = 20) -> None:
        self.servers, self.total, self.window, self.size = servers, total, window, size

    def start(self) -> None:
        """Nothing done."""
        self.begun = self.done = 0
        self.began = self.ended = 0.0
        super().start()

    async def session(self) -> None:
        """Find the leader, and set out."""
        self.leader = self.servers[0]
        while not isinstance(answer := await self.call(self.leader, Propose("first"), timeout=1.0), Done):
            self.leader = (isinstance(answer, NotLeader) and answer.leader) or self.servers[0]
            await self.sleep(0.1)
        self.began = self.now
        for _ in range(min(self.window, self.total)):
            self.propose()

    def propose(self) -> None:
        """Send one more; the answer, whenever it comes, makes room for the next."""
        self.begun += 1
        self.send(self.leader, Propose(f"{self.begun:0{self.size}}"))

    def on_done(self, leader: str, done: Done) -> None:
        """One is executed."""
        self.done += 1
        self.ended = self.now
        if self.begun < self.total:
            self.propose()


class Busy(Raft):
    """A server that proposes by itself when it leads, as a program would that Raft is a part of; see ``Load``."""

    def __init__(self, voters: tuple[str, ...], options: Options, total: int, window: int, size: int = 20) -> None:
        super().__init__(voters, options=options)
        self.total, self.window, self.size = total, window, size

    def start(self) -> None:
        """See ``Server.start``; nothing done."""
        self.begun = self.done = 0
        super().start()

    def begin(self) -> None:
        """Set out."""
        for _ in range(min(self.window, self.total)):
            self.propose_next()

    def propose_next(self) -> None:
        """Propose one more; what becomes of it, whenever that is known, makes room for the next."""
        self.begun += 1
        self.propose(f"{self.begun:0{self.size}}").then(self.one_done)

    def one_done(self) -> None:
        """One is executed."""
        self.done += 1
        if self.begun < self.total:
            self.propose_next()


def cluster(size: int, kind: type[Raft], seed: int, **parameters: int) -> Simulation:
    """Servers on a good network that have elected a leader."""
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=Link(LogNormal(0.0005, 0.3)), disk=DISK, limit=10**9)
    sim.add(names, kind, voters=names, options=Options(batch=1024, compact_after=5000), **parameters)
    while leader_of(sim.state) is None:
        sim.step()
    return sim


def load_run(size: int, window: int, total: int, seed: int = 1) -> Simulation:
    """A cluster and a client that proposes by messages, both ready; ``until_done`` does the rest."""
    sim = cluster(size, Raft, seed)
    sim.add("load", Load, servers=tuple(sim.state), total=total, window=window)
    sim.run(sim.now)
    return sim


def until_done(sim: Simulation) -> Load:
    """Run until the client has had all its answers; returns the client."""
    load = sim.node("load")
    assert isinstance(load, Load)
    while load.done < load.total:
        sim.run(sim.now + 0.05)
    return load


def busy_run(size: int, window: int, total: int, seed: int = 1) -> tuple[Simulation, Busy]:
    """A cluster and its leader, which proposes by itself; ``until_busy_done`` does it."""
    sim = cluster(size, Busy, seed, total=total, window=window)
    leader = sim.node(str(leader_of(sim.state)))
    assert isinstance(leader, Busy)
    leader.after(0, leader.begin)
    return sim, leader


def until_busy_done(sim: Simulation, leader: Busy) -> None:
    """Run until all that the leader proposes is executed."""
    while leader.done < leader.total:
        sim.run(sim.now + 0.05)


@dataclass(frozen=True)
class Cost:
    """What a committed entry cost, on average: messages between servers, and virtual seconds."""

    messages: float
    seconds: float


def cost(size: int, window: int, total: int = 1000) -> Cost:
    """The cost of an entry in a cluster of ``size`` when a client keeps ``window`` proposals under way."""
    sim = load_run(size, window, total)
    load = until_done(sim)
    sent = [event.message for event in sim.trace.only(Delivered) if isinstance(event.message, AppendEntries)]
    carriers = sum(bool(message.entries) for message in sent)
    return Cost(2 * carriers / total, (load.ended - load.began) / total)  # each is answered
