"""Each first draft breaks a promise, and the right version keeps them all under the same seeds."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.check import holds
from lessons.replication.crdts.broadcast import CausalBroadcast
from lessons.replication.crdts.drafts import (
    ClockRegisters,
    Hasty,
    InOrderOfAuthor,
    MaxCounters,
    NamedRegisters,
    PlainSets,
    PositionTexts,
    WholeSeconds,
)
from lessons.replication.crdts.gossip import DeltaGossip, StateGossip
from lessons.replication.crdts.runs import NETWORK, TROUBLE, agreed, crdt_run
from lessons.sim import Nemesis

SKEW = Nemesis(("clock_step",), every=0.3, lasting=0.5)
CASES = [
    (MaxCounters, StateGossip, "g-counter", None, "NothingLost", 55),
    (PlainSets, StateGossip, "or-set", None, "NothingBack", 40),
    (NamedRegisters, StateGossip, "lww-register", None, "Converged", 40),
    (ClockRegisters, WholeSeconds, "lww-register", None, "Converged", 40),
    (ClockRegisters, WholeSeconds, "lww-register", SKEW, "NothingBack", 2),
    (Hasty, DeltaGossip, "or-set", TROUBLE, "Kept", 15),
    (PositionTexts, CausalBroadcast, "text", None, "Converged", 40),
    (InOrderOfAuthor, CausalBroadcast, "or-set", None, "NothingBack", 1),
]


@pytest.mark.parametrize(("draft", "right", "kind", "trouble", "promise", "least"), CASES)
def test_a_draft_breaks_a_promise_that_the_right_version_keeps(
    draft: Any, right: Any, kind: str, trouble: Nemesis | None, promise: str, least: int
) -> None:
    runs = [crdt_run(seed, draft, kind, trouble=trouble).run(until=4) for seed in range(60)]
    broken = [run.violation.invariant for run in runs if run.violation]
    assert broken.count(promise) >= least
    for seed in range(60):
        sim = crdt_run(seed, right, kind, trouble=trouble)
        holds(sim.run(until=5))
        assert agreed(sim), f"seed {seed}"


def test_a_register_that_takes_over_a_name_divides_two_replicas_for_ever() -> None:
    """Bob's register takes ann's name with her value; then both write as ann, at the same time."""
    write = "write"
    script = {"ann": ((0.1, write, ("tea",)), (1.0, write, ("milk",))), "bob": ((1.0, write, ("jam",)),)}
    sim = crdt_run(1, NamedRegisters, "lww-register", names=("ann", "bob"), network=NETWORK, script=script)
    violation = sim.run(until=5).violation
    assert violation is not None and violation.invariant == "Converged"
    right = crdt_run(1, StateGossip, "lww-register", names=("ann", "bob"), network=NETWORK, script=script)
    holds(right.run(until=5))
    assert agreed(right)
