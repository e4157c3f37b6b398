"""A map of replicated values: one table of entries, each of which knows under which keys it belongs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.counters import ResettableCounter
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.flags import DisableWinsFlag, EnableWinsFlag
from lessons.replication.crdts.orset import ORSet
from lessons.replication.crdts.registers import MVRegister
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.text.listed import ListText

V = TypeVar("V", bound=Causal[Any])
Entry = tuple[str, str, Any]


@dataclass(slots=True)
class Map(Causal[Entry]):
    """Keys to replicated values, which may be maps themselves (Almeida et al. 2018, section 5.4).

    A value is anything causal: a flag, a register, a set, a counter, a text, a map. All share the map's context,
    so that removing a key removes what was seen of its value, and an update elsewhere survives it.
    """

    kind: ClassVar[str] = "map"

    def update(self, key: str, kind: type[V], change: Callable[[V], V]) -> Map:
        """Change the value under ``key``, of type ``kind``; ``change`` does that and returns its delta.

        An example: ``cart.update("milk", ResettableCounter, lambda milk: milk.add("ann", 2))``. Raises
        BadState for a type that a map does not hold.
        """
        rules.text("key", key)
        if kind not in KINDS.values():
            raise BadState(f"kind is {getattr(kind, '__name__', repr(kind))}: a map holds {', '.join(KINDS)}")
        inner = change(self.get(key, kind))
        delta = Map({dot: (key, kind.kind, entry) for dot, entry in inner.entries.items()}, inner.context)
        self.merge(delta)
        return delta

    def get(self, key: str, kind: type[V]) -> V:
        """The value under ``key`` of type ``kind``, as a state of its own; the bottom when there is none."""
        mine = {dot: inner for dot, (name, of, inner) in self.entries.items() if name == key and of == kind.kind}
        return kind.part(mine, self.context.copy())

    def remove(self, key: str) -> Map:
        """Remove what is here under ``key``. Raises NotThere when there is nothing."""
        if key not in self:
            raise NotThere(f"key is {key!r}: there is nothing under it")
        return self.change(drop=[dot for dot, (name, _, _) in self.entries.items() if name == key])

    def checkpoint(self) -> Context:
        """What may be forgotten once every replica has it: see ``ListText``."""
        return self.context.copy()

    def purge(self, stable: Context) -> int:
        """Forget tombstones of the texts in it, and in maps in it, as ``ListText.purge`` does; returns how many."""
        forgotten = 0
        for key, kind in sorted({(key, kind) for key, kind, _ in self.entries.values() if kind in ("text", "map")}):
            held: Any = self.get(key, KINDS[kind])
            before = set(held.entries)
            forgotten += held.purge(stable)
            self._drop(before - set(held.entries))
        return forgotten

    def __contains__(self, key: str) -> bool:
        return any(name == key for name, _ in _shown(self.entries))

    @staticmethod
    def reading(entries: Mapping[Dot, Entry]) -> dict[str, Any]:
        """Keys and values. A key that holds values of several types is told once for each: "x (map)"."""
        found = _shown(entries)
        names = [key for key, _ in found]
        return {key if names.count(key) == 1 else f"{key} ({kind})": value for (key, kind), value in found.items()}

    @staticmethod
    def entry(name: str, value: object) -> Entry:
        key, kind, inner = rules.listed(name, value, 3)
        if rules.text(f"{name}[1]", kind) not in KINDS:
            raise BadState(f"{name}[1] is {kind!r}: a map holds {', '.join(KINDS)}")
        return rules.text(f"{name}[0]", key), kind, KINDS[kind].entry(f"{name}[2]", inner)


def _shown(entries: Mapping[Dot, Entry]) -> dict[tuple[str, str], Any]:
    """What there is under each key, by key and type; of an empty text, tombstones may be left, and they are nothing."""
    parts: dict[tuple[str, str], dict[Dot, Any]] = {}
    for dot, (key, kind, inner) in entries.items():
        parts.setdefault((key, kind), {})[dot] = inner
    values = {name: KINDS[name[1]].reading(part) for name, part in sorted(parts.items())}
    return {name: value for name, value in values.items() if value not in ("", {})}


KINDS: dict[str, type[Causal[Any]]] = {
    kind.kind: kind for kind in (EnableWinsFlag, DisableWinsFlag, MVRegister, ORSet, ResettableCounter, ListText, Map)
}
