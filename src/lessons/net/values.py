"""Any plain data as JSON that gives back the same data, of the same types: tuples stay tuples, bytes bytes.

Numbers, texts and None are themselves. Everything else is a list whose first item says what it is:
``["t", 1, 2]`` is the tuple ``(1, 2)``.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Any

from lessons.net.errors import Malformed
from lessons.node import Series
from lessons.node.message import is_message
from lessons.node.plain import sort_key

_PLAIN = frozenset({type(None), bool, int, str})
_SEQUENCES: dict[type, str] = {tuple: "t", list: "l", Series: "t"}
_SETS: dict[type, str] = {frozenset: "z", set: "s"}
_MAKE: dict[str, Callable[[list[Any]], Any]] = {"t": tuple, "l": list, "z": frozenset, "s": set}


class Values:
    """Writes and reads plain data; ``pack`` and ``unpack`` are for messages and enums within it."""

    def __init__(self, pack: Callable[[Any], list[Any]], unpack: Callable[[str, list[Any]], Any]) -> None:
        self._pack, self._unpack = pack, unpack

    def encode(self, value: Any) -> Any:
        """JSON data for ``value``; raises TypeError when something in it is no plain data."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is float:
            return value if isfinite(value) else ["f", repr(value)]
        if kind is bytes or kind is bytearray:
            return ["b" if kind is bytes else "y", b64encode(value).decode()]
        if kind in _SEQUENCES:
            return [_SEQUENCES[kind], *map(self.encode, value)]
        if kind in _SETS:
            return [_SETS[kind], *map(self.encode, sorted(value, key=sort_key))]
        if isinstance(value, Mapping):
            return ["d", *([self.encode(key), self.encode(item)] for key, item in value.items())]
        if is_message(value) or isinstance(value, Enum):
            return self._pack(value)
        raise TypeError(f"{value!r} of type {kind.__name__} is no plain data")

    def decode(self, data: Any) -> Any:
        """The value that ``encode`` wrote as ``data``; raises Malformed."""
        if type(data) is not list:
            if type(data) in _PLAIN or type(data) is float:
                return data
            raise Malformed(f"{data!r} is no value: a value is a number, a text, None or a list with a letter in front")
        if not data or type(data[0]) is not str:
            raise Malformed(f"{data!r} is no value: its first item must say what it is")
        try:
            return self._decode(data[0], data[1:])
        except Malformed:
            raise
        except RecursionError:
            raise Malformed("a value is too deep") from None
        except (TypeError, ValueError, OverflowError, BadBase64) as error:
            raise Malformed(f"{data!r} is no value: {error}") from None

    def _decode(self, letter: str, rest: list[Any]) -> Any:
        if letter in _MAKE:
            return _MAKE[letter]([*map(self.decode, rest)])
        if letter == "d":
            return {self.decode(key): self.decode(item) for key, item in rest}
        if letter in ("b", "y"):
            (text,) = rest
            data = b64decode(text, validate=True)
            return data if letter == "b" else bytearray(data)
        if letter == "f":
            (text,) = rest
            if text not in ("inf", "-inf", "nan"):
                raise ValueError(f"{text!r} is no such number")
            return float(text)
        return self._unpack(letter, rest)
