"""Judgements: bad input, limits, words, pictures; traces and sketches as input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check import Model, linearizable, models, sequentially_consistent, sketch
from lessons.check.consistency import budget
from lessons.check.consistency.models import CASRegister, KeyValue, Lock, Queue, Register, Set
from lessons.check.consistency.values import exact, freeze
from lessons.trace import Invoked, Operation, Returned, Trace
from tests.check.consistency.worlds import MODELS, op
from tests.viz.runs import Script

STALE = "ann [write 1]\nbob             [read = 0]"

# Input


def test_a_trace_is_judged_by_what_its_clients_saw() -> None:
    script = Script()
    script.add(Invoked, 0.1, "ann", 0, "write", (1,))
    script.add(Returned, 0.2, "ann", 0, "ok", None)
    script.add(Invoked, 0.3, "bob", 1, "read", ())
    script.add(Returned, 0.4, "bob", 1, "ok", 0)
    trace = Trace.of(script.events, nodes={"ann": "Client", "bob": "Client"})
    judgement = linearizable(trace.history(), Register(0))
    assert not judgement
    assert judgement.window is not None and judgement.window.core == trace.history()
    assert "From 0.1 to 0.4 s" in judgement.text()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "pop"}, "name is 'pop': Register() has read, write"),
        ({"args": ()}, "args is (): write has 1"),
        ({"args": (1, 2)}, "args is (1, 2): write has 1"),
        ({"outcome": "maybe"}, "outcome is 'maybe': it is one of ok, fail, unknown"),
        ({"called": float("nan")}, "called is nan: it must be a time"),
        ({"returned": None}, "returned is None: an operation with outcome ok has returned"),
        ({"returned": -1.0}, "returned is -1.0: it must be a time, not before called, 0"),
        ({"returned": float("inf")}, "returned is inf: it must be a time, not before called, 0"),
        ({"args": (float("nan"),)}, "nan can't be compared: it does not equal itself"),
        ({"args": (object.__new__(type("Odd", (), {"__hash__": None})),)}, "can't be compared: unhashable type: 'Odd'"),
    ],
)
def test_what_can_not_be_judged_is_refused_with_its_place(change: dict[str, Any], problem: str) -> None:
    history = [op("ann", "write 1", 0, 1), replace(op("bob", "write 1", 0, 1), **change)]
    with pytest.raises(ValueError) as caught:
        linearizable(history, Register())
    assert str(caught.value).startswith("operation 1, ") and problem in str(caught.value)


@pytest.mark.parametrize("limits", [{"states": 0}, {"states": -1}, {"seconds": 0.0}, {"seconds": float("nan")}])
def test_a_limit_is_over_0(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(limits))} is .*: it must be over 0"):
        linearizable([], Register(), **limits)


def test_values_may_be_lists_sets_and_dictionaries() -> None:
    value = {"a": [1, {2}], "b": bytearray(b"x")}
    history = [op("ann", "write 1", 0, 1), op("bob", "read", 2, 3, {"b": bytearray(b"x"), "a": [1, {2}]})]
    assert linearizable([replace(history[0], args=(value,)), history[1]], Register())


def test_true_is_not_1() -> None:
    assert not linearizable([op("ann", "write 1", 0, 1), op("ann", "read", 2, 3, True)], Register())
    assert exact(freeze([True, {0}])) != exact(freeze([1, {False}]))
    assert linearizable([op("ann", "write 1", 0, 1), op("ann", "read", 2, 3, 1.0)], Register())


def test_the_history_need_not_be_in_the_order_of_calls() -> None:
    history = [op("bob", "read", 2, 3, 1), op("ann", "write 1", 0, 1)]
    assert linearizable(history, Register()).order == (history[1], history[0])


class Counter(Model):
    """Counts, and says how far it is."""

    operations: ClassVar[Mapping[str, int]] = {"add": 1, "total": 0}
    initial = 0

    def apply(self, state: int, name: str, args: tuple[Any, ...]) -> tuple[int, int]:
        return (state + args[0], state + args[0]) if name == "add" else (state, state)


class WrongCounter(Counter):
    readers = frozenset({"add"})


def test_a_model_of_ones_own_is_three_things() -> None:
    assert linearizable(sketch("ann [add 2 = 5]\nbob [add 3 = 3] [total = 5]"), Counter())
    assert not linearizable(sketch("ann [add 2 = 2]\nbob [add 3 = 3]"), Counter())


def test_a_reader_that_changes_something_is_an_error_of_the_model() -> None:
    with pytest.raises(ValueError, match=r"WrongCounter\(\)\.reads says that add\(2,\) changes nothing, but it does"):
        linearizable(sketch("ann [add 2 = 2]"), WrongCounter())


def test_an_append_needs_text_or_a_list() -> None:
    assert not linearizable(sketch("ann [put x 1] [append x 2] [get x = 3]"), KeyValue())
    assert linearizable(sketch("ann [append x 2] [get x = 2]"), KeyValue())


# Limits


def hard() -> list[Operation]:
    """Many concurrent enqueues, and a dequeue that fits none of their orders."""
    return [*(op(f"c{n}", f"enqueue {n}", 0, 1) for n in range(9)), op("bob", "dequeue", 2, 3, 99)]


def test_a_search_gives_up_at_its_limit_of_configurations() -> None:
    judgement = linearizable(hard(), Queue(), states=100)
    assert judgement.holds is None and not judgement
    assert judgement.text() == (
        "Not decided whether this history of 10 operations is linearizable: "
        "the limit of 100 configurations was reached."
    )


def test_a_search_gives_up_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr(budget, "monotonic", lambda: float(next(now)))
    judgement = linearizable(hard(), Queue(), seconds=1.5)
    assert judgement.holds is None and "the limit of 1.5 seconds was reached" in judgement.why


def test_a_broken_key_is_found_although_another_one_is_hard() -> None:
    key = [replace(each, name="append", args=("k", str(each.args))) for each in hard()[:-1]]
    broken = [op("ann", "put x 1", 0, 1), op("bob", "get x", 2, 3)]
    judgement = linearizable([*key, op("ann", "get k", 5, 6, "z"), *broken], KeyValue(missing=""), states=5_000)
    assert judgement.holds is False


def test_none_is_no_item_of_a_queue() -> None:
    with pytest.raises(ValueError, match=r"^operation 0, 'enqueue' of 'ann': args is \(None,\): None can't be an item"):
        linearizable([replace(op("ann", "enqueue 1", 0, 1), args=(None,))], Queue())


def test_what_is_left_undecided_is_counted() -> None:
    history = [*(op(f"c{n}", f"add {n % 2}", 0, 1, n > 4) for n in range(9))]
    judgement = linearizable(history, Set(), states=2)
    assert judgement.why == "the limit of 2 configurations was reached, 2 of 2 parts left"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_values_are_judged(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    history = []
    for number in range(data.draw(st.integers(1, 5))):
        call = data.draw(st.sampled_from(sorted(model.operations)))
        args = tuple(data.draw(VALUES.filter(lambda each: each is not None)) for _ in range(model.operations[call]))
        answered = data.draw(st.sampled_from([number + 1.5, number + 3.0, None]))
        history.append(replace(op(f"c{number}", call, number, answered), args=args, value=data.draw(VALUES)))
    judgement = linearizable(history, model)
    assert judgement.holds is not None
    assert "alt=" in judgement._repr_mimebundle_()["text/html"]


# Words and pictures


def test_the_text_of_a_failure_is_the_window() -> None:
    assert linearizable(sketch(STALE), Register(0), unit="").text().splitlines() == [
        "This history of 2 operations is not linearizable.",
        "From 4 to 25: no order of these operations is right, whatever the state was before.",
        "  client  called  returned  operation",
        "  ann     4       12        write(1)",
        "  bob     16      25        read() = 0",
        "After write(1) of ann, read() of bob can answer 1, but not 0.",
    ]


def test_the_text_of_a_success_is_an_order() -> None:
    judgement = linearizable(sketch("ann [write 1 ...\nbob   [read = 1]\ncat [write 2 failed]"), Register(0))
    assert repr(judgement) == judgement.text()
    assert judgement.text().splitlines() == [
        "This history of 3 operations is linearizable.",
        "In this order: write(1) of ann (no answer), read() = 1 of bob.",
    ]


def test_the_broken_key_is_named() -> None:
    judgement = linearizable(sketch("ann [put k 1] [get k = 2] [get l = None]"), KeyValue())
    assert judgement.sentence == "This history of 3 operations is not linearizable at 'k'."


@pytest.mark.parametrize(
    "judgement",
    [
        linearizable(sketch(STALE), Register(0)),
        linearizable(sketch("ann [write 1]\nbob [read = 0]"), Register(0)),
        sequentially_consistent(sketch(STALE), Register(0)),
        linearizable(hard(), Queue(), states=100),
        linearizable([], Lock()),
    ],
    ids=["fails", "holds", "sequential", "gave up", "empty"],
)
def test_every_judgement_is_text_and_a_picture_with_words(judgement: Any) -> None:
    shown = judgement._repr_mimebundle_()
    assert shown["text/plain"] == judgement.text()
    assert 'alt="History of' in shown["text/html"] and judgement.sentence in shown["text/html"]
    ElementTree.fromstring(judgement.picture().svg())


def test_a_long_value_is_shortened_in_words() -> None:
    text = linearizable([op("ann", "get x", 0, 1, "a" * 500)], KeyValue()).text()
    assert "get('x') = 'aaaaaaaaaaaaa ... aaaaaaaaaaaaa'" in text and len(text) < 500


def test_models_have_names() -> None:
    assert repr(models.CASRegister(0)) == "CASRegister()" and CASRegister(3).initial == 3


# Sketches


def test_a_sketch_has_a_line_a_client_and_columns_as_times() -> None:
    drawing = """
