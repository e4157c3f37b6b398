"""The five safety properties of Raft (paper, Figure 3), and the worlds in which they are put to the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lessons.agreement.raft.log import Entry
from lessons.agreement.raft.messages import (
    ChangeMembers,
    Done,
    Lost,
    NotLeader,
    Propose,
    Query,
    Refused,
    TransferLeadership,
)
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Options, Role
from lessons.check import invariant
from lessons.node import Client, TimedOut
from lessons.node.message import message_fields
from lessons.sim import DiskModel, Link, LogNormal, Nemesis, NodeState, Simulation, State

Wish = Propose | Query | ChangeMembers | TransferLeadership
Answer = Done | NotLeader | Lost | Refused

NETWORK = Link(LogNormal(0.003, 0.5), loss=0.02, duplicate=0.02)
DISK = DiskModel(sync=0.001)
TROUBLE = Nemesis(every=0.4, lasting=0.5)


def servers(state: State) -> Iterator[NodeState]:
    """The Raft servers that are up, of whatever draft."""
    return (node for node in state.values() if node.up and "entries" in node)


def entry_at(node: NodeState, index: int) -> Entry | None:
    """The entry at ``index`` in a server's log; None when it is compacted or not there."""
    place = index - node.base - 1
    return node.entries[place] if 0 <= place < len(node.entries) else None


@invariant("At most one leader is elected in a given term.", cite="Raft, Figure 3")
class ElectionSafety:
    """I1."""

    def __init__(self) -> None:
        self.leaders: dict[int, str] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if node.role is Role.LEADER:
                first = self.leaders.setdefault(node.term, node.name)
                if first != node.name:
                    return f"{first} and {node.name} both lead term {node.term}"
        return None


@invariant("A leader never overwrites or deletes entries in its log.", cite="Raft, Figure 3")
class LeaderAppendOnly:
    """I2."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, int], tuple[int, tuple[Entry, ...]]] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if node.role is not Role.LEADER:
                continue
            base, entries = self.logs.get((node.name, node.term), (0, ()))
            self.logs[node.name, node.term] = node.base, node.entries
            kept = max(0, base + len(entries) - node.base)
            if entries is not node.entries and entries[node.base - base :] != node.entries[:kept]:
                return f"{node.name}, leader of term {node.term}, changed its log"
        return None


@invariant("If two logs have an entry of the same index and term, they are identical up to it.", cite="Raft, Figure 3")
class LogMatching:
    """I3, by induction: such entries are equal, and so are the terms of the entries before them."""

    def __init__(self) -> None:
        self.entries: dict[tuple[int, int], tuple[Entry, int | None]] = {}
        self.looked: dict[str, Any] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if self.looked.get(node.name) is node.entries:
                continue
            self.looked[node.name] = node.entries
            before: int | None = None
            for index, entry in enumerate(node.entries, start=node.base + 1):
                known = self.entries.setdefault((index, entry.term), (entry, before))
                if known[0] != entry or (before is not None and known[1] not in (None, before)):
                    return f"{node.name} has another entry of term {entry.term} at {index}, or before it"
                before = entry.term
        return None


class Committed:
    """What servers have said to be committed, so far, and in which term."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.terms: dict[int, int] = {}
        self.reached: dict[str, int] = {}

    def look(self, node: NodeState) -> str | None:
        """Take in what ``node`` has committed since the last look; what contradicts the others, in words."""
        start = self.reached.get(node.name, 0)
        self.reached[node.name] = node.commit
        for index in range(min(start, node.commit) + 1, node.commit + 1):
            entry = entry_at(node, index)
            if entry is None:
                continue
            self.terms.setdefault(index, node.term)
            if self.entries.setdefault(index, entry) != entry:
                return f"{node.name} has committed {entry} at {index}, another server {self.entries[index]}"
        return None


