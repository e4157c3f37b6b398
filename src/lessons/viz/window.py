"""Which part of a run a still picture shows, and where its times and nodes stand on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from statistics import median
from typing import TYPE_CHECKING

from lessons.trace.encode import ticks
from lessons.trace.events import Changed, Delivered, Dropped, Event, Faulted, Sent, Started

if TYPE_CHECKING:
    from lessons.trace import Trace

MOST_EVENTS = 60
FEW_NODES = 8  # up to here every node has a lane, also one that does nothing
BEFORE, AFTER = 3, 6  # events shown around the marks
NARROW, WIDE = 0.7, 2.5  # bounds of a gap between two times, in units of the median gap


def choose(trace: Trace, marked: Sequence[int] = ()) -> range:
    """The numbers of the events to show: up to the violation, else around the marks, else the first ones."""
    total = len(trace.events)
    if total <= MOST_EVENTS:
        return range(total)
    if trace.violation is not None:
        return range(total - MOST_EVENTS, total)
    if not marked:
        begin = min(setup(trace), total - MOST_EVENTS) if len(trace.nodes) > FEW_NODES else 0
        return range(begin, begin + MOST_EVENTS)
    end = max(MOST_EVENTS, min(total, max(marked) + 1 + AFTER))
    begin = max(0, min(end - MOST_EVENTS, min(marked) - BEFORE))
    return range(begin, begin + MOST_EVENTS)


def setup(trace: Trace) -> int:
    """How many events at the beginning only start the nodes and give their fields first values."""
    begin = trace.events[0].time
    later = (event.index for event in trace.events if event.time > begin or not isinstance(event, Started | Changed))
    return next(later, len(trace.events))


def lanes(trace: Trace, shown: range) -> list[str]:
    """The nodes that get a lane: all of a few, else those that have a part in the events shown."""
    if len(trace.nodes) <= FEW_NODES:
        return list(trace.nodes)
    active = {name for number in shown for name in places(trace.events[number])}
    return [name for name in trace.nodes if name in active]


def places(event: Event) -> Iterator[str]:
    """The nodes that have a part in an event."""
    yield event.node
    if isinstance(event, Sent):
        yield event.to
    elif isinstance(event, Delivered | Dropped):
        yield event.sender
    elif isinstance(event, Faulted):
        for items in event.effect.values():
            for item in items:
                yield from [item] if isinstance(item, str) else item


@dataclass(frozen=True)
class Columns:
    """Times on the picture: one column a distinct time; distances grow with time, within bounds."""

    left: float
    right: float
    places: dict[int, float]

    @classmethod
    def of(cls, times: Iterable[float], left: float, width: float, widest: float) -> Columns:
        """Columns for ``times`` (seconds) from ``left`` on; ``width`` for all, ``widest`` for a gap, in pixels."""
        distinct = sorted({ticks(time) for time in times})
        gaps = [later - earlier for earlier, later in pairwise(distinct)]
        unit = median(gaps) if gaps else 1
        weights = [max(NARROW, min(WIDE, gap / unit)) for gap in gaps]
        pixels = min(widest, width / fsum(weights)) if weights else 0
        at = {distinct[0]: left}
        for time, weight in zip(distinct[1:], weights, strict=True):
            at[time] = next(reversed(at.values())) + weight * pixels
        return cls(left, next(reversed(at.values())), at)

    def x(self, time: float) -> float:
        """Where ``time`` stands; a time that is not shown stands a little outside, left or right."""
        tick = ticks(time)
        if tick in self.places:
            return self.places[tick]
        return self.left - 16 if tick < min(self.places) else self.right + 16
