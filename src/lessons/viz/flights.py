"""The messages of a space-time picture: arrows from sender to receiver, whole, lost or still on their way."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.trace.events import Delivered, Dropped, Sent
from lessons.viz import svg
from lessons.viz.grid import Grid
from lessons.viz.labels import Labels, Shape, message_text

NEARLY = 0.84  # of its way goes the arrow of a message that is lost on arrival
HALF_WAY = 37.0  # so many pixels go, up or down, the arrow of a message that is lost at once
STUB = 22  # how far the arrow of a message goes, both ways, that is still travelling at the end


class Flights:
    """Draws the messages, with their labels."""

    def __init__(self, grid: Grid, labels: Labels) -> None:
        self.grid, self.labels = grid, labels

    def draw(self) -> Iterator[Shape]:
        """Each message once for each of its ends."""
        shown = self.grid.shown
        ended = {event.sent for event in shown if isinstance(event, Delivered | Dropped)}
        for event in shown:
            if isinstance(event, Sent):
                yield False, svg.dot(*self.grid.at(event), 3, "dot")
                if event.index not in ended:
                    yield from self.on_its_way(event)
            elif isinstance(event, Delivered):
                yield from self.arrow(event)
            elif isinstance(event, Dropped):
                yield from self.loss(event)

    def arrow(self, event: Delivered) -> Iterator[Shape]:
        """From send to delivery; a message to oneself goes in a curve."""
        x, y, end, goal = way = self.grid.way(event)
        send = self.grid.sends[event.sent]
        if send.node == event.node:
            yield False, svg.curve(x, y, end, "flight")
        else:
            yield False, svg.line(x, y, *short_of(x, y, end, goal), "flight", head=True)
        yield from self.labels.of_message(way, send, self.words(send) + (" again" if event.copy else ""))

    def words(self, send: Sent) -> str:
        """The words on a message: those of the look, else its type and values."""
        label = self.grid.look.label
        return (label(send.message) if label else "") or message_text(send.message)

    def loss(self, event: Dropped) -> Iterator[Shape]:
        """An arrow that ends in a cross: near its goal if time has passed, else soon after it begins."""
        x, y, end, goal = self.grid.way(event)
        if end > x:
            goal = y + (goal - y) * NEARLY
        else:
            end, goal = x + STUB, y + max(-HALF_WAY, min(HALF_WAY, (goal - y) / 2))
        yield False, svg.line(x, y, end, goal, "lost")
        yield True, svg.cross(end, goal)
        send = self.grid.sends[event.sent]
        yield from self.labels.of_message((x, y, end, goal), send, f"{self.words(send)}: {event.why}")

    def on_its_way(self, send: Sent) -> Iterator[Shape]:
        """A message that is still travelling where the picture ends: the first part of its way."""
        x, y = self.grid.at(send)
        goal = y + (STUB if self.grid.y[send.to] >= y else -STUB)
        yield False, svg.line(x, y, x + STUB, goal, "open")
        yield from self.labels.of_message((x, y, x + STUB, goal), send, self.words(send))


def short_of(x: float, y: float, end: float, goal: float) -> tuple[float, float]:
    """The end of an arrow, 4 pixels before its goal, so that its head does not cover the goal."""
    length = ((end - x) ** 2 + (goal - y) ** 2) ** 0.5 or 1.0
    keep = max(0.0, 1 - 4 / length)
    return x + (end - x) * keep, y + (goal - y) * keep
