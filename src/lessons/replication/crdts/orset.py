"""OR-sets: a removal takes away the additions that it has seen, so that a concurrent addition wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.dots import Context, Vector
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.lattice import Lattice, alike
from lessons.replication.crdts.rules import Dot, Element


@dataclass(slots=True)
class TaggedSet(Lattice):
    """The OR-set as first published: every addition has a tag, removed tags are kept as tombstones.

    Tags are dots. ``forgotten`` says up to which tag of each replica a tag that is not in ``tags`` is a
    removed one whose tombstone is no longer needed (Shapiro et al. 2011, specification 15).
    """

    kind: ClassVar[str] = "tagged-set"
    tags: dict[Dot, Element] = field(default_factory=dict)
    tombstones: set[Dot] = field(default_factory=set)
    forgotten: Vector = field(default_factory=dict)
    last: Vector = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._count([*self.forgotten.items(), *self.tags])

    def _count(self, tags: Iterable[Dot]) -> None:
        """Keep the number of the last tag of each replica."""
        for name, number in tags:
            self.last[name] = max(number, self.last.get(name, 0))

    def add(self, replica: str, element: Element) -> TaggedSet:
        """Add an element under a tag of its own."""
        tag = (rules.replica("replica", replica), self.last.get(replica, 0) + 1)
        self.tags[tag] = rules.element("element", element)
        self._count([tag])
        return TaggedSet({tag: element})

    def remove(self, element: Element) -> TaggedSet:
        """Bury every tag of the element that is here. Raises NotThere when there is none."""
        rules.element("element", element)
        tags = {tag: element for tag, held in self._living().items() if held == element}
        if not tags:
            raise NotThere(f"element is {element!r}: it is not in the set, so it can't be removed")
        self.tombstones |= set(tags)
        return TaggedSet(tags, set(tags))

    def _living(self) -> dict[Dot, Element]:
        return {tag: element for tag, element in self.tags.items() if tag not in self.tombstones}

    def __contains__(self, element: Element) -> bool:
        return element in self.value

    def merge(self, other: TaggedSet) -> bool:
        """The unions, without the tags that either side has forgotten."""
        alike(self, other)
        before = dict(self.tags), set(self.tombstones), dict(self.forgotten)
        new = {tag: element for tag, element in other.tags.items() if not self._forgot(tag)}
        kept = {tag: element for tag, element in self.tags.items() if tag in other.tags or not other._forgot(tag)}
        self.tags = {**kept, **new}
        self.tombstones = (self.tombstones | other.tombstones) & set(self.tags)
        for name, number in other.forgotten.items():
            self.forgotten[name] = max(number, self.forgotten.get(name, 0))
        self._count([*other.forgotten.items(), *other.tags])
        return before != (self.tags, self.tombstones, self.forgotten)

    def _forgot(self, tag: Dot) -> bool:
        return tag[1] <= self.forgotten.get(tag[0], 0) and tag not in self.tags

    def checkpoint(self) -> set[Dot]:
        """What may be forgotten once every replica has it: the tombstones of now."""
        return set(self.tombstones)

    def purge(self, stable: Iterable[Dot]) -> int:
        """Forget the tombstones among these tags, which every replica is known to have; returns how many.

        It takes whole states, in which the tags of a replica have no gaps: a vector then says what is gone.
        """
        gone = self.tombstones & set(stable)
        for tag in gone:
            name, number = tag
            del self.tags[tag]
            self.forgotten[name] = max(number, self.forgotten.get(name, 0))
        self.tombstones -= gone
        return len(gone)

    @property
    def value(self) -> set[Element]:
        """The elements that have a tag which is not buried."""
        return set(self._living().values())

    def data(self) -> dict[str, Any]:
        return {
            "tags": [[*tag, element] for tag, element in sorted(self.tags.items(), key=lambda item: item[0])],
            "tombstones": [list(tag) for tag in sorted(self.tombstones)],
            "forgotten": dict(sorted(self.forgotten.items())),
        }

    @classmethod
    def of(cls, data: Any) -> TaggedSet:
        tags, tombstones, forgotten = rules.fields("tagged-set", data, "tags", "tombstones", "forgotten")
        items = [rules.listed(f"tags[{at}]", item, 3) for at, item in enumerate(rules.listed("tags", tags))]
        dots = rules.unique("tags", [rules.dot("tags", item[:2]) for item in items])
        elements = [rules.element("tags", item[2]) for item in items]
        buried = {rules.dot("tombstones", tag) for tag in rules.listed("tombstones", tombstones)}
        if not buried <= set(dots):
            raise BadState(f"tombstones has {sorted(buried - set(dots))!r}: each must be one of the tags")
        limits = rules.table("forgotten", forgotten, rules.replica, lambda name, number: rules.whole(name, number, 1))
        return cls(dict(zip(dots, elements, strict=True)), buried, limits)


@dataclass(slots=True)
class ORSet(Causal[Element]):
    """The OR-set without tombstones: a dot that was seen and has no entry was removed (Bieniusa et al. 2012)."""

    kind: ClassVar[str] = "or-set"
    index: dict[Element, tuple[Dot, ...]] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def dots(self) -> dict[Element, tuple[Dot, ...]]:
        """The dots of each element; found at the first look, for most deltas are never looked at."""
        if self.index is None:
            self.index = {}
            self._note(self.entries)
        return self.index

    def add(self, replica: str, element: Element) -> ORSet:
        """Add an element under a new dot, which replaces the dots that it has here."""
        if type(element) is not int:
            rules.element("element", element)  # before it is looked for: True would be found where 1 is
        index = self.index if self.index is not None else self.dots
        if element in index:
            return self.change(replica, element, index[element])
        dot = self.context.next(replica)
        self.entries[dot] = element
        index[element] = (dot,)
        return ORSet({dot: element}, Context({}, {dot}) if dot[1] > 1 else Context.one(dot))

    def remove(self, element: Element) -> ORSet:
        """Remove the dots of the element that are here. Raises NotThere when there is none."""
        if rules.element("element", element) not in self.dots:
            raise NotThere(f"element is {element!r}: it is not in the set, so it can't be removed")
        return self.change(drop=self.dots[element])

    def clear(self) -> ORSet:
        """Remove all elements that are here."""
        return self.change(drop=tuple(self.entries))

    def __contains__(self, element: Element) -> bool:
        return element in self.dots

    def _put(self, entries: dict[Dot, Element]) -> None:
        self.entries.update(entries)
        if self.index is not None:
            self._note(entries)

    def _note(self, entries: dict[Dot, Element]) -> None:
        """Put entries into the index."""
        dots = self.dots
        for dot, element in entries.items():
            held = dots.get(element)
            dots[element] = (dot,) if held is None else (*held, dot)

    def _drop(self, dots: Iterable[Dot]) -> None:
        index = self.dots
        for dot in dots:
            element = self.entries.pop(dot)
            left = tuple(other for other in index.pop(element) if other != dot)
            if left:
                index[element] = left

    @property
    def value(self) -> set[Element]:
        """The elements."""
        return set(self.dots)

    @staticmethod
    def reading(entries: Mapping[Dot, Element]) -> set[Element]:
        return set(entries.values())

    entry = staticmethod(rules.element)
