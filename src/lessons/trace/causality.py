"""Happens-before over a run's events (Lamport 1978): order on a node, and from send to delivery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lessons.trace.events import Delivered, Dropped, Event


class Causality:
    """The direct causes of every event; past and future follow them as far as they go."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.causes: list[tuple[int, ...]] = []
        self._effects: dict[int, list[int]] = defaultdict(list)
        last: dict[str, int] = {}
        for event in events:
            before = [last[event.node]] if event.node in last else []
            if isinstance(event, Delivered):
                before.append(event.sent)
            self.causes.append(tuple(before))
            for cause in before:
                self._effects[cause].append(event.index)
            if event.node and not isinstance(event, Dropped):  # a drop is not seen by the node
                last[event.node] = event.index

    def past(self, index: int) -> frozenset[int]:
        """All events that could have influenced event ``index``, without itself."""
        return _reach(index, lambda event: self.causes[event])

    def future(self, index: int) -> frozenset[int]:
        """All events that event ``index`` could have influenced, without itself."""
        return _reach(index, lambda event: self._effects.get(event, ()))


def _reach(start: int, neighbours: object) -> frozenset[int]:
    found: set[int] = set()
    open_: list[int] = [start]
    while open_:
        for event in neighbours(open_.pop()):  # type: ignore[operator]
            if event not in found:
                found.add(event)
                open_.append(event)
    return frozenset(found)
