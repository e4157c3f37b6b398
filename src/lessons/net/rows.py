"""Coders of messages: all fields at once, and many messages at once, where JSON carries every field as it is.

Most messages have only numbers and texts, and most of what a cluster says is long rows of the same. So a row is looked
at by its columns: whether a column holds one type is asked of all its values together, and the interpreter's loop does
not run for each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any

from lessons.net.coders import Coder
from lessons.net.errors import Malformed

Read = Callable[[Any], tuple[Any, ...]]


def message_coder(kind: type, named: dict[str, Coder]) -> Coder:
    """A coder for a class of messages whose fields have these coders."""
    names, coders = tuple(named), [*named.values()]
    read = reader(names)
    direct = tuple(coder.direct for coder in coders)
    wire = tuple(coder.wire for coder in coders)
    tables = [(place, coder.table) for place, coder in enumerate(coders) if coder.table is not None]

    def encode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        values = read(value)
        if tuple(map(type, values)) == direct:
            return values
        return [coder.encode(each) for coder, each in zip(coders, values, strict=True)]

    def decode(data: Any) -> Any:
        if type(data) is not list or len(data) != len(names):
            raise Malformed(f"{data!r} is no {kind.__name__}: it has the fields {', '.join(names) or 'none'}")
        try:
            if tuple(map(type, data)) == wire:
                for place, table in tables:
                    data[place] = table[data[place]]
                return kind(*data)
            return kind(*[coder.decode(each) for coder, each in zip(coders, data, strict=True)])
        except Malformed:
            raise
        except (TypeError, ValueError, KeyError) as error:
            raise Malformed(f"{data!r} is no {kind.__name__}: {error}") from None

    if None in direct or not direct or hasattr(kind, "__post_init__"):
        return Coder(encode, decode)
    rows = Rows(kind, names, coders)
    return Coder(encode, decode, encode_all=rows.encode, decode_all=rows.decode)


class Rows:
    """Encodes and decodes many messages of one class, whose fields JSON carries as they are."""

    def __init__(self, kind: type, names: tuple[str, ...], coders: Sequence[Coder]) -> None:
        self._kind = kind
        self._direct = [{coder.direct} for coder in coders]
        self._wire = [{coder.wire} for coder in coders]
        self._tables = [coder.table for coder in coders]
        self._read = [attrgetter(name) for name in names]
        self._put = [vars(kind)[name].__set__ for name in names]  # the fields are slots
        self._place = [itemgetter(place) for place in range(len(names))]

    def encode(self, messages: Sequence[Any]) -> list[Any] | None:
        """The fields of each; None if some field or message is of another type than it should be."""
        if {*map(type, messages)} != {self._kind}:
            return None
        columns = [[*map(read, messages)] for read in self._read]
        return [*zip(*columns, strict=True)] if _types(columns) == self._direct else None

    def decode(self, data: Sequence[Any]) -> list[Any] | None:
        """The messages with these fields; None if something about them is not as it should be."""
        if {*map(type, data)} != {list} or {*map(len, data)} != {len(self._wire)}:
            return None
        columns = [[*map(place, data)] for place in self._place]
        if _types(columns) != self._wire:
            return None
        messages: list[Any] = [*map(object.__new__, repeat(self._kind, len(data)))]
        try:
            for put, table, column in zip(self._put, self._tables, columns, strict=True):
                deque(map(put, messages, column if table is None else map(table.__getitem__, column)), maxlen=0)
        except KeyError:
            return None
        return messages


def _types(columns: Sequence[Sequence[Any]]) -> list[set[type]]:
    """The types in each column."""
    return [{*map(type, column)} for column in columns]


def reader(names: tuple[str, ...]) -> Read:
    """A function that reads these fields, all at once."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])
