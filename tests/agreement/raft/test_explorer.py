"""The explorer against Raft: every draft that breaks a safety property is found, by a shortest schedule; no Raft is."""

from __future__ import annotations

import pytest

from lessons.agreement.raft import Raft
from lessons.agreement.raft.breaks import BREAKS, PROGRESS
from lessons.agreement.raft.hunts import HUNTS, Hunt
from lessons.check.explore import REDUCTIONS


def drafts(hunts: tuple[Hunt, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hunt", hunts, ids=[hunt.draft.__name__ for hunt in hunts])


@drafts(HUNTS)
def test_a_draft_is_found_by_a_shortest_schedule_and_raft_has_none_of_that_length(hunt: Hunt) -> None:
    found = hunt.look(hunt.draft)
    assert (found.outcome, found.invariant, len(found.schedule)) == ("violated", hunt.invariant, hunt.moves)
    assert found.trace.violation is not None and not found.remarks
    assert hunt.look(Raft, depth=hunt.moves).outcome != "violated"


def test_every_draft_that_breaks_a_safety_property_is_hunted() -> None:
    assert {hunt.draft for hunt in HUNTS} == {each.draft for each in BREAKS if each.invariant != PROGRESS}


@drafts(HUNTS[:2])
def test_with_reductions_there_are_ten_times_fewer_states(hunt: Hunt) -> None:
    few, many = (hunt.look(Raft, depth=8, without=without).states for without in ((), REDUCTIONS))
    assert 10 * few < many
