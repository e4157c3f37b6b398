"""Dots name updates, contexts are sets of dots: what a replica has seen, in little room.

A dot is the name of a replica and the number of an update there. A context keeps them as a version
vector, which covers the numbers 1 to n of each replica, and a cloud of dots beyond it. A vector with
one dot is the dotted version vector of Preguiça et al. 2012.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lessons.replication.crdts import rules
from lessons.replication.crdts.rules import Dot

Vector = dict[str, int]


@dataclass(slots=True)
class Context:
    """A set of dots."""

    vector: Vector = field(default_factory=dict)
    cloud: set[Dot] = field(default_factory=set)

    @classmethod
    def of(cls, dots: Iterable[Dot]) -> Context:
        """The set of these dots."""
        context = cls({}, set(dots))
        context.compact()
        return context

    @classmethod
    def one(cls, dot: Dot) -> Context:
        """The set of one dot."""
        return cls({dot[0]: 1}, set()) if dot[1] == 1 else cls({}, {dot})

    def __contains__(self, dot: Dot) -> bool:
        return dot[1] <= self.vector.get(dot[0], 0) or dot in self.cloud

    def known(self, dots: Iterable[Dot]) -> list[Dot]:
        """Those of ``dots`` that are in the set."""
        last, cloud = self.vector.get, self.cloud
        if cloud:
            return [dot for dot in dots if dot[1] <= last(dot[0], 0) or dot in cloud]
        return [dot for dot in dots if dot[1] <= last(dot[0], 0)]

    def missing(self, dots: Iterable[Dot]) -> list[Dot]:
        """Those of ``dots`` that are not in the set."""
        last, cloud = self.vector.get, self.cloud
        late = [dot for dot in dots if dot[1] > last(dot[0], 0)]
        return [dot for dot in late if dot not in cloud] if cloud else late

    def __le__(self, other: Context) -> bool:
        """Whether ``other`` has every dot of this set."""
        covered = all(self._prefix_in(other, name, number) for name, number in self.vector.items())
        return covered and all(dot in other for dot in self.cloud)

    @staticmethod
    def _prefix_in(other: Context, name: str, number: int) -> bool:
        start = other.vector.get(name, 0)
        return all((name, each) in other.cloud for each in range(start + 1, number + 1))

    def next(self, replica: str) -> Dot:
        """The dot of the next update of ``replica``, which joins the set."""
        number = 1 + (self.vector.get(replica, 0) if isinstance(replica, str) else 0)
        if number > 1 and not self.cloud:
            self.vector[replica] = number
            return replica, number
        rules.replica("replica", replica)
        number = max([number, *(known + 1 for name, known in self.cloud if name == replica)])
        self.cloud.add((replica, number))
        self.compact()
        return replica, number

    def merge(self, other: Context) -> bool:
        """Take in the dots of ``other``; returns whether any was new."""
        vector, changed = self.vector, False
        for name, number in other.vector.items():
            if number > vector.get(name, 0):
                vector[name] = number
                changed = True
        for dot in other.cloud:
            if dot not in self:
                self.cloud.add(dot)
                changed = True
        if changed and self.cloud:
            self.compact()
        return changed

    def compact(self) -> None:
        """Move dots from the cloud into the vector, where they continue it."""
        vector, cloud = self.vector, self.cloud
        for name, number in sorted(cloud):
            if number <= vector.get(name, 0) + 1:
                vector[name] = max(number, vector.get(name, 0))
                cloud.discard((name, number))

    @property
    def size(self) -> int:
        """How many dots are in the set."""
        return sum(self.vector.values()) + len(self.cloud)

    def copy(self) -> Context:
        """A set of its own with the same dots."""
        return Context(dict(self.vector), set(self.cloud))

    def data(self) -> dict[str, Any]:
        """The set as JSON data."""
        return {"vector": dict(sorted(self.vector.items())), "cloud": [list(dot) for dot in sorted(self.cloud)]}

    @classmethod
    def of_data(cls, name: str, data: object) -> Context:
        """The set that ``data`` describes. Raises BadState."""
        vector, cloud = rules.fields(name, data, "vector", "cloud")
        dots = [rules.dot(f"{name}.cloud[{at}]", dot) for at, dot in enumerate(rules.listed(f"{name}.cloud", cloud))]
        context = cls(rules.table(f"{name}.vector", vector, rules.replica, _number), set(rules.unique(name, dots)))
        context.compact()
        return context


def _number(name: str, value: object) -> int:
    return rules.whole(name, value, 1)


@dataclass(frozen=True, slots=True)
class DottedVersion:
    """A dotted version vector: the ``dot`` of one update, and the ``past`` that its author had seen."""

    dot: Dot
    past: Vector

    def saw(self, other: DottedVersion) -> bool:
        """Whether ``other`` happened before this; one look is enough, however many replicas there are."""
        name, number = other.dot
        return number <= self.past.get(name, 0)

    def concurrent(self, other: DottedVersion) -> bool:
        """Whether neither happened before the other, and they are two."""
        return self.dot != other.dot and not self.saw(other) and not other.saw(self)
