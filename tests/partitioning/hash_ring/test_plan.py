"""The plan of a change: exact, minimal, safe in its order, and refused where it does not fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import (
    Arc,
    Copy,
    HashRing,
    KetamaRing,
    Layout,
    Member,
    Plan,
    WrongPlan,
    blake,
    moves,
    plan,
)
from lessons.partitioning.hash_ring.hashing import CIRCLE
from lessons.partitioning.hash_ring.laws import exact
from tests.partitioning.hash_ring.kinds import KEYS, MANY, SOME, members
from tests.partitioning.hash_ring.test_ring import Tiny

ZONES = ("east", "west", None)


@st.composite
def changes(draw: st.DrawFn) -> tuple[HashRing, HashRing, int]:
    """A ring, the ring after any change of one node, and a number of copies that both can keep."""
    nodes = draw(members(least=2, zones=ZONES))
    kind = draw(st.sampled_from([Tiny, HashRing]))
    before = kind(nodes, vnodes=draw(st.integers(1, 6)))
    name, weight = draw(st.sampled_from(sorted(before.members))), draw(st.floats(0.25, 4))
    changed = [before.with_node("new", weight, "west"), before.without(name), before.with_weight(name, weight)]
    after = draw(st.sampled_from(changed))
    return before, after, draw(st.integers(1, min(3, len(before.members), len(after.members))))


@MANY
@given(changes())
def test_the_plan_applied_to_the_old_layout_gives_the_new_one(change: tuple[HashRing, HashRing, int]) -> None:
    assert exact(*change) is None


@MANY
@given(changes())
def test_a_layout_says_who_holds_a_key_and_the_plan_copies_just_the_keys_that_move(
    change: tuple[HashRing, HashRing, int],
) -> None:
    before, after, copies = change
    old, new, work = Layout.of(before, copies), Layout.of(after, copies), plan(*change)
    for key in map(str, range(40)):
        was, becomes = set(before.replicas(key, copies)), set(after.replicas(key, copies))
        place = before.hash(key)
        assert old.at(place) == was and new.at(place) == becomes
        copied = [copy for copy in work.copies if place in copy.arc]
        assert sorted(copy.target for copy in copied) == sorted(becomes - was)
        assert {copy.source for copy in copied} <= was
        assert sorted(drop.node for drop in work.drops if place in drop.arc) == sorted(was - becomes)


@MANY
@given(changes())
def test_at_no_moment_has_a_key_fewer_copies_than_it_had(change: tuple[HashRing, HashRing, int]) -> None:
    before, _, copies = change
    work = plan(*change)
    held = Layout.of(before, copies)
    for copy in work.copies:
        held = Plan(work.circle, (copy,), ()).apply(held)
    for drop in work.drops:
        held = Plan(work.circle, (), (drop,)).apply(held)
        assert min(map(len, held.holders)) >= copies


@SOME
@given(changes())
def test_with_a_second_copy_a_dead_node_is_asked_for_nothing(change: tuple[HashRing, HashRing, int]) -> None:
    before, after, copies = change
    if copies > 1:
        gone = {*before.members} - {*after.members}
        assert not gone & {copy.source for copy in plan(*change).copies}


def test_a_join_takes_its_share_from_everybody_and_gives_nothing() -> None:
    before = HashRing([f"n{number}" for number in range(9)])
    after = before.with_node("new")
    work = plan(before, after)
    assert {target for _, target in work.flows()} == {"new"}
    assert {source for source, _ in work.flows()} == set(before.members)
    assert work.moved == pytest.approx(0.1, abs=0.02)
    assert work.moved == pytest.approx(moves(before, after, KEYS).moved, abs=0.02)
    assert sum(work.flows().values()) == pytest.approx(work.moved)


def test_with_one_point_each_a_leaver_gives_all_to_one_neighbour_and_with_many_to_all() -> None:
    names = [f"n{number}" for number in range(8)]
    for vnodes, takers in ((1, 1), (160, 7)):
        ring = HashRing(names, vnodes)
        assert len(plan(ring, ring.without("n3")).flows()) == takers


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_so_many_copies_move_so_many_times_the_newcomers_share(copies: int) -> None:
    before = HashRing([f"n{number}" for number in range(9)])
    assert plan(before, before.with_node("new"), copies).moved == pytest.approx(copies / 10, abs=0.02)


def test_a_plan_for_the_whole_circle() -> None:
    a, b = HashRing(["a"], vnodes=1), HashRing(["b"], vnodes=1)
    work = plan(a, b)
    assert work.moved == 1 and work.flows() == {("a", "b"): 1}
    assert work.apply(Layout.of(a)) == Layout.of(b) != Layout.of(a)
    assert plan(a, a) == Plan(CIRCLE, (), ())


def test_rings_whose_points_differ_and_whose_owners_do_not_need_no_plan() -> None:
    one, other = HashRing(["a"], vnodes=3), HashRing(["a"], vnodes=7)
    assert Layout.of(one) == Layout.of(other) and plan(one, other).copies == ()


def test_an_arc_goes_round_the_end_of_the_circle() -> None:
    inside, around, all_of_it = Arc(3, 9), Arc(9, 3), Arc(5, 5)
    assert [place in inside for place in (3, 4, 9, 10)] == [False, True, True, False]
    assert [place in around for place in (3, 4, 9, 10)] == [True, False, False, True]
    assert all(place in all_of_it for place in range(16))
    assert [arc.length(16) for arc in (inside, around, all_of_it)] == [6, 10, 16]


@SOME
@given(changes())
def test_arcs_are_disjoint_and_in_order(change: tuple[HashRing, HashRing, int]) -> None:
    arcs = sorted({copy.arc for copy in plan(*change).copies})
    assert all(one.end <= other.start for one, other in pairwise(arcs) if one.start < one.end)


def test_a_plan_is_refused_by_a_layout_that_it_was_not_made_for() -> None:
    ab, cd = HashRing(["a", "b"]), HashRing(["c", "d"])
    work = plan(ab, ab.with_node("c"))
    layout = Layout.of(cd)
    with pytest.raises(WrongPlan, match=r"cannot be done: '[ab]' does not hold all of it, but \['[cd]'"):
        work.apply(layout)
    assert layout == Layout.of(cd)
    with pytest.raises(WrongPlan, match="the layout is of a circle of 4294967296 places, the plan of one of"):
        work.apply(Layout.of(KetamaRing(["a", "b"])))


def test_a_plan_done_twice_is_refused() -> None:
    ab = HashRing(["a", "b"])
    work = plan(ab, ab.with_node("c"))
    with pytest.raises(WrongPlan):
        work.apply(work.apply(Layout.of(ab)))


def test_no_plan_leads_from_one_circle_to_another_or_to_more_copies_than_nodes() -> None:
    with pytest.raises(ValueError, match=r"before has a circle of .* places, after one of"):
        plan(HashRing(["a"]), KetamaRing(["a"]))
    with pytest.raises(ValueError, match="count is 2: it must be 1 to 1, the number of nodes"):
        plan(HashRing(["a", "b"]), HashRing(["a"]), copies=2)


def test_the_plan_of_a_change_of_weight_is_about_that_node() -> None:
    before = HashRing(["a", "b", Member("c", 2)])
    more, less = plan(before, before.with_weight("c", 4)), plan(before, before.with_weight("c", 1))
    assert {target for _, target in more.flows()} == {"c"} == {source for source, _ in less.flows()}
    assert all(isinstance(copy, Copy) and copy.arc.length(CIRCLE) > 0 for copy in more.copies)
    key = next(key for key in KEYS if any(blake(key) in copy.arc for copy in more.copies))
    assert before.with_weight("c", 4).owner(key) == "c" != before.owner(key)
