"""The failing window: small, failing by itself, at the first failure, and explained in words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lessons.check import Judgement, Window, linearizable, models, sketch
from lessons.check.consistency import shrink
from lessons.check.consistency.calls import calls_of
from lessons.check.consistency.models import Applied, CASRegister, KeyValue, Lock, Model, Queue, Register
from lessons.trace import Operation
from tests.check.consistency.worlds import MODELS, arrangements, brute_force, explains, in_real_time, mutations, op


def failed(history: Iterable[Operation], model: Model) -> tuple[Judgement, Window]:
    judgement = linearizable(history, model, unit="")
    assert judgement.holds is False and judgement.window is not None
    return judgement, judgement.window


def names(operations: Iterable[Operation]) -> list[str]:
    return [f"{each.client} {each.name}" for each in operations]


BUSY = """
    ann  [write 5] [read = 5]        [write 1]                            [read = 2]
    bob     [read = 5]                         [write 2]                        [write 3]
    cat  [write 7 ...                                      [read = 1]
    dan         [cas 9 9 = False]       [read = 1]
"""


def test_the_window_is_the_operations_that_contradict_each_other() -> None:
    _, window = failed(sketch(BUSY), CASRegister())
    assert names(window.core) == ["bob write", "cat read"]
    assert (window.begin, window.end) == (window.core[0].called, window.core[1].returned)
    assert window.from_any_state


def test_why_tells_what_the_answer_could_have_been() -> None:
    _, window = failed(sketch(BUSY), CASRegister())
    assert window.why == ("After write(2) of bob, read() of cat can answer 2 or 7, but not 1.",)


def test_what_may_have_taken_effect_in_the_window_is_among_the_others() -> None:
    _, window = failed(sketch(BUSY), CASRegister())
    assert "cat write" in names(window.others)


@pytest.mark.parametrize(
    ("drawing", "model", "core", "why"),
    [
        (
            "ann [read = 7]", Register(0), ["ann read"],
            "Whatever else takes effect, read() of ann can answer 0, but not 7.",
        ),
        (
            "ann [acquire]\nbob           [acquire]", Lock(), ["ann acquire", "bob acquire"],
            "After acquire() of ann, acquire() of bob can't take effect.",
        ),
        (
            "ann [enqueue a] [enqueue b]\nbob                             [dequeue = b]", Queue(),
            ["ann enqueue", "bob dequeue"],
            "After enqueue('a') of ann, dequeue() of bob can answer 'a', but not 'b'.",
        ),
        (
            "ann [append k a]\nbob               [append k b] [get k = b]", KeyValue(),
            ["ann append", "bob get"],
            "After append('k', 'a') of ann, get('k') of bob can answer 'a' or 'ab', but not 'b'.",
        ),
        (
            "ann [cas 0 1 = True]\nbob [cas 0 2 = True]", CASRegister(0), ["ann cas", "bob cas"],
            "After cas(0, 1) = True of ann, cas(0, 2) of bob can answer False, but not True.",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_object_is_explained(drawing: str, model: Model, core: list[str], why: str) -> None:
    _, window = failed(sketch(drawing), model)
    assert names(window.core) == core
    assert why in window.why


def test_a_window_that_needs_the_initial_state_says_so() -> None:
    judgement, window = failed(sketch("ann [read = 7]\nbob             [write 7] [write 0]"), Register(0))
    assert not window.from_any_state
    assert judgement.notes[0].endswith("from the initial state on.")


def test_after_a_long_correct_past_the_window_is_still_small() -> None:
    past = [op("ann", f"write {n % 5}", 10 * n, 10 * n + 5) for n in range(300)]
    past += [op("bob", "read", 10 * n + 6, 10 * n + 7, n % 5) for n in range(300)]
    _, window = failed([*past, op("bob", "read", 3001, 3002, 2)], Register())
    assert names(window.core) == ["bob read", "bob read"] or names(window.core) == ["ann write", "bob read"]
    assert window.begin > 2900 and not window.others


def test_many_orders_are_told_in_part() -> None:
    history = [op("ann", f"write {n}", 0, 9) for n in range(5)] + [op("bob", "read", 10, 11, 9)]
    _, window = failed(history, Register(9))
    assert len(window.why) <= 5


SOME = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def surely(history: Iterable[Operation], window: Window) -> set[Any]:
    """States that the window's claim covers: the initial one, what was written, seen or expected by its end."""
    if not window.from_any_state:
        return {0}
    by_then = [each for each in history if each.called < window.end and each.outcome != "fail"]
    seen = {each.value for each in by_then if each.name == "read" and each.outcome == "ok"}
    return {0} | seen | {each.args[0] for each in by_then if each.args}


def perhaps(history: Iterable[Operation], window: Window) -> set[Any]:
    """All states that it may cover."""
    if not window.from_any_state:
        return {0}
    seen = {each.value for each in history if each.name == "read" and each.outcome == "ok"}
    return {0} | seen | {value for each in history for value in each.args}


def relaxed(window: Window, model: Model) -> list[Any]:
    """The window's calls: the core has to take effect, the others may."""
    calls = calls_of([*window.core, *window.others], model)
    core = [id(each) for each in window.core]
    return [call if id(call.operation) in core else replace(call, required=False) for call in calls]


@SOME
@given(mutations(MODELS["CASRegister"], most=6))
def test_a_window_fails_by_itself_from_every_state(history: list[Operation]) -> None:
    model = CASRegister(0)
    judgement = linearizable(history, model)
    assume(judgement.window is not None)
    window = judgement.window
    assert window is not None
    calls = relaxed(window, model)
    orders = list(arrangements(calls, in_real_time(model)))
    assert not any(explains(order, model, start) for start in surely(history, window) for order in orders)


@SOME
@given(mutations(MODELS["CASRegister"], most=6))
def test_a_window_ends_at_the_first_failure(history: list[Operation]) -> None:
    judgement = linearizable(history, CASRegister(0))
    assume(judgement.window is not None)
    end = judgement.window.end  # type: ignore[union-attr]
    before = [
        each if each.returned is not None and each.returned < end else replace(each, outcome="unknown")
        for each in history
        if each.called < end and each.outcome != "fail"
    ]
    assert brute_force(before, CASRegister(0))


@SOME
@given(mutations(MODELS["CASRegister"], most=6), st.data())
def test_no_operation_of_the_core_can_be_spared(history: list[Operation], data: st.DataObject) -> None:
    model = CASRegister(0)
    window = linearizable(history, model).window
    assume(window is not None)
    assert window is not None
    calls = relaxed(window, model)
    spared = data.draw(st.sampled_from([call for call in calls if call.required]))
    easier = [replace(call, required=False) if call is spared else call for call in calls]
    orders = list(arrangements(easier, in_real_time(model)))
    assert any(explains(order, model, start) for start in perhaps(history, window) for order in orders)


def test_where_shrinking_takes_too_long_the_window_is_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "PROBES", 1)
    _, window = failed(sketch(BUSY), CASRegister())
    assert len(window.core) > 2


def test_a_linearizable_history_has_no_window() -> None:
    assert linearizable(sketch("ann [write 1]"), models.Register()).window is None


class Bag(Model):
    """Things in a bag, and how many there are: a model that gives a search no hint."""

    operations: ClassVar[Mapping[str, int]] = {"put": 1, "count": 0}
    silent: ClassVar[frozenset[str]] = frozenset({"put"})
    initial: Hashable = frozenset()

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        return (state | {args[0]}, None) if name == "put" else (state, len(state))


def test_where_too_many_states_are_possible_the_window_begins_with_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "PROBES", 2000)
    history = [op(f"c{thing}", f"put {thing}", 0, None) for thing in range(13)] + [op("bob", "count", 1, 2, 99)]
    judgement = linearizable(history, Bag())
    assert judgement.holds is False and judgement.window is not None
    assert [each.name for each in judgement.window.core] == ["count"] and not judgement.window.from_any_state
    assert "is not linearizable" in judgement.text()
