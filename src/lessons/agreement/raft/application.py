"""From the log to the state machine: commit, execution in order, results for proposers, snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lessons.agreement.raft.log import Kind
from lessons.agreement.raft.messages import Done, Lost, Unknown
from lessons.agreement.raft.server import Server, unless_full
from lessons.agreement.raft.storage import Snapshot
from lessons.node import Future

Outcome = Future[Any]
#: Its term, who waits, and what was proposed at the same index in an earlier term.
Proposal = tuple[int, Outcome, "Proposal | None"]


class Application(Server):
    """Executes what is committed, once each, in the order of the log (section 5.3)."""

    def start(self) -> None:
        """See ``Server.start``; whoever proposed something to an earlier life will hear nothing."""
        self.proposals: dict[int, Proposal] = {}  # by index
        super().start()

    def expect(self, first: int, outcomes: Sequence[Outcome]) -> None:
        """Set them when it is known what became of our entries from ``first`` on: Done with its result, or Lost.

        Or Unknown, if others have gone on without us, and a snapshot is all that we get of it. Somebody may wait there
        from an earlier term: their entry was removed here, and may still be committed.
        """
        term, proposals = self.term, self.proposals
        for index, outcome in enumerate(outcomes, first):
            proposals[index] = term, outcome, proposals.get(index)

    def commit_to(self, index: int) -> None:
        """Everything up to ``index`` is committed: execute it."""
        if index <= self.commit:
            return
        self.commit = index
        for entry in self.log.between(self.applied + 1, index):
            self.applied += 1
            result = self.machine.apply(entry.data) if entry.kind is Kind.COMMAND else ""
            if proposal := self.proposals.pop(self.applied, None):
                self.answer(proposal, entry.term, result)
        self.committed()
        if self.applied - self.log.base >= self.options.compact_after:
            self.compact()

    def committed(self) -> None:
        """The commit index has moved; the layers above look whether they waited for that."""

    def answer(self, proposal: Proposal | None, executed: int, result: str) -> None:
        """Tell all who wait for what has just been executed: an entry of the term ``executed``, with this result."""
        while proposal:
            term, outcome, proposal = proposal
            outcome.set(Done(self.applied, result) if term == executed else Lost(self.applied))

    # Snapshots

    @unless_full
    def compact(self) -> None:
        """Take a snapshot, and let it stand for all that has been executed (section 7)."""
        term = self.log.term_at(self.applied)
        assert term is not None
        members = self.members_at(self.applied)
        self.keep(Snapshot(self.applied, term, members, self.machine.snapshot()))

    def members_at(self, index: int) -> str:
        """The configuration as of ``index``, as text."""
        _, text = self.log.latest(Kind.MEMBERS, index)
        return text or self.snapshot.members or self.founding

    def keep(self, snapshot: Snapshot) -> None:
        """Put a snapshot in place of the log that it covers; raises DiskFull, unchanged."""
        shorter = self.log.after(snapshot.index, snapshot.term)
        self.storage.save_snapshot(snapshot, self.term, self.vote, shorter)
        self.snapshot, self.log = snapshot, shorter
        self.find_members()

    def install(self, snapshot: Snapshot) -> None:
        """Take over a leader's snapshot that reaches further than what was executed here."""
        self.keep(snapshot)
        self.machine = self.make_machine()
        self.machine.restore(snapshot.data)
        self.commit = self.applied = snapshot.index
        for index in [index for index in self.proposals if index <= snapshot.index]:
            proposal: Proposal | None = self.proposals.pop(index)
            while proposal:
                _, outcome, proposal = proposal
                outcome.set(Unknown(index))  # executed or not: nobody here can tell
