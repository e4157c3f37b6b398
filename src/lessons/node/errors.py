"""What can go wrong in a protocol author's code, each error saying what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LessonsError(Exception):
    """Base class of every error that this package raises on purpose."""


class AuthorError(LessonsError):
    """The protocol's code broke a rule of the kit; the text names the rule and the way out."""


class UnknownNode(AuthorError, KeyError):
    """A node, a fault or a check named a node that is not part of this world."""

    __str__ = Exception.__str__  # that of KeyError would put the text in quotation marks

    def __init__(self, name: object, known: list[str]) -> None:
        names = ", ".join(known) or "none yet"
        super().__init__(f"there is no node {name!r}; known nodes: {names}")


class UnknownMessage(AuthorError, TypeError):
    """Something was sent that is not an instance of a class marked with ``@message``."""

    def __init__(self, sender: str, sent: object) -> None:
        kind = type(sent).__name__
        super().__init__(
            f"{sender} sent {sent!r} of type {kind}, which is no message: mark class {kind} with "
            "@message and send an instance of it"
        )


class HandlerMissing(AuthorError, LookupError):
    """A node received a message for which its class has no handler."""

    def __init__(self, node: str, kind: str, message: str, handler: str) -> None:
        super().__init__(
            f"{node} received a {message}, but {kind} has no handler for it: "
            f"write {kind}.{handler}(self, sender, message), or do not send it there"
        )


class MessageChanged(AuthorError):
    """A message was changed after it was sent, which a real network would not carry over."""

    def __init__(self, sender: str, before: str, after: str) -> None:
        super().__init__(
            f"a message of {sender} changed after it was sent: it was {before}, it is now {after}. "
            "Send a copy: a tuple for a list, tuple(d.items()) for a dict, frozenset for a set"
        )


class Unwatchable(AuthorError, TypeError):
    """A watched field holds something other than plain data."""

    def __init__(self, node: str, field: str, value: object) -> None:
        super().__init__(
            f"{node}.{field} is watched, but holds a {type(value).__name__}: watch numbers, texts, "
            "enums, messages, and lists, tuples, sets or dicts of them, or watch a property that "
            "returns such data"
        )


class BadDelay(AuthorError, ValueError):
    """A delay that is negative, infinite or not a number."""

    def __init__(self, what: str, delay: object, least: str = "0 or more") -> None:
        super().__init__(f"{what} is {delay!r}: it must be a finite number of seconds, {least}")


class OutsideWorld(AuthorError):
    """A node was used before a world (a simulation, a network) had taken it in."""

    def __init__(self, kind: str, missing: str) -> None:
        what = "clock, timers or workflows" if missing == "_host" else repr(missing)
        super().__init__(
            f"this {kind} is in no world yet, so it has no {what}: use it in start(), not in __init__, "
            "and let a Simulation (or another world) create it"
        )


class TimedOut(LessonsError):
    """No answer, or not enough answers, came in time; ``answers`` holds those that did."""

    def __init__(self, what: str, timeout: float, answers: Mapping[str, Any] | None = None) -> None:
        self.answers: dict[str, Any] = dict(answers or {})
        super().__init__(f"{what} had no answer within {timeout:g} s")


class Cancelled(LessonsError):
    """Raised inside a workflow that was cancelled, so that it can clean up."""


class DiskFull(LessonsError, OSError):
    """A write was refused because the disk has no room; nothing of it was written."""

    def __init__(self, node: str, wanted: int, free: int) -> None:
        super().__init__(f"the disk of {node} is full: {wanted} bytes wanted, {free} free")