ann [put x "a b"]  [get x = None]

  bob  [cas x -1 2.5 = True]
 cat [write 3 failed] [write 4 ...
"""
    assert sketch(drawing) == (
        Operation("ann", 0, "put", ("x", "a b"), 4, 16, "ok", None),
        Operation("cat", 1, "write", (3,), 5, 20, "fail", None),
        Operation("bob", 2, "cas", ("x", -1, 2.5), 7, 27, "ok", True),
        Operation("ann", 3, "get", ("x",), 19, 32, "ok", None),
        Operation("cat", 4, "write", (4,), 22, None, "unknown", None),
    )


@pytest.mark.parametrize(
    ("drawing", "problem"),
    [
        ("ann write 1", "'ann write 1': what begins with 'write 1' is no [operation]"),
        ("ann [write 1", "what begins with '[write 1' is no [operation]"),
        ("ann []", "what begins with '[]' is no [operation]"),
        ("ann [read = 1] x", "what begins with 'x' is no [operation]"),
        ("ann [read = 1 2]", "[read = 1 2: one value is expected behind =, and only where there is an answer"),
        ("ann [read = 1 ...", "[read = 1 : one value is expected behind ="),
    ],
)
def test_what_is_no_sketch_is_refused(drawing: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        sketch(drawing)
    assert problem in str(caught.value)
