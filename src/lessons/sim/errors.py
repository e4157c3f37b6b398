"""What can go wrong in running a simulation."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from lessons.node import LessonsError
from lessons.trace import Event, Trace


class EndlessRun(LessonsError):
    """The limit of events was used up; ``trace`` is the run so far."""

    def __init__(self, trace: Trace, limit: int) -> None:
        self.trace = trace
        last = islice(reversed(trace.events), 1000)
        busiest = ", ".join(f"{n} x {what}" for what, n in Counter(map(_kind, last)).most_common(3))
        super().__init__(
            f"the run was stopped after {limit:,} events at {trace.end:g} s. Nodes with repeating "
            "timers never end by themselves: give run() a time until=..., or Simulation a higher "
            f"limit=... . Most of the last 1,000 events: {busiest}"
        )


def _kind(event: Event) -> str:
    return f"{event.node} {type(event).__name__}"


class RunIsOver(LessonsError):
    """The run ended with a broken invariant and can't go on; ``trace`` is the run."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        broken = trace.violation
        name = broken.invariant if broken else "an invariant"
        super().__init__(f"this run ended at {trace.end:g} s, when {name} was broken: build a new one")
