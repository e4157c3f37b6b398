"""The shortest runs that show what each first draft breaks: no chance in them, only faults and wishes at given times.

    for broken in BREAKS:
        print(broken.name, broken.verdict(broken.draft), broken.verdict(Raft))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lessons.agreement.raft import drafts
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.raft.messages import Done, Refused
from lessons.agreement.raft.operator import Operator
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import staged
from lessons.agreement.raft.user import Wish

if TYPE_CHECKING:
    from lessons.sim import Simulation
    from lessons.trace import Trace

NEVER = 5.0  # an election timeout that does not come in time
PROGRESS = "Progress"  # no invariant of a moment, but of a whole run: at its end somebody leads


@dataclass(frozen=True)
class Break:
    """A first draft, and a run of ``end`` virtual seconds in which it breaks ``invariant`` and Raft does not."""

    name: str
    draft: type[Raft]
    invariant: str
    build: Callable[[type[Raft]], Simulation]
    end: float
    cite: str
    story: str

    def run(self, kind: type[Raft]) -> Trace:
        """The run, with servers of ``kind``: the draft, or Raft."""
        return self.build(kind).run(self.end)

    def verdict(self, kind: type[Raft]) -> str | None:
        """The name of what servers of ``kind`` break in the run; None if they break nothing."""
        sim = self.build(kind)
        violation = sim.run(self.end).violation
        if violation is not None:
            return violation.invariant
        return None if leader_of(sim.state) else PROGRESS


class Insistent(Operator):
    """Asks until it is done, or refused."""

    async def pursue(self, wish: Wish) -> None:
        """Ask, and after any other answer, or none, ask again."""
        while not isinstance(await self.ask(wish), Done | Refused):
            await self.sleep(0.05)


def cluster(kind: type[Raft], timeouts: Mapping[str, float], patience: float = 1.0, **users: str) -> Simulation:
    """Servers with these election timeouts, and users, each with the server that it asks first."""
    sim = staged(kind, timeouts)
    for user, first in users.items():
        others = [server for server in timeouts if server != first]
        sim.add(user, Insistent, servers=(first, *others), patience=patience)
    return sim


def forgotten_vote(kind: type[Raft]) -> Simulation:
    """n1 and n3 stand at almost the same time; n2 votes for n1, is restarted, and is asked by n3."""
    sim = cluster(kind, {"n1": 0.150, "n2": NEVER, "n3": 0.155})
    sim.at(0.164).restart("n2")  # its vote is under way to n1, and n3's request is under way to it
    return sim


def older_term(kind: type[Raft]) -> Simulation:
    """Figure 8 with three servers: n1, n3, n1 and n3 lead in turn, and n2 votes for each of them."""
    sim = cluster(kind, {"n1": 0.140, "n2": NEVER, "n3": 0.160}, ann="n1")
    sim.at(0.185).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.190).ask("ann", "propose", ["x"])
    sim.at(0.358).heal()
    sim.at(0.358).bridge("ann", ["n1", "n2"], ["n3"])  # part (b): n3 has an entry of term 2, for itself
    sim.at(0.590).heal()
    sim.at(0.590).bridge("ann", ["n1"], ["n2", "n3"])  # part (c): n2 has x, and n1's entry of term 3 not yet
    sim.at(0.900).heal()
    return sim


def split_vote(kind: type[Raft]) -> Simulation:
    """n3 is down, and n1 and n2 stand at almost the same time."""
    sim = cluster(kind, {"n1": 0.150, "n2": 0.158, "n3": NEVER})
    sim.at(0.0).crash("n3")
    return sim


def two_halves(kind: type[Raft]) -> Simulation:
    """Four servers are cut in the middle; one of each half stands, and the other one votes for it."""
    sim = cluster(kind, {"n1": 0.150, "n2": NEVER, "n3": 0.155, "n4": NEVER})
    sim.at(0.0).partition(["n1", "n2"])
    sim.at(0.400).heal()
    return sim


def full_disk(kind: type[Raft]) -> Simulation:
    """n3 is cut off and n2's disk is full; somebody makes room there and restarts n2; n1 crashes, n3 is back."""
    sim = cluster(kind, {"n1": 0.150, "n2": NEVER, "n3": 0.200}, patience=0.3, ann="n1")
    sim.at(0.195).bridge("ann", ["n1", "n2"], ["n3"])
    sim.at(0.195).limit_disk("n2", 0)
    sim.at(0.200).ask("ann", "propose", ["x"])
    sim.at(0.270).limit_disk("n2", None)
    sim.at(0.270).restart("n2")
    sim.at(0.270).crash("n1")
    sim.at(0.270).heal()
    return sim


