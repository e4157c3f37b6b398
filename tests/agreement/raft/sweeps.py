"""Random worlds for whole clusters: users, an administrator, all kinds of faults, and what must hold at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from typing import Any

from lessons.agreement.raft import ChangeMembers, Done, NotLeader, Options, Propose, Query, Raft, TransferLeadership
from lessons.agreement.raft.invariants import SAFETY, servers
from lessons.check import invariant
from lessons.node import Client, TimedOut
from lessons.sim import KINDS, Action, DiskModel, Link, LogNormal, Nemesis, Network, Simulation, State
from tests.agreement.raft.ledger import Ledger
from tests.agreement.raft.troupe import prepared

TROUBLE_ENDS = 1.5  # virtual seconds; then everything is repaired
PATIENCE = 6.0  # virtual seconds after that in which every command must be confirmed
COMMANDS = 8  # a customer
CUSTOMERS = ("ann", "bob")
USERS = (*CUSTOMERS, "cat", "dan", "eve")


def accountable(kind: type[Raft]) -> type[Raft]:
    """The same servers, that show a checksum of all that they have executed."""

    class Accountable(kind):  # type: ignore[valid-type, misc]
        watched = (*kind.watched, "digest")

        @property
        def digest(self) -> int:
            machine: Ledger = self.machine
            return machine.digest

    return Accountable


@invariant("Servers that have executed up to the same index have executed the same.", cite="Raft, section 5.3")
class SameHistory:
    """State machine safety as the machines see it, also of entries that are compacted at once."""

    def __init__(self) -> None:
        self.digests: dict[int, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if self.digests.setdefault(node.applied, node.digest) != node.digest:
                return f"{node.name} has executed something else up to {node.applied}"
        return None


# Users


@dataclass
class Operation:
    """What a user asked, when, and what became of it."""

    name: str
    text: str
    asked: float
    answered: float = float("inf")
    outcome: str = "unknown"
    result: str = ""

    @property
    def reach(self) -> int:
        """How many commands the answer tells of."""
        return int(self.result or 0) if self.name == "propose" else len(self.result.split())


class User(Client):
    """Asks servers, and keeps what came of it."""

    def __init__(self, servers: tuple[str, ...]) -> None:
        self.servers = servers

    def start(self) -> None:
        self.operations: list[Operation] = []
        self.ring = cycle(self.rng.sample(self.servers, len(self.servers)))
        self.target = next(self.ring)
        super().start()

    async def ask(self, name: str, text: str, patience: float) -> bool:
        """One attempt at one server, which may name the one for the next; whether it was done."""
        operation = Operation(name, text, self.now)
        self.operations.append(operation)
        message = Propose(text) if name == "propose" else Query(text)
        try:
            answer = await self.call(self.target, message, timeout=patience)
        except TimedOut:
            self.target = next(self.ring)
            return False
        operation.answered, operation.outcome = self.now, type(answer).__name__
        if isinstance(answer, Done):
            operation.result = answer.result
            return True
        named = answer.leader if isinstance(answer, NotLeader) else None
        self.target = named or next(self.ring)
        return False


class Customer(User):
    """Proposes commands, each attempt under a name of its own, until each is done; then asks whether it is there."""

    watched = ("confirmed",)

    def start(self) -> None:
        self.confirmed = 0
        super().start()

    async def session(self) -> None:
        for number in range(COMMANDS):
            attempt = 0
            while not await self.ask("propose", f"{self.name}{number}.{attempt}", patience=0.25):
                attempt += 1
                await self.sleep(0.05 * self.rng.random())
            self.confirmed += 1
            await self.ask("query", "", patience=0.25)
            await self.sleep(0.2 * self.rng.random())


class Crowd(User):
    """Proposes to any server every now and then, and does not wait for answers."""

    def __init__(self, servers: tuple[str, ...], pause: float) -> None:
        super().__init__(servers)
        self.pause = pause

    async def session(self) -> None:
        number = 0
        while self.now < TROUBLE_ENDS:
            await self.sleep(self.pause * self.rng.random())
            self.spawn(self.ask("propose", f"{self.name}{number}.0", patience=5.0))
            self.target, number = self.rng.choice(self.servers), number + 1


class Reader(User):
    """Asks any server, and does not trust the names that it hears."""

    async def session(self) -> None:
        while self.now < TROUBLE_ENDS:
            await self.sleep(0.06 * self.rng.random())
            self.target = self.rng.choice(self.servers)
            await self.ask("query", "", patience=0.06)


class Administrator(Client):
    """Changes the members and the leader at random, until the trouble is over."""

    def __init__(self, servers: tuple[str, ...], voters: tuple[str, ...], changes: bool) -> None:
        self.servers, self.voters, self.changes = servers, set(voters), changes

    async def session(self) -> None:
        self.target = self.servers[0]
        while self.now < TROUBLE_ENDS:
            await self.sleep(0.1 * self.rng.random())
            await self.ask(self.wish())

    def wish(self) -> ChangeMembers | TransferLeadership:
        """Something to ask for: often that one server more or less votes; whoever does not, learns."""
        if not self.changes or self.rng.random() < 0.2:
            return TransferLeadership(self.rng.choice(self.servers))
        joint = self.rng.random() < 0.3
        changed = self.rng.sample(self.servers, self.rng.randint(1, 3) if joint else 1)
        voters = self.voters.symmetric_difference(changed) or self.voters
        return ChangeMembers(tuple(sorted(voters)), tuple(sorted(set(self.servers) - voters)), joint)

    async def ask(self, wish: ChangeMembers | TransferLeadership) -> None:
        try:
            answer = await self.call(self.target, wish, timeout=0.15)
        except TimedOut:
            answer = None
        if isinstance(answer, Done) and isinstance(wish, ChangeMembers):
            self.voters = set(wish.voters)
        elif isinstance(answer, NotLeader) and answer.leader:
            self.target = answer.leader
        elif not isinstance(answer, Done):
            self.target = self.rng.choice(self.servers)


# Worlds


def some_logs(rng: Random, names: tuple[str, ...]) -> dict[str, list[int]]:
    """Logs as two leaders may have left them, of terms 2 and 3, who could commit nothing (as in Figure 8, part b)."""
    few = (len(names) - 1) // 2
    shuffled = rng.sample(names, len(names))
    older, newer = shuffled[: rng.randint(0, few)], shuffled[few : few + rng.randint(0, few)]
    ends = {**dict.fromkeys(older, [2] * rng.randint(1, 6)), **dict.fromkeys(newer, [3] * rng.randint(1, 6))}
    return {name: [1, *ends.get(name, [])] for name in names}


def some_options(rng: Random, changes: bool, steady: bool, narrow: bool) -> Options:
    """Options that bring snapshots, small messages and leases into play."""
    lease = rng.random() < 0.4
    return Options(
        heartbeat=0.02 if lease else 0.05,
        batch=1 if narrow else rng.choice((1, 2, 64)),
        window=1 if narrow else rng.choice((1, 2, 8)),
        compact_after=rng.choice((2, 5, 20, 1000)),
        chunk=rng.choice((7, 40, 4096)),
        drift=0.0 if steady else 0.7,  # the nemesis lets clocks run at half and at one and a half times the pace
        pre_vote=changes or rng.random() < 0.5,
        check_quorum=lease or changes or rng.random() < 0.7,
        lease=lease,
    )


def some_links(rng: Random, names: tuple[str, ...], narrow: bool) -> Network:
    """Links that lose, copy and reorder, fast or slow; those of users copy nothing."""
    latency = LogNormal(0.02, 0.5) if narrow else LogNormal(0.003, rng.choice((0.3, 1.0)))
    among = Link(latency, loss=0.02, duplicate=rng.choice((0.0, 0.1)))
    # A copy of a proposal would be a second proposal.
    return Network(among).between(USERS, names, replace(among, duplicate=0.0))


def some_faults(rng: Random, names: tuple[str, ...], steady: bool) -> Iterator[Action]:
    """Faults of all kinds, but for clocks that are ``steady``; in half of the worlds partitions leave users alone."""
    kinds = tuple(kind for kind in KINDS if not (steady and kind == "clock_drift"))
    nemesis = Nemesis(kinds, every=rng.choice((0.06, 0.12, 0.25)), lasting=rng.choice((0.2, 0.5)))
    among_servers = rng.random() < 0.5
    for action in nemesis.plan(rng, names, 0.1, TROUBLE_ENDS):
        if among_servers and action.name == "partition":
            (side,) = action.args["groups"]
            rest = [name for name in names if name not in side]
            action = Action(action.at, "bridge", {"node": USERS[0], "left": side, "right": rest})
        yield action


def world(seed: int, size: int, kind: type[Raft] = Raft) -> Simulation:
    """A cluster of ``size`` servers, up to two more that may join, their users, an administrator, a nemesis."""
    rng = Random(f"{seed}/{size}")
    changes, steady, narrow = rng.random() < 0.7, rng.random() < 0.5, rng.random() < 0.3
    names = tuple(f"n{number}" for number in range(1, size + 1))
    spares = tuple(f"n{size + number}" for number in range(1, rng.randint(0, 2) + 1)) if changes else ()
    network, options = some_links(rng, names + spares, narrow), some_options(rng, changes, steady, narrow)
    disk = DiskModel(sync=0.001 if narrow else rng.choice((0.001, 0.02)), keep=0.5, tear=0.25)
    sim = Simulation(f"{seed}/{size}", network=network, disk=disk, invariants=(*SAFETY, SameHistory))
    for name, terms in some_logs(rng, names).items():
        sim.add(name, prepared(accountable(kind)), terms=terms, term=3, voters=names, machine=Ledger, options=options)
    sim.add(spares, accountable(kind), machine=Ledger, options=options)
    sim.add(CUSTOMERS, Customer, servers=names + spares)
    sim.add("cat", Crowd, servers=names + spares, pause=0.3 if narrow else 0.06)
    sim.add("dan", Reader, servers=names + spares)
    sim.add("eve", Administrator, servers=names + spares, voters=names, changes=changes)
    sim.apply(some_faults(rng, names + spares, steady))
    return sim


# Verdicts


def complaints(sim: Simulation) -> Iterator[str]:
    """Run ``sim``; everything that is wrong with the run, in words."""
    if not run_to_confirmation(sim):
        broken: Any = sim.trace.violation
        yield f"{broken.invariant} at {sim.now:.3f}: {broken.why}"
        return
    customers = [sim.node(name) for name in CUSTOMERS]
    yield from (f"{c.name} has confirmed {c.confirmed} only" for c in customers if c.confirmed < COMMANDS)
    yield from broken_promises(operations(sim), longest(sim))
    yield from stale(operations(sim))


def run_to_confirmation(sim: Simulation) -> bool:
    """Run until every customer is served, or the patience is over; whether no property was broken."""
    until = TROUBLE_ENDS + 0.25
    while until <= TROUBLE_ENDS + PATIENCE:
        sim.run(until)
        if sim.now < until:
            return False
        if all(sim.node(name).confirmed == COMMANDS for name in CUSTOMERS) and has_executed_all(sim):
            break
        until += 0.25
    return True


def operations(sim: Simulation) -> list[Operation]:
    """What all users have asked."""
    return [operation for name in USERS[:-1] for operation in sim.node(name).operations]


def has_executed_all(sim: Simulation) -> bool:
    """Whether some server has executed again, after a crash perhaps, whatever was confirmed."""
    return len(longest(sim)) >= max(operation.reach for operation in operations(sim))


def longest(sim: Simulation) -> list[str]:
    """The commands as the server has them that has executed most."""
    return max((sim.node(node.name).machine.commands for node in servers(sim.state)), key=len)


def broken_promises(asked: list[Operation], ledger: list[str]) -> Iterator[str]:
    """What was done is there once and at its place, and what was refused or lost is not there."""
    for operation in asked:
        if operation.name == "propose":
            times, place = ledger.count(operation.text), operation.reach
            if operation.outcome == "Done" and ledger[place - 1 : place] != [operation.text]:
                yield f"{operation} is not at its place"
            if times > (operation.outcome in ("Done", "unknown")):
                yield f"{operation} was executed {times} times"


def stale(asked: list[Operation]) -> Iterator[str]:
    """Answers from before something that was known when they were asked for: commands go in order, queries see all."""
    done = [operation for operation in asked if operation.outcome == "Done"]
    for operation in done:
        known = max((other.reach for other in done if other.answered < operation.asked), default=0)
        if operation.reach < known + (operation.name == "propose"):
            yield f"{operation} reaches to {operation.reach}, though {known} were known"


def groups(seeds: int, size: int = 50) -> list[range]:
    """Seeds from 0 on, so many at a time."""
    return [range(start, min(start + size, seeds)) for start in range(0, seeds, size)]


def verdicts(seeds: range, size: int) -> dict[int, list[str]]:
    """The seeds of which something is wrong, and what."""
    found = {seed: list(complaints(world(seed, size))) for seed in seeds}
    return {seed: wrong for seed, wrong in found.items() if wrong}
