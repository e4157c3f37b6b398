"""Replicated logs: which watched fields hold them, and the compact form in which the player gets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from lessons.node import render
from lessons.trace.encode import plain
from lessons.trace.events import Changed
from lessons.viz.labels import bare

if TYPE_CHECKING:
    from lessons.trace import Trace

TERM_TONES = (2, 4, 3, 5, 6, 0, 7)  # of the palette; vermillion stands for what differs

Part = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Logs:
    """Which watched fields hold the log of a node, so that the player draws all logs as one grid.

    Fields of a node: ``entries`` is a sequence of entries (None is a gap), ``base`` the last index that a
    snapshot stands for, ``commit`` the last committed index; ``first`` is the index of the first entry of
    all. Of an entry: ``term`` is its term or epoch and ``label`` a few letters that tell it from others,
    each the name of an attribute or a function of the entry.

    ``leader`` names a watched field and the value that it has on the node whose log the others follow;
    of several such nodes the one with the greatest ``newest`` counts. On that node ``next`` and ``match``
    map the others to the index that it sends next and the last one known to be there.

    A node with several logs, of partitions say, watches in each of these fields a mapping by their names.
    """

    entries: str = "entries"
    base: str | None = None
    commit: str | None = None
    term: Part | None = None
    label: Part = bare
    leader: tuple[str, Any] | None = None
    newest: str | None = None
    next: str | None = None
    match: str | None = None
    first: int = 1

    def fields(self) -> dict[str, str]:
        """The watched fields by what they mean here, without those that are not there."""
        names = {name: getattr(self, name) for name in ("entries", "base", "commit", "newest", "next", "match")}
        leader = {"leader": self.leader[0]} if self.leader else {}
        return {meaning: field for meaning, field in (names | leader).items() if field is not None}

    def data(self) -> dict[str, Any]:
        """The declaration as the player reads it."""
        leader = {"leader": [self.leader[0], plain(self.leader[1])]} if self.leader else {}
        return {**self.fields(), **leader, "first": self.first}

    def number(self, run: dict[str, Any], trace: Trace) -> None:
        """Write every log in ``run`` as numbers of its table ``log``: term, tone, label and text of each entry once."""
        place = str(run["fields"].index(self.entries)) if self.entries in run["fields"] else ""
        table = _Table(self)
        for event, coded in zip(trace.events, run["events"], strict=True):
            if isinstance(event, Changed) and self.entries in event.after:
                coded[3][place] = table.numbers(event.after[self.entries])
        run["log"] = table.rows


class _Table:
    """All entries of one run, each once, in the order in which they appear."""

    def __init__(self, logs: Logs) -> None:
        self.logs = logs
        self.rows: list[list[Any]] = []
        self._known: dict[str, int] = {}
        self._terms: dict[str, int] = {}

    def numbers(self, value: Any) -> Any:
        """A log as numbers of entries; several logs by their names."""
        if isinstance(value, Mapping):
            return {str(name): self.numbers(entries) for name, entries in value.items()}
        return [None if entry is None else self._number(entry) for entry in value]

    def _number(self, entry: Any) -> int:
        text = render(entry)
        term = "" if self.logs.term is None else render(_part(self.logs.term, entry))
        key = f"{term} {text}"
        if key not in self._known:
            self._known[key] = len(self.rows)
            self.rows.append([term, self._tone(entry, term), str(_part(self.logs.label, entry)), text])
        return self._known[key]

    def _tone(self, entry: Any, term: str) -> int:
        """The same tone for the same number in every run; other terms take theirs in turn."""
        value = None if self.logs.term is None else _part(self.logs.term, entry)
        turn = value - 1 if isinstance(value, int) else self._terms.setdefault(term, len(self._terms))
        return TERM_TONES[turn % len(TERM_TONES)]


def _part(part: Part, entry: Any) -> Any:
    return attrgetter(part)(entry) if isinstance(part, str) else part(entry)


def splice(run: dict[str, Any]) -> None:
    """Write lists in ``run`` that others have grown out of as ``[from, kept, new]``: what they keep, and the rest.

    They go from the fourth place of a change to a fifth. A log of n entries would else be written n times.
    """
    known: dict[tuple[int, str], Any] = {}
    for event in run["events"]:
        if event[0] == "w":
            node, fields = event[2], event[3]
            pieces = dict(_pieces(known, node, fields))
            known |= {(node, field): value for field, value in fields.items()}
            if pieces:
                event[3:] = [{field: value for field, value in fields.items() if field not in pieces}, pieces]


MOST_WRITTEN = 3  # items of a list that is written whole, whatever it has grown out of


def _pieces(known: Mapping[tuple[int, str], Any], node: int, fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field, value in fields.items():
        old = known.get((node, field))
        if isinstance(old, list) and isinstance(value, list) and value and value[0] in old:
            start = old.index(value[0])
            kept = shared(old[start:], value)
            if kept > MOST_WRITTEN:
                yield field, [start, kept, value[kept:]]


def shared(old: Sequence[Any], new: Sequence[Any]) -> int:
    """How many items two lists have in common from their beginnings on."""
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
