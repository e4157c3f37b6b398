"""First drafts and historic bugs: each is Raft but for one rule, left out as a good engineer might."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from lessons.agreement.raft.application import Outcome
from lessons.agreement.raft.log import Entry
from lessons.agreement.raft.messages import ChangeMembers, Done, Vote
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Role
from lessons.agreement.raft.storage import Storage
from lessons.node import DiskFull


class ForgetsVotes(Raft):
    """Keeps its vote in memory: an election is over in milliseconds, and a disk is slow.

    The term is on disk, as ever. Against Figure 2, persistent state.
    """

    def grant(self, candidate: str) -> None:
        """Vote, and remember it until the next crash."""
        self.vote = candidate
        self.wait_for_leader()


class CountsReplicas(Raft):
    """Commits whatever a majority has, of whatever term: is that not what a majority is for?

    Against section 5.4.2.
    """

    def advance(self) -> None:
        """Commit by counting alone."""
        self.commit_to(int(self.members.agreed(self.match_of)))


class StaysInTerm(Raft):
    """A candidate without a majority asks once more: messages get lost, and Raft's may be sent again.

    It has a vote in this term already, its own, so why begin another? Against section 5.2.
    """

    def campaign(self, transfer: bool = False) -> None:
        """Begin a new term only when no candidate yet."""
        if self.role is Role.CANDIDATE:
            self.request_votes(self.term)
        else:
            super().campaign(transfer)


class CountsVotes(StaysInTerm):
    """Does the same, and keeps the votes as a number: each voter votes once a term, after all.

    With a new term for every election that would do, as long as no message comes twice.
    """

    def campaign(self, transfer: bool = False) -> None:
        """Begin with the vote for ourselves, and keep what has come in when we ask once more."""
        if self.role is not Role.CANDIDATE:
            self.votes = 1
        super().campaign(transfer)

    def on_vote(self, voter: str, vote: Vote) -> None:
        """One vote more."""
        if vote.granted and vote.term == self.term and self.role is Role.CANDIDATE:
            self.votes += 1
            if self.votes > len(self.members.voters) // 2:
                self.take_office()
        else:
            super().on_vote(voter, vote)


class Careless(Storage):
    """Writes entries while there is room."""

    def save_entries(self, index: int, entries: tuple[Entry, ...]) -> None:
        """A full disk is the operator's business, and no reason to stop: the log is in memory too."""
        with suppress(DiskFull):
            super().save_entries(index, entries)


class TrustsMemory(Raft):
    """Catches the error of a full disk, goes on, and so acknowledges entries that its disk has refused.

    Against Figure 2: persistent state is updated before a server answers.
    """

    def start(self) -> None:
        """Read the disk, and from then on write to it without care."""
        super().start()
        self.storage = Careless(self.disk)
        self.storage.load()


class AnswersEarly(Raft):
    """Answers a proposal once the leader's disk has it: a database of one server does no more, and it saves a round.

    Against section 5.3, and Figure 2: respond after the entry was applied to the state machine.
    """

    def expect(self, first: int, outcomes: Sequence[Outcome]) -> None:
        """They are in our log, and durable: as good as done."""
        self.storage.sync()
        for index, outcome in enumerate(outcomes, first):
            outcome.set(Done(index, ""))


class StepsAtOnce(Raft):
    """Changes one voter at a time, and does not wait for an entry of its own term to be committed.

    That was the algorithm of Ongaro's thesis, section 4.1, until he found the bug in 2015.
    """

    def objection(self, change: ChangeMembers) -> str:
        """The rules of single steps, but for the one that was missing."""
        first, self.first_index = self.first_index, 0
        why = super().objection(change)
        self.first_index = first
        return why


class ReadsAtOnce(Raft):
    """A leader answers queries from its own state: all commands go through it, so nobody knows better.

    Against section 8, and section 6.4 of the thesis.
    """

    def has_lease(self) -> bool:
        """Who leads, leads."""
        return True
