"""Let a follower answer reads.

Clients may ask any server to read, and the answer must be as good as the leader's: nothing that was confirmed to
anybody before the question may be missing. A follower knows what it has executed, and not what else there is. Its
leader knows that, if it still leads.

Write `async def is_new_enough(self, read)`: wait until this server may answer a read from its own state, and return
True; return False when that can't be found out, so that the client asks elsewhere. You have

- `self.role`, which is `Role.LEADER` on a leader, `self.applied`, the last index that is executed here, and
  `self.leader`, the name of the leader as far as it is known, or None;
- `await self.read_index()`: on a leader, the index up to which it has executed everything that was confirmed by now,
  made sure of with a majority; None on others;
- `await self.call(server, ReadIndex(), timeout=0.3)`: asks a server for its read index; the answer is a `Done`, whose
  `index` it is, or something else when that server does not lead. It raises `TimedOut` when no answer comes;
- `await self.has_executed(index)`: waits until this server has executed up to an index; True, or False after a while.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from lessons.agreement.raft import Done, Options, Role
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.replicated_kv import KVClient, KVServer, Unanswered
from lessons.agreement.replicated_kv.invariants import Linearizable
from lessons.agreement.replicated_kv.messages import Read, ReadIndex
from lessons.node import TimedOut
from lessons.sim import Link, LogNormal, Simulation
from lessons.trace import Trace

LEVEL = 2
MINUTES = 25
HINTS = [
    "A leader finds the read index itself, a follower asks for it. After that both do the same.",
    "An index is a promise about what the leader had executed. The follower may be behind it by a heartbeat.",
]

NAMES = ("n1", "n2", "n3")
NETWORK = Link(LogNormal(0.004, 0.8))


class Helpful(KVServer):
    """A server that answers reads, whatever its role."""

    async def is_new_enough(self, read: Read) -> bool: ...  # type: ignore[empty-body]


class AsksAndWaits(KVServer):
    async def is_new_enough(self, read: Read) -> bool:
        if self.role is Role.LEADER:
            return await self.read_index() is not None
        if self.leader is None:
            return False
        try:
            answer = await self.call(self.leader, ReadIndex(), timeout=0.3)
        except TimedOut:
            return False
        return isinstance(answer, Done) and await self.has_executed(answer.index)


class FromItsOwnState(KVServer):
    async def is_new_enough(self, read: Read) -> bool:
        return self.leader is not None


class DoesNotWait(AsksAndWaits):
    async def has_executed(self, index: int) -> bool:
        return True


class AsksOnce(KVServer):
    index: int | None = None

    async def is_new_enough(self, read: Read) -> bool:
        if self.role is Role.LEADER:
            return await self.read_index() is not None
        if self.index is None and self.leader is not None:
            try:
                answer = await self.call(self.leader, ReadIndex(), timeout=0.3)
            except TimedOut:
                return False
            self.index = answer.index if isinstance(answer, Done) else None
        return self.index is not None and await self.has_executed(self.index)


class OnlyLeaders(KVServer):
    async def is_new_enough(self, read: Read) -> bool:
        return await self.read_index() is not None


class TrustsTheName(AsksAndWaits):
    async def is_new_enough(self, read: Read) -> bool:
        if self.leader == self.name:
            return True
        return await super().is_new_enough(read)


stub = Helpful
solution = AsksAndWaits
BUGS = {
    "from its own state": FromItsOwnState,
    "does not wait until it has executed": DoesNotWait,
    "asks once for all": AsksOnce,
    "only leaders answer": OnlyLeaders,
    "whoever thinks that it leads": TrustsTheName,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


class Pair(KVClient):
    """Writes or reads one key all the time; a reader asks all servers in turn, each for itself."""

    def __init__(self, servers: tuple[str, ...], writes: bool) -> None:
        super().__init__(servers, patience=0.2, limit=0.5)
        self.writes = writes

    async def session(self) -> None:
        number = 0
        while True:
            number += 1
            await self.sleep(0.02 * self.rng.random())
            self.target = self.servers[number % len(self.servers)]
            with suppress(Unanswered):
                await (self.put("x", f"{number}") if self.writes else self.get("x"))


def world(seed: int, kind: type[KVServer], cuts: bool) -> Simulation:
    """A writer, two readers, and perhaps cuts among the servers that clients can look across."""
    sim = Simulation(seed, network=NETWORK)
    sim.add(NAMES, kind, voters=NAMES, options=Options(pre_vote=False, check_quorum=False))
    sim.add("ann", Pair, servers=NAMES, writes=True)
    sim.add(["bob", "cat"], Pair, servers=NAMES, writes=False)
    for number, cut in enumerate(NAMES if cuts else ()):
        sim.at(0.5 + 0.9 * number).bridge("ann", [cut], [name for name in NAMES if name != cut])
        sim.at(1.2 + 0.9 * number).heal()
    return sim


def asked(kind: type[KVServer]) -> Simulation:
    """A cluster with a leader in which nothing happens but what a check asks for."""
    sim = Simulation(1, network=NETWORK)
    sim.add(NAMES, kind, voters=NAMES)
    sim.add("ann", KVClient, servers=NAMES)
    sim.run(1.0)
    return sim


def samples(attempt: type[KVServer]) -> Iterator[Callable[[], None]]:
    def a_leader_and_a_follower_answer_by_themselves() -> None:
        sim = asked(attempt)
        leader = leader_of(sim.state)
        ann = sim.node("ann")
        assert isinstance(ann, KVClient)
        for server in NAMES:
            ann.spawn(ann.get("x", at=server))
        trace = sim.run(2.0)
        for server, operation in zip(NAMES, trace.history(), strict=True):
            role = "leads" if server == leader else "follows"
            if operation.outcome != "ok":
                raise Shown(f"{server}, which {role}, did not answer a read within a second", trace)

    def a_follower_that_is_cut_off_does_not_answer() -> None:
        sim = asked(attempt)
        ann, cut = sim.node("ann"), next(name for name in NAMES if name != leader_of(sim.state))
        assert isinstance(ann, KVClient)
        sim.faults.bridge("ann", [cut], [name for name in NAMES if name != cut])
        ann.spawn(ann.get("x", at=cut))
        trace = sim.run(1.5)
        if trace.history()[0].returned is not None:
            raise Shown(f"{cut} is cut off, and answered a read all the same", trace)

    def clients_see_a_single_copy() -> None:
        judge(cuts=False)

    def clients_see_a_single_copy_while_leaders_are_cut_off() -> None:
        judge(cuts=True)

    def judge(cuts: bool) -> None:
        for seed in range(6):
            sim = world(seed, attempt, cuts)
            trace = sim.run(until=3.2)
            why = Linearizable(sim)
            if why:
                raise Shown(f"seed {seed}: {why}", trace)

    return iter(
        [
            a_leader_and_a_follower_answer_by_themselves,
            a_follower_that_is_cut_off_does_not_answer,
            clients_see_a_single_copy,
            clients_see_a_single_copy_while_leaders_are_cut_off,
        ]
    )
