"""Transaction histories: what clients asked of a database and what they were told, the input of the check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, get_args

from lessons.node import LessonsError, render

Outcome: TypeAlias = Literal["committed", "aborted", "unknown"]


class Unseen(Enum):
    """The type of ``UNSEEN``."""

    UNSEEN = "?"


#: What a read returned when nobody knows it: the answer was lost.
UNSEEN: Final = Unseen.UNSEEN


class BadHistory(LessonsError, ValueError):
    """A history that can't be judged; the text names the transaction, the value and the rule.

    ``transaction`` is the position of the transaction in the history, None where it is no single one.
    """

    def __init__(self, text: str, transaction: int | None = None) -> None:
        super().__init__(text)
        self.transaction = transaction


@dataclass(frozen=True, slots=True)
class Append:
    """Add ``value`` to the end of the list ``key``."""

    key: Any
    value: Any

    def __post_init__(self) -> None:
        _check_written(self.key, self.value)

    def __str__(self) -> str:
        return f"append {self.key} {render(self.value)}"


@dataclass(frozen=True, slots=True)
class Write:
    """Set the register ``key`` to ``value``."""

    key: Any
    value: Any

    def __post_init__(self) -> None:
        _check_written(self.key, self.value)

    def __str__(self) -> str:
        return f"write {self.key} {render(self.value)}"


@dataclass(frozen=True, slots=True)
class Read:
    """Read ``key`` and get ``value``: a sequence from a list, None from a register that nobody has written."""

    key: Any
    value: Any = UNSEEN

    def __post_init__(self) -> None:
        check_plain("key", self.key)
        if isinstance(self.value, list | tuple):
            object.__setattr__(self, "value", tuple(self.value))
            for item in self.value:
                check_plain("value read", item)
        elif self.value is not None and self.value is not UNSEEN:
            check_plain("value read", self.value)

    def __str__(self) -> str:
        return f"read {self.key} {shown(self.value)}"


Operation: TypeAlias = Append | Write | Read


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one client did as a unit: its operations in order, and how it ended for the client.

    ``outcome`` is "committed", "aborted" (it took no effect) or "unknown" (the answer was lost).
    ``process`` is the client; ``start`` and ``end`` are the times, in any one unit, of the first
    request and of the last answer. They are needed only where their order is to be respected.

    Raises BadHistory for an outcome that there is not, an operation that is none, an end before its start.
    """

    name: str
    operations: Sequence[Operation]
    outcome: Outcome = "committed"
    process: str | None = None
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(self.operations))
        if self.outcome not in get_args(Outcome):
            raise BadHistory(f"outcome of {self.name} is {self.outcome!r}: choose from {', '.join(get_args(Outcome))}")
        for operation in self.operations:
            if not isinstance(operation, Append | Write | Read):
                raise BadHistory(
                    f"{self.name} has the operation {operation!r}: it must be an Append, a Write or a Read"
                )
        if self.start is not None and self.end is not None and self.end < self.start:
            raise BadHistory(f"{self.name} ends at {self.end!r}: that is before its start at {self.start!r}")

    def __str__(self) -> str:
        told = "; ".join(map(str, self.operations))
        return f"{self.name}: {told}" + ("" if self.outcome == "committed" else f" ({self.outcome})")


def shown(value: Any) -> str:
    """A value as the sentences of a verdict show it: lists in brackets, a value that nobody knows as "?"."""
    if value is UNSEEN:
        return "?"
    return render(list(value)) if isinstance(value, tuple) else render(value)


def _check_written(key: Any, value: Any) -> None:
    check_plain("key", key)
    check_plain("value written", value)


def check_plain(what: str, value: Any) -> None:
    """Raise BadHistory, which says ``what`` it is, for a value that can't be told from others."""
    if type(value) not in (int, str, float):
        raise BadHistory(f"{what} is {value!r}: it must be a number or a text")
    if value != value:
        raise BadHistory(f"{what} is {value!r}: it must be equal to itself")
