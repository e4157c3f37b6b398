"""Sequential consistency: one order of all operations that keeps each client's own, whatever the times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lessons.check.consistency.budget import STATES, Budget
from lessons.check.consistency.calls import Call, calls_of
from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.models import Model
from lessons.check.consistency.orders import Orders
from lessons.check.consistency.words import listed, named
from lessons.trace import Operation


def sequentially_consistent(
    history: Iterable[Operation],
    model: Model,
    *,
    states: int = STATES,
    seconds: float | None = None,
    unit: str = "s",
) -> Judgement:
    """Judge whether ``history`` is sequentially consistent (Lamport, 1979) for an object that ``model`` describes.

    It is when all operations can be put in one order that explains every answer and has the operations of
    each client in the order in which that client made them. Times of different clients do not count. An
    operation without an answer comes after what its client made before, or does not come at all.

    This property of a whole object does not follow from that of its parts, so there is no search part by part:
    the check is for small histories. Limits, units and errors are those of ``linearizable``.
    """
    operations = tuple(history)
    budget = Budget(states, seconds)
    calls = calls_of(operations, model)
    search = Orders(calls, model, program_order(calls), budget)
    order = search.find()
    if order is not None:
        orders = (("", tuple(call.number for call in order)),)
        return Judgement("sequentially consistent", operations, model, True, orders=orders, unit=unit)
    holds, why = (None, budget.why_not) if budget.why_not else (False, _reason(search.furthest, calls, model))
    return Judgement("sequentially consistent", operations, model, holds, why, unit=unit)


def program_order(calls: Sequence[Call]) -> list[int]:
    """For each call, as bits, the calls of its client that had returned when it was made."""
    return [sum(1 << number for number, each in enumerate(calls) if _is_before(each, call)) for call in calls]


def _is_before(one: Call, other: Call) -> bool:
    """Whether both are of one client, which had the answer to ``one`` when it called ``other``."""
    first, second = one.operation, other.operation
    if first.client != second.client or not one.required or first.returned is None:
        return False
    return first.returned <= second.called and one.turn < other.turn


def _reason(furthest: Sequence[Call], calls: Sequence[Call], model: Model) -> str:
    """How far the longest attempt got."""
    left = [named(call.operation, model) for call in calls if call.required and call not in furthest]
    return (
        "No order that keeps the order of each client explains every answer; "
        f"the longest attempt has {len(furthest)} operations and leaves out {listed(left[:4], len(left))}."
    )
