"""Trying an attempt: each sample check with its outcome in words, and whether anything was written at all."""

from __future__ import annotations

import dis
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from lessons.classroom.exercise import Exercise, Sample

if TYPE_CHECKING:
    from lessons.trace import Trace


@dataclass(frozen=True)
class Outcome:
    """How one sample check ended: ``failure`` in words, None if it passed, and the run that shows it.

    The words of a check are Markdown; what the attempt itself raised is ``foreign``, and shown as it is.
    """

    claim: str
    failure: str | None = None
    trace: Trace | None = None
    unwritten: bool = False
    foreign: bool = False


def outcomes(exercise: Exercise, attempt: Any) -> list[Outcome]:
    """Run every sample check on ``attempt``. What the attempt raises becomes an outcome; nothing is raised."""
    found: list[Outcome] = []
    try:
        for sample in exercise.samples(attempt):
            found.append(_outcome(sample))
    except Exception as error:  # the attempt failed while the samples were being made
        found.append(_failed("your class or function can be used", error))
    return found


def _outcome(sample: Sample) -> Outcome:
    claim = sample.__name__.replace("_", " ")
    try:
        sample()
    except Exception as error:
        return _failed(claim, error)
    return Outcome(claim)


def _failed(claim: str, error: Exception) -> Outcome:
    trace = next((cause.trace for cause in _causes(error) if hasattr(cause, "trace")), None)
    unwritten = any(isinstance(cause, NotImplementedError) for cause in _causes(error))
    return Outcome(claim, _words(error), trace, unwritten, not isinstance(error, AssertionError))


def _causes(error: BaseException) -> Iterator[Any]:
    """The error and what it came from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _words(error: Exception) -> str:
    """The error as a sentence, without addresses, which change from run to run."""
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error)).strip()
    if isinstance(error, AssertionError):
        return text or "it does not hold"
    if isinstance(error, NotImplementedError):
        return f"a part is not written yet{': ' if text else ''}{text}"
    return f"your code raised {type(error).__name__}{': ' if text else ''}{text}"


def is_untouched(stub: Any, attempt: Any) -> bool:
    """Whether ``attempt`` is still the stub: nothing at all, the stub itself, or a copy of its code."""
    if attempt is None or attempt is ... or attempt is stub:
        return True
    return isinstance(attempt, type | FunctionType) and _code_of(attempt) == _code_of(stub)


def _code_of(thing: Any) -> Any:
    """What a function does, or what the functions of a class do, without docstrings and line numbers."""
    if isinstance(thing, FunctionType):
        return _instructions(thing.__code__)
    members = vars(thing).items() if isinstance(thing, type) else ()
    return {name: _instructions(value.__code__) for name, value in members if isinstance(value, FunctionType)}


def _instructions(code: CodeType) -> list[Any]:
    return [
        (step.opname, _instructions(step.argval) if isinstance(step.argval, CodeType) else step.argval)
        for step in dis.get_instructions(code)
    ]
