"""Look-ahead: what answers that are still to come say about a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lessons.check.consistency.calls import Call
from lessons.check.consistency.steps import States


class Hope(dict[int, bool]):
    """For the number of a state, whether it may grow into one that a read answers as ``answer``."""

    def __init__(self, states: States, answer: Any) -> None:
        self.states, self.answer = states, answer

    def __missing__(self, state: int) -> bool:
        self[state] = self.states.model.grows(self.states.values[state], self.answer)
        return self[state]


class Want(NamedTuple):
    """A read to come, the calls that may set the object back for it, and the time when all of these are made."""

    read: Call
    resets: tuple[Call, ...]
    begin: float
    hope: Hope


class Horizon(dict[int, int]):
    """For the number of a state, the last return up to which an operation may tell it, or what grows out of it.

    From then on nobody can tell it from another one that is as far behind its horizon.
    """

    def __init__(self, calls: Sequence[Call], states: States, returns: Mapping[Call, int]) -> None:
        self.states = states
        tells = states.model.tells
        told = [(returns.get(call, len(returns)), call) for call in calls]
        told.sort(key=lambda item: item[0], reverse=True)
        self._told = [(at, state) for at, call in told for state in tells(call.name, call.args, call.answer)]

    def __missing__(self, state: int) -> int:
        value, grows = self.states.values[state], self.states.model.grows
        self[state] = next((at for at, told in self._told if grows(value, told)), -1)
        return self[state]


def wants(calls: Sequence[Call], states: States) -> list[Want]:
    """Of the reads that the same calls may set the object back for, the last one: it asks the most of a state."""
    model = states.model
    if not model.looks_ahead:
        return []
    resets = [(call, state) for call in calls for state in model.resets(call.name, call.args)]
    last: dict[tuple[Call, ...], Call] = {}
    for read in sorted((call for call in calls if call.required and states.row(call).reads), key=_returned):
        if read.name in model.readers:
            last[tuple(call for call, state in resets if _may_be_for(read, call, state, states))] = read
    return [Want(read, sources, _begin(sources), Hope(states, read.answer)) for sources, read in last.items()]


def _begin(resets: Sequence[Call]) -> float:
    return max((reset.operation.called for reset in resets), default=float("-inf"))


def _returned(call: Call) -> float:
    return call.operation.returned or 0.0


def _may_be_for(read: Call, reset: Call, state: Any, states: States) -> bool:
    return reset.operation.called <= _returned(read) and states.model.grows(state, read.answer)
