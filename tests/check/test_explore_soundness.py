"""Soundness: what makes the search smaller hides nothing, and nodes do alone what they do together."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from lessons.check import Explored, Explorer
from lessons.check.explore import REDUCTIONS
from lessons.sim import State
from tests.check.small_systems import FEW, SMALL, Plan, by_hand, libraries, shown, tables

PLANS = st.one_of(tables(), libraries())
BY_HAND = 4  # moves of a schedule: there are hundreds or thousands of such schedules
DEPTH = 6  # moves of a schedule that is searched for with merging alone

#: Each reduction but merging, left out by itself, and all but merging.
SUBSETS = [("sleeping",), ("domination",), ("sleeping", "domination")]


def explored(plan: Plan, *rules: Any, depth: int = DEPTH, without: tuple[str, ...] = ()) -> Explored:
    """What is found in a plan."""
    return Explorer(plan.build, invariants=rules, depth=depth, without=without, **plan.bounds).run()


def seen(plan: Plan, **options: Any) -> set[str]:
    """All that invariants are shown after the start."""
    found: set[str] = set()

    def look(state: State) -> None:
        found.add(shown(state))

    explored(plan, look, **options)
    return found


@given(PLANS)
@FEW
def test_the_schedules_and_what_they_show_are_those_found_by_hand(plan: Plan) -> None:
    found = by_hand(plan, BY_HAND)
    assert explored(plan, depth=BY_HAND, without=REDUCTIONS).states == len(found)
    assert seen(plan, depth=BY_HAND, without=REDUCTIONS) == set(found)
    assert seen(plan, depth=BY_HAND) == set(found)


@given(PLANS)
@SMALL
def test_no_reduction_hides_a_state_from_the_invariants(plan: Plan) -> None:
    everything = seen(plan, without=SUBSETS[-1])
    assert seen(plan) == everything
    for without in SUBSETS:
        assert seen(plan, without=without) == everything


@given(PLANS, st.randoms(use_true_random=False))
@FEW
def test_the_counter_example_is_as_short_as_that_of_the_search_of_all_schedules(plan: Plan, chance: Any) -> None:
    bad = chance.choice(sorted(seen(plan)))

    def never(state: State) -> bool:
        return shown(state) != bad

    lengths = {len(explored(plan, never, without=without).schedule) for without in [(), *SUBSETS]}
    assert len(lengths) == 1


class Order:
    """Remembers in which order changes came, in a few bits; breaks in one of them."""

    bad = 0

    def __init__(self) -> None:
        self.last, self.bits = "", 1

    def __call__(self, state: State) -> bool:
        now = shown(state)
        if now != self.last:
            self.last, self.bits = now, (5 * self.bits + crc32(now.encode())) % 7
        return self.bits != self.bad


@given(PLANS, st.integers(0, 6))
@SMALL
def test_a_rule_that_remembers_the_order_of_changes_is_broken_by_the_same_lengths(plan: Plan, bad: int) -> None:
    rule = type("Order", (Order,), {"bad": bad})
    # Where nothing is broken a search without domination may be at its bound of depth, and one with it at the end.
    found = [explored(plan, rule, without=without) for without in [(), *SUBSETS]]
    assert len({(each.outcome == "violated", len(each.schedule)) for each in found}) == 1
