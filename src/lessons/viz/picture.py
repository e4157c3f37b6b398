"""The still picture of a run: a space-time diagram in SVG, a pure function of the trace."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lessons.trace.encode import SCALE
from lessons.trace.events import Faulted
from lessons.viz import svg
from lessons.viz.grid import Grid
from lessons.viz.lanes import Lanes
from lessons.viz.look import Look
from lessons.viz.scene import Mark, event_number
from lessons.viz.space import Box, Room, text_width
from lessons.viz.window import Columns, choose, lanes
from lessons.viz.words import counted

if TYPE_CHECKING:
    from lessons.trace import Trace

WIDTH, NARROWEST = 880, 460
GUTTER = 100  # for the names of the nodes
WIDEST_GAP = 84
EDGE = 44  # room behind the last event
ROW = 25  # height of one row of signs above the lanes
LINE = 18  # height of one line of text below the lanes


def picture(trace: Trace, look: Look | None = None, marks: Sequence[Mark] = ()) -> str:
    """An SVG of ``trace``: a lane a node, time to the right, messages as arrows between lanes.

    Of a run with more than 60 events a part is shown: the end before a violation, or what is around
    ``marks``, or the beginning; the picture says which. It has colours for light and for dark.
    """
    return _Picture(trace, look or Look(), marks).svg()


class _Picture:
    def __init__(self, trace: Trace, look: Look, marks: Sequence[Mark]) -> None:
        self.trace = trace
        numbers = [event_number(trace, mark.event, "mark") for mark in marks]
        self.shown = choose(trace, numbers)
        self.marks = [(at, mark.text) for at, mark in zip(numbers, marks, strict=True) if at in self.shown]
        names = lanes(trace, self.shown)
        gutter = max([GUTTER, *(text_width(name, 13.5) + 34 for name in names)])
        times = [trace.events[number].time for number in self.shown]
        self.columns = Columns.of(times, gutter + 18, WIDTH - gutter - 18 - EDGE, WIDEST_GAP)
        self.width = max(NARROWEST, self.columns.right + EDGE)
        self.room = Room(gutter - 8, self.width - 6)
        signs = self.signs()
        top = ROW * len({box.y for _, box, _, _ in signs}) + 12
        self.grid = Grid(trace, self.shown, names, self.columns, top, look)
        lines, signposts = self.drawn(signs)
        self.parts = [*lines, *Lanes(self.grid, self.room).draw(), *signposts]

    # Signs above the lanes: marks, faults of the whole world, the violation

    def signs(self) -> list[tuple[float, Box, str, str]]:
        """What stands above the lanes, each in the lowest row with room: x of its event, box, text, class."""
        wanted = [(at, str(number), "number") for number, (at, _) in enumerate(self.marks, 1)]
        wanted += [(at, self.event(at).name, "fault") for at in self.shown if is_of_the_world(self.event(at))]
        if self.trace.violation is not None:
            wanted.append((self.trace.violation.index, f"{self.trace.violation.invariant} is broken", "broken"))
        signs = []
        for at, words, css in wanted:
            x = self.columns.x(self.event(at).time)
            width = 20 if css == "number" else text_width(words, 12.5) + 18
            box = self.room.first_free(Box(x, -ROW * row, width, 20) for row in range(8))
            if box is not None:
                signs.append((x, box, words, css))
        return signs

    def event(self, number: int) -> Any:
        return self.trace.events[number]

    def drawn(self, signs: Sequence[tuple[float, Box, str, str]]) -> tuple[list[str], list[str]]:
        """The lines that lead down from the signs, which go behind everything, and the signs."""
        lead = {"number": "lead", "fault": "world", "broken": "end"}
        bottom = self.grid.bottom
        rows = min((box.y for _, box, _, _ in signs), default=0)
        lines, signposts = [], []
        for x, box, words, css in signs:
            y = box.y - rows + 20
            lines.append(svg.line(x, y, x, bottom, lead[css]))
            signposts.append(svg.bar(box.x, y, box.width, box.height, css, 10))
            ink = {"number": "onnumber", "fault": "", "broken": "onbroken"}[css]
            signposts.append(svg.text(box.x, y + 4.2, words, ink, "middle"))
        return lines, signposts

    # Below the lanes

    def axis(self, y: float) -> list[str]:
        """Times under their columns, as many as there is room for."""
        drawn, last = [], -100.0
        for tick, x in self.columns.places.items():
            if x - last >= 64:
                drawn.append(svg.text(x, y, f"{tick / SCALE:.3f} s", "soft", "middle"))
                last = x
        return drawn

    def footnotes(self) -> list[tuple[str, str]]:
        """What the marks say and what is not shown: number and line of text."""
        width = int((self.width - 60) / 6.6)
        notes = [
            (str(number) if first else "", line)
            for number, (_, words) in enumerate(self.marks, 1)
            for first, line in zip([True] + [False] * 99, textwrap.wrap(words, width), strict=False)
        ]
        return notes + [("", line) for line in textwrap.wrap(self.what_is_cut(), width)]

    def what_is_cut(self) -> str:
        total, idle = len(self.trace.events), len(self.trace.nodes) - len(self.grid.names)
        cut = f"Events {self.shown.start} to {self.shown.stop - 1} of {counted(total, 'event')} are shown."
        still = f"{counted(idle, 'node')} without a part in them: not shown."
        return " ".join([cut] * (len(self.shown) < total) + [still] * (idle > 0))

    def svg(self) -> str:
        y = self.grid.bottom + 16
        parts = [*self.parts, *self.axis(y)]
        for number, words in self.footnotes():
            y += LINE + 4 * bool(number)
            if number:
                parts += [svg.dot(24, y - 4, 9, "number"), svg.text(24, y, number, "onnumber", "middle")]
            parts.append(svg.text(42 if self.marks else 16, y, words, "" if self.marks else "soft"))
        width, height = svg.num(self.width), svg.num(y + 14)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}">{svg.STYLE}{svg.HEAD}<rect class="paper" x=".5" y=".5" rx="8" '
            f'width="{svg.num(self.width - 1)}" height="{svg.num(y + 13)}"/>{"".join(parts)}</svg>'
        )


def is_of_the_world(event: Any) -> bool:
    """Whether an event is a fault that is not drawn on the lane of one node."""
    on_a_lane = {"down", "up", "pause", "resume"}
    return isinstance(event, Faulted) and not on_a_lane.intersection(event.effect)
