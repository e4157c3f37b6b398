"""From the record that a world keeps while it runs to the events that a reader sees.

A record is a flat list. An event takes one place or several, and what stands first says of which kind it is:

- a float: a send. The places are ``arrives, number, receive, sender, message, answers, sent``;
- an int: the delivery of the send with that number, at the time that the send foresaw;
- a ``Shape``: watched fields of a node changed; the places after it are the time and the new values;
- a tuple ``(kind, time, ...)``: everything rarer;
- anything else: a timer or a workflow that was due, and in the next place the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import inf
from typing import Any

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

_PLACES_OF_SEND = 7


class Shape:
    """Which fields of which node changed: a record names them by one object for all changes of the same fields."""

    __slots__ = ("fields", "node", "places")

    def __init__(self, node: str, fields: tuple[str, ...]) -> None:
        self.node, self.fields = node, fields
        self.places = 1 + len(fields)  # that follow in a record


def sends(record: Sequence[Any]) -> Iterator[tuple[int, str, str]]:
    """Number, sender and receiver of every send in a record, in order."""
    places = iter(record)
    for first in places:
        if isinstance(first, float):
            number, receive, sender, *_ = islice(places, _PLACES_OF_SEND - 1)
            yield number, sender, receive.__self__.name
        elif isinstance(first, Shape):
            tuple(islice(places, first.places))
        elif not isinstance(first, int | tuple):
            next(places)


class Decoder:
    """Turns a record into events, keeping track of sends and of the last value of each field."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._sends: dict[int, int] = {}  # number of a send -> index of its event
        self._fates: dict[int, float | None] = {}  # index of a send -> when it first arrived
        self._values: dict[str, dict[str, Any]] = {}
        self._rare: dict[str, Callable[..., Event]] = {
            "deliver": self._deliver, "drop": self._drop, "start": self._start,
            "note": self._note, "fault": self._fault,
            "invoke": self._invoke, "return": self._return, "violation": self._violation,
        }  # fmt: skip

    def decode(self, record: Sequence[Any]) -> tuple[Event, ...]:
        """All events of ``record``, in order."""
        places = iter(record)
        for first in places:
            self._events.append(self._event(first, places))
        for index, arrives in self._fates.items():
            sent = self._events[index]
            assert isinstance(sent, Sent)
            self._events[index] = replace(sent, arrives=arrives)
        return tuple(self._events)

    def _event(self, first: Any, rest: Iterator[Any]) -> Event:
        if isinstance(first, float):
            return self._send(first, *islice(rest, _PLACES_OF_SEND - 1))
        if isinstance(first, int):
            return self._deliver(None, "", first)
        if isinstance(first, Shape):
            time, *values = islice(rest, first.places)
            return self._state(time, first.node, dict(zip(first.fields, values, strict=True)))
        if isinstance(first, tuple):
            return self._rare[first[0]](*first[1:])
        return Fired(len(self._events), next(rest), first.host.name, first.name)

    def _send(
        self, arrives: float, number: int, receive: Any, sender: str, message: Any, answers: int | None, time: float
    ) -> Event:
        index = len(self._events)
        self._sends[number] = index
        answered = None if answers is None else self._sends.get(answers)
        planned = None if arrives == inf else arrives
        return Sent(index, time, sender, receive.__self__.name, message, planned, answered)

    def _deliver(self, time: float | None, node: str, number: int) -> Event:
        """``time`` None: as the send foresaw."""
        sent = self._sent(number)
        copy = self._fates.get(sent.index) is not None
        when = time if time is not None else sent.arrives
        assert when is not None
        self._fates.setdefault(sent.index, when)
        if self._fates[sent.index] is None:  # its first copy was dropped
            self._fates[sent.index] = when
        return Delivered(len(self._events), when, sent.to, sent.node, sent.message, sent.index, copy)

    def _drop(self, time: float, node: str, number: int, why: str) -> Event:
        sent = self._sent(number)
        self._fates.setdefault(sent.index, None)
        return Dropped(len(self._events), time, node, sent.node, sent.message, sent.index, why)

    def _sent(self, number: int) -> Sent:
        sent = self._events[self._sends[number]]
        assert isinstance(sent, Sent)
        return sent

    def _start(self, time: float, node: str) -> Event:
        self._values[node] = {}
        return Started(len(self._events), time, node)

    def _state(self, time: float, node: str, after: dict[str, Any]) -> Event:
        values = self._values.setdefault(node, {})
        before = {field: values[field] for field in after if field in values}
        values.update(after)
        return Changed(len(self._events), time, node, before, after)

    def _note(self, time: float, node: str, text: str, facts: dict[str, Any]) -> Event:
        return Noted(len(self._events), time, node, text, facts)

    def _fault(self, time: float, name: str, args: dict[str, Any], effect: dict[str, Any]) -> Event:
        return Faulted(len(self._events), time, str(args.get("node", "")), name, args, effect)

    def _invoke(self, time: float, node: str, op: int, name: str, args: tuple[Any, ...]) -> Event:
        return Invoked(len(self._events), time, node, op, name, args)

    def _return(self, time: float, node: str, op: int, outcome: str, value: Any) -> Event:
        return Returned(len(self._events), time, node, op, outcome, value)

    def _violation(self, time: float, invariant: str, why: str) -> Event:
        return Violated(len(self._events), time, "", invariant, why)
