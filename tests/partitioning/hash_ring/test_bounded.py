"""Bounded loads: no node over its bound, one key at a time or all at once, and no key without a place."""

from __future__ import annotations

from collections import Counter
from math import ceil, inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import BoundedLoad, HashRing, Jump, Maglev, Member, Rendezvous, balance, moves
from tests.partitioning.hash_ring.kinds import KEYS, MANY, SOME, members

TEN = [f"n{number}" for number in range(10)]


@SOME
@given(members(), st.floats(1, 3), st.integers(0, 200))
def test_placed_all_at_once_no_node_is_over_its_bound(nodes: list[Member], factor: float, many: int) -> None:
    placement = BoundedLoad(HashRing(nodes, vnodes=5), factor)
    placed = placement.place(KEYS[:many])
    assert sorted(placed) == sorted(KEYS[:many])
    for name, load in Counter(placed.values()).items():
        assert load <= placement.capacity(name, many) < factor * many * placement.share(name) + 1


@SOME
@given(st.permutations(KEYS[:40]))
def test_placed_all_at_once_the_order_does_not_matter(keys: list[str]) -> None:
    placement = BoundedLoad(HashRing(TEN, vnodes=3))
    assert placement.place(keys) == placement.place(KEYS[:40])


@MANY
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(KEYS[:30])), max_size=120), st.floats(1, 2))
def test_one_at_a_time_nobody_is_given_a_key_over_the_bound(calls: list[tuple[bool, str]], factor: float) -> None:
    placement = BoundedLoad(HashRing(["a", "b", Member("c", 2)], vnodes=2), factor)
    for come, key in calls:
        if come:
            new = key not in placement.where
            name = placement.admit(key)
            assert placement.owner(key) == name == placement.admit(key)
            assert not new or placement.loads[name] <= placement.capacity(name, len(placement.where))
        elif key in placement.where:
            assert placement.release(key) in placement.members
        assert +placement.loads == Counter(placement.where.values())


def test_the_owner_has_it_while_there_is_room_and_the_next_in_preference_after_that() -> None:
    ring = HashRing(["a", "b", "c"], vnodes=1)
    placement = BoundedLoad(ring, 1)
    crowd = [key for key in KEYS if ring.owner(key) == "a"][:6]
    went = [placement.admit(key) for key in crowd]
    assert went[0] == "a" and set(Counter(went).values()) == {2}
    assert placement.cost("user:1") >= 2 and placement.entries == ring.entries + 3 + 6


def test_asking_changes_nothing() -> None:
    placement = BoundedLoad(HashRing(["a", "b"]), 1)
    assert placement.owner("k") == placement.owner("k") and not placement.where and not +placement.loads


@pytest.mark.parametrize("factor", [1.0, 1.1, 1.25, 2.0])
def test_the_bound_holds_where_the_ring_alone_is_far_over_it(factor: float) -> None:
    ring = HashRing(TEN, vnodes=1)
    assert balance(ring, KEYS).most > 2
    assert balance(BoundedLoad(ring, factor), KEYS).most <= ceil(factor * 200) / 200


def test_a_smaller_bound_moves_more_without_need() -> None:
    needless = []
    for factor in (1.05, 1.25, 2.0):
        placement = BoundedLoad(HashRing(TEN, vnodes=20), factor)
        needless.append(moves(placement, placement.with_node("n10"), KEYS).needless)
    assert needless[0] > needless[1] > needless[2] == 0


def test_a_change_of_the_nodes_places_admitted_keys_anew_within_the_bound() -> None:
    placement = BoundedLoad(HashRing(TEN))
    for key in KEYS[:300]:
        placement.admit(key)
    smaller = placement.without("n3").with_weight("n4", 2)
    assert set(smaller.where) == set(KEYS[:300]) and "n3" not in smaller.loads
    assert all(load <= smaller.capacity(name, 300) for name, load in smaller.loads.items())
    assert len(placement.where) == 300 and placement.loads["n3"] > 0


@pytest.mark.parametrize("inner", [HashRing(TEN), Rendezvous(TEN), Jump(TEN), Maglev(TEN, 1009)])
def test_any_placement_can_be_bounded(inner: Any) -> None:
    assert balance(BoundedLoad(inner, 1.1), KEYS).most <= 1.1


@pytest.mark.parametrize("factor", [0.99, 0, -1, nan, inf, 10**400, True, "2"])
def test_a_factor_that_leaves_keys_without_a_place_is_refused(factor: Any) -> None:
    with pytest.raises(ValueError, match=r"factor is .*: it must be a finite number, 1 or more"):
        BoundedLoad(HashRing(["a"]), factor)


def test_no_node_may_have_more_keys_than_there_are_however_large_the_factor() -> None:
    placement = BoundedLoad(HashRing(["a", "b"]), 1e308)
    assert placement.capacity("a", 7) == 7 and len(placement.place([f"key {each}" for each in range(7)])) == 7


def test_a_key_that_was_not_admitted_cannot_be_released() -> None:
    with pytest.raises(LookupError, match="key is 'k': it was not admitted"):
        BoundedLoad(HashRing(["a"])).release("k")
