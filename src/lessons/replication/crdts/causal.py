"""Causal states: entries under dots, and the context of all dots ever seen (Almeida et al. 2018, section 5).

A dot that is in the context and has no entry was removed. So a removal leaves nothing behind, and one
merge serves flags, registers, sets, counters and maps; they differ in what they read from their entries.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.lattice import Lattice, alike
from lessons.replication.crdts.rules import Dot

E = TypeVar("E")
C = TypeVar("C", bound="Causal[Any]")
NOTHING: Any = object()


@dataclass(slots=True)
class Causal(Lattice, Generic[E]):
    """Entries by dot, and the context."""

    entries: dict[Dot, E] = field(default_factory=dict)
    context: Context = field(default_factory=Context)

    def merge(self: C, other: C) -> bool:
        """Keep what both have; of the rest, what the other has not seen. What it has seen, it has removed."""
        alike(self, other)
        theirs = other.entries
        gone = [dot for dot in self._covered(other.context) if dot not in theirs]
        new = self.context.missing(theirs)
        self._drop(gone)
        self._put(theirs if len(new) == len(theirs) else {dot: theirs[dot] for dot in new})
        return self.context.merge(other.context) or bool(gone)

    def _covered(self, context: Context) -> Iterable[Dot]:
        """The dots of entries here that are in ``context``; a small one is not worth a look at all entries."""
        if not context.vector and len(context.cloud) < len(self.entries):
            return [dot for dot in context.cloud if dot in self.entries]
        return context.known(self.entries)

    def change(self: C, replica: str = "", put: Any = NOTHING, drop: Collection[Dot] = ()) -> C:
        """Drop the entries of some dots, and put one under a new dot of ``replica``; returns the delta."""
        delta: dict[Dot, Any] = {}
        touched = set(drop)
        if put is not NOTHING:
            dot = self.context.next(replica)
            delta[dot] = put
            touched.add(dot)
            self._put(delta)
        self._drop(drop)
        return type(self)(delta, Context.of(touched))

    @classmethod
    def part(cls: type[C], entries: dict[Dot, Any], context: Context) -> C:
        """The state that has these entries of a larger one, whose context is ``context``."""
        state = cls({}, context)
        state._put(entries)
        return state

    def _put(self, entries: dict[Dot, E]) -> None:
        self.entries.update(entries)

    def _drop(self, dots: Iterable[Dot]) -> None:
        for dot in dots:
            del self.entries[dot]

    @property
    def value(self) -> Any:
        return self.reading(self.entries)

    @staticmethod
    @abstractmethod
    def reading(entries: Mapping[Dot, Any]) -> Any:
        """What a reader makes of these entries."""

    @staticmethod
    @abstractmethod
    def entry(name: str, value: object) -> Any:
        """An entry that came from outside. Raises BadState."""

    def data(self) -> dict[str, Any]:
        entries = [[*dot, entry] for dot, entry in sorted(self.entries.items(), key=lambda item: item[0])]
        return {"entries": entries, "context": self.context.data()}

    @classmethod
    def of(cls: type[C], data: Any) -> C:
        listed, context = rules.fields(cls.kind, data, "entries", "context")
        state = cls({}, Context.of_data("context", context))
        known, check = state.context.vector.get, cls.entry
        entries: dict[Dot, Any] = {}
        items = rules.listed("entries", listed)
        for at, item in enumerate(items):
            owner, number, found = item if type(item) is list and len(item) == 3 else rules.listed(_at(at), item, 3)
            if type(number) is not int or type(owner) is not str or not 0 < number <= known(owner, 0):
                _check_dot(at, owner, number, state.context)
            try:
                entries[owner, number] = check("", found)
            except BadState:
                check(_at(at), found)  # raises again, with the name
        if len(entries) < len(items):
            raise BadState(f"entries has {len(items)} entries for {len(entries)} dots: no dot may come twice")
        state._put(entries)
        return state


def _check_dot(at: int, owner: object, number: object, context: Context) -> None:
    """Refuse what is no dot, or not in the context."""
    dot = rules.dot(_at(at), [owner, number])
    if dot not in context:
        raise BadState(f"{_at(at)} has the dot {dot!r}: it must be in the context")


def _at(at: int) -> str:
    """The name of an entry in an error; made only for one, because there may be many entries."""
    return f"entries[{at}]"
