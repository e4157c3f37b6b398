"""Registers: the last writer wins, or every concurrent value is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.lattice import Lattice, alike
from lessons.replication.crdts.rules import Dot, Scalar

Stamp = tuple[int, str]
NEVER: Stamp = (0, "")


def later(time: int, replica: str, seen: Stamp) -> Stamp:
    """A stamp for an update at ``time`` that has seen ``seen``: greater than it, whatever the clock says.

    Stamps are ordered by time, then by the name of the replica: no two updates have the same.
    """
    return max(rules.whole("time", time), seen[0] + 1), rules.replica("replica", replica)


@dataclass(slots=True)
class LWWRegister(Lattice):
    """The last writer wins: the value with the greatest stamp (Shapiro et al. 2011, specification 8)."""

    kind: ClassVar[str] = "lww-register"
    held: Scalar = None
    stamp: Stamp = NEVER

    def write(self, replica: str, value: Scalar, time: int) -> LWWRegister:
        """Write ``value``; ``time`` is the writer's clock, a whole number of whatever unit all use."""
        held, stamp = rules.scalar("value", value), later(time, replica, self.stamp)
        self.held, self.stamp = held, stamp
        return LWWRegister(held, stamp)

    def merge(self, other: LWWRegister) -> bool:
        """The value with the greater stamp; should two have the same, the greater value."""
        alike(self, other)
        if other._rank() <= self._rank():
            return False
        self.held, self.stamp = other.held, other.stamp
        return True

    def _rank(self) -> tuple[Stamp, tuple[str, str | float]]:
        return self.stamp, rules.order(self.held)

    @property
    def value(self) -> Scalar:
        """What was written last; None when nothing was."""
        return self.held

    def data(self) -> dict[str, Any]:
        return {"value": self.held, "stamp": list(self.stamp)}

    @classmethod
    def of(cls, data: Any) -> LWWRegister:
        value, stamp = rules.fields("lww-register", data, "value", "stamp")
        return cls(rules.scalar("value", value), stamp_of("stamp", stamp, value is None))


def stamp_of(name: str, data: object, may_be_none: bool = False) -> Stamp:
    """The stamp that ``data`` describes. Raises BadState."""
    time, writer = rules.pair(name, data)
    if may_be_none and [time, writer] == list(NEVER):
        return NEVER
    return rules.whole(f"{name}[0]", time, 1), rules.replica(f"{name}[1]", writer)


class MVRegister(Causal[Scalar]):
    """A register that keeps every value that was not overwritten: several, when writes were concurrent."""

    __slots__ = ()
    kind: ClassVar[str] = "mv-register"

    def write(self, replica: str, value: Scalar) -> MVRegister:
        """Replace all values that are here."""
        return self.change(replica, put=rules.scalar("value", value), drop=list(self.entries))

    def clear(self) -> MVRegister:
        """Remove all values that are here."""
        return self.change(drop=list(self.entries))

    @staticmethod
    def reading(entries: Mapping[Dot, Scalar]) -> list[Scalar]:
        """Each value once, in a fixed order."""
        return [value for _, value in sorted({rules.order(value): value for value in entries.values()}.items())]

    entry = staticmethod(rules.scalar)
