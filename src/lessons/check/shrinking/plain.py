"""Parameters of a world as JSON and as Python: what a line can say that is to build the world again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from typing import Any

from lessons.node import LessonsError


class NotPlain(LessonsError, ValueError):
    """A parameter that can't be told in JSON, or JSON that tells of none."""


def to_plain(value: Any) -> Any:
    """JSON data for a parameter: plain values, tuples, dataclasses, and what can be imported by its name.

    Raises NotPlain for anything else; ``from_plain`` gives back what is equal.
    """
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Enum):
        return {"import": f"{address(type(value))}.{value.name}"}
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return {"import": address(value)}
    if is_dataclass(value):
        given = {each.name: to_plain(getattr(value, each.name)) for each in fields(value) if each.init}
        return {"make": address(type(value)), "with": given}
    raise NotPlain(f"{value!r} of type {type(value).__name__} can't be told in a line")


def from_plain(data: Any) -> Any:
    """The inverse of ``to_plain``: it imports what is named, so give it text that you would run.

    Raises NotPlain for what ``to_plain`` does not write.
    """
    if isinstance(data, list):
        return tuple(from_plain(item) for item in data)
    if not isinstance(data, Mapping):
        return data
    if set(data) == {"import"}:
        return load(data["import"])
    if set(data) == {"make", "with"} and is_dataclass(kind := load(data["make"])) and isinstance(kind, type):
        return kind(**{name: from_plain(item) for name, item in data["with"].items()})
    raise NotPlain(f"{dict(data)} tells of no parameter: it must name what to import, or a dataclass to make")


def address(value: Any) -> str:
    """``module:name`` of what a module has; raises NotPlain when it can't be imported by that."""
    place = f"{getattr(value, '__module__', None)}:{getattr(value, '__qualname__', None)}"
    try:
        found = load(place)
    except NotPlain:
        found = None
    if found is not value or place.startswith("__main__:"):
        raise NotPlain(f"{value!r} can't be imported by its name")
    return place


def load(place: str) -> Any:
    """What stands at ``module:name``; raises NotPlain when nothing does."""
    module, _, name = str(place).partition(":")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise NotPlain(f"{place!r} must be a name in a module, as in package.module:name ({error})") from None
    return found


def expression(value: Any) -> str:
    """A parameter as Python, for where its names are known: classes and functions by their name alone."""
    if isinstance(value, tuple):
        return f"({', '.join(map(expression, value))}{',' * (len(value) == 1)})"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return str(value.__name__)
    if is_dataclass(value):
        named = [f"{each.name}={expression(getattr(value, each.name))}" for each in fields(value) if each.init]
        return f"{type(value).__name__}({', '.join(named)})"
    return repr(value)
