"""What can go wrong in running a simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from types import MethodType
from typing import Any

from lessons.node import LessonsError, Task
from lessons.node.life import Alarm
from lessons.trace import Trace


class EndlessRun(LessonsError):
    """The limit of events was used up; ``trace`` is the run so far."""

    def __init__(self, trace: Trace, limit: int, busiest: str) -> None:
        self.trace = trace
        super().__init__(
            f"the run was stopped after {limit:,} events at {trace.end:g} s. Nodes with repeating "
            "timers never end by themselves: give run() a time until=..., or Simulation a higher "
            f"limit=... . Most of what happened last: {busiest}"
        )


class RunIsOver(LessonsError):
    """The run ended with a broken invariant and can't go on; ``trace`` is the run."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        broken = trace.violation
        name = broken.invariant if broken else "an invariant"
        super().__init__(f"this run ended at {trace.end:g} s, when {name} was broken: build a new one")


def busiest(log: Sequence[Any]) -> str:
    """The commonest sources of events at the end of a run's record, in words."""
    return ", ".join(f"{n} x {what}" for what, n in Counter(_sources(log[-5000:])).most_common(3))


def _sources(log: Sequence[Any]) -> Iterator[str]:
    """Sends and timers in words: where the events come from."""
    for receive, sender, message in zip(log, log[1:], log[2:], strict=False):
        if isinstance(receive, MethodType):
            yield f"{type(message).__name__} from {sender}"
        elif isinstance(receive, Task | Alarm):
            yield f"timer {receive.name} of {receive.host.name}"
