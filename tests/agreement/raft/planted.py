"""Servers with a planted bug: each is Raft but for one rule, so that a test can show what the rule is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lessons.agreement.raft import ChangeMembers, Done, NotLeader, Query, Raft, Role
from lessons.agreement.raft.messages import AppendEntries, RequestVote
from lessons.agreement.raft.storage import Storage


class ForgetsVotes(Raft):
    """Keeps its vote in memory only."""

    def grant(self, candidate: str) -> None:
        self.vote = candidate
        self.wait_for_leader()


class VotesForAnybody(Raft):
    """Does not compare logs (against section 5.4.1)."""

    def is_up_to_date(self, request: RequestVote) -> bool:
        return True


class CountsReplicas(Raft):
    """Commits what a majority has, of whatever term (against section 5.4.2)."""

    def advance(self) -> None:
        self.commit_to(int(self.members.agreed(self.match_of)))


class AcknowledgesEarly(Raft):
    """Says that it has entries before its disk does."""

    def on_append_entries(self, leader: str, append: AppendEntries) -> None:
        with late(self.storage):
            super().on_append_entries(leader, append)


@contextmanager
def late(storage: Storage) -> Iterator[None]:
    """Put off every sync to the end."""
    sync = storage.sync
    storage.sync = lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        storage.sync = sync  # type: ignore[method-assign]
        storage.sync()


class StepsAtOnce(Raft):
    """Changes one voter at a time without an entry of its own term before (against Ongaro 2015)."""

    def objection(self, change: ChangeMembers) -> str:
        first, self.first_index = self.first_index, 0
        why = super().objection(change)
        self.first_index = first
        return why


class Unprotected(Raft):
    """Hears candidates although it has just heard its leader (against thesis 4.2.3)."""

    def has_leader(self) -> bool:
        return False


class ReadsAtOnce(Raft):
    """Answers queries without making sure that it leads (against thesis 6.4)."""

    async def on_query(self, client: str, query: Query) -> None:
        if self.role is Role.LEADER:
            self.reply(Done(self.applied, self.machine.answer(query.question)))
        else:
            self.reply(NotLeader(self.leader))
