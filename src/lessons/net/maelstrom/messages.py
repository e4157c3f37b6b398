"""What clients of Maelstrom ask, what a service answers, and the errors that all know (its doc/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from lessons.node import LessonsError, message


class Code(IntEnum):
    """Why a request was not done. After TIMEOUT and CRASH nobody knows whether it was."""

    TIMEOUT = 0
    NODE_NOT_FOUND = 1
    NOT_SUPPORTED = 10
    TEMPORARILY_UNAVAILABLE = 11
    MALFORMED_REQUEST = 12
    CRASH = 13
    ABORT = 14
    KEY_DOES_NOT_EXIST = 20
    KEY_ALREADY_EXISTS = 21
    PRECONDITION_FAILED = 22
    TXN_CONFLICT = 30

    @property
    def definite(self) -> bool:
        """Whether the request was certainly not done, and never will be."""
        return self not in (Code.TIMEOUT, Code.CRASH)


@message
class Ask:
    """A request: its type, and its other fields."""

    what: str
    fields: Mapping[str, Any]


@message
class Tell:
    """An answer, in the same form."""

    what: str
    fields: Mapping[str, Any]


@message
class Fail:
    """It was not done; the code says whether that is certain."""

    code: int
    text: str


class Failure(LessonsError):
    """Raised by a service that can't do what it was asked for; the client gets the code and the text."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code
