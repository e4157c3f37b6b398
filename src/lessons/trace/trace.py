"""Trace: everything that happened in one run, and everything that can be asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from lessons.trace.causality import Causality
from lessons.trace.decode import Decoder
from lessons.trace.encode import encode_run
from lessons.trace.events import Event, Violated
from lessons.trace.history import Operation, history

if TYPE_CHECKING:
    from lessons.viz import Diagram, Player

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Rule:
    """An invariant that a run was checked against: its name, one sentence, and where it comes from."""

    name: str
    says: str
    cite: str = ""


@dataclass(frozen=True)
class Difference:
    """The first event in which two runs differ; None on the side of the shorter run."""

    index: int
    mine: Event | None
    theirs: Event | None

    def __str__(self) -> str:
        return f"the runs differ at event {self.index}: {_line(self.mine)} | {_line(self.theirs)}"


class Trace:
    """The events of one run, in order, with what is known of the world that it ran in.

    A simulation makes it from its record; the record is decoded when somebody first looks.
    """

    def __init__(
        self,
        load: Callable[[], tuple[Event, ...]],
        *,
        nodes: Mapping[str, str],
        clients: frozenset[str] = frozenset(),
        watched: Mapping[str, tuple[str, ...]] | None = None,
        seed: int | str = 0,
        end: float = 0.0,
        invariants: tuple[Rule, ...] = (),
        title: str = "",
    ) -> None:
        self._load = load
        self.nodes, self.clients = dict(nodes), clients
        self.watched = dict(watched or {})
        self.seed, self.end, self.title = seed, end, title
        self.invariants = invariants

    @classmethod
    def of(cls, events: Sequence[Event], **facts: Any) -> Trace:
        """A trace of given events; the keyword arguments are those of the class."""
        return cls(lambda: tuple(events), **facts)

    @classmethod
    def of_record(cls, record: Sequence[Any], **facts: Any) -> Trace:
        """A trace of a world's raw record (see ``lessons.trace.decode``), as far as it goes now."""
        length = len(record)
        return cls(lambda: Decoder().decode(record[:length]), **facts)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """All events; an event's index is its position."""
        return self._load()

    def __getstate__(self) -> dict[str, Any]:
        events = self.events
        facts = {name: value for name, value in self.__dict__.items() if name[0] != "_"}
        return {**facts, "events": events}

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __getitem__(self, index: int) -> Event:
        return self.events[index]

    def __repr__(self) -> str:
        broken = f", {self.violation.invariant} broken" if self.violation else ""
        return f"<Trace of seed {self.seed!r}: {len(self)} events in {self.end:g} s{broken}>"

    # What happened

    def only(self, *kinds: type[E], node: str | None = None) -> list[E]:
        """The events of these classes (all if none is given), at ``node`` if given, in order."""
        return [
            event  # type: ignore[misc]
            for event in self.events
            if (not kinds or isinstance(event, kinds)) and node in (None, event.node)
        ]

    @property
    def violation(self) -> Violated | None:
        """The invariant that ended the run, if one did."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, Violated) else None

    def history(self) -> tuple[Operation, ...]:
        """The operations of the clients, in the order of their calls."""
        return history(self.events)

    # Causality

    @cached_property
    def causality(self) -> Causality:
        """Direct causes, pasts and futures of the events."""
        return Causality(self.events)

    def causal_past(self, index: int) -> frozenset[int]:
        """Indexes of all events that happened before event ``index`` in the sense of Lamport 1978."""
        return self.causality.past(index)

    def causal_future(self, index: int) -> frozenset[int]:
        """Indexes of all events that event ``index`` happened before."""
        return self.causality.future(index)

    def happens_before(self, first: int, second: int) -> bool:
        """Whether event ``first`` could have influenced event ``second``."""
        return first in self.causality.past(second)

    # Faces

    def lines(self, start: int = 0) -> list[str]:
        """The transcript from event ``start`` on, one line an event: time in seconds, node, what happened."""
        width = max([5, *map(len, self.nodes)])
        return [_line(event, width) for event in self.events[start:]]

    def transcript(self, *kinds: type[Event]) -> str:
        """The run as text; with ``kinds``, only the events of these classes."""
        lines = self.lines()
        return "\n".join(lines[event.index] for event in self.only(*kinds))

    def diff(self, other: Trace) -> Difference | None:
        """The first event in which this run and ``other`` differ, None if they are the same."""
        for index, (mine, theirs) in enumerate(zip_longest(self.events, other.events)):
            if mine != theirs:
                return Difference(index, mine, theirs)
        return None

    def to_json(self) -> str:
        """The run as the player reads it: delta-encoded, compact, the same bytes for the same run."""
        return json.dumps(encode_run(self), separators=(",", ":"), ensure_ascii=False)

    def play(self, **options: Any) -> Player:
        """The run in the interactive player; the options are those of ``lessons.viz.play``."""
        from lessons.viz import play

        return play(self, **options)

    def diagram(self, **options: Any) -> Diagram:
        """The run as a static space-time picture; the options are those of ``lessons.viz.Diagram``."""
        from lessons.viz import Diagram

        return Diagram(self, **options)


def _line(event: Event | None, width: int = 5) -> str:
    if event is None:
        return "(the run has ended)"
    sentence = "\\n".join(event.sentence().splitlines())
    return f"{event.time:9.3f}  {event.node or '-':<{width}}  {sentence}"
