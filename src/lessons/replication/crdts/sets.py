"""Sets that need tombstones: grow-only, two-phase, last writer wins, and observed-remove as first published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.errors import NotThere
from lessons.replication.crdts.lattice import Lattice, alike
from lessons.replication.crdts.registers import NEVER, Stamp, later, stamp_of
from lessons.replication.crdts.rules import Element


@dataclass(slots=True)
class GSet(Lattice):
    """A set that only grows (Shapiro et al. 2011, specification 11)."""

    kind: ClassVar[str] = "g-set"
    elements: set[Element] = field(default_factory=set)

    def add(self, element: Element) -> GSet:
        """Add an element."""
        self.elements.add(rules.element("element", element))
        return GSet({element})

    def __contains__(self, element: Element) -> bool:
        return element in self.elements

    def merge(self, other: GSet) -> bool:
        """The union."""
        alike(self, other)
        before = len(self.elements)
        self.elements |= other.elements
        return len(self.elements) > before

    @property
    def value(self) -> set[Element]:
        """The elements."""
        return set(self.elements)

    def data(self) -> dict[str, Any]:
        return {"elements": sorted(self.elements, key=rules.order)}

    @classmethod
    def of(cls, data: Any) -> GSet:
        (elements,) = rules.fields("g-set", data, "elements")
        return cls(_elements("elements", elements))


@dataclass(slots=True)
class TwoPhaseSet(Lattice):
    """Added once, removed once, never back: a set of the added and a set of the removed (specification 12)."""

    kind: ClassVar[str] = "2p-set"
    added: set[Element] = field(default_factory=set)
    removed: set[Element] = field(default_factory=set)

    def add(self, element: Element) -> TwoPhaseSet:
        """Add an element. Raises NotThere for one that was removed: nothing could bring it back."""
        if rules.element("element", element) in self.removed:
            raise NotThere(f"element is {element!r}: it was removed, and a 2P-set never takes it back")
        self.added.add(element)
        return TwoPhaseSet({element}, set())

    def remove(self, element: Element) -> TwoPhaseSet:
        """Remove an element for ever. Raises NotThere for one that is not in the set."""
        if rules.element("element", element) not in self:
            raise NotThere(f"element is {element!r}: it is not in the set, so it can't be removed")
        self.removed.add(element)
        return TwoPhaseSet({element}, {element})

    def __contains__(self, element: Element) -> bool:
        return element in self.added and element not in self.removed

    def merge(self, other: TwoPhaseSet) -> bool:
        """The unions."""
        alike(self, other)
        before = len(self.added) + len(self.removed)
        self.added |= other.added
        self.removed |= other.removed
        return len(self.added) + len(self.removed) > before

    @property
    def value(self) -> set[Element]:
        """What was added and not removed."""
        return self.added - self.removed

    def data(self) -> dict[str, Any]:
        halves = {"added": self.added, "removed": self.removed}
        return {name: sorted(elements, key=rules.order) for name, elements in halves.items()}

    @classmethod
    def of(cls, data: Any) -> TwoPhaseSet:
        added, removed = rules.fields("2p-set", data, "added", "removed")
        return cls(_elements("added", added), _elements("removed", removed))


@dataclass(slots=True)
class LWWElementSet(Lattice):
    """Each element has the stamps of its last addition and its last removal; the later one decides."""

    kind: ClassVar[str] = "lww-element-set"
    added: dict[Element, Stamp] = field(default_factory=dict)
    removed: dict[Element, Stamp] = field(default_factory=dict)

    def add(self, replica: str, element: Element, time: int) -> LWWElementSet:
        """Add an element; ``time`` is as in ``LWWRegister.write``."""
        stamp = later(time, replica, self._last(rules.element("element", element)))
        self.added[element] = stamp
        return LWWElementSet({element: stamp}, {})

    def remove(self, replica: str, element: Element, time: int) -> LWWElementSet:
        """Remove an element. Raises NotThere for one that is not in the set."""
        if rules.element("element", element) not in self:
            raise NotThere(f"element is {element!r}: it is not in the set, so it can't be removed")
        stamp = later(time, replica, self._last(element))
        self.removed[element] = stamp
        return LWWElementSet({}, {element: stamp})

    def _last(self, element: Element) -> Stamp:
        return max(self.added.get(element, NEVER), self.removed.get(element, NEVER))

    def __contains__(self, element: Element) -> bool:
        return self.added.get(element, NEVER) > self.removed.get(element, NEVER)

    def merge(self, other: LWWElementSet) -> bool:
        """Of each element the later stamps."""
        alike(self, other)
        added = _take_later(self.added, other.added)
        return _take_later(self.removed, other.removed) or added

    @property
    def value(self) -> set[Element]:
        """The elements whose last addition is later than their last removal."""
        return {element for element in self.added if element in self}

    def data(self) -> dict[str, Any]:
        halves = {"added": self.added, "removed": self.removed}
        return {name: _stamped(stamps) for name, stamps in halves.items()}

    @classmethod
    def of(cls, data: Any) -> LWWElementSet:
        added, removed = rules.fields("lww-element-set", data, "added", "removed")
        return cls(_stamps("added", added), _stamps("removed", removed))


def _take_later(mine: dict[Element, Stamp], others: dict[Element, Stamp]) -> bool:
    later_ones = {element: stamp for element, stamp in others.items() if stamp > mine.get(element, NEVER)}
    mine.update(later_ones)
    return bool(later_ones)


def _stamped(stamps: dict[Element, Stamp]) -> list[list[Any]]:
    return [[element, *stamps[element]] for element in sorted(stamps, key=rules.order)]


def _stamps(name: str, data: object) -> dict[Element, Stamp]:
    items = [rules.listed(f"{name}[{at}]", item, 3) for at, item in enumerate(rules.listed(name, data))]
    rules.unique(name, [rules.element(name, element) for element, _, _ in items])
    return {element: stamp_of(name, [time, writer]) for element, time, writer in items}


def _elements(name: str, data: object) -> set[Element]:
    items = rules.listed(name, data)
    return set(rules.unique(name, [rules.element(f"{name}[{at}]", item) for at, item in enumerate(items)]))
