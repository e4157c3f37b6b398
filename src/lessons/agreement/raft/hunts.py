"""Hunts: small clusters of which an explorer looks at every schedule, to find what each first draft breaks.

    for hunt in HUNTS:
        print(hunt.look(hunt.draft))        # the shortest schedule that breaks the invariant
        print(hunt.look(Raft, depth=hunt.moves))

No partition is needed where a message may be late as long as it likes. A draft that makes no progress
breaks no invariant, so it is not hunted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from lessons.agreement.raft import drafts
from lessons.agreement.raft.breaks import NEVER, cluster
from lessons.agreement.raft.raft import Raft
from lessons.check import Explored, Explorer

if TYPE_CHECKING:
    from lessons.sim import Simulation


LED = {"n1": 0.15, "n2": NEVER, "n3": NEVER}  # election timeouts of servers of which n1 leads first


def no_leader(kind: type[Raft]) -> Simulation:
    """Three servers, of which nobody leads yet."""
    return cluster(kind, dict.fromkeys(LED, NEVER))


def full_disk(kind: type[Raft]) -> Simulation:
    """n1 leads; some time n2's disk is full, some time x is proposed, some time there is room again."""
    sim = cluster(kind, LED, ann="n1")
    sim.at(0.3).limit_disk("n2", 0)
    sim.at(0.3).ask("ann", "propose", ["x"])
    sim.at(0.3).limit_disk("n2", None)
    return sim


def proposal(kind: type[Raft]) -> Simulation:
    """n1 leads, and x is proposed some time."""
    sim = cluster(kind, LED, ann="n1")
    sim.at(0.3).ask("ann", "propose", ["x"])
    return sim


def write_and_read(kind: type[Raft]) -> Simulation:
    """n1 leads; bob writes at n2, and then ann reads at n1."""
    sim = cluster(kind, LED, ann="n1", bob="n2")
    sim.at(0.3).ask("bob", "propose", ["x"])
    sim.at(0.3).ask("ann", "query")
    return sim


def two_terms(kind: type[Raft]) -> Simulation:
    """Figure 8, part (b): n1 has x of term 1 for itself, and n3 leads term 2 with an entry of its own."""
    sim = cluster(kind, {"n1": 0.140, "n2": NEVER, "n3": 0.160}, ann="n1")
    sim.at(0.185).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.190).ask("ann", "propose", ["x"])
    sim.at(0.300).heal()
    return sim


def two_changes(kind: type[Raft]) -> Simulation:
    """n1 has removed n2 for itself, n2 leads four servers, and is asked to remove n1 some time."""
    sim = cluster(kind, {"n1": 0.140, "n2": 0.160, "n3": NEVER, "n4": NEVER}, ann="n1", bob="n2")
    sim.at(0.185).bridge("ann", ["n1"], ["n2", "n3", "n4"])
    sim.at(0.190).ask("ann", "change_members", [["n1", "n3", "n4"], [], False])
    sim.at(0.300).heal()
    sim.at(0.400).ask("bob", "change_members", [["n2", "n3", "n4"], [], False])
    return sim


def two_halves(kind: type[Raft]) -> Simulation:
    """Four servers are cut in the middle, and n1 has asked n2 once."""
    sim = cluster(kind, {"n1": 0.12, "n2": NEVER, "n3": NEVER, "n4": NEVER})
    sim.at(0.0).partition(["n1", "n2"])
    return sim


@dataclass(frozen=True)
class Hunt:
    """Where to look for the ``invariant`` that a draft breaks, within ``bounds`` (see ``Explorer``).

    ``moves`` is the length of the shortest schedule that breaks it.
    """

    draft: type[Raft]
    invariant: str
    build: Callable[[type[Raft]], Simulation]
    moves: int
    bounds: dict[str, Any] = field(default_factory=dict)

    def look(self, kind: type[Raft], **options: Any) -> Explored:
        """Look at all that servers of this ``kind`` may do; ``options`` are more bounds, or other ones."""
        return Explorer(partial(self.build, kind), **{**self.bounds, **options}).run()


def timeouts(**allowed: int) -> dict[str, int]:
    """Bounds: how often the election timeout of each server may come."""
    return {f"{server}.election_timeout": number for server, number in allowed.items()}


HUNTS = (
    Hunt(drafts.ForgetsVotes, "ElectionSafety", no_leader, 8, {"timers": timeouts(n1=1, n3=1), "crashes": {"n2": 1}}),
    Hunt(drafts.AnswersEarly, "Confirmed", proposal, 11, {"after": 0.2, "timers": timeouts(n2=1)}),
    Hunt(drafts.ReadsAtOnce, "FreshReads", write_and_read, 16, {"after": 0.2, "timers": timeouts(n2=1)}),
    Hunt(
        drafts.TrustsMemory,
        "LeaderCompleteness",
        full_disk,
        13,
        {"after": 0.2, "timers": timeouts(n3=1), "crashes": {"n2": 1}},
    ),
    Hunt(drafts.CountsVotes, "ElectionSafety", two_halves, 11, {"after": 0.13, "timers": timeouts(n1=1, n3=2)}),
    Hunt(drafts.StepsAtOnce, "LeaderCompleteness", two_changes, 8, {"after": 0.356, "timers": timeouts(n1=1)}),
    Hunt(drafts.CountsReplicas, "LeaderCompleteness", two_terms, 12, {"after": 0.356, "timers": timeouts(n1=1, n3=1)}),
)
