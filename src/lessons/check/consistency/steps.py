"""Steps: what each call does in each state, computed once, with states as small numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from lessons.check.consistency.calls import Call
from lessons.check.consistency.models import Model
from lessons.check.consistency.values import exact


class States:
    """The states that a search has met, by number."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}
        self.rows: dict[Hashable, Row] = {}

    def number(self, state: Any) -> int:
        """The number of ``state``; the same for the same state."""
        known = exact(state)
        if known not in self._numbers:
            self._numbers[known] = len(self.values)
            self.values.append(state)
        return self._numbers[known]

    def row(self, call: Call) -> Row:
        """What ``call`` does, shared by all calls of its kind."""
        kind = exact(call.kind)
        if kind not in self.rows:
            self.rows[kind] = Row(self, call)
        return self.rows[kind]


class Row(dict[int, int]):
    """For the number of a state, the number of the state after a call of one kind; -1 where it can't take effect.

    A call that is not required is of use only where it changes the state: elsewhere it may as well never
    have taken effect.
    """

    def __init__(self, states: States, call: Call) -> None:
        self.states, self.call = states, call
        self.number = len(states.rows)
        self.reads = call.required and states.model.reads(call.name, call.args, call.answer)

    def __missing__(self, state: int) -> int:
        after = self[state] = self._step(state)
        return after

    def _step(self, state: int) -> int:
        call, model = self.call, self.states.model
        applied = model.apply(self.states.values[state], call.name, call.args)
        if applied is None or (call.known and not model.agrees(call.name, call.answer, applied[1])):
            return -1
        after = self.states.number(applied[0])
        if self.reads and after != state:
            raise ValueError(f"{model!r}.reads says that {call.name}{call.args!r} changes nothing, but it does")
        return -1 if after == state and not call.required else after
