"""The lanes of a space-time picture, with all that happens on them."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.trace.events import Changed, Faulted, Fired, Invoked, Noted, Returned, Started
from lessons.viz import svg
from lessons.viz.flights import Flights
from lessons.viz.grid import Grid
from lessons.viz.labels import Labels, Shape, operation_text, values_text
from lessons.viz.lives import Lives
from lessons.viz.space import Room


class Lanes:
    """Draws the lanes of ``grid``; takes room for its labels."""

    def __init__(self, grid: Grid, room: Room) -> None:
        self.grid = grid
        self.labels = Labels(room, grid.y, grid.ways())

    def draw(self) -> Iterator[str]:
        """All shapes, the ones behind first; the labels that matter most take their room first."""
        flights = Flights(self.grid, self.labels)
        shapes = [*self.operations(), *self.faults(), *self.changes(), *flights.draw(), *self.notes(), *self.timers()]
        yield from Lives(self.grid).draw()
        yield from (shape for is_label, shape in shapes if not is_label)
        yield from (shape for is_label, shape in shapes if is_label)

    def operations(self) -> Iterator[Shape]:
        """A band from a client's call to its return, with both in words."""
        calls = {event.op: event for event in self.grid.trace.events if isinstance(event, Invoked)}
        returns = {event.op: event for event in self.grid.shown if isinstance(event, Returned)}
        begun = {event.op for event in self.grid.shown if isinstance(event, Invoked)}
        for op in sorted(begun | set(returns)):
            yield from self.operation(calls.get(op), returns.get(op))

    def operation(self, call: Invoked | None, answer: Returned | None) -> Iterator[Shape]:
        """A band that is open to the side where a call or a return is not shown."""
        node = (call or answer).node  # type: ignore[union-attr]
        x = self.grid.x(call) if call else self.grid.left
        end = self.grid.x(answer) if answer else self.grid.right
        yield False, svg.bar((x + end) / 2, self.grid.y[node], max(4, end - x), 14, "band", 7)
        yield from self.labels.plain((x + end) / 2, node, operation_text(call, answer), "halo strong")

    def faults(self) -> Iterator[Shape]:
        """Faults of single nodes, and starts."""
        for event in self.grid.shown:
            if isinstance(event, Faulted):
                for effect in ("down", "pause", "resume"):
                    for name in event.effect.get(effect, ()):
                        yield from self.fault(event, name, effect)
            elif isinstance(event, Started):
                yield False, svg.bar(*self.grid.at(event), 4, 18, "begin", 2)
                if event.time > 0:
                    yield from self.labels.tag(self.grid.x(event), event.node, "starts", "remark")

    def fault(self, event: Faulted, name: str, effect: str) -> Iterator[Shape]:
        """A cross where a node crashes, a bar where it is paused or goes on."""
        x, y = self.grid.x(event), self.grid.y[name]
        yield True, svg.cross(x, y, 6) if effect == "down" else svg.bar(x, y, 6, 18, "fault")
        yield from self.labels.tag(x, name, event.name, "fault")

    def changes(self) -> Iterator[Shape]:
        """New values of watched fields."""
        for event in self.grid.shown:
            after = self.grid.seen(event) if isinstance(event, Changed) else {}
            if after:
                words = values_text(after, self.grid.look.badge)
                yield True, svg.dot(*self.grid.at(event), 4.5, "write")
                yield from self.labels.tag(self.grid.x(event), event.node, words, "tag")

    def notes(self) -> Iterator[Shape]:
        """What the protocol's author remarks."""
        for event in self.grid.shown:
            if isinstance(event, Noted):
                yield from self.labels.tag(self.grid.x(event), event.node, event.text, "remark")

    def timers(self) -> Iterator[Shape]:
        """Timers that fire: they matter least, so they get the room that is left."""
        for event in self.grid.shown:
            if isinstance(event, Fired):
                yield False, svg.dot(*self.grid.at(event), 4, "timer")
                yield from self.labels.plain(self.grid.x(event), event.node, event.name, "halo soft")
