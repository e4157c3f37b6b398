"""Room on a picture: how wide a text is, and where a label fits without covering another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import fsum
from unicodedata import east_asian_width

Stroke = tuple[float, float, float, float]  # x and y of its begin, x and y of its end


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its middle, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether the two rectangles overlap."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width
            and abs(self.y - other.y) * 2 < self.height + other.height
        )

    def is_crossed(self, stroke: Stroke) -> bool:
        """Whether a straight stroke goes through the rectangle (clipping of Liang and Barsky)."""
        x, y, end, goal = stroke
        enters, leaves = 0.0, 1.0
        for start, step, middle, size in (
            (x, end - x, self.x, self.width),
            (y, goal - y, self.y, self.height),
        ):
            low, high = middle - size / 2 - start, middle + size / 2 - start
            if step == 0:
                if low > 0 or high < 0:
                    return False
                continue
            near, far = sorted((low / step, high / step))
            enters, leaves = max(enters, near), min(leaves, far)
        return enters <= leaves


@dataclass
class Room:
    """A picture from ``left`` to ``right``: the boxes that are taken, the strokes to keep clear of."""

    left: float
    right: float
    taken: list[Box] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)

    def take(self, box: Box) -> Box:
        """Take ``box`` whatever is there."""
        self.taken.append(box)
        return box

    def first_free(self, boxes: Iterable[Box]) -> Box | None:
        """Take the first of ``boxes``, moved inside the picture, that meets no other box; None if all do.

        One that is crossed by no stroke comes before one that is.
        """
        free = [box for box in map(self._inside, boxes) if not any(map(box.meets, self.taken))]
        clear = (box for box in free if not any(map(box.is_crossed, self.strokes)))
        best = next(clear, next(iter(free), None))
        return None if best is None else self.take(best)

    def _inside(self, box: Box) -> Box:
        half = box.width / 2
        x = max(self.left + half, min(self.right - half, box.x))
        return Box(x, box.y, box.width, box.height)


def text_width(text: str, size: float) -> float:
    """About how wide ``text`` is in a sans-serif font of ``size`` pixels."""
    # fsum: the plain sum of Python 3.12 and later is another one than that of 3.11.
    return fsum(size if east_asian_width(letter) in "WF" else size * 0.6 for letter in text)


def shorten(text: str, most: int) -> str:
    """``text``, or its beginning and an ellipsis when it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
