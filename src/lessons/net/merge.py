"""From the records of several processes to one trace: in the order of their clocks, and no answer before its question.

The clocks of processes on one machine are one; those of several machines agree as well as they are kept. A delivery
whose send seems to come later waits for it, so that what the trace tells is a possible order of causes and effects
(Lamport 1978).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from lessons.net.errors import Malformed
from lessons.net.record import OLD, SUFFIX
from lessons.net.values import Values
from lessons.node import Series
from lessons.trace import (
    Changed,
    Delivered,
    Event,
    Faulted,
    Fired,
    Invoked,
    Noted,
    Returned,
    Sent,
    Started,
    Trace,
)

Line = list[Any]
WORLD = "world"  # the record of what was done to the nodes


def read_trace(folder: Path, values: Values, title: str = "") -> Trace:
    """The trace of the records in a folder; the rest of a last line that a crash has cut is left out.

    What was done with a message or an operation whose beginning is in no record any more is left out, too. Raises
    Malformed for a line that is no event.
    """
    records = {path.name.removesuffix(SUFFIX): read(path) for path in files(folder)}
    merged = Merge(values)
    for name, line in in_order(records):
        merged.take("" if name == WORLD else name, line)
    return merged.trace(title)


def files(folder: Path) -> list[Path]:
    """The records in a folder, without the old ones, which are read along."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.endswith(OLD))


def read(path: Path) -> list[Line]:
    """The lines of a record, those of its old file first."""
    old = path.with_name(path.name.removesuffix(SUFFIX) + OLD)
    text = "".join(each.read_text(encoding="utf8") for each in (old, path) if each.exists())
    whole, _, _ = text.rpartition("\n")
    try:
        return [_line(json.loads(line)) for line in whole.splitlines()]
    except ValueError as error:
        raise Malformed(f"{path} has a line that is no event: {error}") from None


def _line(data: Any) -> Line:
    """A line that has a kind and a time, and what lines are ordered by."""
    least = {"send": 4, "get": 4}.get(data[0], 2) if isinstance(data, list) and data else 2
    if not isinstance(data, list) or len(data) < least or not isinstance(data[1], int | float):
        raise ValueError(f"{data!r} must be a list of a kind, a time, and facts")
    return data


def in_order(records: Mapping[str, list[Line]]) -> Iterator[tuple[str, Line]]:
    """All lines by time, each with the name of its node; a delivery not before its send."""
    unsent = {(name, line[2]) for name, lines in records.items() for line in lines if line[0] == "send"}
    lines = {name: iter(record) for name, record in records.items()}
    heads: list[tuple[float, str, Line]] = []
    blocked: dict[tuple[str, int], list[tuple[float, str, Line]]] = {}

    def put(head: tuple[float, str, Line]) -> None:
        """Let a line come when it is its turn, or when what it waits for has come."""
        cause = (head[2][2], head[2][3]) if head[2][0] == "get" else None
        if cause in unsent:
            blocked.setdefault(cause, []).append(head)
        else:
            heappush(heads, head)

    def go_on(name: str, now: float) -> None:
        line = next(lines[name], None)
        if line is not None:
            put((max(now, line[1]), name, line))

    for name in lines:
        go_on(name, 0.0)
    while heads:
        time, name, line = heappop(heads)
        line[1] = time
        yield name, line
        if line[0] == "send":
            unsent.discard((name, line[2]))
            for _, waiting, freed in blocked.pop((name, line[2]), ()):
                heappush(heads, (max(time, freed[1]), waiting, freed))
        go_on(name, time)


class Merge:
    """Makes events of lines that come in order."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._events: list[Event] = []
        self._sends: dict[tuple[str, int], int] = {}  # sender and number -> index of the event
        self._operations: dict[tuple[str, int], int] = {}  # node and its number -> number in the run
        self._fields: dict[str, dict[str, Any]] = {}
        self._zero: float | None = None
        self._now = 0.0
        self.nodes: dict[str, str] = {}
        self.watched: dict[str, tuple[str, ...]] = {}
        self.clients: set[str] = set()

    def take(self, node: str, line: Line) -> None:
        """Add the event of a line. Raises Malformed."""
        try:
            kind, time, *facts = line
            self._zero = time if self._zero is None else self._zero
            self._now = max(self._now, round(time - self._zero, 6))
            if node:
                self.nodes.setdefault(node, "")
            event = getattr(self, f"_{kind}")(node, *facts)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise Malformed(f"{line!r} of {node or WORLD} is no event: {error}") from None
        if event is not None:
            self._events.append(event)

    def trace(self, title: str) -> Trace:
        """The trace of all that was taken."""
        return Trace.of(
            self._events,
            nodes=self.nodes,
            clients=frozenset(self.clients),
            watched=self.watched,
            seed=title,
            end=self._now,
            title=title,
        )

    @property
    def _index(self) -> int:
        return len(self._events)

    def _start(self, node: str, kind: str, watched: list[str], is_client: bool) -> Event:
        self.nodes[node], self.watched[node] = kind, tuple(watched)
        self._fields.pop(node, None)
        if is_client:
            self.clients.add(node)
        return Started(self._index, self._now, node)

    def _send(self, node: str, number: int, to: str, answers: int | None, message: Any) -> Event:
        self.nodes.setdefault(to, "")
        answered = None if answers is None else self._sends.get((to, answers))
        self._sends[node, number] = self._index
        return Sent(self._index, self._now, node, to, self._values.decode(message), None, answered)

    def _get(self, node: str, sender: str, number: int) -> Event | None:
        index = self._sends.get((sender, number))
        if index is None:
            return None
        sent = self._events[index]
        assert isinstance(sent, Sent)
        copy = sent.arrives is not None
        if not copy:
            self._events[index] = replace(sent, arrives=self._now)
        return Delivered(self._index, self._now, node, sender, sent.message, index, copy)

    def _fire(self, node: str, name: str) -> Event:
        return Fired(self._index, self._now, node, name)

    def _state(self, node: str, changes: dict[str, Line]) -> Event:
        fields = self._fields.setdefault(node, {})
        before = {field: fields[field] for field in changes if field in fields}
        after = {field: self._value(fields.get(field), change) for field, change in changes.items()}
        fields.update(after)
        return Changed(self._index, self._now, node, before, after)

    def _value(self, before: Any, change: Line) -> Any:
        if not change[0]:
            return self._values.decode(change[1])
        _, kept, items = change
        base = before if isinstance(before, Series) else Series()
        return base.until(kept) + self._values.decode(items)

    def _note(self, node: str, text: str, facts: Any) -> Event:
        return Noted(self._index, self._now, node, text, self._values.decode(facts))

    def _invoke(self, node: str, op: int, name: str, args: Any) -> Event:
        self._operations[node, op] = number = len(self._operations) + 1
        return Invoked(self._index, self._now, node, number, name, self._values.decode(args))

    def _return(self, node: str, op: int, outcome: str, value: Any) -> Event | None:
        number = self._operations.get((node, op))
        if number is None:
            return None
        return Returned(self._index, self._now, node, number, outcome, self._values.decode(value))

    def _fault(self, node: str, name: str, args: Any, effect: Any) -> Event:
        decode = self._values.decode
        return Faulted(self._index, self._now, node, name, decode(args), decode(effect))
