"""Queries without a log entry: read index and leases (thesis 6.4).

A leader may have been replaced without knowing. Before it answers from its own state it makes sure
that it still led when the query came: a majority answers a heartbeat that was sent after. Or it
trusts in clocks: a majority that has heard it lets nobody else be elected for an election timeout.
"""

from __future__ import annotations

from dataclasses import dataclass

from lessons.agreement.raft.election import Election
from lessons.agreement.raft.messages import Done, NotLeader, Query
from lessons.agreement.raft.progress import Progress
from lessons.agreement.raft.server import Role
from lessons.node import Future


@dataclass
class Pending:
    """A query: it may be answered once heartbeat ``round`` is confirmed and ``index`` is executed."""

    round: int
    index: int
    leads: Future[bool]


class Reads(Election):
    """Linearizable queries."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.queries: list[Pending] = []
        self.sent_at: dict[int, float] = {}  # round -> when it was sent, on our clock
        self.lease_until = float("-inf")
        super().start()

    async def on_query(self, client: str, query: Query) -> None:
        """Answer a question about the state, with everything in it that was ever confirmed."""
        if await self.read_index() is None:
            self.reply(NotLeader(self.leader))
        else:
            self.reply(Done(self.applied, self.machine.answer(query.question)))

    async def read_index(self) -> int | None:
        """An index: whoever has executed so far has all that was confirmed when this was asked. None: we don't lead."""
        if self.role is Role.LEADER and (self.has_lease() or await self.confirm()):
            return self.applied
        return None

    def has_lease(self) -> bool:
        """Whether clocks alone tell us that we lead, if we may trust them, and we know what is committed."""
        return self.options.lease and self.monotonic < self.lease_until and self.commit >= self.first_index

    def confirm(self) -> Future[bool]:
        """Whether we lead, and have executed all that was committed when this was asked."""
        # Until the first entry of our term is committed we do not know what is (thesis 6.4, step 1).
        pending = Pending(self.round + 1, max(self.commit, self.first_index), Future())
        self.queries.append(pending)
        self.beat(again=False)
        self.answer_queries()
        return pending.leads

    def may_lease(self) -> bool:
        """Whether heartbeats that are sent now may make a lease."""
        return self.options.lease

    def beat(self, again: bool = True) -> None:
        """See ``Replication.beat``."""
        if self.may_lease():
            self.sent_at[self.round + 1] = self.monotonic
        super().beat(again)

    def heard_from(self, follower: str, term: int, round: int) -> Progress | None:
        """See ``Replication.heard_from``."""
        progress = super().heard_from(follower, term, round)
        if progress is not None:
            if self.sent_at:  # else there are no leases, or every heartbeat has been confirmed already
                self.extend_lease()
            self.answer_queries()
        return progress

    def committed(self) -> None:
        """See ``Application.committed``."""
        super().committed()
        self.answer_queries()

    def answer_queries(self) -> None:
        """Let go the queries that waited for a confirmed round, or for an entry to be executed."""
        if not self.queries:
            return
        confirmed = self.confirmed_round()
        ready = [query for query in self.queries if query.round <= confirmed and query.index <= self.applied]
        self.queries = [query for query in self.queries if query not in ready]
        for query in ready:
            query.leads.set(True)

    def confirmed_round(self) -> int:
        """The last heartbeat that a majority has answered."""
        return int(self.members.agreed(self.round_of)) if self.role is Role.LEADER else 0

    def round_of(self, server: str) -> int:
        """The last heartbeat that ``server`` has answered."""
        if server == self.name:
            return self.round
        return self.progress[server].round if server in self.progress else 0

    def extend_lease(self) -> None:
        """Nobody else can be elected before an election timeout after a heartbeat that a majority answered."""
        confirmed = self.confirmed_round()
        if confirmed in self.sent_at:
            safe = self.options.election[0] * (1 - self.options.drift)
            self.lease_until = self.sent_at[confirmed] + safe
            self.sent_at = {round: time for round, time in self.sent_at.items() if round > confirmed}

    def left_office(self) -> None:
        """See ``Server.left_office``."""
        super().left_office()
        self.lease_until = float("-inf")
        self.sent_at.clear()
        waiting, self.queries = self.queries, []
        for query in waiting:
            query.leads.set(False)
