"""Changes of the cluster: joint consensus (paper, section 6) and single server steps (thesis 4.1)."""

from __future__ import annotations

from dataclasses import replace

from lessons.agreement.raft.application import Outcome
from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.members import Members
from lessons.agreement.raft.messages import ChangeMembers, Done, Lost, NotLeader, Refused
from lessons.agreement.raft.reads import Reads
from lessons.agreement.raft.server import Role
from lessons.node import DiskFull, Future


class Membership(Reads):
    """The leader's part of a change; that a configuration is in force once it is in the log, others do."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.change: tuple[Members, Outcome] | None = None  # what we were asked for last, and who waits
        super().start()

    async def on_change_members(self, administrator: str, change: ChangeMembers) -> None:
        """Change the cluster; answered when the new configuration is committed."""
        if self.role is not Role.LEADER:
            self.reply(NotLeader(self.leader))
            return
        why = self.objection(change)
        if why:
            self.reply(Refused(why))
            return
        outgoing = self.members.voters if change.joint else ()
        members = Members(tuple(sorted(change.voters)), tuple(sorted(change.learners)), outgoing)
        try:
            self.append(Entry(self.term, Kind.MEMBERS, members.to_text()))
        except DiskFull as full:
            self.reply(Refused(str(full)))
            return
        self.change = replace(members, outgoing=()), Future()
        self.reply(await self.change[1])

    def objection(self, change: ChangeMembers) -> str:
        """Why a change can't begin now; empty when it can."""
        voters, learners = set(change.voters), set(change.learners)
        if not voters or voters & learners:
            return f"voters are {change.voters!r}, learners {change.learners!r}: one voter at least, nobody in both"
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
        """Whether ``server`` votes already, or lacks less of the log than one message brings (thesis 4.2.1)."""
        return self.members.votes(server) or self.match_of(server) + self.options.batch > self.log.last

    def committed(self) -> None:
        """See ``Application.committed``; a joint configuration that is committed is left at once."""
        super().committed()
        if self.members_index > self.commit:
            return
        if self.change is not None and not self.members.joint:
            wanted, outcome = self.change
            self.change = None
            outcome.set(Done(self.members_index, "") if self.members == wanted else Lost(self.members_index))
        if self.role is not Role.LEADER:
            return
        if self.members.joint:
            self.leave_joint()
        elif not self.members.votes(self.name):
            self.follow(None)  # we have led the others so far, without a vote (section 6)

    def leave_joint(self) -> None:
        """Go on from the joint configuration to the new one."""
        members = Members(self.members.voters, self.members.learners)
        try:
            self.append(Entry(self.term, Kind.MEMBERS, members.to_text()))
        except DiskFull as full:
            self.note("still joint", why=str(full))  # the next entry that is committed tries again