@invariant("No two servers execute different commands at the same index.", cite="Raft, Figure 3")
class StateMachineSafety(Committed):
    """I5."""

    def __call__(self, state: State) -> str | None:
        return next((why for why in map(self.look, servers(state)) if why), None)


@invariant("An entry committed in a term is in the logs of the leaders of all later terms.", cite="Raft, Figure 3")
class LeaderCompleteness(Committed):
    """I4."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: set[tuple[str, int]] = set()

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            self.look(node)
            if node.role is Role.LEADER and (node.name, node.term) not in self.checked:
                self.checked.add((node.name, node.term))
                for index, entry in self.entries.items():
                    if index > node.base and self.terms[index] < node.term and entry_at(node, index) != entry:
                        return f"{node.name} leads term {node.term} without {entry}, committed at {index}"
        return None


@invariant("Terms never fall, and a vote stays as it is for its term.", cite="Raft, Figure 2, persistent state")
class Persistence:
    """I6: also after a crash."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, str | None]] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            term, vote = self.known.get(node.name, (0, None))
            self.known[node.name] = node.term, node.vote
            if node.term < term:
                return f"{node.name} went back from term {term} to {node.term}"
            if node.term == term and vote not in (None, node.vote):
                return f"{node.name} voted for {vote} in term {term}, and now for {node.vote}"
        return None


SAFETY = (ElectionSafety, LeaderAppendOnly, LogMatching, LeaderCompleteness, StateMachineSafety, Persistence)


class User(Client):
    """Asks the server that leads, as far as it knows; ``patience`` is how many seconds it waits for an answer."""

    def __init__(self, servers: tuple[str, ...], patience: float = 0.3) -> None:
        self.servers, self.patience = servers, patience

    def start(self) -> None:
        """Begin with the first server."""
        self.target = self.servers[0]
        super().start()

    async def ask(self, wish: Wish) -> Answer | None:
        """One attempt at one server, which is an operation of its own; None when no answer came in time."""
        operation = self.begin(type(wish).__name__, *message_fields(wish).values())
        try:
            answer: Answer = await self.call(self.target, wish, timeout=self.patience)
        except TimedOut:
            operation.unknown("timeout")
            self.target = self.rng.choice(self.servers)
            return None
        if isinstance(answer, Done):
            operation.ok(answer.result or answer.index)
        else:
            operation.fail(answer)
            named = answer.leader if isinstance(answer, NotLeader) else None
            self.target = named or self.rng.choice(self.servers)
        return answer


class Proposer(User):
    """Proposes commands one after the other, and tries again elsewhere until each is confirmed."""

    watched = ("confirmed",)

    def __init__(self, servers: tuple[str, ...], commands: tuple[str, ...], patience: float = 0.3) -> None:
        super().__init__(servers, patience)
        self.commands = commands

    def start(self) -> None:
        """Nothing confirmed."""
        self.confirmed = 0
        super().start()

    async def session(self) -> None:
        """Propose each command until it is done."""
        for command in self.commands:
            while not isinstance(await self.ask(Propose(command)), Done):
                await self.sleep(0.02 + 0.05 * self.rng.random())
            self.confirmed += 1


def raft_run(
    seed: int,
    size: int = 3,
    kind: type[Raft] = Raft,
    *,
    commands: int = 10,
    options: Options | None = None,
    network: Link = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 4.0,
    spares: int = 0,
) -> Simulation:
    """A cluster n1, n2, ... of ``size`` servers under the safety properties, and ann, who proposes.

    ``spares`` more servers wait to be asked in. ``trouble`` strikes until the virtual second ``until``.
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=network, disk=DISK, invariants=SAFETY)
    sim.add(names, kind, voters=names, options=options or Options())
    sim.add([f"n{number}" for number in range(size + 1, size + spares + 1)], kind, options=options or Options())
    sim.add("ann", Proposer, servers=names, commands=tuple(f"a{number}" for number in range(1, commands + 1)))
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim
