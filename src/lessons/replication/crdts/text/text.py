"""Text: what both implementations of replicated text can do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TypeVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.lattice import Lattice

T = TypeVar("T", bound="Text")


class Text(Lattice):
    """A replicated text. Positions count characters (Unicode code points) from 0.

    An edit returns no delta, because there is one for every keystroke: ``since`` makes one delta of all
    edits that a version lacks. Each edit of one character is an update of its own, with a dot.
    """

    __slots__ = ()

    @abstractmethod
    def insert(self, replica: str, position: int, text: str) -> None:
        """Insert ``text`` in front of the character at ``position``, or at the end.

        Raises IndexError for a position outside of the text, BadState for an empty text.
        """

    @abstractmethod
    def delete(self, replica: str, position: int, count: int = 1) -> None:
        """Delete ``count`` characters from ``position`` on. Raises IndexError where there are fewer."""

    @abstractmethod
    def since(self: T, version: Context) -> T:
        """The delta of all edits that ``version`` lacks."""

    def merge_all(self: T, deltas: Iterable[T]) -> bool:
        """Merge several deltas, each after those that it builds on; returns whether any brought something new."""
        return sum([self.merge(delta) for delta in deltas]) > 0

    @property
    @abstractmethod
    def version(self) -> Context:
        """The dots of all edits that are here."""

    @abstractmethod
    def __len__(self) -> int: ...

    def check_insert(self, position: int, text: str) -> None:
        """Refuse an insertion that is impossible."""
        if type(position) is not int or not 0 <= position <= len(self):
            raise IndexError(f"position is {position!r}: it must be 0 to {len(self)}, the length of the text")
        if rules.text("text", text) == "":
            raise BadState("text is '': an insertion has one character or more")

    def check_delete(self, position: int, count: int) -> None:
        """Refuse a deletion that is impossible."""
        if type(count) is not int or count < 1:
            raise BadState(f"count is {count!r}: it must be a whole number, 1 or more")
        if type(position) is not int or not 0 <= position <= len(self) - count:
            raise IndexError(f"position is {position!r}, count is {count!r}: the text has {len(self)} characters")
