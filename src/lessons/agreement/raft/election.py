"""Leader election (paper, section 5.2): timeouts, pre-votes, votes, and a leader that nobody hears."""

from __future__ import annotations

from lessons.agreement.raft.members import Members
from lessons.agreement.raft.messages import RequestVote, TimeoutNow, Vote
from lessons.agreement.raft.replication import Replication
from lessons.agreement.raft.server import Role, unless_full


class Election(Replication):
    """How a follower becomes a leader, and how a leader ceases to be one."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.granted: set[str] = set()
        super().start()

    @unless_full
    def election_timeout(self) -> None:
        """Nobody has led for an election timeout: stand for election, or first ask whether it is any use."""
        self.wait_for_leader()
        if not self.may_stand():  # a learner, a server that nobody has asked to join yet, or one that was removed
            self.follow(None)
            return
        if self.options.pre_vote:
            self.canvass()
        else:
            self.campaign()

    def may_stand(self) -> bool:
        """Whether we vote, or did before a configuration that may never be committed without us (thesis 4.2.2)."""
        if self.members.votes(self.name) or self.members_index <= self.commit:
            return self.members.votes(self.name)
        before = self.members_at(self.members_index - 1)
        return bool(before) and Members.from_text(before).votes(self.name)

    def canvass(self) -> None:
        """Would a majority vote for us? A server that was cut off must not disturb with its term (thesis 9.6)."""
        self.role, self.leader = Role.PRECANDIDATE, None
        self.request_votes(self.term + 1, pre=True)

    def campaign(self, transfer: bool = False) -> None:
        """Begin a new term and vote for ourselves, durably, before anybody else is asked."""
        self.storage.save_vote(self.term + 1, self.name)
        self.term, self.vote = self.term + 1, self.name
        self.storage.sync()
        self.role, self.leader = Role.CANDIDATE, None
        self.request_votes(self.term, transfer=transfer)

    def request_votes(self, term: int, pre: bool = False, transfer: bool = False) -> None:
        """Ask all other voters; a cluster of one has won."""
        self.granted = {self.name}
        for server in self.others:
            if self.members.votes(server):
                self.send(server, RequestVote(term, self.log.last, self.log.last_term, pre, transfer))
        self.count_votes()

    def count_votes(self) -> None:
        """Take the next step once a majority is for us."""
        if not self.members.is_quorum(self.granted):
            return
        if self.role is Role.PRECANDIDATE:
            self.campaign()
        else:
            self.take_office()

    @unless_full
    def on_request_vote(self, candidate: str, request: RequestVote) -> None:
        """Figure 2, RequestVote RPC, receiver; preceded by the protection of a leader that is well."""
        if self.has_leader() and not request.transfer:
            return  # a removed server, or one that was cut off (section 6, last part; thesis 4.2.3)
        if request.pre:
            self.answer_pre_vote(candidate, request)
            return
        if request.term > self.term:
            self.adopt(request.term)
        free = self.vote in (None, candidate)
        granted = request.term == self.term and free and self.is_up_to_date(request)
        if granted:
            self.grant(candidate)
        self.storage.sync()
        self.send(candidate, Vote(self.term, granted))

    def grant(self, candidate: str) -> None:
        """Vote, once a term, and give the candidate time to win. Raises DiskFull, unchanged."""
        if self.vote is None:
            self.storage.save_vote(self.term, candidate)
            self.vote = candidate
        self.wait_for_leader()

    def answer_pre_vote(self, candidate: str, request: RequestVote) -> None:
        """Promise nothing and change nothing: neither our term, nor our vote, nor our timer."""
        granted = request.term > self.term and self.is_up_to_date(request)
        self.storage.sync()
        self.send(candidate, Vote(request.term if granted else self.term, granted, pre=True))

    def is_up_to_date(self, request: RequestVote) -> bool:
        """Whether the candidate's log is at least as complete as ours (section 5.4.1)."""
        return self.log.is_up_to_date(request.last_index, request.last_term)

    def has_leader(self) -> bool:
        """Whether a leader was heard of within the shortest election timeout, or we lead and are heard."""
        if self.role is Role.LEADER:
            return self.options.check_quorum
        return self.options.check_quorum and self.monotonic - self.heard < self.options.election[0]

    @unless_full
    def on_vote(self, voter: str, vote: Vote) -> None:
        """Count a vote for this election; a newer term ends it."""
        if vote.term > self.term and not (vote.pre and vote.granted):
            self.adopt(vote.term)
            self.storage.sync()
            return
        asked = self.term + 1 if vote.pre else self.term
        role = Role.PRECANDIDATE if vote.pre else Role.CANDIDATE
        if vote.granted and vote.term == asked and self.role is role:
            self.granted.add(voter)
            self.count_votes()

    @unless_full
    def on_timeout_now(self, leader: str, order: TimeoutNow) -> None:
        """The leader wants us to take over: no pre-vote, and nobody protects it (thesis 3.10)."""
        if order.term == self.term and self.role is Role.FOLLOWER and self.members.votes(self.name):
            self.wait_for_leader()
            self.campaign(transfer=True)

    def beat(self, again: bool = True) -> None:
        """See ``Replication.beat``; a leader that no majority hears steps down (thesis 6.2)."""
        if self.options.check_quorum and not self.is_heard():
            self.follow(None)
        else:
            super().beat(again)

    def is_heard(self) -> bool:
        """Whether a majority, ourselves included, has answered within the longest election timeout."""
        since = self.monotonic - self.options.election[1]
        heard = {server for server, progress in self.progress.items() if progress.heard >= since}
        return self.members.is_quorum(heard | {self.name})
