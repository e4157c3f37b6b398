"""Linearizability: what it means, by small histories and by trying every order of random ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check import linearizable
from lessons.check.consistency.calls import calls_of
from lessons.check.consistency.models import CASRegister, KeyValue, Lock, Model, Queue, Register, Set
from lessons.check.consistency.search import Search
from lessons.check.consistency.steps import States
from lessons.trace import Operation
from tests.check.consistency.worlds import (
    MODELS,
    brute_force,
    executions,
    explains,
    in_real_time,
    mutations,
    op,
)

CASES: dict[str, tuple[Model, bool, list[Operation]]] = {
    "nothing happened": (Register(), True, []),
    "a read of the initial value": (Register(7), True, [op("ann", "read", 0, 1, 7)]),
    "a read of what was never written": (Register(), False, [op("ann", "read", 0, 1, 7)]),
    "a read that overlaps a write sees it": (
        Register(0), True, [op("ann", "write 1", 0, 3), op("bob", "read", 1, 2, 1)],
    ),
    "a read that overlaps a write does not": (
        Register(0), True, [op("ann", "write 1", 0, 3), op("bob", "read", 1, 2, 0)],
    ),
    "a stale read": (Register(0), False, [op("ann", "write 1", 0, 1), op("bob", "read", 2, 3, 0)]),
    "a write that returns when a read is called is concurrent": (
        Register(0), True, [op("ann", "write 1", 0, 1), op("bob", "read", 1, 2, 0)],
    ),
    "a client's own write at the same moment is not": (
        Register(0), False, [op("ann", "write 1", 0, 1), op("ann", "read", 1, 2, 0)],
    ),
    "new, then old": (
        Register(0), False,
        [op("ann", "write 1", 0, 9), op("bob", "read", 1, 2, 1), op("cat", "read", 3, 4, 0)],
    ),
    "a write without an answer is seen late": (
        Register(0), True,
        [op("ann", "write 1", 0), op("bob", "read", 5, 6, 0), op("bob", "read", 7, 8, 1)],
    ),
    "a write without an answer is seen once only": (
        Register(0), False,
        [op("ann", "write 1", 0), op("bob", "read", 1, 2, 1), op("bob", "read", 3, 4, 0)],
    ),
    "two writes without an answer": (
        Register(0), True,
        [op("ann", "write 1", 0), op("cat", "write 1", 0)]
        + [op("bob", f"{call}", at, at + 1, gives) for at, call, gives in (
            (1, "read", 1), (3, "write 0", None), (5, "read", 1),
        )],
    ),
    "a write can't take effect before it is called": (
        Register(0), False, [op("bob", "read", 0, 1, 1), op("ann", "write 1", 2)],
    ),
    "a failed write is not seen": (
        Register(0), False,
        [replace(op("ann", "write 1", 0, 1), outcome="fail"), op("bob", "read", 2, 3, 1)],
    ),
    "cas applied": (CASRegister(0), True, [op("ann", "cas 0 1", 0, 1, True), op("bob", "read", 2, 3, 1)]),
    "cas not applied": (CASRegister(0), True, [op("ann", "cas 5 1", 0, 1, False), op("bob", "read", 2, 3, 0)]),
    "cas not applied, but it should have been": (CASRegister(0), False, [op("ann", "cas 0 1", 0, 1, False)]),
    "two clients win one cas": (
        CASRegister(0), False, [op("ann", "cas 0 1", 0, 1, True), op("bob", "cas 0 2", 0, 1, True)],
    ),
    "append, then get": (
        KeyValue(), True,
        [op("ann", "append x a", 0, 1), op("bob", "append x b", 0, 1), op("cat", "get x", 2, 3, "ba")],
    ),
    "a lost append": (
        KeyValue(), False,
        [op("ann", "append x a", 0, 1), op("bob", "append x b", 2, 3), op("cat", "get x", 4, 5, "b")],
    ),
    "keys are apart": (KeyValue(), True, [op("ann", "put x 1", 0, 1), op("bob", "get y", 2, 3)]),
    "one bad key is enough": (
        KeyValue(), False, [op("ann", "put x 1", 0, 1), op("bob", "get x", 2, 3), op("bob", "get y", 4, 5)],
    ),
    "deleted is missing": (
        KeyValue(), True, [op("ann", "put x 1", 0, 1), op("ann", "delete x", 2, 3), op("ann", "get x", 4, 5)],
    ),
    "first in, first out": (
        Queue(), True,
        [op("ann", "enqueue 1", 0, 1), op("ann", "enqueue 2", 2, 3), op("bob", "dequeue", 4, 5, 1)],
    ),
    "last in, first out": (
        Queue(), False,
        [op("ann", "enqueue 1", 0, 1), op("ann", "enqueue 2", 2, 3), op("bob", "dequeue", 4, 5, 2)],
    ),
    "one item, taken twice": (
        Queue(), False,
        [op("ann", "enqueue 1", 0, 1), op("bob", "dequeue", 2, 3, 1), op("cat", "dequeue", 2, 3, 1)],
    ),
    "an empty queue": (Queue(), True, [op("ann", "dequeue", 0, 1)]),
    "handed over": (
        Lock(), True,
        [op("ann", "acquire", 0, 1), op("bob", "acquire", 2, 6), op("ann", "release", 3, 4)],
    ),
    "held by two": (Lock(), False, [op("ann", "acquire", 0, 1), op("bob", "acquire", 2, 3)]),
    "released by another": (Lock(), False, [op("ann", "acquire", 0, 1), op("bob", "release", 2, 3)]),
    "try_acquire says no": (Lock(), True, [op("ann", "acquire", 0, 1), op("bob", "try_acquire", 2, 3, False)]),
    "try_acquire says no to a free lock": (Lock(), False, [op("bob", "try_acquire", 2, 3, False)]),
    "a set of one": (Set(), True, [op("ann", "add 1", 0, 1, True), op("bob", "contains 1", 2, 3, True)]),
    "added twice, new once": (Set(), True, [op("ann", "add 1", 0, 1, True), op("bob", "add 1", 0, 1, False)]),
    "added twice, new twice": (Set(), False, [op("ann", "add 1", 0, 1, True), op("bob", "add 1", 0, 1, True)]),
    "a set that does not tell": (Set(), True, [op("ann", "add 1", 0, 1), op("bob", "add 1", 2, 3)]),
    "a set, read": (
        Set(), True, [op("ann", "add 1", 0, 1), op("ann", "add 2", 2, 3), op("bob", "read", 4, 5, [2, 1])],
    ),
    "a set, read without an item": (
        Set(), False, [op("ann", "add 1", 0, 1), op("ann", "add 2", 2, 3), op("bob", "read", 4, 5, [2])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_these_histories_are_linearizable_or_not(case: str) -> None:
    model, right, history = CASES[case]
    assert linearizable(history, model).holds is right
    assert brute_force(history, model) is right, "the case itself is wrong"


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_one_object_did_is_linearizable(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    history = data.draw(executions(model, most=12))
    verdict = linearizable(history, model)
    assert verdict.holds
    is_a_linearization(verdict.order, verdict.points, history, model)


def is_a_linearization(
    order: Sequence[Operation], points: dict[int, float], history: list[Operation], model: Model
) -> None:
    """Every operation that took effect once, in an order that fits the times, gives every answer."""
    calls = {call.number: call for call in calls_of(history, model)}
    found = [calls[number] for number in points]
    assert [call.operation for call in found] == list(order)
    assert explains(found, model, model.initial)
    assert {number for number, call in calls.items() if call.required} <= set(points)
    before = in_real_time(model)
    assert not any(before(later, earlier) for at, later in enumerate(found) for earlier in found[:at])
    assert sorted(points.values()) == list(points.values())
    for number, point in points.items():
        assert calls[number].operation.called <= point
        assert not calls[number].required or point <= calls[number].operation.returned


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_changed_history_is_judged_as_by_trying_every_order(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    history = data.draw(mutations(model))
    assert linearizable(history, model).holds is brute_force(history, model)


@settings(max_examples=200, deadline=None)
@given(mutations(MODELS["KeyValue"], most=10))
def test_looking_ahead_changes_no_verdict(history: list[Operation]) -> None:
    model = MODELS["KeyValue"]
    found = []
    for ahead in (False, True):
        states = States(model)
        one_key = [call for call in calls_of(history, model) if call.args[0] == "x"]
        search = Search(one_key, states, [states.number(model.initial)], ahead)
        assert search.advance(100_000)
        found.append(search.order is not None)
    assert found[0] is found[1]
