"""The ring: fixed owners, the next point clockwise, weights, points that collide, one key or many."""

from __future__ import annotations

import subprocess
import sys
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import HashRing, Member, crc
from lessons.partitioning.hash_ring.batch import Batch
from lessons.partitioning.hash_ring.laws import settled
from lessons.partitioning.hash_ring.ring import MOST_POINTS
from tests.partitioning.hash_ring.kinds import KEYS, SOME, loads, several

FOUR = ["ann", "bob", "cyd", "dan"]


class Tiny(HashRing):
    """A ring of 16 places, on which points meet all the time; keys are numbers as text."""

    circle = 16

    def __init__(self, nodes: Sequence[str | Member], vnodes: int = 3) -> None:
        super().__init__(nodes, vnodes, lambda key: int(key) % 16)

    def _options(self) -> dict[str, Any]:
        return {"vnodes": self.vnodes}

    def points_of(self, name: str) -> list[int]:
        return [place % 16 for place in super().points_of(name)]


PLACES = [str(place) for place in range(16)]


def test_the_owners_of_keys_are_fixed() -> None:
    # Made once, with Python 3.11: a change of the hash or of the points would send every user's keys elsewhere.
    owners = "".join(HashRing(FOUR).owner(f"user:{number}")[0] for number in range(40))
    assert owners == "acdadcaaccdbddaacbccbddcbbbdcaaabcbbdbdb"
    assert HashRing(FOUR).replicas("user:17", 3) == ["bob", "cyd", "ann"]


@SOME
@given(nodes=several, place=st.sampled_from(PLACES))
def test_a_key_belongs_to_the_first_point_at_its_place_or_after_it(nodes: list[str], place: str) -> None:
    ring = Tiny(nodes)
    distance = {name: min((point - int(place)) % 16 for point in ring.points_of(name)) for name in nodes}
    assert ring.owner(place) == min(nodes, key=lambda name: (distance[name], name))
    assert list(ring.preference(place)) == sorted(nodes, key=lambda name: (distance[name], name))


@SOME
@given(nodes=several)
def test_points_that_collide_lose_nobodys_keys(nodes: list[str]) -> None:
    ring = Tiny(nodes)
    for name in nodes:
        assert settled(ring, ring.without(name), PLACES) is None
        assert ring.without(name).with_node(name).owners(PLACES) == ring.owners(PLACES)


def test_a_node_has_as_many_points_as_its_weight_says() -> None:
    ring = HashRing([Member("a", 0.001), Member("b", 0.5), "c", Member("d", 2.25)], vnodes=100)
    assert {name: ring.holders[:-1].count(name) for name in ring.members} == {"a": 1, "b": 50, "c": 100, "d": 225}
    assert len(ring.places) == 376 and all(one <= other for one, other in pairwise(ring.places))


def test_keys_follow_the_weights() -> None:
    ring = HashRing(["a", Member("b", 3), Member("c", 6)], vnodes=400)
    shares = {name: load / len(KEYS) for name, load in loads(ring).items()}
    assert shares == pytest.approx({"a": 0.1, "b": 0.3, "c": 0.6}, abs=0.03)


@pytest.mark.parametrize("vnodes", [0, -1, 1.5, True, None, "8", (1 << 20) + 1, 10**400])
def test_a_number_of_points_that_makes_no_sense_is_refused(vnodes: Any) -> None:
    with pytest.raises(ValueError, match=r"vnodes is .*: it must be a whole number, 1 to 1,048,576"):
        HashRing(["a"], vnodes=vnodes)


def test_a_weight_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(ValueError, match=f"weight of 'b' is 1000000.0.*over {MOST_POINTS:,} points"):
        HashRing(["a", Member("b", 1e6)])


@pytest.mark.parametrize("hash", [None, crc])
def test_many_keys_at_once_go_where_each_would(hash: Any) -> None:
    pytest.importorskip("numpy")
    ring = HashRing(FOUR, vnodes=30, **({"hash": hash} if hash else {}))
    mixed = [*KEYS, b"bytes", "ключ", ""]
    assert ring.owners(mixed) == [ring.owner(key) for key in mixed]
    assert ring.owners([]) == []


@SOME
@given(nodes=several, vnodes=st.integers(1, 40))
def test_at_each_place_of_a_small_circle_many_at_once_are_where_one_is(nodes: list[str], vnodes: int) -> None:
    pytest.importorskip("numpy")
    ring = Tiny(nodes, vnodes)
    assert ring.owners(PLACES) == [ring.owner(place) for place in PLACES]


def test_points_that_crowd_together_are_passed_one_by_one() -> None:
    numpy = pytest.importorskip("numpy")
    places = [5, 5, 6, 7, 7, 8, 1 << 40]
    batch = Batch(places, [*"abcdefga"], 1 << 64)
    wanted = [0, 5, 6, 7, 8, 9, 1 << 40, (1 << 40) + 1, (1 << 64) - 1]
    assert batch.find(numpy.array(wanted, numpy.uint64)).tolist() == [bisect_left(places, each) for each in wanted]


def test_without_numpy_many_keys_go_where_they_would_with_it() -> None:
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "from lessons.partitioning.hash_ring import HashRing\n"
        f"print(''.join(owner[0] for owner in HashRing({FOUR!r}).owners([f'user:{{n}}' for n in range(40)])))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "acdadcaaccdbddaacbccbddcbbbdcaaabcbbdbdb"


def test_a_look_up_costs_the_logarithm_of_the_number_of_points() -> None:
    for nodes, low, high in ((1, 7, 8), (10, 10, 11), (100, 13, 14)):
        ring = HashRing([f"n{number}" for number in range(nodes)])
        assert {ring.cost(key) for key in KEYS[:200]} <= set(range(low, high + 1))
        assert ring.entries == 2 * 160 * nodes + nodes
