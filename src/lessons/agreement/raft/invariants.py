"""What Raft promises (paper, Figure 3), and what its clients are promised: checked after every event."""

from __future__ import annotations

from typing import Any

from lessons.agreement.raft.log import Entry
from lessons.agreement.raft.server import Role
from lessons.check import invariant
from lessons.sim import NodeState, State


def servers(state: State) -> list[NodeState]:
    """The Raft servers that are up, of whatever draft."""
    return state.showing("entries")


def users(state: State) -> list[NodeState]:
    """The clients that show what they were told."""
    return state.showing("told")


def leader_of(state: State) -> str | None:
    """The server that leads the latest term, if one does."""
    leaders = [(node.term, node.name) for node in servers(state) if node.role is Role.LEADER]
    return max(leaders)[1] if leaders else None


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
        start, commit = self.reached.get(node.name, 0), node.commit
        if start == commit:
            return None
        self.reached[node.name] = commit
        for index in range(min(start, commit) + 1, commit + 1):
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


@invariant("Servers that have executed up to the same index have executed the same.", cite="Raft, section 5.3")
class SameHistory:
    """I5 as the machines see it, also of entries that are compacted at once; servers must show a digest."""

    def __init__(self) -> None:
        self.digests: dict[int, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if self.digests.setdefault(node.applied, node.digest) != node.digest:
                return f"{node.name} has executed something else up to {node.applied}"
        return None


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


@invariant("What a client was told is done stays: nothing else is committed in its place.", cite="Raft, section 5.3")
class Confirmed(Committed):
    """I7."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[tuple[str, int], str] = {}  # told, but not committed yet as far as servers say

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            self.look(node)
        self.open |= {(user.name, user.told[0]): user.told[1] for user in users(state)}
        for name, index in [key for key in self.open if key[1] in self.entries]:
            command = self.open.pop((name, index))
            if self.entries[index].data != command:
                return f"{name} was told that {command} is done, and {self.entries[index]} is committed at {index}"
        return None


@invariant("A read shows all that was confirmed to any client before it was asked for.", cite="Raft, section 8")
class FreshReads:
    """I8."""

    def __init__(self) -> None:
        self.confirmed = 0
        self.least: dict[tuple[str, int], int] = {}  # by client and number of the read: what it must show

    def __call__(self, state: State) -> str | None:
        self.confirmed = max([self.confirmed, *(user.told[0] for user in users(state))])
        for user in users(state):
            number, index, text = user.read
            least = self.least.get((user.name, number), 0)
            if number and index < least:
                return f"{user.name} reads {text!r}, as of {index}, though {least} was confirmed before it asked"
            self.least.setdefault((user.name, user.reads), self.confirmed)
        return None


SAFETY = (ElectionSafety, LeaderAppendOnly, LogMatching, LeaderCompleteness, StateMachineSafety, Persistence)
PROMISES = (Confirmed, FreshReads)
