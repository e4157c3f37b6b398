"""The shrinker: makes a failing case smaller, one kind of part after the other, until nothing more can go."""

from __future__ import annotations

import inspect
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from lessons.check.shrinking.ddmin import ddmin
from lessons.check.shrinking.messages import Message, delivered, is_choice, only
from lessons.check.shrinking.repairs import with_repairs
from lessons.check.sweeps.case import Case, name_of
from lessons.check.sweeps.progress import Show
from lessons.check.sweeps.result import Failure
from lessons.check.sweeps.verdict import Finding, Judged, Kind, judge
from lessons.node import LessonsError
from lessons.sim import Action

PATIENCE = 2.0  # a smaller run may take this many times as long to fail


class NotReproduced(LessonsError):
    """A case that was to be shrunk does not fail here as it did before."""


class OutOfRuns(Exception):
    """As many runs were made as were allowed."""


class Shrinker:
    """Holds the smallest case so far that fails as the first one did: ``case``, with its ``judgement``.

    A failure is the same when the same invariant, complaint or exception is named. A promise about runs whose
    faults are repaired counts only where they are, and no message is withheld from a run that is judged by one.
    """

    def __init__(self, case: Case, most: int, messages: bool, show: Show) -> None:
        self.most, self.messages, self.show, self.runs = most, messages, show, 0
        self.case, self.judgement = case, judge(case)
        self.wanted = self.finding.kind, self.finding.name
        self.is_promise = self.finding.kind is Kind.COMPLAINT and not is_marked(case, self.finding.name)
        self.was_repaired = self.judgement.sim is not None and not self.judgement.sim.troubles
        self.limit = PATIENCE * self.finding.time
        self.start = 0.0 if self.judgement.sim is None else self.settle()

    @property
    def finding(self) -> Finding:
        """What is wrong with the case; raises NotReproduced when nothing is, or it ended the process."""
        finding = self.judgement.finding
        if finding is None:
            raise NotReproduced(f"seed {self.case.seed}: nothing is broken here, by this code and these parameters")
        return finding

    def settle(self) -> float:
        """Have the faults of the case as it plans them among its actions; returns the time at which they can begin."""
        fresh = self.case.build()
        self.case = replace(self.case, actions=fresh.planned)
        return fresh.now

    def failure(self) -> Failure:
        """The case, as a failure."""
        return Failure(self.case, self.case.seed, self.finding)

    # Trying

    def still_fails(self, candidate: Case) -> bool:
        """Whether a smaller case fails as well; if so it takes the place of the one before."""
        if self.runs >= self.most:
            raise OutOfRuns
        self.runs += 1
        judgement = judge(replace(candidate, until=self.end_of(candidate)))
        same = self.is_same(judgement)
        if same:
            self.case, self.judgement = candidate, judgement
        self.show(1, f"{len(self.case.actions or ())} faults left")
        return same

    def is_same(self, judgement: Judged) -> bool:
        """Whether a run fails as the first one did."""
        finding, sim = judgement.finding, judgement.sim
        if finding is None or (finding.kind, finding.name) != self.wanted:
            return False
        return not (self.is_promise and self.was_repaired and (sim is None or sim.troubles))

    def end_of(self, candidate: Case) -> float | None:
        """The virtual second to which to run a smaller case."""
        if self.finding.kind is Kind.COMPLAINT:
            return candidate.end
        return self.limit if candidate.end is None else min(candidate.end, self.limit)

    # Leaving out

    def shrink(self) -> None:
        """Leave out what can be, until a whole round changes nothing."""
        before = None
        while before != self.case:
            before = self.case
            self.leave_out_faults()
            for name in self.case.sweep.operations:
                self.leave_out_operations(name)
            if not self.case.sweep.name:
                self.leave_out_parameters()
            if not self.is_promise and self.judgement.sim is not None:
                self.bring_forward()
                self.end_earlier()
                if self.messages:
                    self.withhold_messages()
                self.end_earlier()

    def leave_out_faults(self) -> None:
        """Fewer faults: first together with their repairs, then one by one."""
        choice, faults = self.plan()

        def fails(kept: Iterable[Action]) -> bool:
            return self.still_fails(replace(self.case, actions=(*choice, *in_order(kept, faults))))

        ddmin(with_repairs(faults), lambda units: fails(chain.from_iterable(units)))
        ddmin(self.plan()[1], fails)

    def plan(self) -> tuple[tuple[Action, ...], list[Action]]:
        """The choice of messages, if one was made, and the faults."""
        actions = self.case.actions or ()
        first = actions[:1] if actions and is_choice(actions[0]) and actions[0].at == self.start else ()
        return first, list(actions[len(first) :])

    def leave_out_operations(self, name: str) -> None:
        """Fewer items in the parameter of that name."""
        ddmin(parameter(self.case, name), lambda kept: self.with_parameter(name, kept))

    def with_parameter(self, name: str, kept: Sequence[Any]) -> bool:
        """Whether the case still fails with these items alone in a parameter."""
        return self.still_fails(replace(self.case, parameters={**self.case.parameters, name: tuple(kept)}))

    def leave_out_parameters(self) -> None:
        """Fewer parameters and complaints of the sweep: those that matter; what clients do is no matter of this."""
        given = self.case.sweep.parameters
        fixed = {name: value for name, value in given.items() if name in self.case.sweep.operations}
        others = [name for name in given if name not in fixed]
        ddmin(others, lambda kept: self.with_sweep(parameters={**fixed, **{name: given[name] for name in kept}}))
        ddmin(self.case.sweep.rules, lambda kept: self.with_sweep(complaints=tuple(kept)))

    def with_sweep(self, **changes: Any) -> bool:
        """Whether the case still fails when this is changed about the sweep."""
        return self.still_fails(replace(self.case, sweep=replace(self.case.sweep, **changes)))

    def withhold_messages(self) -> None:
        """Fewer messages that arrive; everything stays as it is when all of them are needed."""
        before, messages = (self.case, self.judgement), delivered(self.judgement.trace)
        if self.with_messages(messages) and len(ddmin(messages, self.with_messages)) == len(messages):
            self.case, self.judgement = before

    def with_messages(self, messages: Sequence[Message]) -> bool:
        """Whether the case still fails when only these messages arrive."""
        _, faults = self.plan()
        return self.still_fails(replace(self.case, actions=(only(messages, self.start), *faults)))

    def bring_forward(self) -> None:
        """Each fault as early as it can be: after the one before it, at the time of some event."""
        choice, faults = self.plan()
        for place in range(len(faults)):
            faults = self.plan()[1]
            earliest = faults[place - 1].at if place else self.start
            times = sorted({event.time for event in self.judgement.trace if earliest < event.time <= faults[place].at})
            bisect_left(times, True, key=lambda time: self.with_time(choice, faults, place, time))

    def with_time(self, choice: tuple[Action, ...], faults: list[Action], place: int, time: float) -> bool:
        """Whether the case still fails with one of its faults at this time."""
        moved = [*faults[:place], replace(faults[place], at=time), *faults[place + 1 :]]
        return time == faults[place].at or self.still_fails(replace(self.case, actions=(*choice, *moved)))

    def end_earlier(self) -> None:
        """An earlier end: where the run fails, or for a judgement of a whole history the first that will do."""
        if self.finding.kind is not Kind.COMPLAINT:
            self.case = replace(self.case, until=self.finding.time)
            return
        times = sorted({event.time for event in self.judgement.trace})
        bisect_left(times, True, key=lambda time: self.still_fails(replace(self.case, until=time)))


def is_marked(case: Case, name: str) -> bool:
    """Whether the complaint of that name is an invariant: true of every run, however it is cut short."""
    return any(hasattr(rule, "says") for rule in case.sweep.rules if name_of(rule) == name)


def in_order(some: Iterable[Action], all_of_them: Sequence[Action]) -> list[Action]:
    """Actions in the order that they have among all of them."""
    kept = list(some)
    return [action for action in all_of_them if any(action is each for each in kept)]


def parameter(case: Case, name: str) -> tuple[Any, ...]:
    """The value of a parameter that tells what clients do; raises ValueError when it is no tuple."""
    given = {**case.sweep.parameters, **case.parameters}
    signature = inspect.signature(case.sweep.build).parameters
    value = given.get(name, signature[name].default if name in signature else None)
    if not isinstance(value, tuple):
        raise ValueError(f"operations has {name!r}: {name_of(case.sweep.build)} has no such parameter that is a tuple")
    return value
