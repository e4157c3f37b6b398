"""The still picture of a cycle: what stands on it as boxes, and labelled arrows from each to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lessons.viz import svg
from lessons.viz.markup import escape, image
from lessons.viz.space import Box, shorten, text_width

WIDTH, EDGE = 480, 14  # of the picture, and the room around what is in it
COLUMN = 172  # width of a box
LINE, HEAD = 17, 27  # heights: of a line in a box, and of its name
GAP = 46  # height between two boxes: an arrow and its label
APART = 11  # between two arrows at the same side of a box
MOST_LINES, LONGEST_LINE, LONGEST_LABEL = 6, 24, 12

Item = tuple[str, Sequence[str]]  # a name, and the lines that stand below it
Arrow = tuple[str, str]  # a label, and the sentence that says why the arrow is there

#: By the first word of a label, how its arrow is drawn if it is not a plain line: dashed or dotted.
STROKES = {"rw": "lost", "process": "open", "realtime": "open"}


class CyclePicture:
    """Boxes in a circle: ``arrows[i]`` leads from ``items[i]`` to the next item, and the last one to the first.

    In a terminal it is its words. Raises ValueError for less than two items, and unless there are as
    many arrows.
    """

    def __init__(self, items: Sequence[Item], arrows: Sequence[Arrow], caption: str) -> None:
        if len(items) < 2 or len(arrows) != len(items):
            raise ValueError(f"{len(items)} items and {len(arrows)} arrows: a cycle has two or more, as many of each")
        self.items, self.arrows, self.caption = items, arrows, caption

    def __repr__(self) -> str:
        return f"CyclePicture({self.caption!r})"

    @property
    def alt(self) -> str:
        """What the picture shows, for a reader who can't see it."""
        boxes = [f"{name}: {'; '.join(lines)}" for name, lines in self.items]
        arrows = [f"an arrow {label} from {source} to {target}" for source, target, (label, _) in self._ways()]
        return f"A cycle of {len(boxes)} boxes. {'. '.join(boxes)}. Between them {', '.join(arrows)}."

    def _ways(self) -> list[tuple[str, str, Arrow]]:
        names = [name for name, _ in self.items]
        return list(zip(names, [*names[1:], names[0]], self.arrows, strict=True))

    def svg(self) -> str:
        """The picture itself, in colours for light and for dark."""
        return cycle_picture(self.items, [label for label, _ in self.arrows])

    def html(self) -> str:
        """The picture with its alt text; under it the caption, and why each arrow is there."""
        shown = image(self.svg().encode(), "image/svg+xml", self.alt)
        reasons = "".join(f"<li>{escape(sentence)}</li>" for _, sentence in self.arrows)
        told = f'<ul style="display: table; margin: 0 auto; text-align: left">{reasons}</ul>'
        caption = f"<figcaption>{escape(self.caption)}{told}</figcaption>"
        return f'<figure class="lesson-diagram lesson-narrow">{shown}{caption}</figure>'

    def text(self) -> str:
        """Caption, boxes and arrows in words."""
        boxes = [f"  {name}: {'; '.join(lines)}" for name, lines in self.items]
        arrows = [f"  {source} -> {target} ({label}): {why}" for source, target, (label, why) in self._ways()]
        return "\n".join([self.caption, *boxes, *arrows])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def cycle_picture(items: Sequence[Item], labels: Sequence[str]) -> str:
    """An SVG of ``items`` as boxes, down on the left and up on the right, and of arrows between them."""
    boxes, height = placed(items)
    if len(boxes) == 2:
        arrows = [*_across(boxes[0], boxes[1], -APART, labels[0]), *_across(boxes[1], boxes[0], APART, labels[1])]
    else:
        arrows = list(_around(boxes, labels))
    drawn = [shape for item, box in zip(items, boxes, strict=True) for shape in _box(item, box)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {svg.num(height)}" width="{WIDTH}" '
        f'height="{svg.num(height)}">{svg.STYLE}{svg.HEAD}'
        f"{svg.bar(WIDTH / 2, height / 2, WIDTH - 1, height - 1, 'paper', 8)}{''.join([*drawn, *arrows])}</svg>"
    )


def placed(items: Sequence[Item]) -> tuple[list[Box], float]:
    """Where each item's box stands, and how high the picture is: half of them to the left, the others to the right."""
    heights = [HEAD + LINE * min(len(lines), MOST_LINES + 1) + 6 for _, lines in items]
    half = (len(items) + 1) // 2
    left, right = heights[:half], heights[half:]
    room = max(_column_height(left), _column_height(right))
    down = _column(left, EDGE + COLUMN / 2, room)
    up = _column(right[::-1], WIDTH - EDGE - COLUMN / 2, room)[::-1]
    return [*down, *up], room + 2 * EDGE


def _column_height(heights: Sequence[float]) -> float:
    return sum(heights) + GAP * (len(heights) - 1)


def _column(heights: Sequence[float], x: float, room: float) -> list[Box]:
    y = EDGE + (room - _column_height(heights)) / 2
    boxes = []
    for height in heights:
        boxes.append(Box(x, y + height / 2, COLUMN, height))
        y += height + GAP
    return boxes


def _around(boxes: Sequence[Box], labels: Sequence[str]) -> Iterator[str]:
    """Arrows down the left column, across, up the right column, and back across."""
    for box, after, label in zip(boxes, [*boxes[1:], boxes[0]], labels, strict=True):
        if box.x == after.x:
            yield from _along(box, after, label)
        else:
            yield from _across(box, after, APART if box.x < after.x else -APART, label)


def _across(box: Box, after: Box, down: float, label: str) -> Iterator[str]:
    """An arrow from one column to the other, a little ``down`` from the middles, so that two have room."""
    side = 1 if box.x < after.x else -1
    x, end = box.x + side * box.width / 2, after.x - side * (after.width / 2 + 2)
    y, goal = box.y + down, after.y + down
    yield svg.line(x, y, end, goal, _stroke(label), head=True)
    beside = (16 if down > 0 else -7) if y == goal else 4  # a slanted line has its label on it
    yield svg.text((x + end) / 2, (y + goal) / 2 + beside, shorten(label, LONGEST_LABEL), "halo strong", "middle")


def _along(box: Box, after: Box, label: str) -> Iterator[str]:
    """An arrow within a column, its label on the inner side."""
    side = 1 if box.y < after.y else -1
    y, end = box.y + side * box.height / 2, after.y - side * (after.height / 2 + 2)
    yield svg.line(box.x, y, box.x, end, _stroke(label), head=True)
    anchor = "" if box.x < WIDTH / 2 else "end"
    yield svg.text(box.x - 9 if anchor else box.x + 9, (y + end) / 2 + 4, shorten(label, 20), "halo strong", anchor)


def _stroke(label: str) -> str:
    return STROKES.get(label.split(" ")[0], "flight")


def _box(item: Item, box: Box) -> Iterator[str]:
    name, lines = item
    left, top = box.x - box.width / 2 + 10, box.y - box.height / 2
    yield svg.bar(box.x, box.y, box.width, box.height, "remark", 6)
    yield svg.text(left, top + 18, shorten(name, 20), "name")
    more = len(lines) - MOST_LINES
    told = [*lines[:MOST_LINES], *([f"… and {more} more"] if more > 0 else [])]
    for row, line in enumerate(told):
        yield svg.text(left, top + HEAD + LINE * row + 10, fitted(line), "")


def fitted(line: str) -> str:
    """``line``, or as much of it as fits into a box."""
    most = LONGEST_LINE
    while most > 1 and text_width(shorten(line, most), 12) > COLUMN:
        most -= 1
    return shorten(line, most)
