"""The still picture of a circle: arcs in the colours of their nodes, a tick for each point, walks of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from lessons.viz import svg
from lessons.viz.markup import escape, image
from lessons.viz.palette import TONES

WIDTH, HEIGHT = 480, 450
BAND, NAME, WALK, LABEL = 150.0, 112.0, 178.0, 196.0  # radii: arcs, the names in them, a walk, its labels
TICKS = "<style>.tick{stroke:var(--ink);stroke-width:1.2}</style>"
CROWDED, FURTHER = 0.03, 212.0  # a label nearer than this to the one before it stands further out
NAMED = 0.05  # part of the circle that an arc must have to bear its name

Arc = tuple[str, float, float]  # node, start, end as parts of the circle; the end may be over 1


@dataclass(frozen=True)
class Stop:
    """A point that a walk comes by: its place, what is written beside it, whether a copy stays there."""

    place: float
    label: str
    taken: bool


class RingPicture:
    """A still picture of a circle, with its alt text and a caption."""

    def __init__(self, svg: str, alt: str, caption: str) -> None:
        self.svg, self.alt, self.caption = svg, alt, caption

    def __repr__(self) -> str:
        return f"RingPicture({self.caption!r})"

    def html(self) -> str:
        """The picture and its caption."""
        shown = image(self.svg.encode(), "image/svg+xml", self.alt)
        return f'<figure class="lesson-diagram lesson-narrow">{shown}<figcaption>{escape(self.caption)}</figcaption></figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": f"{self.caption}\n{self.alt}", "text/html": self.html()}


def ring_picture(points: Mapping[str, Sequence[float]], key: float | None = None, walk: Sequence[Stop] = ()) -> str:
    """An SVG of a circle whose arcs belong to the point at their end; with a ``key`` and its walk, if given.

    ``points`` are the places of each node's points, as parts of the circle from 0 up to 1.
    """
    arcs = list(arcs_of(points))
    tones = {name: TONES[number % len(TONES)] for number, name in enumerate(points)}
    parts = [_stroke(start, end, BAND, f'stroke="{tones[name]}" stroke-width="20"') for name, start, end in arcs]
    parts += [_tick(place) for places in points.values() for place in places]
    parts += [
        svg.text(*_at((start + end) / 2, NAME, 4), name, "name", "middle")
        for name, start, end in arcs
        if end - start >= NAMED
    ]
    if key is not None:
        parts += _walk(key, walk)
    paper = svg.bar(WIDTH / 2, HEIGHT / 2, WIDTH - 1, HEIGHT - 1, "paper", 8)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"{svg.STYLE}{TICKS}{paper}{''.join(parts)}</svg>"
    )


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
    last, radius = key, LABEL
    for stop in stops:
        x, y = _at(stop.place, WALK)
        parts.append(svg.dot(x, y, 5.5, "write") if stop.taken else svg.cross(x, y))
        crowded = (stop.place - last) % 1.0 < CROWDED
        radius, last = (FURTHER if crowded and radius == LABEL else LABEL), stop.place
        parts.append(svg.text(*_at(stop.place, radius, 4), stop.label, "halo", _side(stop.place)))
    return parts


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
