"""Search for a linearization: Wing and Gong (1993), with the memory of Lowe (2017)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lessons.check.consistency.calls import Call
from lessons.check.consistency.lookahead import Horizon, wants
from lessons.check.consistency.steps import States
from lessons.check.consistency.timeline import Timeline


class Step(NamedTuple):
    """``call`` is linearized after ``passed`` returns; then ``bits`` are, and this is the ``state``."""

    call: Call | None
    passed: int
    bits: int
    state: int


class Search:
    """Looks for an order of ``calls`` that respects their times and is right in the model of ``states``.

    A configuration is: how many returns have been passed, which of the calls under way are linearized, the
    state. Each is visited once (Lowe's memory). In a configuration, a read that is right is linearized at
    once, and the search never comes back to that choice: in any order that has the read later, it can as
    well stand here, because it changes nothing. ``starts`` are the numbers of the states to begin in; with
    ``ahead``, the model's look-ahead is used.
    """

    def __init__(self, calls: Sequence[Call], states: States, starts: Iterable[int], ahead: bool = True) -> None:
        first, model = list(starts), states.model
        fresh = ahead and first == [states.number(model.initial)]
        timeline = Timeline(calls, states, wants(calls, states) if ahead else (), model.order(calls) if fresh else ())
        self.order: list[Call] | None = None
        returns = {stop.call: at for at, stop in enumerate(timeline.stops)}
        self._horizon = Horizon(calls, states, returns) if ahead and states.model.looks_ahead else None
        self._lost = (len(returns), -1)
        self._stops, self._width = timeline.stops, timeline.width
        self._seen: set[int] = set()
        self._trail: list[Call] = []
        self._frames: list[tuple[int, list[Step]]] = [(0, [Step(None, 0, 0, start) for start in first])]

    @property
    def visited(self) -> int:
        """How many configurations it has visited."""
        return len(self._seen)

    def advance(self, most: int) -> bool:
        """Visit at most ``most`` configurations; returns whether the search is over, with ``order`` as its result."""
        limit = self.visited + most
        while self._frames and self.order is None and self.visited < limit:
            length, steps = self._frames[-1]
            if steps:
                del self._trail[length:]
                self._visit(*steps.pop())
            else:
                self._frames.pop()
        return self.order is not None or not self._frames

    def _visit(self, call: Call | None, passed: int, bits: int, state: int) -> None:
        if call is not None:
            self._trail.append(call)
        passed, bits = self._settle(passed, bits, state)
        key = ((state * (len(self._stops) + 1) + passed) << self._width) | bits
        if passed == len(self._stops):
            self._finish(state)
        elif key not in self._seen:
            self._seen.add(key)
            self._frames.append((len(self._trail), self._steps(passed, bits, state)))

    def _finish(self, state: int) -> None:
        """All returns are passed: what was linearized on the way is an order that is right."""
        self.order = list(self._trail)

    def _settle(self, passed: int, bits: int, state: int) -> tuple[int, int]:
        """Linearize the reads that are right in this state, and pass the returns of calls that are linearized."""
        while passed < len(self._stops):
            stop, before = self._stops[passed], bits
            for bit, mask, need, row, call in stop.reads:
                if bits & mask == need and row[state] >= 0:
                    bits |= bit
                    self._trail.append(call)
            if bits & stop.bit:
                bits ^= stop.bit
                passed += 1
            elif bits == before:  # else a read may have waited for one of those linearized just now
                break
        return passed, bits

    def _steps(self, passed: int, bits: int, state: int) -> list[Step]:
        """What may be linearized next, and is not known to lead nowhere; the last is tried first."""
        stop = self._stops[passed]
        steps = [
            Step(call, passed, bits | bit, row[state])
            for bit, mask, need, row, call in stop.updates
            if bits & mask == need and row[state] >= 0
        ]
        for read, resets, hope in stop.ahead:
            steps = [step for step in steps if read & step.bits or resets & ~step.bits or hope[step.state]]
        return steps if self._horizon is None else [self._merged(step, self._horizon) for step in steps]

    def _merged(self, step: Step, horizon: Horizon) -> Step:
        """The step, but with one state for all of those that nobody can tell from others any more."""
        if horizon[step.state] >= step.passed:
            return step
        if step.passed < self._lost[0]:
            self._lost = (step.passed, step.state)
        return step._replace(state=self._lost[1])
