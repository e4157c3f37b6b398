"""Shrinking: from a history that no order explains to the smallest part of it that none explains."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lessons.check.consistency.calls import Call
from lessons.check.consistency.models import Model
from lessons.check.consistency.search import Search
from lessons.check.consistency.steps import States

PROBE = 20_000  # configurations that one attempt to shrink may visit
PROBES = 200_000  # and all of them together
SHORT = 12  # calls of a past that can be told as a whole


@dataclass(frozen=True)
class Problem:
    """Calls to be put in order, from one of the states ``starts``."""

    calls: tuple[Call, ...]
    starts: tuple[Any, ...]


class Shrinker:
    """Makes a problem without a solution smaller, by making it easier, as long as it has none.

    Each step only takes demands away, so what is left is a contradiction of the whole history: later
    operations are cut off, the past is replaced by "any state", answers are forgotten, and updates become
    such that may have happened or not.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.left = PROBES

    def fails(self, problem: Problem) -> bool:
        """Whether it is certain, at a small cost, that no order solves ``problem``."""
        states = States(self.model)
        search = Search(problem.calls, states, map(states.number, problem.starts))
        over = search.advance(PROBE)
        self.left -= search.visited + len(problem.calls) + len(problem.starts)
        return over and search.order is None

    def shrink(self, calls: Sequence[Call]) -> Problem:
        """The smallest problem found; ``calls`` have no order that is right."""
        ended = self._end(calls)
        self.left = PROBES
        return self._relax(self._begin(ended) or Problem(tuple(ended), (self.model.initial,)))

    def _end(self, calls: Sequence[Call]) -> list[Call]:
        """What was called up to the first return at which it goes wrong."""
        times = sorted({_returned(call) for call in calls if call.required})
        first = bisect_left(times, True, key=lambda time: self._fails_by(calls, time))
        return _until(calls, times[min(first, len(times) - 1)])

    def _fails_by(self, calls: Sequence[Call], time: float) -> bool:
        return self.fails(Problem(tuple(_until(calls, time)), (self.model.initial,)))

    def _begin(self, calls: Sequence[Call]) -> Problem | None:
        """The problem from the latest time on at which any state leads to failure, if there is one.

        First the states in which answers would be right are taken for possible as well, so that the operations
        that rule them out are part of the problem. Where that does not fail, a short past is its own reason.
        """
        states = self._reachable(calls)
        if not states:
            return None
        told = [state for call in calls for state in self.model.tells(call.name, call.args, call.answer)]
        found = self._since_any(calls, (*states, *told))
        return found or (self._since_any(calls, states) if len(calls) > SHORT else None)

    def _since_any(self, calls: Sequence[Call], states: tuple[Any, ...]) -> Problem | None:
        times = sorted({call.operation.called for call in calls if call.required}, reverse=True)
        for time in times:
            problem = Problem(tuple(_since(calls, time)), states)
            if self.left > 0 and self.fails(problem):
                return problem
        return None

    def _reachable(self, calls: Sequence[Call]) -> tuple[Any, ...]:
        """The states that a full search meets, apart from some that surely fail; none if it takes too long."""
        states = States(self.model)
        over = Search(calls, states, [states.number(self.model.initial)]).advance(PROBES)
        return tuple(states.values) if over else ()

    def _relax(self, problem: Problem) -> Problem:
        """The problem with as few required calls as possible: first reads are left out, then updates optional."""
        for update in (False, True):
            for call in problem.calls:
                if self.left > 0 and call.required and self._updates(call) is update:
                    easier = _without(problem, call, optional=update)
                    problem = easier if self.fails(easier) else problem
        return problem

    def _updates(self, call: Call) -> bool:
        return not self.model.reads(call.name, call.args, call.answer)


def _returned(call: Call) -> float:
    return call.operation.returned or 0.0


def _until(calls: Iterable[Call], time: float) -> list[Call]:
    """What was called by ``time``; what returns later may have taken effect or not."""
    made = (call for call in calls if call.operation.called <= time)
    return [replace(call, required=False) if call.required and _returned(call) > time else call for call in made]


def past(calls: Iterable[Call], time: float) -> tuple[Call, ...]:
    """What was called before ``time``; what had not returned by then may have taken effect or not."""
    made = (call for call in calls if call.operation.called < time)
    return tuple(call if call.required and _returned(call) < time else replace(call, required=False) for call in made)


def _since(calls: Iterable[Call], time: float) -> Iterator[Call]:
    """What returns at ``time`` or later; what was called before may have taken effect before as well."""
    for call in calls:
        if call.operation.called >= time or not call.required:
            yield call
        elif _returned(call) >= time:
            yield replace(call, required=False)


def _without(problem: Problem, call: Call, optional: bool) -> Problem:
    easier = (replace(each, required=False) if each is call else each for each in problem.calls)
    return replace(problem, calls=tuple(each for each in easier if optional or each.number != call.number))
