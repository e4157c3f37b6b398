"""Bounded loads: no node over its bound, one key at a time or all at once, and no key without a place."""

from __future__ import annotations

from collections import Counter
from math import ceil, inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import BoundedLoad, HashRing, Jump, Key, Maglev, Member, Rendezvous, balance, moves
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


CALLS = st.lists(st.tuples(st.booleans(), st.sampled_from([*KEYS[:25], *(key.encode() for key in KEYS[:3])])))
SMALL = {
    "one point each": HashRing(["a", "b", Member("c", 2)], vnodes=1),
    "three points each": HashRing(["a", "b", "c", Member("d", 0.5)], vnodes=3),
    "rendezvous": Rendezvous(["a", Member("b", 3), "c"]),
}


@pytest.mark.parametrize("inner", SMALL)
@MANY
@given(CALLS, st.floats(1, 2))
def test_one_at_a_time_no_node_is_ever_over_its_bound_and_all_are_where_they_would_be_at_once(
    inner: str, calls: list[tuple[bool, Key]], factor: float
) -> None:
    placement = BoundedLoad(SMALL[inner], factor)
    for come, key in calls:
        before = dict(placement.where)
        moved = placement.admit(key) if come else placement.release(key) if key in before else {}
        assert placement.where == placement.place(list(placement.where))
        assert moved == {key: name for key, name in placement.where.items() if before.get(key) != name}
        assert +Counter(placement.loads) == Counter(placement.where.values())
        for name, load in placement.loads.items():
            assert load == 0 or load <= placement.capacity(name, len(placement.where))


def test_when_keys_go_the_bound_falls_and_who_is_over_it_gives_keys_away() -> None:
    placement = BoundedLoad(HashRing(["a", "b"], vnodes=1), 1.25)
    for key in KEYS[:10]:
        placement.admit(key)
    fuller, other = sorted(placement.members, key=lambda name: -placement.loads[name])
    assert (placement.loads[fuller], placement.loads[other]) == (7, 3)
    moved = [placement.release(key) for key, name in dict(placement.where).items() if name == other]
    assert [set(each.values()) for each in moved] == [{other}, {other}, set()]
    assert placement.loads == {fuller: 5, other: 2} and placement.capacity(fuller, 7) == 5


def test_the_owner_has_it_while_there_is_room_and_the_next_in_preference_after_that() -> None:
    ring = HashRing(["a", "b", "c"], vnodes=1)
    placement = BoundedLoad(ring, 1)
    crowd = sorted([key for key in KEYS if ring.owner(key) == "a"][:6], key=ring.hash)
    went = [placement.admit(key)[key] for key in crowd]
    assert went[0] == "a" and set(placement.loads.values()) == {2}
    assert placement.cost("user:1") >= 2 and placement.entries >= ring.entries + 3 + 6


def test_a_key_of_precedence_drives_another_out_and_when_it_goes_the_other_comes_back() -> None:
    ring = HashRing(["a", "b", "c"], vnodes=1)
    placement = BoundedLoad(ring, 1)
    first, *_, last = sorted([key for key in KEYS if ring.owner(key) == "a"], key=ring.hash)
    nexts = list(ring.preference(last))
    assert placement.admit(last) == {last: "a"} and placement.admit(last) == {}
    assert placement.admit(first) == {first: "a", last: nexts[1]}
    assert placement.release(first) == {last: "a"}


def test_asking_changes_nothing_and_tells_where_a_key_would_be() -> None:
    placement = BoundedLoad(HashRing(TEN, vnodes=3), 1.05)
    for key in KEYS[:100]:
        before = dict(placement.where)
        name = placement.owner(key)
        assert placement.where == before and placement.owner(key) == name == placement.admit(key)[key]
    assert BoundedLoad(HashRing(["a", "b"]), 1).owner("k") in "ab"


@pytest.mark.parametrize(("factor", "most"), [(1.05, 4.0), (1.25, 0.8), (2.0, 0.05)])
def test_a_key_that_comes_or_goes_moves_few_others(factor: float, most: float) -> None:
    placement = BoundedLoad(HashRing([f"n{number}" for number in range(50)], vnodes=20), factor)
    for key in KEYS:
        placement.admit(key)
    moved = [len(placement.release(key)) + len(placement.admit(f"new {key}")) - 1 for key in KEYS[:300]]
    assert sum(moved) / 600 < most


def test_a_key_given_twice_is_one_key() -> None:
    placement = BoundedLoad(HashRing(["a", "b"], vnodes=1), 1)
    assert placement.place(["k", "k"]) == placement.place(["k"])
    assert placement.place(["k", b"k"]) == placement.place([b"k", "k"])


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
