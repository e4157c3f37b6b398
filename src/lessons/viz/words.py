"""A run in words: what a picture's alt text and a terminal say about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lessons.trace.events import Delivered, Dropped, Faulted, Sent

if TYPE_CHECKING:
    from lessons.trace import Trace


def verdict_of(trace: Trace) -> str:
    """The run's result: the invariant that broke and why, or that every one held."""
    broken = trace.violation
    if broken is not None:
        return f"{broken.invariant} is broken at {broken.time:.3f} s: {broken.why}"
    names = ", ".join(rule.name for rule in trace.invariants)
    return f"every invariant held ({names})" if names else "no invariant was watched"


def counted(number: int, noun: str) -> str:
    """ "1 event", "2 events"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def alt_text(trace: Trace) -> str:
    """What the picture of ``trace`` shows, for a reader who can't see it."""
    kinds = Counter(type(event) for event in trace.events)
    sent = counted(kinds[Sent], "message")
    faults = "; ".join(f"{event.sentence()} at {event.time:.3f} s" for event in _faults(trace)[:5])
    more = len(_faults(trace)) - 5
    parts = [
        f"Space-time diagram of {counted(len(trace.events), 'event')} in {trace.end:.3f} s",
        f"{counted(len(trace.nodes), 'node')}: {listed(list(trace.nodes))}",
        f"{sent} sent, {kinds[Delivered]} received, {kinds[Dropped]} dropped",
        faults + (f"; and {counted(more, 'more fault')}" if more > 0 else ""),
        verdict_of(trace),
    ]
    return ". ".join(part[0].upper() + part[1:] for part in parts if part) + "."


def _faults(trace: Trace) -> list[Faulted]:
    return [event for event in trace.events if isinstance(event, Faulted)]


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names with commas; of many names, the first ones and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"


def cut_in_the_middle(lines: Sequence[str], most: int) -> list[str]:
    """At most ``most`` lines: of a longer text the beginning, the end, and a word about the rest."""
    if len(lines) <= most:
        return list(lines)
    head = most // 2
    tail = most - head - 1
    left_out = len(lines) - head - tail
    return [*lines[:head], f"... {left_out:,} lines are left out here ...", *lines[len(lines) - tail :]]
