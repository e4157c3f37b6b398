"""The ring: nodes and keys on one circle, and a key belongs to the next node clockwise (Karger et al. 1997)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import md5
from math import floor
from struct import pack, unpack
from typing import Any, ClassVar

from lessons.partitioning.hash_ring.batch import Batch
from lessons.partitioning.hash_ring.hashing import CIRCLE, Hash, Key, blake, ketama, positions
from lessons.partitioning.hash_ring.placement import Member, Placement

VNODES = 160  # points of a node with weight 1
MOST_POINTS = 1 << 20  # of one node


class HashRing(Placement):
    """Consistent hashing with virtual nodes: a node of weight 1 has ``vnodes`` points on a circle of 2**64 places.

    A node of weight w has w times as many points, rounded, and at least 1. Where two nodes have the same
    place, the smaller name has it, and both keep their point. Raises ValueError unless ``vnodes`` is 1 to 2**20,
    and for a node with more than 2**20 points.
    """

    circle: ClassVar[int] = CIRCLE

    def __init__(self, nodes: Iterable[str | Member], vnodes: int = VNODES, hash: Hash = blake) -> None:
        super().__init__(nodes, hash)
        if isinstance(vnodes, bool) or not isinstance(vnodes, int) or not 1 <= vnodes <= MOST_POINTS:
            raise ValueError(f"vnodes is {vnodes!r}: it must be a whole number, 1 to {MOST_POINTS:,}")
        self.vnodes = vnodes
        points = sorted((place, name) for name in self.members for place in self.points_of(name))
        self.places = [place for place, _ in points]
        self.holders = [name for _, name in points]
        self.holders.append(self.holders[0])  # behind the last point the circle begins again

    def _options(self) -> dict[str, Any]:
        return {"vnodes": self.vnodes, "hash": self.hash}

    # Points

    def points_of(self, name: str) -> Sequence[int]:
        """The places of the points of node ``name``."""
        return positions(name, self.count_of(name))

    def count_of(self, name: str) -> int:
        """How many points ``name`` has. Raises ValueError for too many."""
        weight = self.members[name].weight
        if weight * self.vnodes > MOST_POINTS:
            raise ValueError(f"weight of {name!r} is {weight!r}: that makes over {MOST_POINTS:,} points")
        return max(1, round(weight * self.vnodes))

    # Look-ups

    def owner(self, key: Key) -> str:
        return self.holders[bisect_left(self.places, self.hash(key))]

    def owners(self, keys: Sequence[Key]) -> list[str]:
        """The node of each of ``keys``: all at once with numpy, where it is installed."""
        try:
            return self._batch.owners(keys, self.hash)
        except ImportError:
            return super().owners(keys)

    @cached_property
    def _batch(self) -> Batch:
        return Batch(self.places, self.holders, self.circle)

    def preference(self, key: Key) -> Iterator[str]:
        return self.walk(bisect_left(self.places, self.hash(key)))

    def walk(self, start: int) -> Iterator[str]:
        """Every node once, in the order in which a walk clockwise from point number ``start`` meets them."""
        seen = set()
        for number in range(start, start + len(self.places)):
            name = self.holders[number % len(self.places)]
            if name not in seen:
                seen.add(name)
                yield name

    # What it costs

    @property
    def entries(self) -> int:
        return 2 * len(self.places) + len(self.members)

    def cost(self, key: Key) -> int:
        looked_at: list[int] = []

        def look(place: int) -> int:
            looked_at.append(place)
            return place

        bisect_left(self.places, self.hash(key), key=look)
        return len(looked_at)


class KetamaRing(HashRing):
    """The ring of libketama as libmemcached has it, for servers with weights: the same keys on the same nodes.

    40 digests of 4 points for a node of average weight, on a circle of 2**32 places. How many points a node has
    depends on the weights of all, and is computed in single precision: with unequal weights a node more also moves
    keys between the others, and so does the 25th of equal ones, with which all have 39 digests. Clients that count
    in double precision have 40 there. Raises ValueError for a node whose weight gives it no point.
    """

    circle = 1 << 32
    PER_DIGEST: ClassVar[int] = 4

    def __init__(self, nodes: Iterable[str | Member], vnodes: int = VNODES) -> None:
        super().__init__(nodes, vnodes, ketama)

    def _options(self) -> dict[str, Any]:
        return {"vnodes": self.vnodes}

    def points_of(self, name: str) -> Sequence[int]:
        blocks = (f"{name}-{number}".encode() for number in range(self.count_of(name) // self.PER_DIGEST))
        return [place for block in blocks for place in unpack("<4I", md5(block, usedforsecurity=False).digest())]

    def count_of(self, name: str) -> int:
        digests = self.digests_of(name)
        if not 1 <= digests <= MOST_POINTS // self.PER_DIGEST:
            raise ValueError(
                f"weight of {name!r} is {self.members[name].weight!r}: with {self.vnodes} points for a node of average "
                f"weight that makes {digests} digests of points; it must be 1 to {MOST_POINTS // self.PER_DIGEST:,}"
            )
        return self.PER_DIGEST * digests

    def digests_of(self, name: str) -> int:
        """How many digests ``name`` has, rounded as a C program with floats does."""
        average = single(single(single(self.share(name)) * self.vnodes) / self.PER_DIGEST)
        return floor(single(single(average * len(self.members)) + 1e-10))


def single(number: float) -> float:
    """The nearest number of single precision."""
    nearest: float = unpack("f", pack("f", number))[0]
    return nearest
