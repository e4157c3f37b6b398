"""Rendezvous: the highest bid wins, in proportion to the weights, and nobody moves for nothing."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import Member, Rendezvous
from lessons.partitioning.hash_ring.hashing import LAST
from lessons.partitioning.hash_ring.rendezvous import rating
from tests.partitioning.hash_ring.kinds import KEYS, SOME, loads


def test_the_owners_of_keys_are_fixed() -> None:
    placement = Rendezvous(["ann", "bob", "cyd", "dan"])
    owners = "".join(placement.owner(f"user:{number}")[0] for number in range(40))
    assert owners == "cbcacabddaaacddacdbdccdbcbbabdbaabcddcab"


@pytest.mark.parametrize("number", [0, 1, 4095, 4096, 1 << 63, LAST - 1, LAST])
def test_a_rating_is_finite_and_positive_for_every_hash(number: int) -> None:
    assert isfinite(rating(1.0, number)) and rating(1.0, number) > 0


@SOME
@given(st.integers(0, LAST), st.integers(0, LAST), st.floats(0.01, 100))
def test_a_greater_hash_and_a_greater_weight_never_bid_less(one: int, other: int, weight: float) -> None:
    low, high = sorted((one, other))
    assert rating(weight, low) <= rating(weight, high) < rating(2 * weight, high)


def test_shares_are_those_of_the_weights_within_chance() -> None:
    placement = Rendezvous(["a", Member("b", 2), Member("c", 0.5), Member("d", 6.5)])
    for name, load in loads(placement).items():
        share = placement.share(name)
        deviation = (len(KEYS) * share * (1 - share)) ** 0.5
        assert abs(load - len(KEYS) * share) < 4 * deviation, name


def test_a_look_up_asks_every_node() -> None:
    placement = Rendezvous([f"n{number}" for number in range(50)])
    assert placement.cost("k") == 50 and placement.entries == 100
