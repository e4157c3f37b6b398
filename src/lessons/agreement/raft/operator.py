"""An operator: a user and an administrator in one, who does by hand what a reader asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.agreement.raft.messages import ChangeMembers, NotLeader, Propose, Query, TransferLeadership
from lessons.agreement.raft.user import User, Wish

ATTEMPTS = 5  # how often a wish is sent on to the leader that somebody named


class Operator(User):
    """A user and an administrator in one: does what it is asked to, and nothing by itself."""

    async def ask_propose(self, command: str) -> None:
        """Have a command executed."""
        await self.pursue(Propose(command))

    async def ask_query(self, question: str = "") -> None:
        """Read."""
        await self.pursue(Query(question))

    async def ask_change_members(self, voters: Sequence[str], learners: Sequence[str] = (), joint: bool = True) -> None:
        """Make these the voters and learners of the cluster, through a joint configuration or in a single step."""
        await self.pursue(ChangeMembers(tuple(voters), tuple(learners), joint))

    async def ask_transfer_leadership(self, to: str) -> None:
        """Make another server the leader."""
        await self.pursue(TransferLeadership(to))

    async def pursue(self, wish: Wish) -> None:
        """Ask, and ask whom we are told to; not again after silence, because the wish may come true yet."""
        for _ in range(ATTEMPTS):
            if not isinstance(await self.ask(wish), NotLeader):
                return
