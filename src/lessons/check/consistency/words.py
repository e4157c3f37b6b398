"""Words for operations, times and states, as verdicts and pictures say them."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.check.consistency.models import Model
from lessons.node import render
from lessons.trace import Operation

LONGEST = 32
FATES = {"fail": "failed", "unknown": "no answer"}


def label(operation: Operation, model: Model) -> str:
    """The operation with what became of it: "read() = 1", "write(2)", "write(3), no answer", "cas(1, 2), failed"."""
    if operation.outcome != "ok":
        return f"{called(operation)}, {FATES[operation.outcome]}"
    told = operation.name not in model.silent
    return called(operation) + f" = {short(operation.value)}" * told


def named(operation: Operation, model: Model) -> str:
    """The operation with its client, for use in a list: "read() = 1 of ann", "write(2) of bob (no answer)"."""
    if operation.outcome == "ok":
        return f"{label(operation, model)} of {operation.client}"
    return f"{called(operation)} of {operation.client} ({FATES[operation.outcome]})"


def called(operation: Operation) -> str:
    """The operation as it was called: "cas(1, 2)"."""
    return f"{operation.name}({', '.join(map(short, operation.args))})"


def short(value: object) -> str:
    """A value in a transcript's words; of a long one, the beginning and the end."""
    text = render(value)
    half = LONGEST // 2 - 2
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"


def span(begin: float, end: float, unit: str) -> str:
    """From one time to another: "lines 12 to 31", "from 0.25 to 0.5 s"."""
    if unit == "line":
        return f"lines {begin:g} to {end:g}"
    return f"from {begin:.9g} to {end:.9g} {unit}".rstrip()


def either(words: Sequence[str], most: int = 6) -> str:
    """ "a", "a or b", "a, b or c"; of many, the first ones and how many more there are."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def listed(words: Sequence[str], total: int) -> str:
    """Words with commas, and how many of ``total`` there are more."""
    return ", ".join(words) + (f" and {total - len(words):,} more" if total > len(words) else "")


def counted(number: int, noun: str) -> str:
    """ "1 operation", "2 operations"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