def early_answer(kind: type[Raft]) -> Simulation:
    """n1 leads, is cut off from the others, and is asked for something."""
    sim = cluster(kind, {"n1": 0.150, "n2": NEVER, "n3": 0.200}, ann="n1")
    sim.at(0.195).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.200).ask("ann", "propose", ["x"])
    sim.at(0.450).heal()
    return sim


def two_steps(kind: type[Raft]) -> Simulation:
    """n1 removes n2, and nobody hears of it; n2, elected by the others, removes n1, and only n3 hears of that."""
    sim = cluster(kind, {"n1": 0.140, "n2": 0.160, "n3": NEVER, "n4": NEVER}, ann="n1", bob="n2")
    sim.at(0.185).bridge("ann", ["n1"], ["n2", "n3", "n4"])
    sim.at(0.190).ask("ann", "change_members", [["n1", "n3", "n4"], [], False])
    sim.at(0.358).heal()
    sim.at(0.358).bridge("ann", ["n1", "n4"], ["n2", "n3"])  # n4 has elected n2, and has nothing from it yet
    sim.at(0.360).ask("bob", "change_members", [["n2", "n3", "n4"], [], False])
    sim.at(0.600).heal()
    return sim


def old_read(kind: type[Raft]) -> Simulation:
    """n1 leads, and is cut off from the others; bob writes at n2, which they have elected; ann reads at n1."""
    sim = cluster(kind, {"n1": 0.150, "n2": 0.200, "n3": NEVER}, ann="n1", bob="n2")
    sim.at(0.195).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.430).ask("bob", "propose", ["x"])
    sim.at(0.480).ask("ann", "query")
    sim.at(0.550).heal()
    return sim


BREAKS = (
    Break(
        "vote not persisted", drafts.ForgetsVotes, "ElectionSafety", forgotten_vote, 0.5,
        "Raft, section 5.2 and Figure 2",
        "n2 votes for n1, is restarted, and votes for n3: its disk knows the term, but not the vote. "
        "n1 and n3 each have two votes of three, and both lead term 1.",
    ),
    Break(
        "older term committed by counting", drafts.CountsReplicas, "LeaderCompleteness", older_term, 1.3,
        "Raft, section 5.4.2 and Figure 8",
        "x, of term 1, is on two servers of three when n1 leads term 3, so n1 calls it committed and tells ann. "
        "n3, whose last entry is of term 2, wins term 4 with the vote of n2, and will overwrite x.",
    ),
    Break(
        "candidate retries in the same term", drafts.StaysInTerm, PROGRESS, split_vote, 1.0,
        "Raft, section 5.2",
        "n1 and n2 stand in term 1 at almost the same time, and each votes for itself. "
        "In one term nobody votes twice, so they ask each other in vain for ever, though two servers of three are up.",
    ),
    Break(
        "candidate retries, and counts votes", drafts.CountsVotes, "ElectionSafety", two_halves, 0.9,
        "Raft, section 5.2",
        "Four servers are cut in the middle, and in each half one asks the other twice, who says yes twice. "
        "With its own that makes three votes of four, and each half has a leader of term 1.",
    ),
    Break(
        "entry acknowledged that the disk refused", drafts.TrustsMemory, "LeaderCompleteness", full_disk, 0.8,
        "Raft, Figure 2; thesis, section 3.8",
        "n2's disk has no room for x, n2 says that it has it, and ann is told that x is done. "
        "n2 comes back from a restart without x, and votes for n3, which never had it.",
    ),
    Break(
        "proposal answered before it is committed", drafts.AnswersEarly, "Confirmed", early_answer, 0.8,
        "Raft, section 5.3",
        "n1 is cut off, appends x, and tells ann that it is done. "
        "The others elect n3, which commits another entry in its place.",
    ),
    Break(
        "single steps without an entry of the term", drafts.StepsAtOnce, "LeaderCompleteness", two_steps, 0.8,
        "thesis, section 4.1; Ongaro on raft-dev, July 2015",
        "n1 removes n2, and nobody else hears of it; the others elect n2, which removes n1: n2 and n3 are two of the "
        "three that are left. n1 and n4 are two of n1's three, elect n1, and know nothing of that.",
    ),
    Break(
        "read without read index", drafts.ReadsAtOnce, "FreshReads", old_read, 0.8,
        "Raft, section 8; thesis, section 6.4",
        "n1 is cut off, and does not know that the others have elected n2, which tells bob that his x is done. "
        "Then ann reads at n1, and there is nothing.",
    ),
)  # fmt: skip


def broken_by(draft: type[Raft]) -> Break:
    """The run that breaks a draft. Raises LookupError for a server that none breaks."""
    for found in BREAKS:
        if found.draft is draft:
            return found
    raise LookupError(f"draft is {draft.__name__}: runs break {', '.join(found.draft.__name__ for found in BREAKS)}")
