"""Events: runs of edits as they travel between replicas, and the one form in which equal histories are equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lessons.replication.crdts.rules import Dot

# Event number k of a run is at position + k * step: an insertion moves on, a deletion stays, backspaces go back.
INSERT, DELETE, BACKSPACE = 1, 0, -1


class Events(NamedTuple):
    """A run of events of one replica, as it travels: each comes after the one before, the first after ``parents``.

    ``clock`` is how many events the author of the first had seen, and 1. ``step`` is one of INSERT, DELETE
    and BACKSPACE; ``text`` is empty for deletions.
    """

    replica: str
    number: int
    clock: int
    parents: tuple[Dot, ...]
    step: int
    position: int
    length: int
    text: str

    @property
    def dot(self) -> Dot:
        """The dot of the first event."""
        return self.replica, self.number

    def after(self, count: int) -> Events:
        """The same events without the first ``count``."""
        return Events(
            self.replica,
            self.number + count,
            self.clock + count,
            ((self.replica, self.number + count - 1),),
            self.step,
            self.position + count * self.step,
            self.length - count,
            self.text[count:],
        )

    def before(self, count: int) -> Events:
        """The first ``count`` of the same events."""
        return self._replace(length=count, text=self.text[:count])

    def without(self, other: Events) -> Iterator[Events]:
        """What is left of these events without those of ``other``, of the same replica."""
        if other.number > self.number:
            yield self.before(min(self.length, other.number - self.number))
        behind = other.number + other.length - self.number
        if behind < self.length:
            yield self.after(behind) if behind > 0 else self


def distinct(events: Iterable[Events]) -> list[Events]:
    """The same events, each once."""
    kept: dict[str, list[Events]] = {}
    for each in events:
        pieces, others = [each], kept.setdefault(each.replica, [])
        for other in others:
            pieces = [rest for piece in pieces for rest in piece.without(other)]
        others += pieces
    return [each for others in kept.values() for each in others]


def strokes(events: Iterable[Events]) -> Iterator[Events]:
    """The same events, deletions one by one."""
    for run in events:
        if run.step == INSERT or run.length == 1:
            yield run if run.step == INSERT else run._replace(step=DELETE)
        else:
            for count in range(run.length):
                yield run.after(count)._replace(step=DELETE, length=1) if count else run._replace(step=DELETE, length=1)


def joined(last: Events, then: Events) -> Events | None:
    """``then`` as the next stroke of the run ``last``: typing on, deleting on, going back; None if it is not."""
    chained = then.parents == ((last.replica, last.number + last.length - 1),) and then.replica == last.replica
    if not chained or then.clock != last.clock + last.length or (then.step == INSERT) != (last.step == INSERT):
        return None
    moved = then.position - last.position - (last.length - 1) * last.step
    steps = (INSERT,) if last.step == INSERT else (last.step,) if last.length > 1 else (DELETE, BACKSPACE)
    if moved not in steps:
        return None
    return last._replace(step=moved, length=last.length + then.length, text=last.text + then.text)


def canonical(events: Iterable[Events]) -> list[Events]:
    """The same events in the longest runs, in an order that depends on nothing but them, causes first."""
    queues: dict[str, list[Events]] = {}
    for stroke in strokes(sorted(events)):
        queue = queues.setdefault(stroke.replica, [])
        longer = joined(queue[-1], stroke) if queue else None
        queue[-1:] = [longer] if longer else [*queue[-1:], stroke]
    return list(_causes_first({replica: queue[::-1] for replica, queue in sorted(queues.items())}))


def _causes_first(stacks: dict[str, list[Events]]) -> Iterator[Events]:
    """Runs in order: as many of one replica as can be, then of the next; at last those whose cause is missing."""
    known = dict.fromkeys(stacks, 0)

    def is_ready(run: Events) -> bool:
        return run.number == known[run.replica] + 1 and all(known.get(name, 0) >= n for name, n in run.parents)

    moved = True
    while moved:
        moved = False
        for replica, stack in stacks.items():
            while stack and is_ready(stack[-1]):
                run = stack.pop()
                known[replica] += run.length
                moved = True
                yield run
    for stack in stacks.values():
        yield from reversed(stack)
