"""What a file of a history gives, and the error when it can't be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lessons.node import LessonsError
from lessons.trace import Operation


class Unreadable(LessonsError, ValueError):
    """A file is not a history: ``line`` (from 1) is where, ``why`` says what is wrong there."""

    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why
        super().__init__(f"line {line}: {why}")


def read_text(path: Path | str) -> str:
    """The text of a file in UTF-8; raises Unreadable, with the line, where it is not, and OSError."""
    data = Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(data.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from error


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for its decoder; raises ValueError when it has a name twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an object has a name twice: {', '.join(name for name, _ in pairs)}")
    return found


def refuse(constant: str) -> NoReturn:
    """For a decoder of JSON: NaN and the infinite are no JSON. Raises ValueError."""
    raise ValueError(f"{constant} is no number of JSON")


@dataclass(frozen=True)
class Recorded:
    """A history from a file: its operations, the line of each of them, the unit of their times.

    ``model`` is the name of the model to judge it by, if the file has one.
    """

    operations: tuple[Operation, ...]
    lines: tuple[int, ...]
    unit: str
    model: str | None = None
