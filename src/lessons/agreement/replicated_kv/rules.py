"""What may go into the store, and how much of it: the rules that every argument is held against."""

from __future__ import annotations

from dataclasses import dataclass, fields
from sys import float_info
from typing import Any, NoReturn

from lessons.node import LessonsError

MOST_KEY = 512  # characters
MOST_VALUE = 65_536  # characters of a text, bytes of bytes
MOST_STEPS = 64  # in one branch of a transaction, and compares in front of it
MOST_RECORDS = 1000  # in one answer
MOST_TEXT = 1_000_000  # characters of a command, or of an answer
MOST_ANSWER = MOST_TEXT - 10_000  # of these for records and events, which are many; one fits in any case
LONGEST = 30 * 86400.0  # seconds that a lease can live

_SHOWN = 60  # characters of a bad value


class BadCommand(LessonsError, ValueError):
    """Something that was asked of the store breaks a rule: the text names the argument, its value and the rule."""


@dataclass(frozen=True)
class Limits:
    """How much a store keeps; the same on all servers, because it decides what commands do.

    ``size`` is in characters and bytes of all keys and values together. ``events`` is how many changes can be
    watched afterwards. A client has ``answers`` requests under way at most, and its session ends when it was
    silent for ``idle`` seconds, or when there are more than ``sessions`` and it was silent for longest.
    """

    size: int = 100_000_000
    events: int = 1000
    sessions: int = 1000
    answers: int = 64
    leases: int = 10_000
    idle: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, float) or not 0 < value <= float_info.max:
                refuse(field.name, value, "a finite number over 0")


def refuse(name: str, value: object, rule: str) -> NoReturn:
    """Raise BadCommand, which says that ``name`` must be what ``rule`` says."""
    shown = repr(value[:_SHOWN] if isinstance(value, str | bytes) else value)
    raise BadCommand(f"{name} is {shown[:_SHOWN]}: it must be {rule}")


def check_key(key: Any, name: str = "key") -> None:
    """A key is a text, short, and not empty."""
    if not (isinstance(key, str) and 0 < len(key) <= MOST_KEY):
        refuse(name, key, f"a text of 1 to {MOST_KEY} characters")


def check_range(key: Any, end: Any) -> None:
    """One key, or all from ``key`` to before ``end``; an empty text is the beginning, or no end."""
    if end is None:
        check_key(key)
        return
    for name, bound in (("key", key), ("end", end)):
        if not (isinstance(bound, str) and len(bound) <= MOST_KEY):
            refuse(name, bound, f"a text of at most {MOST_KEY} characters")
    if end and end < key:
        refuse("end", end, "empty, or not before key")


def check_value(value: Any, name: str = "value") -> None:
    """A value is any text or any bytes, but not too long."""
    if not (isinstance(value, str | bytes) and len(value) <= MOST_VALUE):
        refuse(name, value, f"a text or bytes, {MOST_VALUE:,} long at most")


def check_whole(name: str, value: Any, least: int = 0, most: int = 2**53) -> None:
    """A whole number between two others."""
    if not (type(value) is int and least <= value <= most):
        refuse(name, value, f"a whole number from {least} to {most}")


def check_seconds(name: str, value: Any, most: float) -> None:
    """A time, over 0."""
    if not (type(value) in (int, float) and 0 < value <= most):
        refuse(name, value, f"a time over 0 and up to {most:g} seconds")


def check_kinds(name: str, items: Any, kinds: tuple[type, ...], most: int = MOST_STEPS) -> None:
    """A tuple of a few things, each of one of these classes."""
    if not (isinstance(items, tuple) and len(items) <= most and all(isinstance(item, kinds) for item in items)):
        refuse(name, items, f"a tuple of at most {most} of {', '.join(kind.__name__ for kind in kinds)}")
