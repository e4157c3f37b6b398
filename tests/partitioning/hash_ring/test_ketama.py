"""The ketama ring puts keys where libketama and memcached's clients put them."""

from __future__ import annotations

from bisect import bisect_left
from ctypes import CDLL, c_char_p, c_int, c_size_t, c_uint16, c_uint32, c_uint64, c_void_p
from ctypes.util import find_library
from random import Random
from typing import Any

import pytest

from lessons.partitioning.hash_ring import HashRing, KetamaRing, Member
from lessons.partitioning.hash_ring.hashing import ketama
from lessons.partitioning.hash_ring.laws import settled
from tests.partitioning.hash_ring.kinds import KEYS

# The servers and 12 of the 99 cases of libmemcached's own compatibility test (ketama_test_cases): a key, its hash,
# the point that it falls to, the server of that point.
WEIGHTS = (600, 300, 200, 350, 1000, 800, 950, 100)
SERVERS = [Member(f"10.0.1.{number}", weight) for number, weight in enumerate(WEIGHTS, 1)]
CASES = [
    ("SVa_]_V41)", 443691461, 445379617, 7),
    ("*/Z;?V(.\\8", 1422915503, 1428303028, 1),
    ("30C1*Z*S/_", 1473165754, 1480075959, 2),
    ("1I=cTMNTKF", 2882686667, 2885206587, 5),
    ("P1[Ma3=K1/", 1989324036, 1994028240, 8),
    ("D[HE+cFXDK", 2117036136, 2117124014, 3),
    ("EM75N0+[X1", 1558531507, 1559308507, 4),
    ("6,cEI`F_P>", 3972869246, 3974773167, 6),
    ("726bW=9*a4", 4213440020, 4213950705, 7),
    ("N-)88>[O`,", 50404102, 51792557, 5),
    ("[>RZHG97Q9", 71954686, 72034069, 6),
    ("VD6D0]ba_\\", 3842502950, 3842588691, 1),
]


@pytest.mark.parametrize(("key", "hashed", "point", "server"), CASES)
def test_libmemcacheds_own_cases_hold(key: str, hashed: int, point: int, server: int) -> None:
    ring = KetamaRing(SERVERS)
    assert ketama(key) == hashed
    assert ring.places[bisect_left(ring.places, hashed)] == point
    assert ring.owner(key) == f"10.0.1.{server}"


def test_a_key_behind_the_last_point_falls_to_the_first() -> None:
    ring = KetamaRing(SERVERS)
    assert ketama("VDEAAAAA") == 0xFFFCD1B5 > ring.places[-1]  # the same test's case for the end of the circle
    assert ring.owner("VDEAAAAA") == ring.holders[0]


def test_a_node_of_average_weight_has_160_points() -> None:
    ring = KetamaRing([Member("a", 2), Member("b", 4), Member("c", 6)])
    assert {name: ring.count_of(name) for name in ring.members} == {"a": 80, "b": 160, "c": 240}
    assert all(0 <= place < 1 << 32 for place in ring.places)


def test_with_equal_weights_a_join_and_a_leave_move_only_what_they_must() -> None:
    ring = KetamaRing(["a", "b", "c"])
    assert settled(ring, ring.with_node("d"), KEYS) is None
    assert settled(ring, ring.without("b"), KEYS) is None


def test_with_unequal_weights_a_join_moves_keys_between_the_others_too_and_in_our_ring_it_does_not() -> None:
    members = [Member("a", 1), Member("b", 2), Member("c", 3)]
    ketama_ring, ours = KetamaRing(members), HashRing(members)
    said = settled(ketama_ring, ketama_ring.with_node("d", 1), KEYS)
    assert said is not None and said.endswith("neither of them has changed")
    assert settled(ours, ours.with_node("d", 1), KEYS) is None


def test_a_weight_too_small_for_a_point_is_refused() -> None:
    with pytest.raises(ValueError, match=r"weight of 'b' is 0.01: .* makes 0 digests of points"):
        KetamaRing(["a", Member("b", 0.01)])


def test_points_are_counted_in_single_precision_as_libmemcached_does() -> None:
    many = {count: KetamaRing([f"10.0.1.{number}" for number in range(count)]) for count in (24, 25, 26, 100)}
    assert {count: ring.count_of("10.0.1.0") for count, ring in many.items()} == {24: 160, 25: 156, 26: 160, 100: 156}
    assert settled(many[24], many[25], KEYS) is not None, "the 25th server also moves keys between the others"


def libmemcached() -> Any:
    """The library itself. Skips where it is not installed."""
    found = find_library("memcached")
    if found is None:
        pytest.skip("libmemcached is not installed here: its own cases, above, are all there is")
    library = CDLL(found)
    pointers = {
        "memcached_create": [c_void_p],
        "memcached_server_instance_by_position": [c_void_p, c_uint32],
    }
    for name, types in pointers.items():
        function = getattr(library, name)
        function.restype, function.argtypes = c_void_p, types
    library.memcached_server_name.restype, library.memcached_server_name.argtypes = c_char_p, [c_void_p]
    library.memcached_generate_hash.argtypes = [c_void_p, c_char_p, c_size_t]
    library.memcached_behavior_set.argtypes = [c_void_p, c_int, c_uint64]
    library.memcached_server_add_with_weight.argtypes = [c_void_p, c_char_p, c_uint16, c_uint32]
    library.memcached_free.argtypes = [c_void_p]
    return library


WEIGHTED, PORT = 16, 11211  # MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, and the port that is not part of a server's name


def owners_by(library: Any, weights: dict[str, int], keys: list[str]) -> list[str]:
    """The server of each key, as the library says."""
    handle = library.memcached_create(None)
    library.memcached_behavior_set(handle, WEIGHTED, 1)
    for name, weight in weights.items():
        library.memcached_server_add_with_weight(handle, name.encode(), PORT, weight)
    servers = [library.memcached_server_instance_by_position(handle, number) for number in range(len(weights))]
    names = [library.memcached_server_name(server).decode() for server in servers]
    owners = [names[library.memcached_generate_hash(handle, key.encode(), len(key))] for key in keys]
    library.memcached_free(handle)
    return owners


def test_libmemcached_itself_puts_every_key_where_we_do() -> None:
    library, rng = libmemcached(), Random(1)
    for _ in range(60):
        count, most = rng.choice([1, 2, 3, 8, 13, 25, 50]), rng.choice([1, 2, 10, 1000])
        weights = {f"10.0.1.{number}": rng.randint(max(1, most // 20), most) for number in range(count)}
        ring = KetamaRing([Member(name, weight) for name, weight in weights.items()])
        assert owners_by(library, weights, KEYS[:300]) == ring.owners(KEYS[:300]), weights
