"""The grid of a space-time picture: which events it shows, where each time and each node stands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lessons.trace.events import Changed, Delivered, Dropped, Event, Sent
from lessons.viz.labels import bare
from lessons.viz.look import Look
from lessons.viz.space import Stroke
from lessons.viz.window import Columns

if TYPE_CHECKING:
    from lessons.trace import Trace

TALLEST, LOWEST, ROOM_FOR_LANES = 74.0, 38.0, 420.0  # pixels: of a lane, of a lane, of all lanes


class Grid:
    """A lane for each of ``names`` from ``top`` down, and the events of ``shown`` on them."""

    def __init__(self, trace: Trace, shown: range, names: list[str], columns: Columns, top: float, look: Look) -> None:
        self.trace, self.names, self.columns, self.look = trace, names, columns, look
        self.shown = [trace.events[number] for number in shown]
        self.past = trace.events[: shown.start]
        self.sends = {event.index: event for event in trace.events if isinstance(event, Sent)}
        height = max(LOWEST, min(TALLEST, ROOM_FOR_LANES / max(1, len(names))))
        self.y = {name: top + height * (row + 0.5) for row, name in enumerate(names)}
        self.bottom = top + height * len(names)
        self.left, self.right = columns.left - 16, columns.right + 24

    def x(self, event: Event) -> float:
        """Where the time of ``event`` stands."""
        return self.columns.x(event.time)

    def at(self, event: Event) -> tuple[float, float]:
        """Where ``event`` stands."""
        return self.x(event), self.y[event.node]

    def way(self, event: Delivered | Dropped) -> Stroke:
        """The straight way from a send to its delivery or loss."""
        return (*self.at(self.sends[event.sent]), *self.at(event))

    def ways(self) -> list[Stroke]:
        """The ways of all messages received in the picture."""
        return [self.way(event) for event in self.shown if isinstance(event, Delivered)]

    def seen(self, change: Changed) -> dict[str, Any]:
        """What a change shows: all but the deadline of a timer, which is set anew again and again."""
        return {field: value for field, value in change.after.items() if field != self.look.deadline}

    def new_badge(self, event: Event, name: str) -> str | None:
        """The badge that ``event`` gives to node ``name``, if it does."""
        field = self.look.badge
        if field is None or not isinstance(event, Changed) or event.node != name or field not in event.after:
            return None
        return bare(event.after[field])
