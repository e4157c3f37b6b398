"""Reasons: how every order of a failing window ends, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lessons.check.consistency.calls import Call
from lessons.check.consistency.models import Model
from lessons.check.consistency.search import Search, Step
from lessons.check.consistency.shrink import PROBE, Problem
from lessons.check.consistency.steps import States
from lessons.check.consistency.words import called, either, named, short

REASONS = 4  # sentences
STEPS_TOLD = 4  # operations named of the order that leads to a dead end


@dataclass
class DeadEnd:
    """Where ``call`` has to take effect, after the required calls of ``order`` and any of the others.

    ``states`` are those that the object can be in there; ``passable`` says that the call is right in one of them.
    """

    call: Call
    order: tuple[Call, ...]
    states: dict[int, None] = field(default_factory=dict)
    passable: bool = False


class Exhaustive(Search):
    """A search that notes each call that has to take effect, and the states there."""

    def __init__(self, problem: Problem, states: States) -> None:
        super().__init__(problem.calls, states, map(states.number, problem.starts), ahead=False)
        self.ends: dict[tuple[Call, ...], DeadEnd] = {}

    def _steps(self, passed: int, bits: int, state: int) -> list[Step]:
        steps = super()._steps(passed, bits, state)
        call = self._stops[passed].call
        order = tuple(each for each in self._trail if each.required)
        end = self.ends.setdefault((call, *order), DeadEnd(call, order))
        end.states[state] = None
        end.passable = end.passable or any(step.call is call for step in steps)
        return steps


class Endings(Search):
    """A search for every state in which a history can end."""

    def __init__(self, problem: Problem, states: States) -> None:
        super().__init__(problem.calls, states, map(states.number, problem.starts), ahead=False)
        self.states: dict[int, None] = {}

    def _finish(self, state: int) -> None:
        self.states[state] = None


def states_after(past: Problem, model: Model) -> tuple[Any, ...]:
    """The states that ``past`` can lead to; none if that would take too long to find out."""
    states = States(model)
    search = Endings(past, states)
    return tuple(states.values[state] for state in search.states) if search.advance(PROBE) else ()


def reasons(problem: Problem, states: States) -> list[str]:
    """A sentence for each way in which an order of ``problem`` comes to an end, those that get furthest first."""
    search = Exhaustive(problem, states)
    search.advance(PROBE)
    ends = [end for end in search.ends.values() if not end.passable]
    # At the very beginning, the state was simply another one.
    ends = [end for end in ends if end.order] or ends
    ends.sort(key=lambda end: (-len(end.order), end.call.number))
    told = [_sentence(end, states) for end in ends[:REASONS]]
    return told + [f"{len(ends) - REASONS:,} more orders end in such a way."] * (len(ends) > REASONS)


def _sentence(end: DeadEnd, states: States) -> str:
    """ "After write(2) of bob, read() of ann can answer 2, but not 1." """
    call, path = end.call, [named(each.operation, states.model) for each in end.order]
    before = ", ".join(["..."] * (len(path) > STEPS_TOLD) + path[-STEPS_TOLD:])
    who = f"{called(call.operation)} of {call.operation.client}"
    answers = _answers(end, states)
    can = f"can answer {either(answers)}, but not {short(call.answer)}" if answers else "can't take effect"
    return f"After {before}, {who} {can}." if path else f"Whatever else takes effect, {who} {can}."


def _answers(end: DeadEnd, states: States) -> list[str]:
    """What the call would answer in the states that are possible, without such in which it can't take effect."""
    call = end.call
    applied: list[Any] = [states.model.apply(states.values[state], call.name, call.args) for state in end.states]
    return list(dict.fromkeys(short(each[1]) for each in applied if each is not None))
