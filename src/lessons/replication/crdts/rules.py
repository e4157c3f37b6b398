"""Rules for what comes from outside: each function returns the value, or says which rule it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeVar

from lessons.replication.crdts.errors import BadState

T = TypeVar("T")

Element = str | int
Scalar = None | bool | int | float | str
Dot = tuple[str, int]


def whole(name: str, value: object, least: int = 0) -> int:
    """A whole number of ``least`` or more."""
    if type(value) is not int or value < least:
        raise BadState(f"{name} is {value!r}: it must be a whole number, {least} or more")
    return value


def text(name: str, value: object) -> str:
    """A text that UTF-8 can carry."""
    if not isinstance(value, str):
        raise BadState(f"{name} is {value!r}: it must be a text")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadState(f"{name} is {value!r}: it has half a surrogate pair, which UTF-8 can't carry")
    return value


def replica(name: str, value: object) -> str:
    """The name of a replica: a text that is not empty."""
    if text(name, value) == "":
        raise BadState(f"{name} is '': a replica has a name")
    return str(value)


def element(name: str, value: object) -> Element:
    """An element of a set: a text or a whole number."""
    if isinstance(value, str):
        return value if value.isascii() else text(name, value)
    if type(value) is not int:
        raise BadState(f"{name} is {value!r}: an element is a text or a whole number")
    return value


def scalar(name: str, value: object) -> Scalar:
    """The value of a register: a text, a finite number, true, false or nothing."""
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, float) and not isfinite(value):
        raise BadState(f"{name} is {value!r}: a number must be finite")
    if value is not None and not isinstance(value, bool | int | float):
        raise BadState(f"{name} is {value!r}: it must be a text, a number, true, false or nothing")
    return value


def dot(name: str, value: object) -> Dot:
    """A dot: the name of a replica and the number of its event."""
    owner, number = pair(name, value)
    return replica(f"{name}[0]", owner), whole(f"{name}[1]", number, 1)


def pair(name: str, value: object) -> tuple[Any, Any]:
    """Two values."""
    first, second = listed(name, value, 2)
    return first, second


def listed(name: str, value: object, length: int | None = None) -> list[Any]:
    """A list, of ``length`` values if given."""
    if not isinstance(value, list | tuple) or length not in (None, len(value)):
        size = "" if length is None else f" of {length} values"
        raise BadState(f"{name} is {value!r}: it must be a list{size}")
    return list(value)


def fields(name: str, value: object, *names: str) -> list[Any]:
    """The values of an object that has exactly these fields."""
    if not isinstance(value, Mapping) or set(value) != set(names):
        found = sorted(map(str, value)) if isinstance(value, Mapping) else value
        raise BadState(f"{name} has {found!r}: it must have the fields {', '.join(names)}")
    return [value[field] for field in names]


def table(name: str, value: object, key: Callable[[str, Any], str], item: Callable[[str, Any], T]) -> dict[str, T]:
    """An object whose keys and values each keep a rule."""
    if not isinstance(value, Mapping):
        raise BadState(f"{name} is {value!r}: it must be an object")
    return {key(f"a key of {name}", word): item(f"{name}[{word!r}]", found) for word, found in value.items()}


def unique(name: str, values: list[T]) -> list[T]:
    """Values of which none comes twice."""
    if len(set(values)) < len(values):
        raise BadState(f"{name} is {values!r}: nothing in it may come twice")
    return values


def order(value: Scalar) -> tuple[str, str | float]:
    """A key that puts values of mixed types into the same order everywhere."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ("", value)
    return (type(value).__name__, value if isinstance(value, str) else json.dumps(value))
