"""Text as a log of edits: as fast as typing, and a walker for what was typed at the same time elsewhere.

While one edits, or others edit one after the other, an edit is an edit of a plain text and one more event
in the log. Only events that were made side by side need the order of their characters, and only for those
is it found, when they meet. It is the order of ``ListText``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.lattice import alike
from lessons.replication.crdts.text.buffer import Buffer
from lessons.replication.crdts.text.events import BACKSPACE, DELETE, INSERT, Events, canonical, distinct
from lessons.replication.crdts.text.graph import Graph, Places, Run, placed
from lessons.replication.crdts.text.text import Text
from lessons.replication.crdts.text.walker import Change, Walker

MOST_WAITING = 1 << 20  # events, whose causes are not here


class GraphText(Text):
    """A log of edits, the text that they make, and the events that wait for their causes."""

    __slots__ = ("_buffer", "_length", "_tip", "_walker", "graph", "waiting")
    kind: ClassVar[str] = "graph-text"

    def __init__(self) -> None:
        self.graph = Graph()
        self.waiting: list[Events] = []
        self._buffer, self._length = Buffer(), 0
        self._tip: Run | None = None  # the last run, if an edit here may continue it
        self._walker: Walker | None = None

    # Editing

    def insert(self, replica: str, position: int, text: str) -> None:
        run = self._tip
        if type(position) is not int or type(text) is not str or not text.isascii():
            self.check_insert(position, text)
        length = len(text)
        if run is not None and position == run.next and run.step == INSERT and replica == run.replica and length:
            self._buffer.insert(position, text)
            run.pieces.append(text)
            self._continue(run, length)
        else:
            self.check_insert(position, text)
            self._begin(replica, INSERT, position, length, text)
            self._buffer.insert(position, text)
        self._length += length

    def delete(self, replica: str, position: int, count: int = 1) -> None:
        run = self._tip
        self.check_delete(position, count)
        if run is not None and replica == run.replica and self._goes_on(run, position, count):
            self._continue(run, count)
        else:
            self._begin(replica, DELETE, position, count)
        self._buffer.delete(position, count)
        self._length -= count

    @staticmethod
    def _goes_on(run: Run, position: int, count: int) -> bool:
        """Whether a deletion continues a run of deletions, which may turn out to be a run of backspaces."""
        if run.step == DELETE and run.length == count == 1 and position == run.position - 1:
            run.step, run.next = BACKSPACE, position
        if run.step == BACKSPACE:
            return position + count - 1 == run.next
        return run.step == DELETE and position == run.next

    def _begin(self, replica: str, step: int, position: int, length: int, text: str = "") -> None:
        """Begin a run."""
        rules.replica("replica", replica)
        seen = self.graph.size + sum(events.length for events in self.waiting)
        clock = 1 + max([seen, *map(self.graph.clock, self.graph.heads)])
        self._tip = self.graph.begin(replica, clock, step, position, length, text)

    def _continue(self, run: Run, count: int) -> None:
        """Add events to the last run."""
        run.length += count
        run.next += count * run.step
        graph = self.graph
        graph.size = size = graph.size + count
        graph.heads = (size - 1,)

    # Merging

    def merge(self, other: GraphText) -> bool:
        return self.merge_all([other])

    def merge_all(self, deltas: Iterable[GraphText]) -> bool:
        version, events = self.graph.version(), []
        for delta in deltas:
            alike(self, delta)
            events += [*delta.graph.since(version), *delta.waiting]
        return self.receive(events)

    def since(self, version: Context) -> GraphText:
        delta = GraphText()
        late = (events for events in self.waiting if events.dot not in version)
        delta.receive([*self.graph.since(version), *late])
        return delta

    def receive(self, events: Iterable[Events]) -> bool:
        """Take in events of others; returns whether any was new. Those whose cause is missing wait for it.

        Raises BadState for events that contradict themselves, or that leave too many waiting; nothing is changed
        then. If those that waited are to blame, they are forgotten, so that they can't keep out what is right.
        """
        came = list(events)
        try:
            return self._take_in([*self.waiting, *came])
        except BadState:
            if not self.waiting:
                raise
            return self._take_in(came)

    def _take_in(self, events: list[Events]) -> bool:
        """Have just these events, besides those in the log; returns whether anything is new."""
        graph = self.graph
        size, heads, waiting = graph.size, graph.heads, self.waiting
        try:
            self.waiting = self._append(events)
            changes = self._changes(size, heads)
        except BadState:
            graph.cut(size, heads)
            self.waiting, self._walker = waiting, None
            raise
        for change in changes:
            self._apply(*change)
        if graph.size > size:
            self._tip = None
        return graph.size > size or set(self.waiting) != set(waiting)

    def _append(self, events: list[Events]) -> list[Events]:
        """Put events at the end of the log, each once its causes are there; returns those that have to wait."""
        graph, before = self.graph, -1
        while graph.size > before:
            before, late = graph.size, []
            for each in events:
                known = graph.known(each.replica)
                new = each if each.number > known else each.after(known + 1 - each.number)
                parents = placed(graph, new.parents)
                if new.length > 0 and (parents is None or new.number > known + 1):
                    late.append(new)
                elif new.length > 0 and parents is not None:
                    self._check_clock(new, parents)
                    graph.append(new, parents)
            events = late
        waiting = distinct(events)
        if (many := sum(run.length for run in waiting)) > MOST_WAITING:
            raise BadState(f"events: {many:,} of them would wait for others; at most {MOST_WAITING:,} may")
        return waiting

    def _check_clock(self, events: Events, parents: Places) -> None:
        for place in parents:
            if events.clock <= self.graph.clock(place):
                raise BadState(f"clock of {events.dot!r} is {events.clock}: it must be over that of what came before")

    def _changes(self, at: int, heads: Places) -> list[Change]:
        """What the events from place ``at`` on change in the text, which has all before them."""
        graph, changes, length = self.graph, [], self._length
        walker: Walker | None = None
        for run, first, end in graph.between(at, graph.size):
            if run.parents == heads and (len(heads) < 2 or walker is None):
                new = [_plain(run, length)]
            else:
                walker = walker or self._walker_to(first, length)
                self._catch_up(walker, first)
                new = walker.walk(run, first, end)
            length += sum(len(text) - deleted for _, deleted, text in new)
            heads = (*(head for head in heads if head not in run.parents), end - 1)
            changes += new
        return changes

    def _walker_to(self, at: int, length: int) -> Walker:
        """A walker that can walk to all events in the log; before ``at`` the text has this length."""
        base, heads = self.graph.base(at)
        walker = self._walker
        if walker is None or walker.base > base or walker.size <= base:
            walker = self._walker = Walker(self.graph, base, heads)
            self._catch_up(walker, at)
            walker.settle(length)
        return walker

    def _catch_up(self, walker: Walker, at: int) -> None:
        for run, first, end in self.graph.between(walker.size, at):
            walker.walk(run, first, end)

    def _apply(self, position: int, deleted: int, text: str) -> None:
        if deleted:
            self._buffer.delete(position, deleted)
        if text:
            self._buffer.insert(position, text)
        self._length += len(text) - deleted

    # Reading

    @property
    def value(self) -> str:
        """The text."""
        return self._buffer.text()

    def __len__(self) -> int:
        return self._length

    @property
    def version(self) -> Context:
        context = self.graph.version()
        context.merge(Context.of(dot for events in self.waiting for dot in _dots(events)))
        return context

    def events(self) -> list[Events]:
        """All events in the longest runs, in an order that depends on nothing but them."""
        return canonical([*map(self.graph.events, self.graph.runs), *self.waiting])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GraphText) and self.events() == other.events()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"GraphText({self.value!r}, {self.graph.size} events)"

    def data(self) -> dict[str, Any]:
        return {"events": [_told(events) for events in self.events()]}

    @classmethod
    def of(cls, data: Any) -> GraphText:
        (listed,) = rules.fields("graph-text", data, "events")
        state = cls()
        state.receive([_heard(f"events[{at}]", item) for at, item in enumerate(rules.listed("events", listed))])
        return state


def _dots(events: Events) -> Iterable[tuple[str, int]]:
    return ((events.replica, events.number + count) for count in range(events.length))


def _plain(run: Run, length: int) -> Change:
    """The change of a run that was made to the very text that is here."""
    if run.step == INSERT:
        if run.position <= length:
            return run.position, 0, run.text
    else:
        first = run.position + (run.length - 1) * run.step
        if first >= 0 and max(first, run.position) + (run.length if run.step == DELETE else 1) <= length:
            return first, run.length, ""
    raise BadState(f"position is {run.position}: the text that its author saw has {length} characters")


def _told(events: Events) -> list[Any]:
    """A run as JSON data: what was typed, or how many were deleted, less than 0 for backspaces."""
    replica, number, clock, parents, step, position, length, text = events
    what: str | int = text if step == INSERT else length if step == DELETE else -length
    return [replica, number, clock, [list(dot) for dot in parents], position, what]


def _heard(name: str, data: object) -> Events:
    """The run that ``data`` describes. Raises BadState."""
    replica, number, clock, parents, position, what = rules.listed(name, data, 6)
    step, length, text = INSERT, 0, ""
    if isinstance(what, str):
        text = rules.text(f"{name}[5]", what)
        length = len(text)
    elif type(what) is int:
        step, length = (DELETE, what) if what > 0 else (BACKSPACE, -what)
    if length == 0:
        raise BadState(f"{name}[5] is {what!r}: it must be a text, or a number of deletions that is not 0")
    dots = [rules.dot(f"{name}[3]", dot) for dot in rules.listed(f"{name}[3]", parents)]
    return Events(
        rules.replica(f"{name}[0]", replica),
        rules.whole(f"{name}[1]", number, 1),
        rules.whole(f"{name}[2]", clock, 1),
        tuple(sorted(rules.unique(f"{name}[3]", dots))),
        step,
        rules.whole(f"{name}[4]", position),
        length,
        text,
    )
