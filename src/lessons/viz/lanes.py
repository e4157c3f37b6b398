"""The lanes of a space-time picture: each node's life, its messages, its timers, its changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lessons.node import render
from lessons.node.message import message_fields
from lessons.trace.events import (
    Changed,
    Delivered,
    Dropped,
    Event,
    Faulted,
    Fired,
    Invoked,
    Noted,
    Returned,
    Sent,
    Started,
)
from lessons.viz import svg
from lessons.viz.palette import TONES
from lessons.viz.scene import Look
from lessons.viz.space import Box, Room, Stroke, shorten, text_width
from lessons.viz.window import Columns

if TYPE_CHECKING:
    from lessons.trace import Trace

LONGEST_LABEL = 28
SHORT = 20  # a stretch of a lane that says nothing: the moment before a node starts
LONGEST_MESSAGE = 20
TALLEST, LOWEST, ROOM_FOR_LANES = 74.0, 38.0, 420.0
NEARLY = 0.84  # of its way goes the arrow of a message that is lost on arrival
HALF_WAY = 37.0  # so many pixels go, up or down, the arrow of a message that is lost at once
STUB = 22  # how far the arrow of a message goes, both ways, that is still travelling at the end


class Lanes:
    """Draws the lanes from ``top`` down; takes room for its labels, so that none covers another."""

    def __init__(
        self,
        trace: Trace,
        shown: range,
        names: list[str],
        columns: Columns,
        room: Room,
        top: float,
        look: Look,
    ) -> None:
        self.trace, self.names, self.columns, self.room, self.look = trace, names, columns, room, look
        self.shown = [trace.events[number] for number in shown]
        self.past = trace.events[: shown.start]
        height = max(LOWEST, min(TALLEST, ROOM_FOR_LANES / max(1, len(names))))
        self.y = {name: top + height * (row + 0.5) for row, name in enumerate(names)}
        self.top, self.bottom = top, top + height * len(names)
        self.ends = (columns.left - 16, columns.right + 24)
        self.said: set[tuple[str, float, str]] = set()
        self.sends = {event.index: event for event in trace.events if isinstance(event, Sent)}
        for y in self.y.values():
            room.take(Box((room.left + room.right) / 2, y, room.right - room.left, 10))
        room.strokes = [self.way(event) for event in self.shown if isinstance(event, Delivered)]

    def draw(self) -> Iterator[str]:
        """All shapes, the ones behind first; the labels that matter most take their room first."""
        yield from self.heads()
        labels = [*self.operations(), *self.faults(), *self.changes(), *self.flights(), *self.moments()]
        yield from self.lives()
        yield from (shape for is_label, shape in labels if not is_label)
        yield from (shape for is_label, shape in labels if is_label)

    def heads(self) -> Iterator[str]:
        for name, kind in self.trace.nodes.items():
            if name in self.y:
                yield svg.text(16, self.y[name] + 1, name, "name")
                yield svg.text(16, self.y[name] + 15, " ".join([kind, *self.badge_before(name)]), "soft")

    def badge_before(self, name: str) -> list[str]:
        """The badge of a node where the picture begins, if it begins later than the run."""
        seen = (self.new_badge(event, name) for event in self.past)
        return [value for value in seen if value is not None][-1:]

    def new_badge(self, event: Event, name: str) -> str | None:
        """The badge that ``event`` gives to a node, if it does."""
        field = self.look.badge
        if field is None or not isinstance(event, Changed) or event.node != name or field not in event.after:
            return None
        return bare(event.after[field])

    # The life of a node: up, down, paused, and the colour of its badge

    def lives(self) -> Iterator[str]:
        for name in self.names:
            x, state, tone = self.ends[0], "off", None
            for event in (*self.past, *self.shown):
                then = self.state_after(event, name, state, tone)
                if then != (state, tone):
                    now = max(self.ends[0], self.columns.x(event.time))
                    yield from self.stretch(name, x, now, state, tone)
                    x, (state, tone) = now, then
            yield from self.stretch(name, x, self.ends[1], state, tone)

    def state_after(self, event: Event, name: str, state: str, tone: int | None) -> tuple[str, int | None]:
        if isinstance(event, Started) and event.node == name:
            return "lane", None
        if isinstance(event, Faulted):
            for effect, then in (("down", "off"), ("pause", "paused"), ("resume", "lane")):
                if name in event.effect.get(effect, ()):
                    return then, None if then == "off" else tone
        badge = self.new_badge(event, name)
        return state, tone if badge is None else self.look.tones.get(badge)

    def stretch(self, name: str, x: float, end: float, state: str, tone: int | None) -> Iterator[str]:
        if end - x > (SHORT if state == "off" else 0):
            if tone is not None and state != "off":
                yield svg.line(x, self.y[name], end, self.y[name], "tone", colour=TONES[tone])
            else:
                yield svg.line(x, self.y[name], end, self.y[name], state)

    # What happens on a lane. Each shape goes with True if it is a label, to be drawn above the others.

    def operations(self) -> Iterator[tuple[bool, str]]:
        """A band from a client's call to its return, with both in words."""
        calls = {event.op: event for event in self.trace.events if isinstance(event, Invoked)}
        returns = {event.op: event for event in self.shown if isinstance(event, Returned)}
        begun = {event.op for event in self.shown if isinstance(event, Invoked)}
        for op in sorted(begun | set(returns)):
            call, answer = calls.get(op), returns.get(op)
            node = (call or answer).node  # type: ignore[union-attr]
            x = self.columns.x(call.time) if call else self.ends[0]
            end = self.columns.x(answer.time) if answer else self.ends[1]
            yield False, svg.bar((x + end) / 2, self.y[node], max(4, end - x), 14, "band", 7)
            yield from self.label((x + end) / 2, node, operation_text(call, answer), "halo strong")

    def changes(self) -> Iterator[tuple[bool, str]]:
        for event in self.shown:
            if isinstance(event, Changed) and event.node in self.y:
                x = self.columns.x(event.time)
                yield True, svg.dot(x, self.y[event.node], 4.5, "write")
                yield from self.tag(x, event.node, self.values_text(event.after), "tag")

    def faults(self) -> Iterator[tuple[bool, str]]:
        """Faults of single nodes, and restarts."""
        for event in self.shown:
            if isinstance(event, Faulted):
                for effect in ("down", "pause", "resume"):
                    for name in event.effect.get(effect, ()):
                        yield from self.fault(event, name, effect)
            elif isinstance(event, Started) and event.node in self.y:
                x = self.columns.x(event.time)
                yield False, svg.bar(x, self.y[event.node], 4, 18, "begin", 2)
                if event.time > 0:
                    yield from self.tag(x, event.node, "restarts", "remark")

    def fault(self, event: Faulted, name: str, effect: str) -> Iterator[tuple[bool, str]]:
        if name in self.y:
            x = self.columns.x(event.time)
            y = self.y[name]
            yield True, svg.cross(x, y, 6) if effect == "down" else svg.bar(x, y, 6, 18, "fault")
            yield from self.tag(x, name, event.name, "fault")

    def moments(self) -> Iterator[tuple[bool, str]]:
        """Timers and notes: they matter least, so they get the room that is left."""
        for event in self.shown:
            if isinstance(event, Noted) and event.node in self.y:
                yield from self.tag(self.columns.x(event.time), event.node, event.text, "remark")
        for event in self.shown:
            if isinstance(event, Fired) and event.node in self.y:
                x = self.columns.x(event.time)
                yield False, svg.dot(x, self.y[event.node], 4, "timer")
                yield from self.label(x, event.node, event.name, "halo soft")

    # Messages

    def flights(self) -> Iterator[tuple[bool, str]]:
        ended = {event.sent for event in self.shown if isinstance(event, Delivered | Dropped)}
        for event in self.shown:
            if isinstance(event, Sent):
                yield False, svg.dot(self.columns.x(event.time), self.y[event.node], 3, "dot")
                if event.index not in ended:
                    yield from self.on_its_way(event)
            elif isinstance(event, Delivered):
                yield from self.arrow(self.sends[event.sent], event)
            elif isinstance(event, Dropped):
                yield from self.loss(self.sends[event.sent], event)

    def way(self, event: Delivered) -> Stroke:
        send = self.sends[event.sent]
        return self.columns.x(send.time), self.y[send.node], self.columns.x(event.time), self.y[event.node]

    def arrow(self, send: Sent, event: Delivered) -> Iterator[tuple[bool, str]]:
        x, y, end, goal = self.way(event)
        if send.node == event.node:
            yield False, svg.curve(x, y, end, "flight")
        else:
            yield False, svg.line(x, y, *short_of(x, y, end, goal), "flight", head=True)
        yield from self.message_label(x, y, end, goal, send, " again" if event.copy else "")

    def loss(self, send: Sent, event: Dropped) -> Iterator[tuple[bool, str]]:
        """An arrow that ends in a cross: near its goal if time has passed, else soon after it begins."""
        x, y, goal = self.columns.x(send.time), self.y[send.node], self.y[event.node]
        end = self.columns.x(event.time)
        if end > x:
            goal = y + (goal - y) * NEARLY
        else:
            end, goal = x + STUB, y + max(-HALF_WAY, min(HALF_WAY, (goal - y) / 2))
        yield False, svg.line(x, y, end, goal, "lost")
        yield True, svg.cross(end, goal)
        yield from self.message_label(x, y, end, goal, send, f": {event.why}")

    def on_its_way(self, send: Sent) -> Iterator[tuple[bool, str]]:
        """A message that is still travelling where the picture ends: the first part of its way."""
        x, y = self.columns.x(send.time), self.y[send.node]
        down = 1 if self.y[send.to] >= y else -1
        yield False, svg.line(x, y, x + STUB, y + STUB * down, "open")
        yield from self.message_label(x, y, x + STUB, y + STUB * down, send)

    # Labels

    def values_text(self, after: Mapping[str, Any]) -> str:
        """The new values of watched fields: "total = 3"; the badge speaks for itself: "leader"."""
        badge = self.look.badge
        said = (("" if field == badge else f"{field} = ") + bare(value) for field, value in after.items())
        return ", ".join(said)

    def tag(self, x: float, node: str, words: str, css: str) -> Iterator[tuple[bool, str]]:
        words = shorten(words, LONGEST_LABEL)
        width = text_width(words, 11.5) + 12
        box = self.room.first_free(Box(x + dx, self.y[node] + dy, width, 18) for dx, dy in beside(width))
        if box is not None:
            yield True, svg.bar(box.x, box.y, box.width, box.height, css, 5)
            yield True, svg.text(box.x, box.y + 4, words, "", "middle")

    def label(self, x: float, node: str, words: str, css: str) -> Iterator[tuple[bool, str]]:
        words = shorten(words, LONGEST_LABEL)
        width = text_width(words, 12) + 4
        box = self.room.first_free(Box(x + dx, self.y[node] + dy, width, 15) for dx, dy in beside(width))
        if box is not None:
            yield True, svg.text(box.x, box.y + 4, words, css, "middle")

    def message_label(
        self, x: float, y: float, end: float, goal: float, send: Sent, more: str = ""
    ) -> Iterator[tuple[bool, str]]:
        """A message's type and values beside its arrow; for one message to many nodes, once."""
        words = message_text(send.message) + more
        if (send.node, send.time, words) in self.said:
            return
        width = text_width(words, 12) + 2
        half = width / 2 + 6
        spots = [(along, side) for along in (0.5, 0.36, 0.64, 0.25, 0.75) for side in (half, -half)]
        boxes = [Box(x + (end - x) * along + side, y + (goal - y) * along, width, 14) for along, side in spots]
        box = self.room.first_free(boxes)
        if box is not None:
            self.said.add((send.node, send.time, words))
            yield True, svg.text(box.x, box.y + 4, words, "halo", "middle")


