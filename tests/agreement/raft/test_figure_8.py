"""Figure 8 of the paper: why a leader does not commit an entry of an older term by counting its copies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import Raft
from lessons.agreement.raft.drafts import CountsReplicas
from tests.agreement.raft.troupe import STEADY, Troupe

#: Part (b): S1 led term 2 and reached S2 only; S5 was elected in term 3 by S3, S4 and itself.
PART_B = {"s1": (1, 2), "s2": (1, 2), "s3": (1,), "s4": (1,), "s5": (1, 3)}


def part_c(kind: type[Raft]) -> Troupe:
    """S5 is away, S1 leads again, in term 4: the entry of term 2 is on a majority, that of term 4 on S1 and S2."""
    troupe = Troupe(PART_B, term=3, kind=kind, options=replace(STEADY, batch=1))
    troupe.sim.faults.crash("s5")
    troupe.sim.faults.cut("s1", "s4")
    troupe.elect("s1")
    troupe.until(lambda: troupe.server("s1").progress["s3"].match == 2)
    assert [troupe.terms(name) for name in ("s1", "s2", "s3")] == [[1, 2, 4], [1, 2, 4], [1, 2]]
    return troupe


def part_d(troupe: Troupe) -> None:
    """S1 is away; S5 comes back, is elected in term 5 by S3, S4 and itself, and all become like it."""
    troupe.sim.faults.isolate("s1")  # what it has sent last does not arrive
    troupe.sim.faults.crash("s1")
    troupe.sim.faults.restart("s5")
    troupe.stand("s5")  # in term 4, which others know already
    troupe.wait(0.1)
    troupe.elect("s5")
    troupe.wait(1.5)
    assert [troupe.terms(name) for name in ("s2", "s3", "s4")] == [[1, 3, 5]] * 3


def test_an_entry_of_an_older_term_on_a_majority_is_not_committed() -> None:
    assert part_c(Raft).server("s1").commit == 0


def test_so_that_it_may_still_be_overwritten() -> None:
    troupe = part_c(Raft)
    part_d(troupe)
    troupe.sim.faults.heal()
    troupe.sim.faults.restart("s1")
    troupe.wait(1.5)
    assert troupe.server("s1").machine.text == troupe.server("s5").machine.text
    assert troupe.terms("s1") == [1, 3, 5]


def test_a_leader_that_counts_copies_commits_it_and_it_is_overwritten_all_the_same() -> None:
    troupe = part_c(CountsReplicas)
    assert troupe.server("s1").commit == 2
    part_d(troupe)
    assert (troupe.server("s5").commit, troupe.terms("s5")) == (3, [1, 3, 5])


@pytest.mark.parametrize("kind", [Raft, CountsReplicas])
def test_once_an_entry_of_the_leaders_own_term_is_on_a_majority_nobody_without_it_is_elected(kind: type[Raft]) -> None:
    troupe = part_c(kind)
    troupe.until(lambda: troupe.server("s1").progress["s3"].match == 3)
    assert troupe.server("s1").commit == 3
    troupe.sim.faults.crash("s1")
    troupe.sim.faults.restart("s5")
    troupe.wait(0.1)
    for _ in range(3):
        troupe.stand("s5")
        troupe.wait(0.1)
        assert troupe.server("s5").role.value != "leader"
