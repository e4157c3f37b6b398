"""What can go wrong with replicated data: states from elsewhere, and updates that make no sense here."""

from __future__ import annotations

from lessons.node import LessonsError


class BadState(LessonsError, ValueError):
    """A state, a delta or an operation from outside breaks a rule of its type; nothing was changed."""


class ForeignState(LessonsError, TypeError):
    """A state of another type was to be merged; nothing was changed."""

    def __init__(self, mine: object, other: object) -> None:
        super().__init__(f"other is a {type(other).__name__}: a {type(mine).__name__} merges with its own type only")


class MissingCause(LessonsError, LookupError):
    """Edits arrived before the edits that they build on; nothing was changed, and they may come again later."""


class NotThere(LessonsError, KeyError):
    """Something was to be removed, or put back, that this replica does not have."""

    __str__ = Exception.__str__  # that of KeyError would put the text in quotation marks
