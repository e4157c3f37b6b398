"""The still picture of a client history: a lane a client, a bar an operation, and the part that no order explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lessons.viz import svg
from lessons.viz.markup import escape, image
from lessons.viz.space import text_width
from lessons.viz.words import counted, listed

WIDTH = 880  # what is shown fits into this, unless it has to be shown
GUTTER, EDGE, GAP = 84.0, 30.0, 14.0  # left of the bars, right of them, least distance of two times
TOP, LOW_TOP, ROW, BAR, AXIS, LINE = 34.0, 8.0, 46.0, 24.0, 22.0, 17.0
STYLE = (
    "<style>.core{stroke-width:3}.maybe,.gone{fill:var(--paper);stroke:var(--soft);stroke-dasharray:4 3}"
    ".gone{stroke-dasharray:1 3}</style>"
)
CORE, PLAIN, MAYBE, FAILED = "fault core", "band", "maybe", "gone"


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One operation: ``returned`` is None when it is open to the end; ``must`` marks one that has to be shown.

    ``look`` is CORE, PLAIN, MAYBE or FAILED. ``point`` is the time at which it takes effect and ``number`` its place in
    the order, where they are known.
    """

    client: str
    label: str
    called: float
    returned: float | None
    look: str = PLAIN
    point: float | None = None
    number: int | None = None
    must: bool = False


