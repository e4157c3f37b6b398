"""Labels on a space-time picture: their words, and the place where each one fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lessons.node import render
from lessons.node.message import is_message, message_fields
from lessons.trace.events import Invoked, Returned, Sent
from lessons.viz import svg
from lessons.viz.space import Box, Room, Stroke, shorten, text_width

LONGEST_LABEL, LONGEST_MESSAGE = 28, 20  # letters

Shape = tuple[bool, str]  # whether it is a label, which goes above all else; its SVG


class Labels:
    """Puts labels on the lanes at the heights ``y``, so that none covers another or a lane."""

    def __init__(self, room: Room, y: Mapping[str, float], ways: list[Stroke]) -> None:
        self.room, self.y = room, y
        self.said: set[tuple[str, float, str]] = set()
        for height in y.values():
            room.take(Box((room.left + room.right) / 2, height, room.right - room.left, 10))
        room.strokes = ways

    def tag(self, x: float, node: str, words: str, css: str) -> Iterator[Shape]:
        """Words in a frame, beside a moment on a lane."""
        words = shorten(words, LONGEST_LABEL)
        width = text_width(words, 11.5) + 12
        box = self.room.first_free(Box(x + dx, self.y[node] + dy, width, 18) for dx, dy in beside(width))
        if box is not None:
            yield True, svg.bar(box.x, box.y, box.width, box.height, css, 5)
            yield True, svg.text(box.x, box.y + 4, words, "", "middle")

    def plain(self, x: float, node: str, words: str, css: str) -> Iterator[Shape]:
        """Words without a frame, beside a moment on a lane."""
        words = shorten(words, LONGEST_LABEL)
        width = text_width(words, 12) + 4
        box = self.room.first_free(Box(x + dx, self.y[node] + dy, width, 15) for dx, dy in beside(width))
        if box is not None:
            yield True, svg.text(box.x, box.y + 4, words, css, "middle")

    def of_message(self, way: Stroke, send: Sent, words: str) -> Iterator[Shape]:
        """The words on a message beside its arrow; for one message to many nodes, once."""
        if (send.node, send.time, words) in self.said:
            return
        box = self.room.first_free(along(way, text_width(words, 12) + 2))
        if box is not None:
            self.said.add((send.node, send.time, words))
            yield True, svg.text(box.x, box.y + 4, words, "halo", "middle")


def beside(width: float) -> list[tuple[float, float]]:
    """Where a label of a moment may stand, best first: above its lane, below, then a little aside."""
    aside = (0, width / 2 - 4, -width / 2 + 4)
    return [(dx, dy) for dx in aside for dy in (-19, 19)]


def along(way: Stroke, width: float) -> list[Box]:
    """Where a label of an arrow may stand, best first: in the middle, then nearer to an end; on either side."""
    x, y, end, goal = way
    sides = (width / 2 + 6, -width / 2 - 6)
    parts = (0.5, 0.36, 0.64, 0.25, 0.75)
    return [Box(x + (end - x) * part + side, y + (goal - y) * part, width, 14) for part in parts for side in sides]


def message_text(message: Any) -> str:
    """A message as a label: with its values when they are short, else its type alone."""
    name = type(message).__name__
    values = ", ".join(map(render, message_fields(message).values()))
    full = f"{name}({values})"
    return full if len(full) <= LONGEST_MESSAGE else shorten(name, LONGEST_MESSAGE)


def bare(value: Any) -> str:
    """A value as a label: a text without its quotes."""
    return value if isinstance(value, str) else render(value)


def values_text(after: Mapping[str, Any], badge: str | None) -> str:
    """The new values of watched fields: "total = 3"; the badge speaks for itself: "leader"."""
    said = (("" if field == badge else f"{field} = ") + bare(value) for field, value in after.items())
    return ", ".join(said)


def operation_text(call: Invoked | None, answer: Returned | None) -> str:
    """An operation as a label: its call and, once it is back, how it ended."""
    text = f"{call.name}({', '.join(map(render, call.args))})" if call else ""
    if answer is None:
        return f"{text} …"
    if answer.outcome != "ok":
        return f"{text}: {answer.outcome}"
    value = message_text(answer.value) if is_message(answer.value) else render(answer.value)
    return text if answer.value is None else f"{text} = {value}"