def beside(width: float) -> list[tuple[float, float]]:
    """Where a label of a moment may stand, best first: above its lane, below, then a little aside."""
    aside = (0, width / 2 - 4, -width / 2 + 4)
    return [(dx, dy) for dx in aside for dy in (-19, 19)]


def short_of(x: float, y: float, end: float, goal: float) -> tuple[float, float]:
    """The end of an arrow, 4 pixels before its goal, so that its head does not cover the goal."""
    length = ((end - x) ** 2 + (goal - y) ** 2) ** 0.5 or 1.0
    keep = max(0.0, 1 - 4 / length)
    return x + (end - x) * keep, y + (goal - y) * keep


def message_text(message: Any) -> str:
    """A message as a label: with its values when they are short, else its type alone."""
    name = type(message).__name__
    values = ", ".join(map(render, message_fields(message).values()))
    full = f"{name}({values})"
    return full if len(full) <= LONGEST_MESSAGE else shorten(name, LONGEST_MESSAGE)


def bare(value: Any) -> str:
    """A value as a label: a text without its quotes."""
    return value if isinstance(value, str) else render(value)


def operation_text(call: Invoked | None, answer: Returned | None) -> str:
    """An operation as a label: its call and, once it is back, how it ended."""
    text = f"{call.name}({', '.join(map(render, call.args))})" if call else ""
    if answer is None:
        return f"{text} …"
    if answer.outcome != "ok":
        return f"{text}: {answer.outcome}"
    return text if answer.value is None else f"{text} = {render(answer.value)}"
