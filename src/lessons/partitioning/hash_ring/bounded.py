"""Bounded loads: no node has more than its share times a factor, whatever the hash says (Mirrokni et al. 2018)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil
from sys import float_info
from typing import Self

from lessons.partitioning.hash_ring.hashing import Key, bytes_of
from lessons.partitioning.hash_ring.placement import Placement

FACTOR = 1.25


class BoundedLoad(Placement):
    """A placement with memory: a key goes to the first node of its preference that has room.

    ``inner`` says what a key prefers. Of m keys a node of weight w may have ``factor`` times its share, rounded
    up, and never more than m. A key that was admitted stays where it is until it is released, so where a key goes
    depends on the others. A change of the nodes places all admitted keys anew. Raises ValueError unless ``factor``
    is a finite number of 1 or more.
    """

    def __init__(self, inner: Placement, factor: float = FACTOR) -> None:
        super().__init__(inner.members.values(), inner.hash)
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor <= float_info.max:
            raise ValueError(f"factor is {factor!r}: it must be a finite number, 1 or more")
        self.inner, self.factor = inner, factor
        self.loads: Counter[str] = Counter()
        self.where: dict[Key, str] = {}

    def capacity(self, name: str, keys: int) -> int:
        """How many of ``keys`` node ``name`` may have. Raises UnknownNode."""
        return ceil(min(self.factor * keys * self.share(name), keys))

    # One key at a time

    def owner(self, key: Key) -> str:
        """Where ``key`` is, or where it would go now."""
        if key in self.where:
            return self.where[key]
        total = len(self.where) + 1
        return next(name for name in self.inner.preference(key) if self.loads[name] < self.capacity(name, total))

    def admit(self, key: Key) -> str:
        """Put ``key`` on a node, where it stays; returns the node."""
        name = self.owner(key)
        if key not in self.where:
            self.where[key] = name
            self.loads[name] += 1
        return name

    def release(self, key: Key) -> str:
        """Take ``key`` off its node; returns the node. Raises LookupError for a key that was not admitted."""
        if key not in self.where:
            raise LookupError(f"key is {key!r}: it was not admitted")
        name = self.where.pop(key)
        self.loads[name] -= 1
        return name

    # All keys at once

    def place(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Where each of ``keys`` goes if there were no others: in the order of their hashes, each to where room is."""
        room = {name: self.capacity(name, len(keys)) for name in self.members}
        placed: dict[Key, str] = {}
        for key in sorted(keys, key=lambda key: (self.hash(key), bytes_of(key))):
            placed[key] = next(name for name in self.inner.preference(key) if room[name])
            room[placed[key]] -= 1
        return placed

    # What the placement below says

    def preference(self, key: Key) -> Iterator[str]:
        return self.inner.preference(key)

    def with_node(self, name: str, weight: float = 1.0, zone: str | None = None) -> Self:
        return self._over(self.inner.with_node(name, weight, zone))

    def without(self, name: str) -> Self:
        return self._over(self.inner.without(name))

    def with_weight(self, name: str, weight: float) -> Self:
        return self._over(self.inner.with_weight(name, weight))

    def _over(self, inner: Placement) -> Self:
        """The same keys over another placement."""
        changed = type(self)(inner, self.factor)
        changed.where = changed.place(list(self.where))
        changed.loads = Counter(changed.where.values())
        return changed

    @property
    def entries(self) -> int:
        return self.inner.entries + len(self.members) + len(self.where)

    def cost(self, key: Key) -> int:
        """The steps of the placement below, and one for each node asked for room."""
        owner = self.owner(key)
        return self.inner.cost(key) + 1 + list(self.inner.preference(key)).index(owner)
