"""The still picture of a circle: arcs in the colours of their nodes, a tick for each point, walks of keys, loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from lessons.viz import svg
from lessons.viz.markup import escape, image
from lessons.viz.palette import TONES
from lessons.viz.space import shorten

WIDTH, HEIGHT = 480, 450
BAND, NAME, WALK, LABEL = 150.0, 112.0, 178.0, 196.0  # radii: arcs, the names in them, a walk, its labels
LIT = 172.0  # radius of the outer band, which shows who had what is another's now
ASIDE, ROW, EDGE = 40, 42, 14  # room on both sides for a walk's labels; height of a row of the loads, room around them
TICKS = "<style>.tick{stroke:var(--ink);stroke-width:1.2}.load{font-size:15px}</style>"
CROWDED, FURTHER = 0.03, 212.0  # a label nearer than this to the one before it stands further out,
ON = 13.0  # or on with the walk where labels run to the side
MOST_TICKS = 160  # more of them would hide the colours
NAMED = 0.05  # part of the circle that an arc must have to bear its name

Arc = tuple[str, float, float]  # node, start, end as parts of the circle; the end may be over 1


@dataclass(frozen=True)
class Stop:
    """A point that a walk comes by: its place, what is written beside it, whether a copy stays there."""

    place: float
    label: str
    taken: bool


@dataclass(frozen=True)
class Load:
    """What a node has: the length of its bar, from 0 to 1, and the same in words."""

    part: float
    words: str


class RingPicture:
    """A still picture of a circle, with its alt text and a caption."""

    def __init__(self, svg: str, alt: str, caption: str) -> None:
        self.svg, self.alt, self.caption = svg, alt, caption

    def __repr__(self) -> str:
        return f"RingPicture({self.caption!r})"

    def html(self) -> str:
        """The picture and its caption."""
        shown = image(self.svg.encode(), "image/svg+xml", self.alt)
        caption = f"<figcaption>{escape(self.caption)}</figcaption>"
        return f'<figure class="lesson-diagram lesson-narrow">{shown}{caption}</figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": f"{self.caption}\n{self.alt}", "text/html": self.html()}


def ring_picture(
    points: Mapping[str, Sequence[float]],
    key: float | None = None,
    walk: Sequence[Stop] = (),
    *,
    lit: Sequence[Arc] = (),
    loads: Mapping[str, Load] | None = None,
) -> str:
    """An SVG of a circle whose arcs belong to the point at their end; with a ``key`` and its walk, if given.

    ``points`` are the places of each node's points, as parts of the circle from 0 up to 1; a node without any still
    has its colour. ``lit`` are arcs that have changed hands, under the names of those who had them. ``loads`` are
    drawn below the circle.
    """
    arcs = list(arcs_of(points))
    tones = {name: TONES[number % len(TONES)] for number, name in enumerate(points)}
    parts = [_stroke(start, end, BAND, f'stroke="{tones[name]}" stroke-width="20"') for name, start, end in arcs]
    ticks = [_tick(place) for places in points.values() for place in places]
    parts += ticks if len(ticks) <= MOST_TICKS else []
    parts += [_stroke(start, end, LIT, f'stroke="{tones[name]}" stroke-width="9"') for name, start, end in lit]
    parts += [
        svg.text(*_at((start + end) / 2, NAME, 4), shorten(name, 14), "name", "middle")
        for name, start, end in arcs
        if end - start >= NAMED
    ]
    if key is not None:
        parts += _walk(key, walk)
    left, width = (0, WIDTH) if key is not None else (ASIDE, WIDTH - 2 * ASIDE)
    height = HEIGHT + (ROW * len(loads) + EDGE if loads else 0)
    for number, (name, load) in enumerate((loads or {}).items()):
        parts += _load(name, load, HEIGHT + ROW * number, tones[name], left + EDGE, left + width - EDGE)
    paper = svg.bar(WIDTH / 2, height / 2, width - 1, height - 1, "paper", 8)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} 0 {width} {height}" width="{width}" '
        f'height="{height}">{svg.STYLE}{TICKS}{paper}{"".join(parts)}</svg>'
    )


def _load(name: str, load: Load, y: float, tone: str, left: float, right: float) -> list[str]:
    """A row with a node's name and its load in words, and below them a bar as long as the load."""
    long = svg.num(max(1.0, (right - left) * load.part))
    return [
        svg.text(left, y + 8, shorten(name, 14), "name load"),
        svg.text(right, y + 8, load.words, "load", "end"),
        f'<rect x="{svg.num(left)}" y="{svg.num(y + 14)}" width="{long}" height="10" rx="3" fill="{tone}"/>',
    ]


def arcs_of(points: Mapping[str, Sequence[float]]) -> Iterator[Arc]:
    """The arcs of the circle, those of the same node joined."""
    ends = sorted((place, name) for name, places in points.items() for place in places)
    borders = [place for place, _ in ends]
    changes = [at for at in range(len(ends)) if ends[at][1] != ends[(at + 1) % len(ends)][1]]
    if not changes:
        yield ends[0][1], 0.0, 1.0
    for number, at in enumerate(changes):
        before = changes[number - 1]
        start, end = borders[before], borders[at]
        yield ends[at][1], start, end if end > start else end + 1.0


def _walk(key: float, stops: Sequence[Stop]) -> list[str]:
    """The key, the way clockwise from it to the last stop, and the stops on it."""
    end = stops[-1].place if stops else key
    parts = [_stroke(key, end if end > key else end + 1.0, WALK, 'class="flight"')] if stops else []
    parts += [svg.dot(*_at(key, WALK), 6, "dot"), svg.text(*_at(key, LABEL, 4), "key", "strong halo", _side(key))]
    last, was_crowded = key, False
    for stop in stops:
        x, y = _at(stop.place, WALK)
        parts.append(svg.dot(x, y, 5.5, "write") if stop.taken else svg.cross(x, y))
        was_crowded, last = (stop.place - last) % 1.0 < CROWDED and not was_crowded, stop.place
        parts.append(svg.text(*_label(stop.place, was_crowded), stop.label, "halo", _side(stop.place)))
    return parts


def _label(place: float, is_crowded: bool) -> tuple[float, float]:
    """Where the label of a stop stands; if it is crowded, not beside the one before it."""
    if not is_crowded:
        return _at(place, LABEL, 4)
    aside = {"middle": 0.0, "start": ON, "end": -ON}[_side(place)]
    return _at(place, LABEL if aside else FURTHER, 4 + aside)


def _at(part: float, radius: float, down: float = 0.0) -> tuple[float, float]:
    turn = 2 * pi * part - pi / 2
    return WIDTH / 2 + radius * cos(turn), HEIGHT / 2 + radius * sin(turn) + down


def _side(part: float) -> str:
    """Which end of a label stands at its place, so that it runs away from the circle."""
    across = sin(2 * pi * part)
    return "middle" if abs(across) < 0.3 else "start" if across > 0 else "end"


def _stroke(start: float, end: float, radius: float, attributes: str) -> str:
    end = min(end, start + 0.9995)  # an arc from a place to itself would be nothing
    (x1, y1), (x2, y2), large = _at(start, radius), _at(end, radius), int(end - start > 0.5)
    size = svg.num(radius)
    d = f"M{svg.num(x1)} {svg.num(y1)}A{size} {size} 0 {large} 1 {svg.num(x2)} {svg.num(y2)}"
    return f'<path fill="none" {attributes} d="{d}"/>'


def _tick(place: float) -> str:
    return svg.line(*_at(place, BAND - 14), *_at(place, BAND + 14), "tick")
