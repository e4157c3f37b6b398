"""Linearizability: one order of all operations that respects their times and explains every answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from heapq import merge
from itertools import accumulate
from math import inf

from lessons.check.consistency.budget import SLICE, STATES, Budget
from lessons.check.consistency.calls import Call, calls_of, parts
from lessons.check.consistency.judgement import Contradiction, Judgement
from lessons.check.consistency.models import Model
from lessons.check.consistency.search import Search
from lessons.check.consistency.steps import States
from lessons.trace import Operation

FIRST_TURN = 500  # configurations


def linearizable(
    history: Iterable[Operation],
    model: Model,
    *,
    states: int = STATES,
    seconds: float | None = None,
    unit: str = "s",
) -> Judgement:
    """Judge whether ``history`` is linearizable (Herlihy and Wing, 1990) for an object that ``model`` describes.

    It is when every operation can be given one moment between its call and its return, so that in the order
    of these moments every answer is the model's. Operations with outcome "unknown" may have a moment at any
    time after the call, or none; those with outcome "fail" have none. Times are compared as they are: one
    operation is before another when it returned at an earlier time than that of the other's call, or at the
    same time if one client made both, of the same part of the object.

    The parts of the object that the model's ``key`` names are searched in turn, so that one that has no order
    is found while others are hard. The search gives up after ``states`` configurations or ``seconds`` seconds.
    ``unit`` is that of the times. Raises ValueError for an operation that the model can't judge.
    """
    operations = tuple(history)
    budget = Budget(states, seconds)
    judge = Judge(calls_of(operations, model), model)
    holds = judge.decide(budget)
    points = combined(judge.orders) if holds else {}
    return Judgement(
        "linearizable",
        operations,
        model,
        holds,
        why=judge.given_up(budget) if holds is None else "",
        orders=(("", tuple(points)),) if holds else (),
        points=points,
        contradiction=judge.contradiction,
        unit=unit,
    )


class Judge:
    """Searches the parts of a history in turn, each a little, then each twice as much."""

    def __init__(self, calls: Sequence[Call], model: Model) -> None:
        self.parts = parts(calls, model)
        self.model = model
        self.orders: list[list[Call]] = []
        self.contradiction: Contradiction | None = None
        self._searches: dict[Hashable | None, Search] = {}
        self._undecided = list(self.parts)

    def decide(self, budget: Budget) -> bool | None:
        """Whether every part has an order; None if the budget does not suffice."""
        turn = FIRST_TURN
        while self._undecided and self.contradiction is None:
            for key in list(self._undecided):
                self._advance(key, turn, budget)
                if self.contradiction is not None:
                    return False
                if key in self._undecided and budget.why_not:
                    return None
            turn = min(2 * turn, SLICE)
        return True

    def _advance(self, key: Hashable | None, turn: int, budget: Budget) -> None:
        search = self._searches.get(key) or self._begin(key)
        before = search.visited
        over = search.advance(min(turn, max(1, budget.left)))
        budget.spend(search.visited - before)
        if over:
            self._undecided.remove(key)
            del self._searches[key]
            if search.order is None:
                self.contradiction = Contradiction(key, tuple(self.parts[key]))
            else:
                self.orders.append(search.order)

    def _begin(self, key: Hashable | None) -> Search:
        states = States(self.model)
        self._searches[key] = Search(self.parts[key], states, [states.number(self.model.initial)])
        return self._searches[key]

    def given_up(self, budget: Budget) -> str:
        """Why there is no decision."""
        parts = f", {len(self._undecided)} of {len(self.parts)} parts left" if len(self.parts) > 1 else ""
        return budget.why_not + parts


def combined(orders: Iterable[Sequence[Call]]) -> dict[int, float]:
    """The calls of all orders in one order, by their numbers, and the moments at which they may take effect."""
    timed = [list(zip(moments(order), (call.number for call in order), strict=True)) for order in orders]
    return {number: time for time, number in merge(*timed, key=lambda moment: moment[0])}


def moments(order: Sequence[Call]) -> list[float]:
    """A time for each call of an order: in the middle of what the calls before and after it leave to it."""
    earliest = list(accumulate((call.operation.called for call in order), max))
    latest = list(accumulate((_end(call) for call in reversed(order)), min))[::-1]
    middle = ((begin + end) / 2 if end < inf else begin for begin, end in zip(earliest, latest, strict=True))
    return list(accumulate(middle, max))


def _end(call: Call) -> float:
    return inf if call.operation.returned is None or not call.required else call.operation.returned
