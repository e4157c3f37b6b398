"""Messages: frozen, slotted dataclasses, and the names of the handlers that receive them."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar, dataclass_transform

from lessons.node.errors import AuthorError

T = TypeVar("T")

# Annotations made only of these words can hold nothing that changes after the message was sent;
# so can tuples and frozen sets of such, other messages like this one, and enums.
_IMMUTABLE_WORDS = {"int", "float", "str", "bool", "bytes", "None", "Optional", "Union", "typing"}
_FROZEN_OF = {"tuple", "frozenset"}

#: Message classes whose instances can't change: a send of one needs no further look.
IMMUTABLE: set[type] = set()
#: These classes and all others of which that is known.
CONSTANT: set[type] = {type(None), bool, int, float, str, bytes}
_FIELDS: dict[type, tuple[str, ...]] = {}


@dataclass_transform(frozen_default=True)
def message(cls: type[T]) -> type[T]:
    """Turn a class with annotated fields into a message type: frozen, slotted, comparable, printable.

    Use it as a decorator. Instances print as ``Add(amount=3)``, and ``encode`` writes them as JSON.
    Raises AuthorError for a field of the name ``type``.
    """
    made = dataclass(frozen=True, slots=True)(cls)
    if any(field.name == "type" for field in fields(made)):  # type: ignore[arg-type]
        raise AuthorError(f"{cls.__name__} has a field type, where its JSON form has the class: use another name")
    _FIELDS[made] = tuple(field.name for field in fields(made))  # type: ignore[arg-type]
    names = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
    if all(_is_immutable(field.type, names) for field in fields(made)):  # type: ignore[arg-type]
        IMMUTABLE.add(made)
        CONSTANT.add(made)
    return made


def _is_immutable(annotation: Any, names: Mapping[str, Any]) -> bool:
    """Whether values of this annotation can't change; ``names`` are those of its module."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return all(
        word in _IMMUTABLE_WORDS or (word in _FROZEN_OF and after == "[") or _is_constant(names.get(word))
        for word, after in re.findall(r"([^\W\d]\w*)\s*(\[?)", text)
    )


def _is_constant(kind: object) -> bool:
    return isinstance(kind, type) and (kind in CONSTANT or issubclass(kind, Enum))


def is_message(value: object) -> bool:
    """Whether ``value`` is an instance of a class marked with ``@message``."""
    return type(value) in _FIELDS


def field_names(kind: type) -> tuple[str, ...] | None:
    """The names of the fields of a class marked with ``@message``, in order; None for any other class."""
    return _FIELDS.get(kind)


def message_fields(value: object) -> dict[str, Any]:
    """The fields of a message by name, in the order in which its class lists them.

    Raises TypeError for what is no message.
    """
    if not is_message(value):
        raise TypeError(f"{value!r} of type {type(value).__name__} is no message: mark its class with @message")
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


def handler_name(kind: type) -> str:
    """The method that handles messages of class ``kind``: ``RequestVote`` -> ``on_request_vote``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.__name__)
    return f"on_{words.lower()}"
