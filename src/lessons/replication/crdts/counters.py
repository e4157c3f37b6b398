"""Counters: each replica counts in a slot of its own, and the value is the sum of the slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.lattice import Lattice, alike
from lessons.replication.crdts.rules import Dot

Slots = dict[str, int]


@dataclass(slots=True)
class GCounter(Lattice):
    """A counter that only grows (Shapiro et al. 2011, specification 6)."""

    kind: ClassVar[str] = "g-counter"
    counts: Slots = field(default_factory=dict)

    def increment(self, replica: str, amount: int = 1) -> GCounter:
        """Add ``amount``, 1 or more, to the slot of ``replica``."""
        return GCounter(grow(self.counts, replica, amount))

    def merge(self, other: GCounter) -> bool:
        """Each slot is the larger of the two."""
        alike(self, other)
        return take_larger(self.counts, other.counts)

    @property
    def value(self) -> int:
        """The sum of all slots."""
        return sum(self.counts.values())

    def data(self) -> dict[str, Any]:
        return {"counts": dict(sorted(self.counts.items()))}

    @classmethod
    def of(cls, data: Any) -> GCounter:
        (counts,) = rules.fields("g-counter", data, "counts")
        return cls(_slots("counts", counts))


@dataclass(slots=True)
class PNCounter(Lattice):
    """A counter that goes up and down: two that only grow, and their difference (specification 7)."""

    kind: ClassVar[str] = "pn-counter"
    increments: Slots = field(default_factory=dict)
    decrements: Slots = field(default_factory=dict)

    def increment(self, replica: str, amount: int = 1) -> PNCounter:
        """Add ``amount``, 1 or more."""
        return PNCounter(grow(self.increments, replica, amount), {})

    def decrement(self, replica: str, amount: int = 1) -> PNCounter:
        """Take ``amount``, 1 or more, away."""
        return PNCounter({}, grow(self.decrements, replica, amount))

    def merge(self, other: PNCounter) -> bool:
        """Merge both halves."""
        alike(self, other)
        up = take_larger(self.increments, other.increments)
        return take_larger(self.decrements, other.decrements) or up

    @property
    def value(self) -> int:
        """All increments less all decrements; Python's whole numbers have no limit."""
        return sum(self.increments.values()) - sum(self.decrements.values())

    def data(self) -> dict[str, Any]:
        halves = {"increments": self.increments, "decrements": self.decrements}
        return {name: dict(sorted(slots.items())) for name, slots in halves.items()}

    @classmethod
    def of(cls, data: Any) -> PNCounter:
        up, down = rules.fields("pn-counter", data, "increments", "decrements")
        return cls(_slots("increments", up), _slots("decrements", down))


def grow(slots: Slots, replica: str, amount: int) -> Slots:
    """Add to the slot of ``replica``; returns the slot as it is now."""
    if type(amount) is not int or amount < 1:
        raise BadState(f"amount is {amount!r}: it must be a whole number, 1 or more")
    if replica.__class__ is not str or replica not in slots:
        rules.replica("replica", replica)
    slots[replica] = count = slots.get(replica, 0) + amount
    return {replica: count}


def take_larger(mine: Slots, others: Slots) -> bool:
    """Raise each slot to that of the others; returns whether any has grown."""
    larger = {name: count for name, count in others.items() if count > mine.get(name, 0)}
    mine.update(larger)
    return bool(larger)


def _slots(name: str, data: object) -> Slots:
    return rules.table(name, data, rules.replica, lambda slot, count: rules.whole(slot, count, 1))


@dataclass(slots=True)
class ResettableCounter(Causal[int]):
    """A counter that can be reset: each addition is an entry, and a reset removes those that it has seen.

    An entry for each addition is what it costs to be exact: replicas that fold theirs into one lose the
    additions that happened beside a reset, or bring back those before it (Baquero et al. 2016).
    """

    kind: ClassVar[str] = "counter"

    def add(self, replica: str, amount: int = 1) -> ResettableCounter:
        """Add ``amount``, which may be negative."""
        return self.change(replica, put=self.entry("amount", amount))

    def reset(self) -> ResettableCounter:
        """Take back every addition that is here; one that happens elsewhere meanwhile still counts."""
        return self.change(drop=list(self.entries))

    @property
    def value(self) -> int:
        """The sum of the additions that were not taken back."""
        return self.reading(self.entries)

    @staticmethod
    def reading(entries: Mapping[Dot, int]) -> int:
        return sum(entries.values())

    @staticmethod
    def entry(name: str, value: object) -> int:
        if type(value) is not int:
            raise BadState(f"{name} is {value!r}: it must be a whole number")
        return value
