"""Values of Python, written as values of TLA+."""

from __future__ import annotations

from typing import Any

FORBIDDEN = '"\\'


def written(value: Any) -> str:
    """A value as TLA+ text: a tuple is a sequence, a list a set, a dictionary with names as keys a record.

    Raises ValueError for a text that TLA+ can't have, TypeError for any other kind of value.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case str():
            return f'"{_checked(value)}"'
        case tuple():
            return f"<<{_listed(value)}>>"
        case list():
            return f"{{{_listed(value)}}}"
        case dict():
            return "[" + ", ".join(f"{name} |-> {written(each)}" for name, each in value.items()) + "]"
    raise TypeError(f"value is {value!r}: TLA+ has numbers, texts, truth values, sequences, sets and records")


def _listed(values: tuple[Any, ...] | list[Any]) -> str:
    return ", ".join(map(written, values))


def _checked(text: str) -> str:
    if not (text.isascii() and text.isprintable()) or not set(FORBIDDEN).isdisjoint(text):
        raise ValueError(f"text is {text!r}: TLA+ has printable ASCII without quotes and backslashes")
    return text
