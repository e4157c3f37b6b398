"""Coders of messages: all fields at once, and many messages at once, where JSON carries every field as it is.

Most messages have only numbers and texts, and most of what a cluster says is long rows of the same. So a row goes by
its columns: whether a column holds one type is asked of all its values together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from lessons.net.coders import Coder
from lessons.net.errors import Malformed
from lessons.node.columns import from_columns, to_columns

Read = Callable[[Any], tuple[Any, ...]]
NAME = "columns"  # says on the wire that a row goes by columns


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
    rows = Rows(kind, coders)
    return Coder(encode, decode, encode_all=rows.encode, decode_all=rows.decode)


class Rows:
    """Encodes and decodes many messages of one class, whose fields JSON carries as they are, by their columns."""

    def __init__(self, kind: type, coders: Sequence[Coder]) -> None:
        self._kind = kind
        self._direct = [{coder.direct} for coder in coders]
        self._wire = [{coder.wire} for coder in coders]
        self._tables = [coder.table for coder in coders]

    def encode(self, messages: Sequence[Any]) -> dict[str, Any] | None:
        """Their columns; None if some field or message is of another type than it should be."""
        try:
            columns = to_columns(self._kind, messages)
        except TypeError:
            return None
        return {NAME: columns} if _types(columns) == self._direct else None

    def decode(self, data: dict[str, Any]) -> list[Any]:
        """The messages with these columns. Raises Malformed."""
        columns = data.get(NAME)
        if len(data) > 1 or type(columns) is not list or {*map(type, columns)} != {list}:
            raise Malformed(f"an object with {', '.join(data) or 'nothing'} is no tuple of {self._kind.__name__}")
        if _types(columns) != self._wire:
            raise Malformed(f"columns are none of {self._kind.__name__}: a field is missing, or of another type")
        try:
            values = [
                column if table is None else [*map(table.__getitem__, column)]
                for table, column in zip(self._tables, columns, strict=True)
            ]
            return from_columns(self._kind, values)
        except (KeyError, ValueError) as error:
            raise Malformed(f"columns are none of {self._kind.__name__}: {error}") from None


def _types(columns: Sequence[Sequence[Any]]) -> list[set[type]]:
    """The types in each column."""
    return [{*map(type, column)} for column in columns]


def reader(names: tuple[str, ...]) -> Read:
    """A function that reads these fields, all at once."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])
