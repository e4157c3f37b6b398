"""What is measured agrees with what theory says: balance of a ring, movement of a change."""

from __future__ import annotations

from statistics import fmean

import pytest

from lessons.partitioning.hash_ring import (
    HashRing,
    Member,
    Modulo,
    Rendezvous,
    balance,
    moves,
    ring_deviation,
)
from tests.partitioning.hash_ring.kinds import KEYS

MANY_KEYS = [f"key{number}" for number in range(20_000)]


@pytest.mark.parametrize("vnodes", [1, 10, 100])
def test_the_loads_of_a_ring_deviate_as_theory_says(vnodes: int) -> None:
    found = fmean(
        balance(HashRing([f"{cluster}-{number}" for number in range(10)], vnodes), MANY_KEYS).deviation
        for cluster in range(20)
    )
    assert found == pytest.approx(ring_deviation(10, vnodes, len(MANY_KEYS)), rel=0.2)


def test_the_deviation_falls_with_the_root_of_the_number_of_points() -> None:
    assert ring_deviation(100, 25, 10**9) / ring_deviation(100, 100, 10**9) == pytest.approx(2, rel=0.01)
    assert ring_deviation(1, 5, 100) == 0


def test_with_100_nodes_and_160_points_no_node_has_over_130_percent() -> None:
    keys = [f"user:{number}" for number in range(100_000)]
    ring = HashRing([f"node{number}" for number in range(100)])
    assert balance(ring, keys).most <= 1.30
    joined = moves(ring, ring.with_node("node100"), keys)
    assert joined.needless == 0 and joined.least == pytest.approx(1 / 101)
    assert joined.moved == pytest.approx(joined.least, rel=0.15)


def test_a_balance_is_relative_to_the_weights() -> None:
    found = balance(Rendezvous(["a", Member("b", 9)]), MANY_KEYS)
    assert found.least == pytest.approx(1, abs=0.05) and found.most == pytest.approx(1, abs=0.05)
    assert balance(Modulo(["a"]), KEYS) == balance(HashRing(["b"]), KEYS)


def test_nothing_moves_if_nothing_changes() -> None:
    ring = HashRing(["a", "b"])
    same = moves(ring, ring, KEYS)
    assert (same.moved, same.needless, same.least) == (0, 0, 0)


def test_a_move_between_two_that_did_not_change_is_needless() -> None:
    modulo = Modulo(["a", "b"])
    found = moves(modulo, modulo.with_node("c"), KEYS)
    assert found.moved == pytest.approx(2 / 3, abs=0.04)
    assert found.needless == pytest.approx(1 / 3, abs=0.04)


def test_no_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="keys is empty"):
        balance(HashRing(["a"]), [])
    with pytest.raises(ValueError, match="keys is empty"):
        moves(HashRing(["a"]), HashRing(["b"]), [])
