"""How the fields of messages become JSON and come back: one coder for each annotation, which lets nothing else pass."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from lessons.net.errors import Malformed
from lessons.net.values import Values

Code = Callable[[Any], Any]


@dataclass(frozen=True)
class Coder:
    """``encode`` makes JSON data of a value, or raises TypeError; ``decode`` makes the value, or raises Malformed.

    Where JSON carries values of a type as they are, ``direct`` is that type, and ``wire`` the one that JSON gives
    back; ``table`` then turns what JSON gives into the value, if it is another. ``encode_all`` makes one JSON object of
    many values, where that is quicker, or None where each must be looked at by itself; ``decode_all`` reads it.
    """

    encode: Code
    decode: Code
    direct: type | None = None
    wire: type | None = None
    table: dict[Any, Any] | None = None
    encode_all: Code | None = None
    decode_all: Code | None = None


def scalar(kind: type) -> Coder:
    """For values of exactly this type, which JSON has too."""

    def encode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    def decode(data: Any) -> Any:
        if type(data) is not kind:
            raise Malformed(f"{data!r} is no {kind.__name__}")
        return data

    return Coder(encode, decode, kind, kind)


def number() -> Coder:
    """For float, which may hold whole numbers too; what JSON can't say is a text."""

    def encode(value: Any) -> Any:
        if type(value) is int or (type(value) is float and isfinite(value)):
            return value
        if type(value) is not float:
            raise TypeError(f"{value!r} is no number")
        return repr(value)

    def decode(data: Any) -> Any:
        if type(data) is float or type(data) is int:
            return data
        if data in ("inf", "-inf", "nan"):
            return float(data)
        raise Malformed(f"{data!r} is no number")

    return Coder(encode, decode)


def octets() -> Coder:
    """For bytes."""

    def encode(value: Any) -> str:
        if type(value) is not bytes:
            raise TypeError(f"{value!r} is no bytes")
        return b64encode(value).decode()

    def decode(data: Any) -> bytes:
        try:
            return b64decode(data, validate=True)
        except (TypeError, ValueError):
            raise Malformed(f"{data!r} is no base64 text") from None

    return Coder(encode, decode)


def choice(kind: type[Enum]) -> Coder:
    """For members of an enum, by their values."""
    table = {member.value: member for member in kind}
    kinds = {type(value) for value in table}

    def encode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value.value

    def decode(data: Any) -> Any:
        if type(data) not in kinds or data not in table:
            raise Malformed(f"{data!r} is no {kind.__name__}")
        return table[data]

    direct = kind if issubclass(kind, str) else None
    return Coder(encode, decode, direct, str if direct else None, table if direct else None)


def many(kind: Callable[[list[Any]], Any], item: Coder) -> Coder:
    """For a tuple, list or frozenset of items of one kind."""

    def encode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {getattr(kind, '__name__', kind)}")
        together = item.encode_all(value) if item.encode_all and len(value) > 1 else None
        return together or [item.encode(each) for each in value]

    def decode(data: Any) -> Any:
        if type(data) is dict and item.decode_all:
            return kind(item.decode_all(data))
        if type(data) is not list:
            raise Malformed(f"{data!r} is no list")
        return kind([item.decode(each) for each in data])

    return Coder(encode, decode)


def row(items: Sequence[Coder]) -> Coder:
    """For a tuple of a fixed length."""

    def encode(value: Any) -> list[Any]:
        if type(value) is not tuple or len(value) != len(items):
            raise TypeError(f"{value!r} is no tuple of {len(items)}")
        return [item.encode(each) for item, each in zip(items, value, strict=True)]

    def decode(data: Any) -> tuple[Any, ...]:
        if type(data) is not list or len(data) != len(items):
            raise Malformed(f"{data!r} is no list of {len(items)}")
        return tuple([item.decode(each) for item, each in zip(items, data, strict=True)])

    return Coder(encode, decode)


def anything(values: Values, kinds: tuple[type, ...] = (object,)) -> Coder:
    """For any plain data that is of one of these kinds."""

    def encode(value: Any) -> Any:
        if not isinstance(value, kinds):
            raise TypeError(f"{value!r} is none of {', '.join(kind.__name__ for kind in kinds)}")
        return values.encode(value)

    def decode(data: Any) -> Any:
        value = values.decode(data)
        if not isinstance(value, kinds):
            raise Malformed(f"{value!r} is none of {', '.join(kind.__name__ for kind in kinds)}")
        return value

    return Coder(encode, decode)


def coder_for(annotation: Any, values: Values, message_coder: Callable[[type], Coder | None]) -> Coder:
    """The coder for an annotation; ``message_coder`` has those of messages. The rest is any plain data."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in (int, str, bool, NoneType, None):
        return scalar(annotation or NoneType)
    if annotation in (float, bytes):
        return number() if annotation is float else octets()
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return choice(annotation)
    if origin is tuple and args and args[-1] is not Ellipsis:
        return row([coder_for(each, values, message_coder) for each in args])
    if origin in (tuple, list, frozenset) and args:
        return many(origin, coder_for(args[0], values, message_coder))
    if origin in (Union, UnionType):
        return anything(values, tuple(map(runtime_type, args)))
    known = message_coder(annotation) if isinstance(annotation, type) else None
    return known or anything(values, (runtime_type(annotation),))


def runtime_type(annotation: Any) -> type:
    """The class that values of an annotation are of, as far as a look at the value can tell."""
    found = get_origin(annotation) or annotation
    if found is None:
        return NoneType
    if found is Any or found is float:
        return object  # for a float whole numbers will do
    return found if isinstance(found, type) else object
