"""Stability: what every replica is known to have seen, and so what may be forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from lessons.replication.crdts.dots import Vector


def covers(version: Vector, other: Vector) -> bool:
    """Whether ``version`` has everything that ``other`` has."""
    return all(number <= version.get(name, 0) for name, number in other.items())


def joined(version: Vector, other: Vector) -> Vector:
    """What is in either."""
    return {name: max(version.get(name, 0), other.get(name, 0)) for name in sorted({*version, *other})}


class Stability:
    """The last version that was heard of each member of a group.

    A version of a member counts as heard when everything in it is here. An update in all of them is
    *causally stable*: whatever is still to arrive was made by somebody who had seen it (Baquero et al. 2014).
    """

    def __init__(self, members: Iterable[str]) -> None:
        self.versions: dict[str, Vector] = {name: {} for name in members}
        self._marks: deque[tuple[Vector, Any]] = deque()

    def heard(self, member: str, version: Vector) -> None:
        """Note that ``member`` has seen ``version``; news of somebody who is no member count for nothing."""
        if member in self.versions:
            self.versions[member] = joined(self.versions[member], version)

    def stable(self) -> Vector:
        """What all members have seen."""
        first, *others = self.versions.values()
        return {name: least for name in first if (least := min([first[name], *(v.get(name, 0) for v in others)]))}

    def mark(self, version: Vector, thing: Any) -> None:
        """Remember ``thing`` until ``version``, which is that of now, is stable."""
        if not self._marks or self._marks[-1][0] != version:
            self._marks.append((dict(version), thing))

    def ripe(self) -> list[Any]:
        """The things whose versions are stable by now; each is told once."""
        stable, found = self.stable(), []
        while self._marks and covers(stable, self._marks[0][0]):
            found.append(self._marks.popleft()[1])
        return found
