"""The event graph: every edit with the edits that it came after, in runs (Gentle and Kleppmann 2025).

An event is one character typed or deleted, at a position of the text that its author saw. In the log of
one replica it has a place, its number in order of arrival; everywhere it has the same dot.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.text.events import Events

Places = tuple[int, ...]  # of events that no other event of a version comes after, in order: they name the version
Span = tuple[int, int]


class Run:
    """A run in the log: ``start`` is the place of its first event."""

    __slots__ = (
        "before", "clock", "length", "next", "number", "parents", "pieces", "position", "replica", "start", "step",
    )  # fmt: skip

    def __init__(
        self,
        replica: str,
        number: int,
        clock: int,
        step: int,
        position: int,
        length: int,
        text: str,
        start: int,
        parents: Places,
        before: Places,
    ) -> None:
        self.replica, self.number, self.clock = replica, number, clock
        self.step, self.position, self.length = step, position, length
        self.next = position + length * step  # where the next stroke would be
        self.pieces = [text]
        self.start, self.parents = start, parents
        self.before = before  # the version with everything that is before it in the log

    @property
    def end(self) -> int:
        """The place after its last event."""
        return self.start + self.length

    @property
    def text(self) -> str:
        """What its events have typed."""
        if len(self.pieces) > 1:
            self.pieces = ["".join(self.pieces)]
        return self.pieces[0]


class Graph:
    """The log of one replica. ``heads`` is the version with all its events."""

    __slots__ = ("by_replica", "heads", "runs", "size", "starts")

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.starts: list[int] = []
        self.by_replica: dict[str, list[Run]] = {}
        self.heads: Places = ()
        self.size = 0

    # Growing and shrinking

    def append(self, events: Events, parents: Places) -> None:
        """Put a run of others at the end of the log."""
        replica, number, clock, _, step, position, length, text = events
        self._put(Run(replica, number, clock, step, position, length, text, self.size, parents, self.heads))

    def begin(self, replica: str, clock: int, step: int, position: int, length: int, text: str) -> Run:
        """Begin a run of edits that are made here, and so come after everything in the log."""
        number = self.known(replica) + 1
        run = Run(replica, number, clock, step, position, length, text, self.size, self.heads, self.heads)
        self._put(run)
        return run

    def _put(self, run: Run) -> None:
        self.runs.append(run)
        self.starts.append(run.start)
        if run.number == 1:
            self.by_replica[run.replica] = []
        self.by_replica[run.replica].append(run)
        self.size = end = run.start + run.length
        others = () if run.parents == run.before else (head for head in run.before if head not in run.parents)
        self.heads = (*others, end - 1)

    def cut(self, size: int, heads: Places) -> None:
        """Take back the runs from place ``size`` on; ``heads`` is what the heads were."""
        while self.runs and self.runs[-1].start >= size:
            run = self.runs.pop()
            self.starts.pop()
            self.by_replica[run.replica].pop()
            if not self.by_replica[run.replica]:
                del self.by_replica[run.replica]
        self.size, self.heads = size, heads

    # Names and places

    def known(self, replica: str) -> int:
        """How many events of ``replica`` are here."""
        runs = self.by_replica.get(replica)
        return runs[-1].number + runs[-1].length - 1 if runs else 0

    def place(self, dot: Dot) -> int | None:
        """The place of an event; None when it is not here."""
        replica, number = dot
        if not 1 <= number <= self.known(replica):
            return None
        runs = self.by_replica[replica]
        run = runs[bisect_right(runs, number, key=lambda run: run.number) - 1]
        return run.start + number - run.number

    def run_at(self, place: int) -> Run:
        """The run with the event at ``place``."""
        return self.runs[bisect_right(self.starts, place) - 1]

    def dot(self, place: int) -> Dot:
        """The dot of the event at ``place``."""
        run = self.run_at(place)
        return run.replica, run.number + place - run.start

    def version(self) -> Context:
        """The dots of all events."""
        return Context({replica: self.known(replica) for replica in self.by_replica}, set())

    def clock(self, place: int) -> int:
        """The clock of the event at ``place``."""
        run = self.run_at(place)
        return run.clock + place - run.start

    def events(self, run: Run) -> Events:
        """A run as it travels."""
        parents = tuple(sorted(self.dot(place) for place in run.parents))
        return Events(run.replica, run.number, run.clock, parents, run.step, run.position, run.length, run.text)

    def since(self, version: Context) -> Iterator[Events]:
        """The events that ``version`` lacks, causes first."""
        new: list[tuple[int, Events]] = []
        for replica, runs in self.by_replica.items():
            seen = version.vector.get(replica, 0)
            first = max(0, bisect_right(runs, seen + 1, key=lambda run: run.number) - 1)
            for run in runs[first:]:
                if run.number + run.length - 1 > seen:
                    events, behind = self.events(run), max(0, seen + 1 - run.number)
                    new.append((run.start, events.after(behind) if behind else events))
        return (events for _, events in sorted(new, key=lambda item: item[0]))

    # Versions

    def difference(self, mine: Places, theirs: Places) -> tuple[list[Span], list[Span]]:
        """The events that only the one version has, and those that only the other has; the last ones first."""
        found: tuple[list[Span], list[Span]] = ([], [])
        if mine == theirs:
            return found
        agenda = [(-place, 1) for place in mine] + [(-place, 2) for place in theirs]  # 1: mine, 2: theirs, 3: both
        heapify(agenda)
        while any(side != 3 for _, side in agenda):
            place, side = heappop(agenda)
            while agenda and agenda[0][0] == place:
                side |= heappop(agenda)[1]
            run = self.run_at(-place)
            first = max(run.start, 1 - agenda[0][0]) if agenda else run.start
            if side != 3:
                found[side - 1].append((first, 1 - place))
            for parent in (first - 1,) if first > run.start else run.parents:
                heappush(agenda, (-parent, side))
        return found

    def base(self, before: int) -> tuple[int, Places]:
        """The last place, up to ``before``, such that all events from it on come after all events below it.

        With it comes the version that has the events below; the empty one at 0, if there is no other.
        """
        least, parents = self.size, set[Places]()  # of the runs above, the lowest last parent, and whose it is
        for run in reversed(self.runs):
            beside = tuple(head for head in run.before if head not in run.parents)
            for place in (min(before, run.end, least + 1), min(before, run.end, least)):
                heads = (*beside, place - 1)
                needed = (parents if least == place - 1 else set()) | ({(place - 1,)} if place < run.end else set())
                if place > run.start and needed <= {heads}:
                    return place, heads
            last = max(run.parents, default=-1)
            parents = (parents if last == least else set()) | {run.parents} if last <= least else parents
            least = min(least, last)
        return 0, ()

    def between(self, start: int, end: int) -> Iterator[tuple[Run, int, int]]:
        """The runs with events from place ``start`` to ``end``, each with the first and the last of these."""
        for at in range(max(0, bisect_right(self.starts, start) - 1), len(self.runs)):
            run = self.runs[at]
            if run.start >= end:
                return
            if run.end > start:
                yield run, max(start, run.start), min(end, run.end)


def placed(graph: Graph, dots: Iterable[Dot]) -> Places | None:
    """The places of events, in order; None unless all are here."""
    places = [graph.place(dot) for dot in dots]
    return None if None in places else tuple(sorted(place for place in places if place is not None))
