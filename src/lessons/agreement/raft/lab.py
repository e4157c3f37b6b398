"""A cluster to break by hand: a reader gives its parameters, and asks for faults, commands and changes as it runs."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.messages import ChangeMembers, NotLeader, Propose, Query, TransferLeadership
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import DISK
from lessons.agreement.raft.server import Options
from lessons.agreement.raft.user import User, Wish
from lessons.sim import Link, LogNormal, Simulation

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


def raft_lab(
    seed: int = 1,
    *,
    servers: int = 5,
    spares: int = 1,
    latency: float = 0.003,
    loss: float = 0.0,
    election: tuple[float, float] = (0.15, 0.3),
    pre_vote: bool = True,
    check_quorum: bool = True,
    lease: bool = False,
    compact_after: int = 1000,
    chunk: int = 4096,
    kind: type[Raft] = Raft,
) -> Simulation:
    """A cluster n1, n2, ... and ann, its operator, under the safety properties.

    ``servers`` found the cluster, ``spares`` more wait to be asked in; ``latency`` is the median time of a
    message in seconds, ``loss`` the share of messages that get lost; for the rest see ``Options``. Faults are
    those of the simulation, and ``sim.faults.ask("ann", "propose", ["x"])`` is a user's wish (see ``Operator``).
    The same arguments and ``sim.actions`` give the same run again. Raises ValueError for fewer than 1 server.
    """
    if servers < 1 or spares < 0:
        raise ValueError(f"servers is {servers!r}, spares is {spares!r}: at least 1 and 0")
    names = tuple(f"n{number}" for number in range(1, servers + spares + 1))
    founders, others = names[:servers], names[servers:]
    options = Options(
        election=election,
        pre_vote=pre_vote,
        check_quorum=check_quorum,
        lease=lease,
        compact_after=compact_after,
        chunk=chunk,
    )
    sim = Simulation(seed, network=Link(LogNormal(latency, 0.5), loss=loss), disk=DISK, invariants=SAFETY)
    sim.add(founders, kind, voters=founders, options=options)
    sim.add(others, kind, options=options)
    sim.add("ann", Operator, servers=names)
    return sim
