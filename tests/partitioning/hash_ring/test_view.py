"""The pictures of the chapter show what the ring says."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from lessons.partitioning.hash_ring import HashRing, Member
from lessons.partitioning.hash_ring.hashing import CIRCLE
from lessons.partitioning.hash_ring.view import IN_THE_PAGE, KEYS, WITH_A_KERNEL, ring_view, state, walk, walk_picture

STATES = random.Random(1).sample(list(IN_THE_PAGE.states()), 12)


@pytest.mark.parametrize(("weights", "vnodes"), [*STATES, ((4, 0, 1, 3, 0, 2, 0, 1), 256)])
def test_a_state_has_the_points_of_its_nodes_and_the_keys_that_they_own(weights: tuple[int, ...], vnodes: int) -> None:
    there = {name: weight for name, weight in zip(WITH_A_KERNEL.nodes, weights, strict=False) if weight}
    ring = HashRing([Member(name, weight) for name, weight in there.items()], vnodes)
    shown = state(there, vnodes)
    owned = Counter(ring.owners([f"user:{number}" for number in range(KEYS)]))
    assert shown.loads == {name: owned[name] for name in there}
    assert shown.points == {name: [place / CIRCLE for place in ring.points_of(name)] for name in there}
    assert {name: len(places) for name, places in shown.points.items()} == {
        name: weight * vnodes for name, weight in there.items()
    }


def test_the_page_has_every_state_that_a_reader_can_choose() -> None:
    document = ring_view().document
    assert len(document["loads"]) == len(list(IN_THE_PAGE.states())) == (3**5 - 1) * 4
    assert {sum(loads) for loads in document["loads"].values()} == {KEYS}


def test_a_walk_stops_at_the_copies_in_their_order() -> None:
    ring = HashRing(["ann", "bob", "cyd", "dan"], 8)
    for number in range(100):
        key = f"user:{number}"
        stops = list(walk(ring, key, 3))
        assert [stop.label for stop in stops if stop.taken] == ring.replicas(key, 3)
        assert stops[-1].taken and len(stops) >= 3
        again = [stop.label for stop in stops if not stop.taken]
        assert all(label in ring.replicas(key, 3) for label in again)


def test_a_walk_says_in_words_where_it_stopped() -> None:
    ring = HashRing([Member("ann", zone="east"), Member("bob", zone="east"), Member("cyd", zone="west")], 4)
    stops = list(walk(ring, "user:7", 2))
    alt = walk_picture(ring, "user:7", 2, "").alt
    assert all(f"{stop.label}: {'a copy' if stop.taken else 'none'}" in alt for stop in stops)
