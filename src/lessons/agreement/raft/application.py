"""From the log to the state machine: commit, execution in order, results for proposers, snapshots."""

from __future__ import annotations

from typing import Any

from lessons.agreement.raft.log import Kind
from lessons.agreement.raft.messages import Done, Lost, Unknown
from lessons.agreement.raft.server import Server, unless_full
from lessons.agreement.raft.storage import Snapshot
from lessons.node import Future

Outcome = Future[Any]


class Application(Server):
    """Executes what is committed, once each, in the order of the log (section 5.3)."""

    def start(self) -> None:
        """See ``Server.start``; whoever proposed something to an earlier life will hear nothing."""
        self.proposals: dict[int, list[tuple[int, Outcome]]] = {}  # by index: terms, and who waits
        super().start()

    def expect(self, index: int, outcome: Outcome | None = None) -> Outcome:
        """What will become of our entry at ``index``: Done with its result, or Lost; ``outcome`` itself, if given.

        Or Unknown, if others have gone on without us, and a snapshot is all that we get of it. Somebody may wait there
        from an earlier term: their entry was removed here, and may still be committed.
        """
        outcome = outcome or Future()
        self.proposals.setdefault(index, []).append((self.term, outcome))
        return outcome

    def commit_to(self, index: int) -> None:
        """Everything up to ``index`` is committed: execute it."""
        if index <= self.commit:
            return
        self.commit = index
        for entry in self.log.between(self.applied + 1, index):
            self.applied += 1
            result = self.machine.apply(entry.data) if entry.kind is Kind.COMMAND else ""
            if self.applied in self.proposals:
                self.answer(self.applied, entry.term, result)
        self.committed()
        if self.applied - self.log.base >= self.options.compact_after:
            self.compact()

    def committed(self) -> None:
        """The commit index has moved; the layers above look whether they waited for that."""

    def answer(self, index: int, executed: int, result: str) -> None:
        """Tell who waits for ``index``, where an entry of the term ``executed`` was executed with this result."""
        for term, outcome in self.proposals.pop(index):
            outcome.set(Done(index, result) if term == executed else Lost(index))

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
            for _, outcome in self.proposals.pop(index):
                outcome.set(Unknown(index))  # executed or not: nobody here can tell
