"""Measuring placements on the same keys: how evenly they spread them, and what a change moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from lessons.partitioning.hash_ring.hashing import Key
from lessons.partitioning.hash_ring.placement import Placement


@dataclass(frozen=True)
class Balance:
    """Loads of nodes, each divided by what the node should have by its weight: 1 is perfect."""

    least: float
    most: float
    deviation: float


def balance(placement: Placement, keys: Sequence[Key]) -> Balance:
    """How evenly ``placement`` spreads ``keys``. Raises ValueError for no keys."""
    if not keys:
        raise ValueError("keys is empty: there is nothing to spread")
    loads = Counter(placement.place(keys).values())
    relative = [loads[name] / (placement.share(name) * len(keys)) for name in placement.members]
    deviation = sqrt(fsum((load - 1) ** 2 for load in relative) / len(relative))
    return Balance(min(relative), max(relative), deviation)


@dataclass(frozen=True)
class Moves:
    """What a change moved, as parts of all keys: ``moved`` in all, ``needless`` between nodes that had no reason.

    A node has a reason to take keys if its share grew, and to give some if its share fell. ``least`` is what any
    placement in proportion to the weights must move.
    """

    moved: float
    needless: float
    least: float


def moves(before: Placement, after: Placement, keys: Sequence[Key]) -> Moves:
    """What the change from ``before`` to ``after`` moves of ``keys``. Raises ValueError for no keys."""
    if not keys:
        raise ValueError("keys is empty: there is nothing to move")
    old, new = before.place(keys), after.place(keys)
    changed = [(old[key], new[key]) for key in old if old[key] != new[key]]
    needless = sum(not has_reason(before, after, source, target) for source, target in changed)
    least = fsum(max(0.0, after.share(name) - _share(before, name)) for name in after.members)
    return Moves(len(changed) / len(old), needless / len(old), least)


def has_reason(before: Placement, after: Placement, source: str, target: str) -> bool:
    """Whether a key may move: ``source`` left or lost weight, or ``target`` joined or gained some."""
    return _weight(after, source) < _weight(before, source) or _weight(after, target) > _weight(before, target)


def _weight(placement: Placement, name: str) -> float:
    return placement.members[name].weight if name in placement.members else 0.0


def _share(placement: Placement, name: str) -> float:
    return placement.share(name) if name in placement.members else 0.0


def ring_deviation(nodes: int, vnodes: int, keys: int) -> float:
    """What ``Balance.deviation`` of a ring should be: of ``nodes`` with ``vnodes`` points each, for ``keys`` keys.

    n nodes with v points cut the circle at random. A node's part is Beta(v, (n - 1) v), with a deviation of
    sqrt((n - 1) / (n v + 1)) times its mean, which is about 1 / sqrt(v). The keys fall on it at random, which adds
    a deviation of about sqrt((n - 1) / keys).
    """
    return sqrt((nodes - 1) / (nodes * vnodes + 1) + (nodes - 1) / keys)
