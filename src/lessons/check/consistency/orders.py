"""Orders: the plain search behind all definitions, for calls of which some must come before others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lessons.check.consistency.budget import Budget
from lessons.check.consistency.calls import Call, parts
from lessons.check.consistency.models import Model
from lessons.check.consistency.steps import States

Whole = tuple[int, ...]  # the state of each part of an object, by number


class Way(NamedTuple):
    """``call`` is next; the bits of the calls done and the state after it."""

    call: Call
    done: int
    state: Whole


class Orders:
    """Looks for an order of ``calls`` that is right in ``model`` and has each call after those in its ``before``.

    ``before`` are bits: 1 for the first call, 2 for the second, 4 for the third. A call that is not required
    may be left out. It is the search of Wing and Gong (1993): take a call that nothing has to precede, see what
    it does, go on with the rest, and come back for another one where that fails; no calls and states are
    looked at twice (Lowe, 2017). The state has all parts of the object, since only linearizability can be
    judged part by part.
    """

    def __init__(self, calls: Sequence[Call], model: Model, before: Sequence[int], budget: Budget) -> None:
        self.calls, self.before, self.budget = calls, before, budget
        self.states = States(model)
        together = list(parts(calls, model).values())
        place = {call: number for number, part in enumerate(together) for call in part}
        self.part = [place[call] for call in calls]
        self.start: Whole = (self.states.number(model.initial),) * len(together)
        self.required = sum(1 << number for number, call in enumerate(calls) if call.required)
        self.furthest: list[Call] = []

    def find(self) -> list[Call] | None:
        """An order, or None if there is none. ``budget.why_not`` tells whether the search gave up."""
        if not self.required:
            return []
        seen: set[tuple[int, Whole]] = {(0, self.start)}
        path: list[Call] = []
        ways = [self._ways(0, self.start)]
        while ways and not self.budget.why_not:
            way = next(ways[-1], None)
            if way is None:
                ways.pop()
                del path[-1:]
            elif way[1:] not in seen:
                seen.add(way[1:])
                self.budget.spend(1)
                path.append(way.call)
                if way.done & self.required == self.required:
                    return path
                self.furthest = max(self.furthest, list(path), key=len)
                ways.append(self._ways(way.done, way.state))
        return None

    def _ways(self, done: int, state: Whole) -> Iterator[Way]:
        """Each call that may be next."""
        for number, call in enumerate(self.calls):
            bit, part = 1 << number, self.part[number]
            if not done & bit and not self.before[number] & ~done:
                after = self.states.row(call)[state[part]]
                if after >= 0:
                    yield Way(call, done | bit, (*state[:part], after, *state[part + 1 :]))
