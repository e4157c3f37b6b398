"""Changes of the cluster: joint consensus (paper, section 6) and single server steps (thesis 4.1)."""

from __future__ import annotations

from lessons.agreement.raft.application import Outcome
from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.members import Members
from lessons.agreement.raft.messages import ChangeMembers, Done, NotLeader, Refused
from lessons.agreement.raft.reads import Reads
from lessons.agreement.raft.server import Role
from lessons.node import DiskFull, Future


class Membership(Reads):
    """The leader's part of a change; that a configuration is in force once it is in the log, others do."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.ending: list[Outcome] = []  # who waits for a joint configuration to be left
        super().start()

    async def on_change_members(self, administrator: str, change: ChangeMembers) -> None:
        """Change the cluster; answered when the new configuration is committed, or certainly lost."""
        if self.role is not Role.LEADER:
            self.reply(NotLeader(self.leader))
            return
        why = self.objection(change)
        if why:
            self.reply(Refused(why))
            return
        outgoing = self.members.voters if change.joint else ()
        members = Members(tuple(sorted(set(change.voters))), tuple(sorted(set(change.learners))), outgoing)
        try:
            index = self.append(Entry(self.term, Kind.MEMBERS, members.to_text()))
        except DiskFull as full:
            self.reply(Refused(str(full)))
            return
        coming: Outcome = Future()
        self.expect(index, [coming])
        outcome = await coming
        if members.joint and isinstance(outcome, Done):
            outcome = await self.expect_the_end()
        self.reply(outcome)

    def expect_the_end(self) -> Outcome:
        """The joint configuration is committed, so that it will be left, by whatever leader: Done when it is."""
        self.ending.append(Future())
        return self.ending[-1]

    def objection(self, change: ChangeMembers) -> str:
        """Why a change can't begin now; empty when it can."""
        voters, learners = set(change.voters), set(change.learners)
        if not voters or voters & learners:
            return f"voters are {change.voters!r}, learners {change.learners!r}: one voter at least, nobody in both"
        strangers = (voters | learners) - {self.name, *self.peers}
        if strangers:
            return f"{', '.join(sorted(strangers))} must be a server that this one can reach"
        if self.members.joint or self.members_index > self.commit:
            return "another change is under way: wait for it to be committed"
        if self.commit < self.first_index:
            # Else a change of an earlier leader may still be committed beside ours (Ongaro 2015).
            return "this leader has not committed an entry of its term yet: try again"
        if not change.joint and len(voters ^ set(self.members.voters)) > 1:
            return "more than one voter differs: change one at a time, or through a joint configuration"
        behind = [server for server in sorted(voters) if not self.is_caught_up(server)]
        return f"{', '.join(behind)} must be a learner first and catch up with the log" if behind else ""

    def is_caught_up(self, server: str) -> bool:
        """Whether ``server`` votes already, or has the log but for less than one message brings (thesis 4.2.1)."""
        return self.members.votes(server) or self.match_of(server) > max(0, self.log.last - self.options.batch)

    def committed(self) -> None:
        """See ``Application.committed``; a joint configuration that is committed is left at once."""
        super().committed()
        if self.members_index > self.commit:
            return
        if not self.members.joint:
            waiting, self.ending = self.ending, []
            for outcome in waiting:
                outcome.set(Done(self.members_index, ""))
        if self.role is not Role.LEADER:
            return
        if self.members.joint:
            self.leave_joint()
        elif not self.members.votes(self.name):
            self.follow(None)  # we have led the others so far, without a vote (section 6)

    def beat(self, again: bool = True) -> None:
        """See ``Replication.beat``; a joint configuration that could not be left yet is left as soon as it can be."""
        super().beat(again)
        if self.role is Role.LEADER and self.members.joint and self.members_index <= self.commit:
            self.leave_joint()

    def leave_joint(self) -> None:
        """Go on from the joint configuration to the new one."""
        members = Members(self.members.voters, self.members.learners)
        try:
            self.append(Entry(self.term, Kind.MEMBERS, members.to_text()))
        except DiskFull as full:
            self.note("still joint", why=str(full))  # the next heartbeat tries again
