"""Each first draft breaks a named law, and the real placement keeps it on the same nodes and keys.

What real systems of this kind got wrong, where this chapter shows it, and what keeps it right:

    three copies on one machine            NextTwo, law distinct            Placement.replicas
    copies in one zone                     test_laws.ZoneBlind, law apart   Placement.spread
    fewer copies than asked for, silently  NextTwo                          Placement.check_count raises
    a hash that differs in each process    builtin, law agreed              blake, crc
    a place that two nodes share           PrefixRing, law settled          places sorted with their names
    short places, unfair shares            PrefixRing, law balanced         64 bits
    nearly all keys move                   Modulo, law settled              every other placement
    no virtual nodes: an empty ring        -                                HashRing raises
    one neighbour takes all of a leaver    HashRing with vnodes=1           virtual nodes (test_plan)
    the new owner is empty                 runs.Cache                       Plan: copy, then drop
"""

from __future__ import annotations

from collections import Counter

import pytest

from lessons.partitioning.hash_ring import HashRing, Member, Modulo
from lessons.partitioning.hash_ring.drafts import NextTwo, PrefixRing, asked_elsewhere, builtin
from lessons.partitioning.hash_ring.laws import agreed, balanced, distinct, settled
from tests.partitioning.hash_ring.kinds import KEYS

THREE = ["ann", "bob", "cyd"]
TEN = [f"n{number}" for number in range(10)]


@pytest.mark.parametrize("nodes", [THREE, TEN])
def test_the_next_two_points_are_often_no_other_machines(nodes: list[str]) -> None:
    assert distinct(NextTwo(nodes), KEYS, 3) is not None
    assert distinct(HashRing(nodes), KEYS, 3) is None


@pytest.mark.parametrize(("nodes", "three", "one"), [(3, 2 / 9, 1 / 9), (5, 12 / 25, 1 / 25), (10, 72 / 100, 1 / 100)])
def test_how_often_three_copies_are_three_is_what_chance_says(nodes: int, three: float, one: float) -> None:
    rings = [NextTwo([f"{cluster}-{number}" for number in range(nodes)]) for cluster in range(10)]
    machines = Counter(len(ring.replicas(key, 3)) for ring in rings for key in KEYS[:1000])
    assert machines[3] / 10_000 == pytest.approx(three, abs=0.03)
    assert machines[1] / 10_000 == pytest.approx(one, abs=0.02)


def test_the_smallest_cluster_in_which_all_three_copies_are_on_one_machine() -> None:
    def collapses(vnodes: int) -> bool:
        return any(len(NextTwo(THREE, vnodes).replicas(key, 3)) == 1 for key in KEYS)

    assert next(vnodes for vnodes in range(1, 99) if collapses(vnodes)) == 3
    assert distinct(HashRing(THREE, vnodes=3), KEYS, 3) is None


def test_two_processes_disagree_about_pythons_hash_and_agree_about_blake2() -> None:
    keys = KEYS[:200]
    one, other = (asked_elsewhere(TEN, keys, "builtin", seed) for seed in (1, 2))
    assert agreed(one, other, keys) is not None
    assert sum(a != b for a, b in zip(one, other, strict=True)) > 150
    one, other = (asked_elsewhere(TEN, keys, "blake", seed) for seed in (1, 2))
    assert agreed(one, other, keys) is None
    assert one == HashRing(TEN).owners(keys)


def test_pythons_hash_is_a_number_of_64_bits_all_the_same() -> None:
    assert all(0 <= builtin(key) < 1 << 64 for key in KEYS)


def test_two_digits_of_a_digest_share_unfairly_and_more_points_make_it_worse() -> None:
    assert balanced(PrefixRing(TEN, vnodes=100), KEYS, 2) is not None
    assert balanced(HashRing(TEN, vnodes=100), KEYS, 2) is None
    worst = [max(Counter(PrefixRing(TEN, vnodes).owners(KEYS)).values()) for vnodes in (10, 50, 200)]
    assert worst[0] < worst[1] < worst[2]


def test_a_shared_place_takes_a_neighbours_keys_away_when_a_node_leaves() -> None:
    draft = PrefixRing(TEN, vnodes=20, digits=3)
    said = [settled(draft, draft.without(name), KEYS) for name in TEN]
    assert any(said) and all(each is None or "neither of them has changed" in each for each in said)
    ring = HashRing(TEN, vnodes=20)
    assert not any(settled(ring, ring.without(name), KEYS) for name in TEN)


def test_the_order_of_joining_decides_who_gets_a_shared_place() -> None:
    one, other = PrefixRing(THREE), PrefixRing(THREE[::-1])
    assert agreed(one.owners(KEYS), other.owners(KEYS), KEYS) is not None
    assert agreed(HashRing(THREE).owners(KEYS), HashRing(THREE[::-1]).owners(KEYS), KEYS) is None


def test_with_enough_digits_the_draft_is_right() -> None:
    draft = PrefixRing(TEN, digits=16)
    assert balanced(draft, KEYS, 2) is None
    assert settled(draft, draft.without("n3"), KEYS) is settled(draft, draft.with_node("x"), KEYS) is None
    assert sorted(draft.preference("k")) == TEN and draft.entries > 2000 and draft.cost("k") == 10


@pytest.mark.parametrize("nodes", range(1, 12))
def test_modulo_moves_all_but_one_key_in_n(nodes: int) -> None:
    modulo = Modulo([f"n{number}" for number in range(nodes)])
    larger = modulo.with_node("new")
    moved = sum(modulo.owner(key) != larger.owner(key) for key in KEYS) / len(KEYS)
    assert moved == pytest.approx(nodes / (nodes + 1), abs=0.03)
    assert (settled(modulo, larger, KEYS) is None) is (nodes == 1)


def test_a_ring_of_one_point_each_spreads_badly() -> None:
    assert balanced(HashRing(TEN, vnodes=1), KEYS, 2) is not None
    assert balanced(HashRing([Member(name) for name in TEN], vnodes=160), KEYS, 1.35) is None
