"""The keys with their values, the revisions that changed them, and the last of these changes as events."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Any

from lessons.agreement.replicated_kv.answers import Denied, Event, Found, NoLease, Record
from lessons.agreement.replicated_kv.commands import covers
from lessons.agreement.replicated_kv.rules import MOST_RECORDS, MOST_VALUE, Limits
from lessons.agreement.replicated_kv.text import fitting


class Denial(Exception):
    """A step that can't be done, in the middle of a transaction; ``answer`` is what the client is told."""

    def __init__(self, answer: Denied | NoLease) -> None:
        super().__init__(str(answer))
        self.answer = answer


class Keyspace:
    """Records by key. ``revision`` counts the transactions that changed something; all events of one share its number.

    Changes are collected until ``seal`` makes them a revision, or ``undo`` takes them back. ``events`` are the
    last changes, whole revisions of them; those up to revision ``compacted`` are gone.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.revision = self.compacted = self.size = 0
        self.records: dict[str, Record] = {}
        self.order: list[str] = []
        self.events: list[Event] = []
        self.attached: dict[int, set[str]] = {}  # lease -> keys
        self._fresh: list[tuple[Event, Record | None]] = []  # not sealed yet, and what was there before

    @property
    def now(self) -> int:
        """The revision that what has changed so far is part of."""
        return self.revision + bool(self._fresh)

    # Questions

    def keys(self, key: str, end: str | None) -> list[str]:
        """The keys from ``key`` on and before ``end``, sorted; just ``key`` when ``end`` is None."""
        if end is None:
            return [key] if key in self.records else []
        stop = bisect_left(self.order, end) if end else len(self.order)
        return self.order[bisect_left(self.order, key) : stop]

    def find(self, key: str, end: str | None = None, limit: int = MOST_RECORDS) -> Found:
        """The first ``limit`` records of a range, or fewer: as many as one answer can hold."""
        keys = self.keys(key, end)
        found = [self.records[name] for name in keys[:limit]]
        del found[fitting(found) :]
        return Found(self.now, tuple(found), len(keys) > len(found))

    def since(self, revision: int, key: str, end: str | None, most: int) -> tuple[int, tuple[Event, ...]]:
        """Events of a range from ``revision`` on, whole revisions of them, about ``most``; and up to which revision.

        They are fewer where one answer can't hold them all.
        """
        start = bisect_left(self.events, revision, key=lambda event: event.revision)
        told: list[Event] = []
        last = self.revision
        for event in self.events[start:]:
            if len(told) >= most and event.revision > told[-1].revision:
                last = told[-1].revision
                break
            if covers(key, end, event.key):
                told.append(event)
        fit = fitting(told)
        if fit < len(told):
            last = told[fit].revision - 1
            told = [event for event in told if event.revision <= last]
        return last, tuple(told)

    # Changes

    def put(self, key: str, value: str | bytes, lease: int = 0) -> None:
        """Write a key; raises Denial when there is no room."""
        old, now = self.records.get(key), self.revision + 1
        grown = self.size + len(value) + (len(key) if old is None else -len(old.value))
        if grown > self.limits.size:
            raise Denial(Denied(f"the store is full: {grown:,} of {self.limits.size:,} characters and bytes"))
        new = Record(key, value, now, now, 1, lease)
        if old is not None:
            new = Record(key, value, old.create, now, old.version + 1, lease)
        self._change(key, new)

    def append(self, key: str, value: str | bytes) -> None:
        """Write ``value`` behind what is there; raises Denial where the two don't fit together, or grow too long."""
        old = self.records.get(key)
        if old is None:
            self.put(key, value)
            return
        if type(old.value) is not type(value):
            raise Denial(Denied(f"value of {key!r} is {type(old.value).__name__}: append the same to it"))
        if len(old.value) + len(value) > MOST_VALUE:
            raise Denial(Denied(f"value of {key!r} would be longer than {MOST_VALUE:,}"))
        self.put(key, old.value + value, old.lease)  # type: ignore[operator]

    def delete(self, keys: Iterable[str]) -> int:
        """Remove these keys; returns how many there were."""
        gone = [key for key in keys if key in self.records]
        for key in gone:
            self._change(key, None)
        return len(gone)

    def seal(self) -> None:
        """Make what has changed a revision.

        One that no answer can hold is forgotten at once, like one of more events than are kept.
        """
        if self._fresh:
            events = [event for event, _ in self._fresh]
            self._fresh = []
            self.revision += 1
            self.events += events
            too_long = fitting(events) < len(events)
            self._forget(len(self.events) - (0 if too_long else self.limits.events))

    def undo(self) -> None:
        """Take back what has changed since the last revision."""
        for event, old in reversed(self._fresh):
            self._set(event.key, old)
        self._fresh = []

    def _change(self, key: str, new: Record | None) -> None:
        self._fresh.append((Event(self.revision + 1, key, new), self.records.get(key)))
        self._set(key, new)

    def _set(self, key: str, new: Record | None) -> None:
        """Put a record in the place of the one that is there, in every index."""
        old = self.records.pop(key, None)
        if old is not None:
            self.size -= len(key) + len(old.value)
            if old.lease:
                self._detach(key, old.lease)
        if new is not None:
            self.records[key] = new
            self.size += len(key) + len(new.value)
            if new.lease:
                self.attached.setdefault(new.lease, set()).add(key)
        if old is None and new is not None:
            insort(self.order, key)
        elif new is None and old is not None:
            del self.order[bisect_left(self.order, key)]

    def _detach(self, key: str, lease: int) -> None:
        self.attached[lease].discard(key)
        if not self.attached[lease]:
            del self.attached[lease]

    def _forget(self, excess: int) -> None:
        """Drop the oldest events, whole revisions, until not more than allowed are left."""
        if excess > 0:
            self.compacted = self.events[excess - 1].revision
            keep = bisect_left(self.events, self.compacted + 1, key=lambda event: event.revision)
            del self.events[:keep]

    # Snapshots

    def saved(self) -> dict[str, Any]:
        """All of it, as fields of a snapshot."""
        return {
            "revision": self.revision,
            "compacted": self.compacted,
            "records": tuple(self.records[key] for key in self.order),
            "events": tuple(self.events),
        }

    def load(self, revision: int, compacted: int, records: Iterable[Record], events: Iterable[Event]) -> None:
        """Become what ``saved`` has said."""
        self.__init__(self.limits)  # type: ignore[misc]
        self.revision, self.compacted, self.events = revision, compacted, list(events)
        for record in records:
            self._set(record.key, record)
