"""Lattice: states that merge in any order, any number of times, and agree (Shapiro et al. 2011)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, TypeVar

from lessons.replication.crdts.errors import ForeignState

S = TypeVar("S", bound="Lattice")


class Lattice(ABC):
    """A state of a replicated data type: an element of a join semilattice.

    ``merge`` computes the least upper bound of two states, so it is commutative, associative and
    idempotent; every update moves the state upwards. A new state is the bottom, which changes nothing
    that it is merged into. A state belongs to nobody: whoever updates it says its own name.

    An update changes the state and returns its *delta*: a small state which, merged into any other,
    brings it the same change (Almeida et al. 2018).
    """

    __slots__ = ()
    kind: ClassVar[str]

    @abstractmethod
    def merge(self: S, other: S) -> bool:
        """Take in all that ``other`` knows; returns whether that was anything new. ``other`` is not changed.

        Raises ForeignState for a state of another type.
        """

    @property
    @abstractmethod
    def value(self) -> Any:
        """What a reader sees: plain data."""

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """The state as JSON data; equal states give equal data."""

    @classmethod
    @abstractmethod
    def of(cls: type[S], data: Any) -> S:
        """The state that ``data`` describes. Raises BadState, which names the value and its rule."""

    def copy(self: S) -> S:
        """A state of its own that is equal to this one."""
        twin = type(self)()
        twin.merge(self)
        return twin

    def __le__(self: S, other: S) -> bool:
        """Whether ``other`` knows all that this state knows."""
        return not other.copy().merge(self)


def alike(mine: object, other: object) -> None:
    """Raise ForeignState unless both are of the same type."""
    if other.__class__ is not mine.__class__:
        raise ForeignState(mine, other)
