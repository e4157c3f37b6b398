"""A trace as JSON data: delta-encoded, with names replaced by indexes, the same bytes for the same run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lessons.node import encode, render
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
    Violated,
)

if TYPE_CHECKING:
    from lessons.trace import Trace

SCALE = 1_000_000  # ticks a second
PLACES = ("down", "up", "pause", "resume", "cut", "heal")  # effects that the player draws
EXACT = 2**53  # a larger whole number is not exact in JavaScript


def encode_run(trace: Trace, label: str = "", lines: bool = True) -> dict[str, Any]:
    """One recorded run as the plain data that the player draws, with its transcript ``lines`` or without.

    ``label`` names the run for the reader ("seed 31" unless given). Times become whole microseconds since
    the event before; nodes, fields and message types become positions in lists. Keys have a fixed order.
    Whole numbers beyond 2**53, infinities and NaN become text, because JSON readers would change them.

    Raises ValueError when time runs backwards or when an event names something that the trace does not have.
    """
    return _Encoder(trace).run(label or f"seed {trace.seed}", lines)


def plain(value: Any) -> Any:
    """``value`` as JSON data that every reader of JSON reads back unchanged."""
    return _exact(encode(value))


def ticks(seconds: float) -> int:
    """Whole microseconds."""
    return round(seconds * SCALE)


def _exact(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _exact(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_exact(item) for item in data]
    if isinstance(data, float) and not math.isfinite(data):
        return render(data)
    if isinstance(data, int) and abs(data) > EXACT:
        return str(data)
    return data


class _Encoder:
    """The tables of one trace: names to positions, and when each message arrived."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.nodes = _positions(trace.nodes)
        self.fields = _positions(_field_names(trace))
        self.types = _positions(_message_types(trace))
        self.rules = _positions(rule.name for rule in trace.invariants)
        self.arrivals = _first_times(trace, Delivered)
        self.losses = _first_times(trace, Dropped)

    def run(self, label: str, lines: bool) -> dict[str, Any]:
        return {
            "label": label,
            "seed": plain(self.trace.seed),
            "nodes": list(self.nodes),
            "kinds": list(self.trace.nodes.values()),
            "clients": sorted(self.node(name) for name in self.trace.clients),
            "fields": list(self.fields),
            "types": list(self.types),
            "scale": SCALE,
            "events": self.events(),
            **({"lines": self.trace.lines()} if lines else {}),
            "marks": [],
            "invariants": self.invariants(),
            "end": ticks(self.trace.end),
        }

    def events(self) -> list[list[Any]]:
        coded: list[list[Any]] = []
        before = 0
        for event in self.trace.events:
            now = ticks(event.time)
            if now < before:
                raise ValueError(f"event {event.index} at {event.time} s is earlier than the event in front of it")
            letter, *rest = self.event(event)
            coded.append([letter, now - before, *rest])
            before = now
        return coded

    def event(self, event: Event) -> tuple[Any, ...]:
        match event:
            case Started():
                return "b", self.node(event.node)
            case Sent():
                return self.send(event)
            case Delivered():
                return "d", event.sent
            case Dropped():
                return "x", event.sent, event.why
            case Fired():
                return "t", self.node(event.node), event.name
            case Changed():
                return "w", self.node(event.node), self.changes(event.after)
            case Noted():
                return "n", self.node(event.node), event.text, plain(event.facts)
            case Faulted():
                return "f", event.name, plain(event.args), self.effect(event.effect)
            case Invoked():
                text = f"{event.name}({', '.join(map(render, event.args))})"
                return "i", self.node(event.node), event.op, text
            case Returned():
                text = "" if event.value is None else render(event.value)
                return "r", self.node(event.node), event.op, text, event.outcome
            case Violated():
                return "v", _position(self.rules, event.invariant, "invariant"), event.why
        raise TypeError(f"event {event!r} is of no kind that the player knows")

    def send(self, event: Sent) -> tuple[Any, ...]:
        body = {field: plain(value) for field, value in message_fields(event.message).items()}
        kind = self.types[type(event.message).__name__]
        return "s", self.node(event.node), self.node(event.to), kind, body, self.travel(event)

    def travel(self, event: Sent) -> int | None:
        """Ticks until the first delivery, as planned if the run ends before; None for a lost message."""
        arrival = self.arrivals.get(event.index)
        if arrival is None and event.index not in self.losses:
            arrival = event.arrives
        return None if arrival is None else ticks(arrival) - ticks(event.time)

    def changes(self, after: Mapping[str, Any]) -> dict[str, Any]:
        return {str(self.fields[field]): plain(value) for field, value in after.items()}

    def effect(self, effect: Mapping[str, Any]) -> dict[str, Any]:
        return {name: [self.place(item) for item in places] for name, places in effect.items() if name in PLACES}

    def place(self, place: str | Iterable[str]) -> int | list[int]:
        """A node, or a directed pair of nodes, as positions."""
        return self.node(place) if isinstance(place, str) else [self.node(name) for name in place]

    def node(self, name: str) -> int:
        return _position(self.nodes, name, "node")

    def invariants(self) -> list[dict[str, Any]]:
        broken = self.trace.violation
        return [
            {
                "name": rule.name,
                "says": rule.says,
                "cite": rule.cite,
                "broken": broken.index if broken and broken.invariant == rule.name else None,
                "why": broken.why if broken and broken.invariant == rule.name else None,
            }
            for rule in self.trace.invariants
        ]


def _positions(names: Iterable[str]) -> dict[str, int]:
    """Each name once, with its position, in order of first appearance."""
    return {name: position for position, name in enumerate(dict.fromkeys(names))}


def _position(positions: Mapping[str, int], name: str, what: str) -> int:
    try:
        return positions[name]
    except KeyError:
        known = ", ".join(positions) or "none"
        raise ValueError(f"an event names {what} {name!r}, but the trace has: {known}") from None


def _field_names(trace: Trace) -> Iterable[str]:
    for watched in trace.watched.values():
        yield from watched
    for event in trace.events:
        if isinstance(event, Changed):
            yield from event.after


def _message_types(trace: Trace) -> Iterable[str]:
    return (type(event.message).__name__ for event in trace.events if isinstance(event, Sent))


def _first_times(trace: Trace, kind: type[Delivered] | type[Dropped]) -> dict[int, float]:
    """When the first event of ``kind`` happened to each message, by the index of its send."""
    times: dict[int, float] = {}
    for event in trace.events:
        if isinstance(event, kind):
            times.setdefault(event.sent, event.time)
    return times
