"""From a trace with a broken invariant to an error, for tests."""

from __future__ import annotations

from lessons.node import LessonsError
from lessons.trace import Trace


class InvariantBroken(LessonsError, AssertionError):
    """A run broke an invariant; ``trace`` is the run."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        broken = trace.violation
        assert broken is not None
        super().__init__(
            f"{broken.invariant} is broken at {broken.time:g} s with seed {trace.seed!r}: {broken.why}"
        )


def holds(trace: Trace) -> Trace:
    """Return ``trace`` if every invariant held to its end; raise InvariantBroken otherwise."""
    if trace.violation is not None:
        raise InvariantBroken(trace)
    return trace
