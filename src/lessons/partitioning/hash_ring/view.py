"""The pictures of the chapter: the ring to play with, and the walk of a key's copies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from lessons.partitioning.hash_ring.hashing import CIRCLE, Key, blake
from lessons.partitioning.hash_ring.movement import Layout
from lessons.partitioning.hash_ring.placement import Member
from lessons.partitioning.hash_ring.ring import HashRing
from lessons.viz.ring import Choices, RingState, RingView
from lessons.viz.ring_picture import RingPicture, Stop, ring_picture

KEYS, SHOWN = 10_000, 48  # keys that are counted, and those of them that are drawn
IN_THE_PAGE = Choices(("ann", "bob", "cyd", "dan", "eve"), weights=(1, 2), vnodes=(1, 4, 16, 64))
WITH_A_KERNEL = Choices(
    (*IN_THE_PAGE.nodes, "fay", "gil", "hal"), weights=(1, 2, 3, 4), vnodes=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)


@cache
def hashes() -> list[int]:
    """The hashes of the keys, in order."""
    return sorted(blake(f"user:{number}") for number in range(KEYS))


def loads(ring: HashRing) -> dict[str, int]:
    """How many of the keys each node has."""
    layout = Layout.of(ring)
    passed = [bisect_right(hashes(), end) for end in layout.ends]
    counts = Counter(dict.fromkeys(ring.members, 0))
    for (name,), upto, before in zip(layout.holders, passed, [passed[-1] - KEYS, *passed], strict=False):
        counts[name] += upto - before
    return dict(counts)


def state(weights: Mapping[str, int], vnodes: int) -> RingState:
    """The ring of these nodes, for the picture."""
    ring = HashRing([Member(name, weight) for name, weight in weights.items()], vnodes)
    points = {name: [place / CIRCLE for place in ring.points_of(name)] for name in weights}
    return RingState(points, loads(ring))


def ring_view() -> RingView:
    """Five nodes on a circle, four of them there at the beginning."""
    return RingView(
        state,
        IN_THE_PAGE,
        ((1, 1, 1, 1, 0), 4),
        title="Who moves when a node joins",
        caption=f"Four nodes with 4 points each share {KEYS:,} keys. Add eve: the arcs in front of her points become "
        "hers, and no other key moves. With 1 point a node she takes all of them from one neighbour; with 64 she "
        "takes a little from everybody.",
        id="ring",
        sample=[place / CIRCLE for place in hashes()[:: KEYS // SHOWN]],
        live=WITH_A_KERNEL,
    )


def walk_picture(ring: HashRing, key: Key, count: int, caption: str) -> RingPicture:
    """How ``ring`` finds ``count`` copies of ``key``: clockwise, with a dot where one stays, else a cross."""
    stops = list(walk(ring, key, count))
    said = ", ".join(f"{stop.label}: {'a copy' if stop.taken else 'none'}" for stop in stops)
    points = {name: [place / CIRCLE for place in ring.points_of(name)] for name in ring.members}
    picture = ring_picture(points, ring.hash(key) / CIRCLE, stops)
    return RingPicture(picture, f"The points that a walk clockwise from the key {key!r} comes by. {said}.", caption)


def walk(ring: HashRing, key: Key, count: int) -> Iterator[Stop]:
    """The points from ``key`` on, at least ``count``, up to the one where the last copy stays."""
    left = ring.replicas(key, count)
    start = bisect_left(ring.places, ring.hash(key))
    for step in range(len(ring.places)):
        if step >= count and not left:
            return
        name = ring.holders[(start + step) % len(ring.places)]
        taken = name in left
        if taken:
            left.remove(name)
        yield Stop(ring.places[(start + step) % len(ring.places)] / CIRCLE, name, taken)
