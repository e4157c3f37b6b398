"""Maglev: the paper's example, an even table, few keys too many."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import Maglev, Member, moves
from lessons.partitioning.hash_ring.maglev import is_prime, permutation, populate
from tests.partitioning.hash_ring.kinds import KEYS, SOME, several

TEN = [f"n{number}" for number in range(10)]


def test_the_owners_of_keys_are_fixed() -> None:
    placement = Maglev(["ann", "bob", "cyd", "dan"])
    owners = "".join(placement.owner(f"user:{number}")[0] for number in range(40))
    assert owners == "dacdddacddcdcbdcdbcbdaabcbaddcccaacdacbc"


def test_the_papers_example_with_three_backends_and_after_one_has_left() -> None:
    # Eisenbud et al. 2016, table 1: B0 has offset 3 and skip 4, B1 0 and 2, B2 3 and 1.
    assert populate([(3, 4), (0, 2), (3, 1)], [1, 1, 1], 7) == [1, 0, 1, 0, 2, 2, 0]
    assert populate([(3, 4), (3, 1)], [1, 1], 7) == [0, 0, 0, 0, 1, 1, 1]  # 1 is B2 here


@SOME
@given(several)
def test_no_node_has_two_places_more_than_another(nodes: list[str]) -> None:
    counts = Counter(Maglev(nodes, size=1009).table)
    assert set(counts) == set(range(len(nodes))) and max(counts.values()) - min(counts.values()) <= 1


@SOME
@given(st.lists(st.floats(0.5, 8), min_size=2, max_size=6))
def test_places_follow_the_weights(weights: list[float]) -> None:
    placement = Maglev([Member(f"n{number}", weight) for number, weight in enumerate(weights)], size=1009)
    counts = Counter(placement.names[node] for node in placement.table)
    for name in placement.members:
        assert abs(counts[name] - 1009 * placement.share(name)) <= 2 * len(weights)


@SOME
@given(st.text(min_size=1), st.sampled_from([2, 3, 7, 251, 65_537]))
def test_a_permutation_visits_every_place_once(name: str, size: int) -> None:
    offset, skip = permutation(name, size)
    assert 0 <= offset < size and 1 <= skip < size
    assert len({(offset + turn * skip) % size for turn in range(size)}) == size


def test_a_join_moves_a_little_more_than_it_must_and_a_larger_table_less_of_that() -> None:
    needless = []
    for size in (101, 1009, 10_007):
        placement = Maglev(TEN, size)
        measured = moves(placement, placement.with_node("n10"), KEYS)
        assert 0.06 < measured.moved - measured.needless < 0.13
        needless.append(measured.needless)
    assert needless[0] > needless[1] > needless[2] > 0


@pytest.mark.parametrize("size", [0, 1, 4, 65_536, -7, 7.0, True, None, (1 << 61) - 1, 10**400])
def test_a_size_that_is_no_prime_or_too_large_for_a_table_is_refused(size: Any) -> None:
    with pytest.raises(ValueError, match=r"size is .*: it must be a prime number, at most 16,777,216"):
        Maglev(["a"], size=size)


def test_a_table_with_fewer_places_than_nodes_is_refused() -> None:
    with pytest.raises(ValueError, match="size is 7: it must be at least 10, the number of nodes"):
        Maglev(TEN, size=7)


def test_a_node_whose_weight_gives_it_no_place_still_takes_copies() -> None:
    placement = Maglev([Member("a", 1000), Member("b", 1000), Member("c", 1)], size=11)
    assert "c" not in {placement.owner(key) for key in KEYS}
    assert sorted(placement.replicas("k", 3)) == ["a", "b", "c"]


def test_primes_are_known() -> None:
    assert [number for number in range(30) if is_prime(number)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    assert is_prime(65_537) and not is_prime(65_537 * 3)


def test_a_look_up_is_one_step_and_the_table_is_what_it_costs() -> None:
    placement = Maglev(TEN, 1009)
    assert placement.cost("k") == 1 and placement.entries == 1019
