"""A sequence that never changes and still grows at little cost: what a log is to those who look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, overload

from lessons.node.message import CONSTANT
from lessons.node.plain import is_frozen

T = TypeVar("T", covariant=True)


def _check(items: Iterable[object]) -> None:
    for item in items:
        if not is_frozen(item):
            raise TypeError(f"{item!r} can change: a series holds numbers, texts, tuples and messages of such")


class Series(Sequence[T]):
    """Items that can't change, in an order that can't. It is equal to the tuple of the same items.

    ``series + items`` and ``series.until(n)`` are new series that share their items with the old one, so
    they cost what is added and not what is there; only one of two series that grow out of the same one can
    share, the other is copied. Watching a log that is a series therefore costs the same however long it is.
    Raises TypeError for an item that could change.
    """

    __slots__ = ("_items", "_length")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items: list[T] = []
        self._length = 0
        self._take(items)

    def _take(self, items: Iterable[T]) -> None:
        new = tuple(items)
        if not CONSTANT.issuperset(map(type, new)):
            _check(new)
        self._items.extend(new)
        self._length += len(new)

    def __add__(self, items: Iterable[T]) -> Series[T]:
        """A series of these items and ``items`` behind them."""
        grown = self._same()
        if self._length < len(self._items):
            grown._items = self._items[: self._length]
        grown._take(items)
        return grown

    def until(self, length: int) -> Series[T]:
        """A series of the first ``length`` items; of all of them when there are fewer."""
        if length >= self._length:
            return self
        shorter = self._same()
        shorter._length = max(0, length)
        return shorter

    def _same(self) -> Series[T]:
        """Another series of the same items, to be made longer or shorter before anybody sees it."""
        other: Series[T] = object.__new__(Series)
        other._items, other._length = self._items, self._length
        return other

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return islice(self._items, self._length)

    def __reversed__(self) -> Iterator[T]:
        return map(self._items.__getitem__, range(self._length - 1, -1, -1))

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...

    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        """An item; of a slice, a tuple."""
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            return tuple(self._items[start:stop:step]) if step > 0 else self[:][index]
        if 0 <= index < self._length:
            return self._items[index]
        if not -self._length <= index < 0:
            raise IndexError(f"index is {index!r}: the series has {self._length} items")
        return self._items[index + self._length]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Series):
            if self._items is other._items or self._length != other._length:
                return self._length == other._length
            return self[:] == other[:]
        return self[:] == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self[:])

    def __repr__(self) -> str:
        return repr(self[:])

    def __reduce__(self) -> tuple[Any, ...]:
        return Series, (self[:],)


CONSTANT.add(Series)
