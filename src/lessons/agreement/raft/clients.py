"""What clients and administrators ask for: commands, and another leader."""

from __future__ import annotations

from lessons.agreement.raft.application import Outcome
from lessons.agreement.raft.log import Entry, Kind, is_longer, size_of
from lessons.agreement.raft.membership import Membership
from lessons.agreement.raft.messages import (
    ChangeMembers,
    Done,
    NotLeader,
    Propose,
    Refused,
    TimeoutNow,
    TransferLeadership,
)
from lessons.agreement.raft.progress import Progress
from lessons.agreement.raft.server import Role
from lessons.node import DiskFull, Future, TimedOut
from lessons.node.columns import from_columns


class Clients(Membership):
    """Proposals and transfers of leadership."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.proposed: list[tuple[str, Outcome]] = []  # what came since the last flush, and who waits
        self.heir: str | None = None
        self.transferred: Future[bool] = Future()
        self.offered = 0  # the last term in which we have asked somebody to take over
        super().start()

    async def on_propose(self, client: str, propose: Propose) -> None:
        """Execute a client's command, and answer what became of it."""
        self.reply(await self.propose(propose.command))

    def propose(self, command: str) -> Outcome:
        """What will become of ``command``: Done once it is committed and executed, or Lost for certain.

        NotLeader or Refused, soon, if it is in no log. A leader that falls before it knows tells later, as a follower,
        when it learns what was committed at that index, or Unknown when it gets only a snapshot of that; nobody should
        wait without a limit.
        """
        outcome: Outcome = Future()
        if self.role is not Role.LEADER or self.heir is not None:
            outcome.set(NotLeader(self.heir or self.leader))
        elif is_longer(command, self.options.size):
            outcome.set(Refused(f"command has {size_of(command)} bytes as JSON: at most {self.options.size} may be"))
        else:
            self.proposed.append((command, outcome))
            self.flush_soon()
        return outcome

    def flush(self) -> None:
        """See ``Replication.flush``; what was proposed meanwhile goes with it."""
        self.append_proposed()
        super().flush()

    def append_proposed(self) -> None:
        """Append what was proposed, all in one: a disk takes no longer for a hundred entries than for one."""
        proposed, self.proposed = self.proposed, []
        if not proposed:
            return
        commands, outcomes = zip(*proposed, strict=True)
        try:
            first = self.append(*from_columns(Entry, [[self.term], [Kind.COMMAND], commands]))
        except DiskFull as full:
            for outcome in outcomes:
                outcome.set(Refused(str(full)))
        else:
            self.expect(first, outcomes)

    def left_office(self) -> None:
        """See ``Server.left_office``; what is in nobody's log yet was not done, for certain."""
        super().left_office()
        proposed, self.proposed = self.proposed, []
        for _, outcome in proposed:
            outcome.set(NotLeader(None))

    # Transfer of leadership (thesis 3.10)

    def objection(self, change: ChangeMembers) -> str:
        """See ``Membership.objection``; the heir need not catch up with one more entry."""
        return "a transfer of leadership is under way" if self.heir is not None else super().objection(change)

    async def on_transfer_leadership(self, administrator: str, transfer: TransferLeadership) -> None:
        """Make another voter the leader; answered when it is, or when an election timeout is over."""
        if self.role is not Role.LEADER:
            self.reply(NotLeader(self.leader))
            return
        if transfer.to == self.name or not self.members.votes(transfer.to) or self.heir is not None:
            self.reply(Refused(f"{transfer.to} must be another voter, and no transfer under way"))
            return
        self.heir, self.transferred = transfer.to, Future()
        limit = self.options.election[1]
        timer = self.after(limit, self.transferred.fail, TimedOut("the transfer", limit))
        self.hand_over()
        try:
            await self.transferred
            self.reply(Done(self.commit, transfer.to))
        except TimedOut as late:
            self.reply(Refused(str(late)))
        finally:
            self.heir = None
            timer.cancel()

    def hand_over(self) -> None:
        """Once the heir has all of our log, let it begin an election."""
        if self.heir is not None and not self.proposed and self.match_of(self.heir) == self.log.last:
            self.offered, self.lease_until = self.term, float("-inf")
            self.sent_at.clear()
            self.send(self.heir, TimeoutNow(self.term))

    def heard_from(self, follower: str, term: int, round: int) -> Progress | None:
        """See ``Replication.heard_from``."""
        progress = super().heard_from(follower, term, round)
        if progress is not None and follower == self.heir:
            self.after(0, self.hand_over)  # when its answer has been looked at
        return progress

    def may_lease(self) -> bool:
        """See ``Reads.may_lease``; none once an heir may stand: the offer may arrive at any time in this term."""
        return super().may_lease() and self.offered != self.term

    def follow(self, leader: str | None) -> None:
        """See ``Server.follow``; whom we follow now may be the heir."""
        super().follow(leader)
        if self.heir is not None and leader is not None:
            if leader == self.heir:
                self.transferred.set(True)
            else:
                self.transferred.fail(TimedOut(f"{self.heir} did not win: the transfer", self.options.election[1]))
