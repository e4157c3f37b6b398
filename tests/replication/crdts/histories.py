"""Random histories: replicas that update and merge, and every update on record with what it had seen."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from lessons.replication.crdts.codec import KINDS
from lessons.replication.crdts.lattice import Lattice
from lessons.replication.crdts.specification import SPECIFIED, Update, shown
from lessons.replication.crdts.updates import perform, told
from lessons.replication.crdts.workload import choose

NAMES = ("ann", "bob", "eve")
STATES = tuple(KINDS.values())
# Update at a replica, merge one replica into another, deliver an old state again, deliver a delta.
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["update", "update", "merge", "delta", "again"]), st.integers(0, 2), st.integers(0, 10**6)
    ),
    max_size=25,
)


class Group:
    """Three replicas of one type, and what each of them has seen."""

    def __init__(self, make: Any) -> None:
        self.make = make
        self.states: list[Any] = [make() for _ in NAMES]
        self.seen: list[dict[str, int]] = [{} for _ in NAMES]
        self.updates: list[Update] = []
        self.deltas: list[tuple[Any, dict[str, int], int]] = []
        self.past: list[tuple[Any, dict[str, int]]] = [(make(), {})]

    def play(self, steps: list[Step]) -> Group:
        for name, at, chance in steps:
            getattr(self, name)(at, Random(chance))
        return self

    def update(self, at: int, rng: Random) -> None:
        state, seen, me = self.states[at], self.seen[at], NAMES[at]
        name, args = choose(state, rng, me)
        before = dict(seen)
        as_specified = told(state.kind, state.value, name, args)
        delta = perform(state, me, name, args, time=rng.randrange(50))
        seen[me] = seen.get(me, 0) + 1
        self.updates.append(Update(me, seen[me], name, as_specified, before))
        self.deltas.append((delta, dict(before), at))
        self.past.append((state.copy(), dict(seen)))

    def merge(self, at: int, rng: Random) -> None:
        other = rng.randrange(3)
        self._take(at, self.states[other], self.seen[other])

    def again(self, at: int, rng: Random) -> None:
        self._take(at, *rng.choice(self.past))

    def delta(self, at: int, rng: Random) -> None:
        """Deliver a delta, at a replica that has seen what its author had."""
        ready = [each for each in self.deltas if all(n <= self.seen[at].get(r, 0) for r, n in each[1].items())]
        if ready:
            delta, past, author = rng.choice(ready)
            mine = self.seen[at]
            self.states[at].merge(delta)
            mine[NAMES[author]] = max(mine.get(NAMES[author], 0), past.get(NAMES[author], 0) + 1)

    def _take(self, at: int, state: Any, seen: dict[str, int]) -> None:
        self.states[at].merge(state)
        for name, number in seen.items():
            self.seen[at][name] = max(number, self.seen[at].get(name, 0))

    def settle(self) -> Group:
        """Bring everything everywhere."""
        for at in (0, 1, 2, 0, 1):
            for other in range(3):
                self._take(at, self.states[other], self.seen[other])
        return self

    def complaints(self) -> list[str]:
        """Where a replica does not show what it has to."""
        found = []
        for name, state, seen in zip(NAMES, self.states, self.seen, strict=True):
            visible = [update for update in self.updates if update.number <= seen.get(update.replica, 0)]
            least, most = SPECIFIED[state.kind](visible)
            value = shown(state.kind, state.value)
            if not (least <= value and value <= most):
                found.append(f"{name} shows {value!r}, and it must be from {least!r} to {most!r}: {visible}")
        return found


def group(kind: type[Lattice], steps: list[Step]) -> Group:
    return Group(kind).play(steps)