class HistoryPicture:
    """Operations as bars from call to return, one lane a client.

    ``window`` is marked as a part that no order explains. ``caption`` stands below, ``notes`` as a list under
    it. Of many bars, those that must be shown and the first ones that fit are.
    """

    def __init__(
        self,
        bars: Sequence[Bar],
        caption: str,
        *,
        window: tuple[float, float] | None = None,
        notes: Sequence[str] = (),
        unit: str = "s",
    ) -> None:
        self.bars, self.caption, self.window = list(bars), caption, window
        self.notes, self.unit = list(notes), unit

    def __repr__(self) -> str:
        return f"HistoryPicture({self.caption!r})"

    def svg(self) -> str:
        """The picture itself; the same for the same history."""
        return _Drawing(self).svg()

    def alt(self) -> str:
        """What it shows, for a reader who can't see it."""
        clients = list(dict.fromkeys(bar.client for bar in self.bars))
        said = f"History of {counted(len(self.bars), 'operation')} of {counted(len(clients), 'client')}"
        core = [f"{bar.label} of {bar.client}" for bar in self.bars if bar.look == CORE]
        order = [bar.label for bar in sorted(self.bars, key=lambda bar: bar.number or 0) if bar.number is not None]
        return ". ".join(
            [
                f"{said}: {listed(clients)}",
                *([f"Marked as contradicting each other: {listed(core)}"] if core else []),
                *([f"They take effect in the order {listed(order)}"] if order else []),
                self.caption,
            ]
        )

    def html(self) -> str:
        """The picture with its alt text, its caption and its notes."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        below = escape(self.caption) + (f"<ul>{notes}</ul>" if notes else "")
        shown = image(self.svg().encode(), "image/svg+xml", self.alt())
        return f'<figure class="lesson-diagram">{shown}<figcaption>{below}</figcaption></figure>'


class _Drawing:
    """Where everything stands: columns for times, a lane a client, with a row for each bar at one time."""

    def __init__(self, picture: HistoryPicture) -> None:
        self.window, self.unit = picture.window, picture.unit
        self.bars, self.x = _fitting(picture.bars)
        self.footnotes = list(footnotes(self.bars, len(picture.bars)))
        self.right = _right(self.bars, self.x)
        self.width = max(self.right + 8, 360.0)
        self.rows = list(self._rows())
        self.top = TOP if self.window else LOW_TOP
        self.y = {bar: self.top + ROW * (row + 0.5) for row, bars in enumerate(self.rows) for bar in bars}
        self.bottom = self.top + ROW * len(self.rows)

    def _rows(self) -> Iterator[list[Bar]]:
        """Bars that stand beside each other: those of one client, as long as they do not overlap."""
        for client in dict.fromkeys(bar.client for bar in self.bars):
            rows: list[list[Bar]] = []
            for bar in (bar for bar in self.bars if bar.client == client):
                free = (row for row in rows if self._end(row[-1]) <= self.x[bar.called])
                row = next(free, None)
                if row is None:
                    rows.append(row := [])
                row.append(bar)
            yield from rows

    def _end(self, bar: Bar) -> float:
        return self.right if bar.returned is None else max(self.x[bar.returned], self.x[bar.called] + _room(bar))

    def svg(self) -> str:
        parts = [*self._window(), *self._lanes(), *(part for bar in self.bars for part in self._bar(bar))]
        parts += [*self._axis(), *self._footnotes()]
        height = self.bottom + AXIS + LINE * len(self.footnotes) + 6
        paper = svg.bar(self.width / 2, height / 2, self.width - 1, height - 1, "paper", 8)
        size = f'viewBox="0 0 {svg.num(self.width)} {svg.num(height)}" width="{svg.num(self.width)}" '
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}height="{svg.num(height)}">'
            f"{svg.STYLE}{STYLE}{paper}{''.join(parts)}</svg>"
        )

    def _window(self) -> Iterator[str]:
        """The frame around what no order explains, and its name."""
        if self.window is None:
            return
        begin, end = (self.x[time] for time in self.window)
        for x in (begin - 5, end + 5):
            yield svg.line(x, self.top - 8, x, self.bottom, "world")
        words = "no order is right"
        middle = max((begin + end) / 2, text_width(words, 12.5) / 2 + 14)
        yield svg.bar(middle, self.top - 16, text_width(words, 12.5) + 16, 20, "broken", 10)
        yield svg.text(middle, self.top - 12, words, "onbroken", "middle")

    def _lanes(self) -> Iterator[str]:
        named: set[str] = set()
        for bars in self.rows:
            y = self.y[bars[0]]
            yield svg.line(GUTTER - 8, y, self.right, y, "off")
            if bars[0].client not in named:
                named.add(bars[0].client)
                yield svg.text(14, y + 4, bars[0].client, "name")

    def _bar(self, bar: Bar) -> Iterator[str]:
        """The bar with its label in it; its right end is missing where the operation is open."""
        begin, end, y = self.x[bar.called], self._end(bar), self.y[bar]
        yield svg.bar((begin + end) / 2, y, end - begin, BAR, bar.look, 0 if bar.returned is None else 5)
        yield svg.text(begin + 6, y + (4 if bar.point is None else 1), bar.label, "strong" if bar.look == CORE else "")
        if bar.point is not None:
            x = self._between(bar.point)
            yield svg.dot(x, y + BAR / 2 + 4, 8.5, "number")
            yield svg.text(x, y + BAR / 2 + 8, str(bar.number), "onnumber", "middle")

    def _between(self, time: float) -> float:
        """Where a time stands that may lie between two columns."""
        before = max((each for each in self.x if each <= time), default=time)
        after = min((each for each in self.x if each >= time), default=before)
        if after <= before:
            return self.x[before]
        share = (time - before) / (after - before)
        return self.x[before] + share * (self.x[after] - self.x[before])

    def _axis(self) -> Iterator[str]:
        """Times under their columns, as many as there is room for."""
        last = -100.0
        for time, x in self.x.items():
            words = f"{time:.6g} {self.unit}" if self.unit != "line" else f"line {time:g}"
            if x - last >= text_width(words, 11) + 12:
                yield svg.text(x, self.bottom + 14, words, "soft", "middle")
                last = x

    def _footnotes(self) -> Iterator[str]:
        for row, words in enumerate(self.footnotes):
            yield svg.text(14, self.bottom + AXIS + 12 + LINE * row, words, "soft")


def footnotes(shown: Sequence[Bar], total: int) -> Iterator[str]:
    """What the signs of a picture mean, and how much it leaves out."""
    if any(bar.number is not None for bar in shown):
        yield "Numbers: the order in which they take effect."
    if any(bar.look == MAYBE for bar in shown):
        yield "Dashed: may have taken effect or not."
    if any(bar.look == FAILED for bar in shown):
        yield "Dotted: failed, and took no effect."
    if total > len(shown):
        yield f"{counted(total - len(shown), 'more operation')}: not shown."


def _fitting(bars: Sequence[Bar]) -> tuple[list[Bar], dict[float, float]]:
    """Those that must be shown and, one by one, the others, as long as the picture stays narrow; where times stand."""
    chosen = {number for number, bar in enumerate(bars) if bar.must}
    for number in range(len(bars)):
        more = [bars[each] for each in sorted(chosen | {number})]
        if _right(more, columns(more)) > WIDTH - 8:
            break
        chosen.add(number)
    shown = [bars[each] for each in sorted(chosen)]
    return shown, columns(shown)


def columns(bars: Sequence[Bar]) -> dict[float, float]:
    """Where each time stands: in order, and far enough apart that every label fits into its bar."""
    places: dict[float, float] = {}
    x = GUTTER
    for time in sorted({time for bar in bars for time in (bar.called, bar.returned) if time is not None}):
        fitting = [places[bar.called] + _room(bar) for bar in bars if bar.called < time == bar.returned]
        places[time] = max([x, *fitting])
        x = places[time] + GAP
    return places


def _right(bars: Sequence[Bar], places: dict[float, float]) -> float:
    """The right end of the lanes."""
    return max([GUTTER, *places.values(), *(places[bar.called] + _room(bar) for bar in bars)]) + EDGE


def _room(bar: Bar) -> float:
    """The width that a bar needs for its label."""
    return text_width(bar.label, 12 if bar.look == CORE else 11) + 14
