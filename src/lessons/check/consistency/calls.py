"""Calls: the operations of a history as a search needs them, checked and made comparable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from lessons.check.consistency.models import Model
from lessons.check.consistency.values import freeze
from lessons.trace import Operation

OUTCOMES = ("ok", "fail", "unknown")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One operation that took effect (``required``) or may have; ``number`` is its place in the history.

    ``known`` says whether its answer must be the model's; a call that is not required has no end in time.
    """

    number: int
    operation: Operation
    args: tuple[Any, ...]
    answer: Any
    required: bool
    known: bool

    @property
    def name(self) -> str:
        """What was called."""
        return self.operation.name

    @property
    def kind(self) -> Hashable:
        """Equal for calls that do the same in every state, whoever made them."""
        return (self.name, self.args, self.answer, self.known, self.required)

    @property
    def turn(self) -> tuple[float, float, int]:
        """Calls sorted by it are in the order in which they were made; at one time, what returned first came first."""
        called, returned = self.operation.called, self.operation.returned
        return called, called if returned is None or not self.required else returned, self.number


def calls_of(history: Sequence[Operation], model: Model) -> list[Call]:
    """The calls of a history in the order in which they were made, without those that failed.

    Raises ValueError for an operation that the model does not have, or whose times or outcome make no sense.
    """
    calls = []
    for number, operation in enumerate(history):
        try:
            check(operation, model)
            if operation.outcome != "fail":
                calls.append(_call(number, operation, model))
        except ValueError as error:
            raise ValueError(f"operation {number}, {operation.name!r} of {operation.client!r}: {error}") from error
    return sorted(calls, key=lambda call: call.turn)


def check(operation: Operation, model: Model) -> None:
    """Raise ValueError, naming the field, for an operation that can't be judged by ``model``."""
    wanted = model.operations.get(operation.name)
    if wanted is None:
        raise ValueError(f"name is {operation.name!r}: {model!r} has {', '.join(model.operations)}")
    if len(operation.args) != wanted:
        raise ValueError(f"args is {operation.args!r}: {operation.name} has {wanted}")
    if operation.outcome not in OUTCOMES:
        raise ValueError(f"outcome is {operation.outcome!r}: it is one of {', '.join(OUTCOMES)}")
    _check_times(operation)


def _check_times(operation: Operation) -> None:
    called, returned = operation.called, operation.returned
    if not isfinite(called):
        raise ValueError(f"called is {called!r}: it must be a time")
    if returned is None:
        if operation.outcome == "ok":
            raise ValueError("returned is None: an operation with outcome ok has returned")
    elif not isfinite(returned) or returned < called:
        raise ValueError(f"returned is {returned!r}: it must be a time, not before called, {called!r}")


def _call(number: int, operation: Operation, model: Model) -> Call:
    answered = operation.outcome == "ok"
    args = tuple(map(freeze, model.arguments(operation)))
    known = answered and operation.name not in model.silent
    return Call(number, operation, args, freeze(operation.value) if known else None, answered, known)


def parts(calls: Iterable[Call], model: Model) -> dict[Hashable | None, list[Call]]:
    """The calls by the part of the object that they touch; all under None when one of them touches more."""
    found: dict[Hashable | None, list[Call]] = defaultdict(list)
    for call in calls:
        found[model.key(call.name, call.args)].append(call)
    return dict(found) if None not in found else {None: list(calls)}
