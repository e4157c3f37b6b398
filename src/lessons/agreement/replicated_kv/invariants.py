"""What the store promises, checked after every event of a run; what its clients have seen is judged afterwards."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.commands import covers
from lessons.check import invariant
from lessons.sim import NodeState, State


def servers(state: State) -> Iterator[NodeState]:
    """The servers that are up and keep account (see ``audit``)."""
    return (node for node in state.values() if node.up and "effects" in node)


def watchers(state: State) -> Iterator[NodeState]:
    """The clients that watch, and show what they were told."""
    return (node for node in state.values() if node.up and "told" in node and "interest" in node)


class News:
    """What has been added to a growing series of each server since the last look."""

    def __init__(self, field: str) -> None:
        self.field = field
        self._seen: dict[str, Any] = {}

    def of(self, node: NodeState) -> Iterator[Any]:
        """The new items; all of them once more after a crash."""
        items, known = getattr(node, self.field), self._seen.get(node.name, ())
        self._seen[node.name] = items
        if items is not known:
            yield from items[len(known) :] if items[: len(known)] == known else items


@invariant("Each request of a session is carried out once at most.", cite="Ongaro's thesis, section 6.3")
class ExactlyOnce:
    """I1."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, int], int] = {}
        self.news = News("effects")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            for place, session, number in self.news.of(node):
                first = self.places.setdefault((session, number), place)
                if first != place:
                    return f"{node.name} has done request {number} of session {session} at {first} and at {place}"
        return None


@invariant("Replicas that have executed up to the same index have the same state.", cite="Schneider 1990")
class SameState:
    """I2."""

    def __init__(self) -> None:
        self.digests: dict[int, tuple[int, str]] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            digest, name = self.digests.setdefault(node.applied, (node.digest, node.name))
            if digest != node.digest:
                return f"{node.name} has another state at {node.applied} than {name} had"
        return None


@invariant("A later state never has an earlier revision.", cite="etcd, data model")
class RevisionsGrow:
    """I3."""

    def __init__(self) -> None:
        self.revisions: dict[int, int] = {}
        self.indexes: list[int] = []

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            index, revision = node.applied, node.revision
            if index not in self.revisions:
                insort(self.indexes, index)
            elif self.revisions[index] == revision:
                continue
            self.revisions[index] = revision
            place = bisect_left(self.indexes, index)
            around = [self.revisions[other] for other in self.indexes[max(0, place - 1) : place + 2]]
            if around != sorted(around):
                return f"{node.name} has revision {revision} at {index}, and around it revisions are {around}"
        return None


@invariant("A lease ends at the same command everywhere, and no key hangs on it any more.", cite="thesis, section 6.3")
class ExpiredTogether:
    """I4."""

    def __init__(self) -> None:
        self.ends: dict[int, int] = {}
        self.news = News("expired")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            for place, lease in self.news.of(node):
                if self.ends.setdefault(lease, place) != place:
                    return f"{node.name} ended lease {lease} at {place}, another server at {self.ends[lease]}"
            for lease in node.leases:
                if node.executed >= self.ends.get(lease, node.executed + 1):
                    return f"{node.name} still has lease {lease} at {node.executed}: it ended at {self.ends[lease]}"
        return None


@invariant("What a watcher is told is a prefix of what happened: nothing is missing, nothing comes twice.")
class StreamsArePrefixes:
    """I5."""

    def __init__(self) -> None:
        self.log: list[Event] = []  # all that has happened, as some server has executed it
        self.told: dict[str, int] = {}
        self.places: dict[str, int] = {}  # of the last event that a watcher was told, in the log
        self.news = News("events")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            last = self.log[-1].revision if self.log else 0
            self.log += [event for event in self.news.of(node) if event.revision > last]
        return next((why for why in map(self.judge, watchers(state)) if why), None)

    def judge(self, watcher: NodeState) -> str | None:
        """What is wrong with what a watcher was told since the last look."""
        key, end, since = watcher.interest
        place = self.places.get(watcher.name, 0)
        for event in watcher.told[self.told.get(watcher.name, 0) :]:
            while place < len(self.log) and not (
                self.log[place].revision >= since and covers(key, end, self.log[place].key)
            ):
                place += 1
            if place == len(self.log) or self.log[place] != event:
                expected = self.log[place] if place < len(self.log) else "nothing"
                return f"{watcher.name} was told {event}, and what happened next was {expected}"
            place += 1
        self.told[watcher.name], self.places[watcher.name] = len(watcher.told), place
        return None


STORE = (ExactlyOnce, SameState, RevisionsGrow, ExpiredTogether, StreamsArePrefixes)
