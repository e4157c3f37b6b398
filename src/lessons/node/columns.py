"""Many messages of one class as columns, one for each field: then the interpreter's loop does not run for each message.

What a cluster says and keeps most is long rows of the same: the entries of a log. Where all have the same object in a
field, the field's column has it once. The last column is always whole, and says how many messages there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from itertools import repeat
from operator import attrgetter, is_
from typing import Any, TypeVar

from lessons.node.message import field_names

T = TypeVar("T")

Columns = Sequence[Sequence[Any]]
Read = Callable[[Any], Any]
Put = Callable[[Any, Any], None]


def to_columns(kind: type, messages: Sequence[Any]) -> list[list[Any]]:
    """The fields of messages of class ``kind``. Raises TypeError for another class, or one without fields."""
    if not {*map(type, messages)} <= {kind}:
        raise TypeError(f"messages are not all of class {kind.__name__}")
    columns = [[*map(read, messages)] for read in _readers(kind)]
    return columns if len(messages) == 1 else [*map(_shortened, columns[:-1]), columns[-1]]


def from_columns(kind: type[T], columns: Columns) -> list[T]:
    """The messages of class ``kind`` whose fields stand in ``columns``, in the order of the fields.

    Raises ValueError when there is not a column for each field, or one has neither one value nor as many as the last.
    """
    puts = _putters(kind)  # type: ignore[arg-type]
    many = len(columns[-1]) if columns else 0
    if len(columns) != len(puts) or not {*map(len, columns)} <= {1, many}:
        raise ValueError(f"columns have {[*map(len, columns)]} values: {kind.__name__} has {len(puts)} fields")
    if many == 1:
        return [kind(*[column[0] for column in columns])]
    whole = [repeat(column[0], many) if len(column) == 1 else column for column in columns]
    if hasattr(kind, "__post_init__"):
        return [*map(kind, *whole)]
    messages: list[T] = [*map(object.__new__, repeat(kind, many))]
    for put, column in zip(puts, whole, strict=True):
        deque(map(put, messages, column), maxlen=0)
    return messages


def _shortened(column: list[Any]) -> list[Any]:
    return column[:1] if all(map(is_, column, column[1:])) else column


@cache
def _readers(kind: type) -> tuple[Read, ...]:
    return tuple(map(attrgetter, _fields(kind)))


@cache
def _putters(kind: type) -> tuple[Put, ...]:
    """What fills the slots of a message that nobody has seen yet."""
    return tuple(getattr(kind, name).__set__ for name in _fields(kind))


def _fields(kind: type) -> tuple[str, ...]:
    names = field_names(kind)
    if not names:
        raise TypeError(f"{kind.__name__} is no class of messages with fields: mark it with @message")
    return names
