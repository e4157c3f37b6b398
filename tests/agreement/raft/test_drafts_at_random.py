"""Random faults find most drafts, too, with some seeds; Raft comes through the same runs.

They don't find all: of 600 trials 1 breaks CountsReplicas, and none breaks StepsAtOnce. For these
one must know what to look for.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lessons.agreement.raft import Options, Raft, drafts
from lessons.agreement.raft.breaks import PROGRESS
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.raft.runs import TROUBLE, raft_run, trial
from lessons.sim import Link, LogNormal, Nemesis, Simulation

CLOSE = Options(election=(0.15, 0.19), pre_vote=False, check_quorum=False)
PAPER = Options(pre_vote=False, check_quorum=False)
SLOW = Link(LogNormal(0.02, 0.5), loss=0.05)
CRASHES = Nemesis(("crash",), every=0.2, lasting=0.6)
CUTS = Nemesis(("crash", "partition"), every=0.15, lasting=0.3)
FULL = Nemesis(("full_disk", "crash"), every=0.1, lasting=0.3)
PAUSES = Nemesis(("pause",), every=0.2, lasting=0.4)

SEEDS = 20  # at most

Build = Callable[[int, type[Raft]], Simulation]


def verdict(sim: Simulation) -> str | None:
    """What is broken within 4 seconds; the last fault is over after 2."""
    violation = sim.run(4.0).violation
    if violation is not None:
        return violation.invariant
    return None if leader_of(sim.state) else PROGRESS


@pytest.mark.parametrize(
    ("draft", "broken", "build"),
    [
        (drafts.ForgetsVotes, "Persistence", lambda seed, kind: raft_run(seed, 3, kind, trouble=TROUBLE, until=2.0)),
        (
            drafts.StaysInTerm, PROGRESS,
            lambda seed, kind: raft_run(
                seed, 3, kind, commands=3, options=CLOSE, network=SLOW, trouble=CRASHES, until=2.0
            ),
        ),
        (drafts.CountsVotes, "ElectionSafety", lambda seed, kind: trial(seed, 3, kind)),
        (
            drafts.TrustsMemory, "LogMatching",
            lambda seed, kind: raft_run(seed, 5, kind, commands=100, trouble=FULL, until=2.0),
        ),
        (
            drafts.AnswersEarly, "Confirmed",
            lambda seed, kind: raft_run(
                seed, 3, kind, commands=100, options=PAPER, network=SLOW, trouble=CUTS, until=2.0
            ),
        ),
        (
            drafts.ReadsAtOnce, "FreshReads",
            lambda seed, kind: raft_run(seed, 3, kind, commands=100, reads=100, trouble=PAUSES, until=2.0),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_random_faults_find_the_draft_and_raft_comes_through_the_same_runs(
    draft: type[Raft], broken: str, build: Build
) -> None:
    found = next((seed for seed in range(SEEDS) if verdict(build(seed, draft)) == broken), None)
    assert found is not None
    assert {verdict(build(seed, Raft)) for seed in range(found + 1)} == {None}
