"""The life of each node on a space-time picture: up, down, paused, and the colour of its badge."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.trace.events import Event, Faulted, Started
from lessons.viz import svg
from lessons.viz.grid import Grid
from lessons.viz.palette import TONES

SHORT = 20  # pixels of a lane that say nothing: the moment before a node starts


class Lives:
    """Draws the names of the nodes and their lanes."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    def draw(self) -> Iterator[str]:
        """Names first, then lanes."""
        for name in self.grid.names:
            y = self.grid.y[name]
            yield svg.text(16, y + 1, name, "name")
            yield svg.text(16, y + 15, " ".join([self.grid.trace.nodes[name], *self.badge_before(name)]), "soft")
            yield from self.life(name)

    def badge_before(self, name: str) -> list[str]:
        """The badge of a node where the picture begins, if it begins later than the run."""
        seen = (self.grid.new_badge(event, name) for event in self.grid.past)
        return [value for value in seen if value is not None][-1:]

    def life(self, name: str) -> Iterator[str]:
        """The stretches of a node's lane."""
        x, state, tone = self.grid.left, "off", None
        for event in (*self.grid.past, *self.grid.shown):
            then = self.after(event, name, state, tone)
            if then != (state, tone):
                now = max(self.grid.left, self.grid.x(event))
                yield from self.stretch(name, x, now, state, tone)
                x, (state, tone) = now, then
        yield from self.stretch(name, x, self.grid.right, state, tone)

    def after(self, event: Event, name: str, state: str, tone: int | None) -> tuple[str, int | None]:
        """State and tone of a node after ``event``."""
        if isinstance(event, Started) and event.node == name:
            return "lane", None
        if isinstance(event, Faulted):
            for effect, then in (("down", "off"), ("pause", "paused"), ("resume", "lane")):
                if name in event.effect.get(effect, ()):
                    return then, None if then == "off" else tone
        badge = self.grid.new_badge(event, name)
        return state, tone if badge is None else self.grid.look.tones.get(badge)

    def stretch(self, name: str, x: float, end: float, state: str, tone: int | None) -> Iterator[str]:
        """A line as long as state and tone last; none where there is nothing to see."""
        y = self.grid.y[name]
        if end - x > (SHORT if state == "off" else 0):
            if tone is not None and state != "off":
                yield svg.line(x, y, end, y, "tone", colour=TONES[tone])
            if tone is None or state != "lane":
                yield svg.line(x, y, end, y, state)
