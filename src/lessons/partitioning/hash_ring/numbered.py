"""Placements by number: the nodes are buckets 0 to n - 1, and arithmetic finds the bucket. Modulo, and jump hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Self

from lessons.partitioning.hash_ring.hashing import GOLDEN, LAST, Hash, Key, blake, mix
from lessons.partitioning.hash_ring.placement import Member, Placement, equal_weights_only

STEP = 2862933555777941757  # of the linear congruential generator of Lamping and Veach 2014, figure 1


class Numbered(Placement):
    """Nodes with numbers, in the order given; every process must be given the same order. It knows no weights."""

    def __init__(self, nodes: Iterable[str | Member], hash: Hash = blake) -> None:
        super().__init__(nodes, hash)
        equal_weights_only(self)
        self.names = list(self.members)

    @property
    def entries(self) -> int:
        return len(self.names)


class Modulo(Numbered):
    """The remainder of the hash by the number of nodes: nothing is simpler, and nearly all moves on a change."""

    def owner(self, key: Key) -> str:
        return self.names[self.hash(key) % len(self.names)]

    def preference(self, key: Key) -> Iterator[str]:
        first = self.hash(key) % len(self.names)
        return iter(self.names[first:] + self.names[:first])

    def cost(self, key: Key) -> int:
        return 1


def jumps(key: int, buckets: int) -> Iterator[int]:
    """The buckets in which ``key``, of 64 bits, has been as their number grew from 1 to ``buckets``.

    It is in the last of them now. Lamping and Veach 2014, "A Fast, Minimal Memory, Consistent Hash Algorithm",
    figure 1; in double precision, as there.
    """
    bucket = 0
    while bucket < buckets:
        yield bucket
        key = (key * STEP + 1) & LAST
        bucket = int((bucket + 1) * ((1 << 31) / ((key >> 33) + 1)))


def jump(key: int, buckets: int) -> int:
    """The bucket of ``key``, a number of 64 bits, among ``buckets``: jump consistent hash.

    Raises ValueError unless ``key`` is 0 to 2**64 - 1 and ``buckets`` is 1 to 2**31 - 1.
    """
    if type(key) is not int or not 0 <= key <= LAST:
        raise ValueError(f"key is {key!r}: it must be a whole number, 0 to 2**64 - 1")
    if type(buckets) is not int or not 1 <= buckets < 1 << 31:
        raise ValueError(f"buckets is {buckets!r}: it must be a whole number, 1 to 2**31 - 1")
    *_, last = jumps(key, buckets)
    return last


class Jump(Numbered):
    """Jump consistent hash: no table at all, perfect balance, but only the last bucket can go.

    If another node leaves, the one with the last number takes its bucket: twice the keys move that must.
    """

    def owner(self, key: Key) -> str:
        return self.names[jump(self.hash(key), len(self.names))]

    def preference(self, key: Key) -> Iterator[str]:
        """The owner, then those that further numbers made from the key's own lead to."""
        seen: dict[str, None] = {}
        for number in islice(_numbers(self.hash(key)), 8 * len(self.names)):
            name = self.names[jump(number, len(self.names))]
            if name not in seen:
                seen[name] = None
                yield name
        yield from (name for name in self.names if name not in seen)

    def without(self, name: str) -> Self:
        self.member(name)
        *others, last = self.members.values()
        if last.name == name:
            return self._of(others)
        return self._of([last if member.name == name else member for member in others])

    def cost(self, key: Key) -> int:
        return sum(1 for _ in jumps(self.hash(key), len(self.names)))


def _numbers(number: int) -> Iterator[int]:
    """``number``, and as many others as wanted that depend on it."""
    yield number
    while True:
        number = (number + GOLDEN) & LAST
        yield mix(number)
