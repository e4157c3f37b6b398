"""Plain data: what messages, watched fields and disks may hold; copied, written as JSON, printed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from lessons.node.message import CONSTANT, is_message, message_fields

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def is_frozen(value: object) -> bool:
    """Whether nothing reachable from ``value`` can change, so that sharing it is like copying it."""
    if type(value) in CONSTANT:
        return True
    if isinstance(value, tuple | frozenset):
        return all(map(is_frozen, value))
    if is_message(value):
        return all(map(is_frozen, message_fields(value).values()))
    return value is None or isinstance(value, bool | int | float | str | bytes | Enum)


def snapshot(value: Any) -> Any:
    """A copy that later changes of ``value`` don't touch; equal to it, and of the same types.

    What can't change is its own copy. Raises TypeError when something in it is no plain data.
    """
    if is_frozen(value):
        return value
    if isinstance(value, bytearray):
        return bytearray(value)
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(map(snapshot, value))
    if isinstance(value, Mapping):
        return {key: snapshot(item) for key, item in value.items()}
    if is_message(value):
        return type(value)(**{name: snapshot(item) for name, item in message_fields(value).items()})
    raise TypeError(f"{value!r} of type {type(value).__name__} is no plain data")


def encode(value: object) -> Json:
    """Plain JSON data for a message or a field value; the same value gives the same data everywhere.

    Messages become ``{"type": name, field: ...}``, bytes ``{"base64": text}``, sets sorted lists,
    dictionaries with other keys than text a list of pairs. Raises TypeError for anything else.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return encode(value.value)
    if isinstance(value, bytes | bytearray):
        return {"base64": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if isinstance(value, Set):
        return [encode(item) for item in sorted(value, key=sort_key)]
    if isinstance(value, Sequence):
        return [encode(item) for item in value]
    if is_dataclass(value):
        named = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__, **named}
    raise TypeError(f"{value!r} of type {type(value).__name__} can't be written as JSON")


def _encode_mapping(value: Mapping[Any, Any]) -> Json:
    if all(isinstance(key, str) for key in value):
        return {key: encode(item) for key, item in value.items()}
    return [[encode(key), encode(item)] for key, item in value.items()]


def sort_key(value: object) -> tuple[str, Any]:
    """A key that orders values of mixed types the same way in every run, whatever their hash."""
    if isinstance(value, bool | int | float):
        return ("", value)
    return (type(value).__name__, value if isinstance(value, str | bytes) else json.dumps(encode(value)))


def render(value: object) -> str:
    """Text for a value in a transcript: like ``repr``, but short and with sets in a fixed order.

    Fields of a message that have their default value are left out; a message class with a
    ``__str__`` of its own is shown by it.
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Set):
        return "{" + ", ".join(render(item) for item in sorted(value, key=sort_key)) + "}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{render(k)}: {render(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        inside = ", ".join(map(render, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    if is_dataclass(value) and not isinstance(value, type):
        return _render_message(value)
    return repr(value)


def _render_message(value: Any) -> str:
    kind = type(value)
    if "__str__" in vars(kind):
        return str(value)
    named = {field.name: (getattr(value, field.name), field.default) for field in fields(value)}
    told = (f"{name}={render(item)}" for name, (item, default) in named.items() if item != default)
    return f"{kind.__name__}({', '.join(told)})"
