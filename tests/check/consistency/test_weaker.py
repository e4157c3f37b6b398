"""Sequential and causal consistency: how they differ from linearizability, and that they are what is defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check import Judgement, causally_consistent, linearizable, sequentially_consistent, sketch
from lessons.check.consistency.calls import Call, calls_of
from lessons.check.consistency.models import CASRegister, KeyValue, Model, Register
from lessons.trace import Operation
from tests.check.consistency.worlds import MODELS, brute_force, executions, explains, in_program, mutations, op

Check = Callable[..., Judgement]
CHECKS: tuple[Check, ...] = (linearizable, sequentially_consistent, causally_consistent)

# A history, its object, and whether it is linearizable, sequentially consistent, causally consistent.
DIFFERENCES = {
    "a stale read": (
        """
        ann  [write 1]
        bob              [read = 0]
        """, Register(0), (False, True, True),
    ),
    "each sees the own write late": (
        """
        ann  [write 1]
        bob            [read = 0]  [read = 1]
        """, Register(0), (False, True, True),
    ),
    "store buffers": (
        """
        ann  [put x 1]  [get y = 0]
        bob  [put y 1]  [get x = 0]
        """, KeyValue(missing=0), (False, False, True),
    ),
    "two readers disagree on the order of two writers": (
        """
        ann  [write 1]
        bob  [write 2]
        cat              [read = 1]  [read = 2]
        dan              [read = 2]  [read = 1]
        """, Register(0), (False, False, True),
    ),
    "an answer without its question": (
        """
        ann  [put q 1]
        bob              [get q = 1]  [put a 1]
        cat                                       [get a = 1]  [get q = 0]
        """, KeyValue(missing=0), (False, False, False),
    ),
    "back in time": (
        """
        ann  [write 1]  [write 2]
        bob                        [read = 2]  [read = 1]
        """, Register(0), (False, False, False),
    ),
    "not even one's own write": (
        """
        ann  [write 1]  [read = 0]
        """, Register(0), (False, False, False),
    ),
    "out of thin air": ("ann  [read = 7]", Register(0), (False, False, False)),
    "nothing odd": (
        """
        ann  [write 1]             [read = 1]
        bob     [read = 0]  [read = 1]
        """, Register(0), (True, True, True),
    ),
    "a write without an answer, read by two": (
        """
        ann  [write 1 ...
        bob                          [read = 0]  [read = 1]
        cat              [read = 1]
        """, Register(0), (False, True, True),
    ),
    "nothing at all": ("", Register(0), (True, True, True)),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENCES)
def test_the_three_definitions_differ(case: str) -> None:
    drawing, model, right = DIFFERENCES[case]
    assert tuple(check(sketch(drawing), model).holds for check in CHECKS) == right


@settings(max_examples=200, deadline=None)
@given(mutations(MODELS["Register"], most=6))
def test_linearizable_implies_sequential_implies_causal(history: list[Operation]) -> None:
    strong, middle, weak = (check(history, Register()).holds for check in CHECKS)
    assert (not strong or middle) and (not middle or weak)


@pytest.mark.parametrize("name", ["CASRegister", "KeyValue", "Queue"])
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_sequential_consistency_is_judged_as_by_trying_every_order(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    history = data.draw(mutations(model))
    judgement = sequentially_consistent(history, model)
    assert judgement.holds is brute_force(history, model, in_program)
    if judgement.holds:
        numbers = dict(judgement.orders)[""]
        calls = {call.number: call for call in calls_of(history, model)}
        found = [calls[number] for number in numbers]
        assert explains(found, model, model.initial)
        assert not any(in_program(later, earlier) for at, later in enumerate(found) for earlier in found[:at])


# Causal consistency, by its definition


def causal_by_definition(history: Sequence[Operation], model: Model) -> bool:
    """Whether some reading of what was read from where allows each client an order."""
    calls = [call for call in calls_of(history, model) if call.required or call.name not in model.readers]
    reads = [call for call in calls if call.name in model.readers]
    writes = [call for call in calls if call.name not in model.readers]
    return any(
        allows_views(calls, dict(zip(reads, sources, strict=True)), model)
        for sources in product([None, *writes], repeat=len(reads))
        if all(gives(source, read, model) for source, read in zip(sources, reads, strict=True))
    )


def gives(source: Call | None, read: Call, model: Model) -> bool:
    """Whether ``read`` answers what ``source`` wrote, or what was there at first."""
    if source is None:
        return model.agrees(read.name, read.answer, model.initial)
    same = model.key(source.name, source.args) == model.key(read.name, read.args)
    return same and explains([source, read], model, model.initial)


def allows_views(calls: Sequence[Call], sources: dict[Call, Call | None], model: Model) -> bool:
    causes = {(one, other) for one in calls for other in calls if in_program(one, other)}
    causes |= {(source, read) for read, source in sources.items() if source is not None}
    while more := {(a, d) for a, b in causes for c, d in causes if b is c} - causes:
        causes |= more
    if any(one is other for one, other in causes):
        return False
    taken = [call for call in calls if call.required or call in sources.values()]
    return all(has_view(client, taken, causes, model) for client in {call.operation.client for call in calls})


def has_view(client: str, calls: Iterable[Call], causes: set[tuple[Call, Call]], model: Model) -> bool:
    seen = [call for call in calls if call.name not in model.readers or call.operation.client == client]
    return any(
        explains([*order], model, model.initial)
        and not any((later, earlier) in causes for at, later in enumerate(order) for earlier in order[:at])
        for order in permutations(seen)
    )


@st.composite
def memories(draw: st.DrawFn) -> list[Operation]:
    """Reads and writes of two clients or three, with any answers."""
    history, free = [], dict.fromkeys(("ann", "bob", "cat"), 0)
    for _ in range(draw(st.integers(1, 5))):
        client = draw(st.sampled_from(sorted(free)))
        name = draw(st.sampled_from(["get x", "get y", "put x 1", "put y 1", "put x 2"]))
        returned = draw(st.sampled_from([free[client] + 1, None])) if name.startswith("put") else free[client] + 1
        value = draw(st.integers(0, 2)) if name.startswith("get") else None
        history.append(op(client, name, free[client], returned, value))
        free[client] += 1
    return history


@settings(max_examples=250, deadline=None)
@given(memories())
def test_causal_consistency_is_judged_by_its_definition(history: list[Operation]) -> None:
    model = KeyValue(missing=0)
    judgement = causally_consistent(history, model)
    assert judgement.holds is causal_by_definition(history, model)
    if judgement.holds:
        are_views(judgement, history, model)


def are_views(judgement: Judgement, history: Sequence[Operation], model: Model) -> None:
    """For each client there is an order of all writes that took effect and its own reads."""
    calls = {call.number: call for call in calls_of(history, model)}
    assert set(dict(judgement.orders)) == {each.client for each in history}
    for client, numbers in judgement.orders:
        found = [calls[number] for number in numbers]
        assert explains(found, model, model.initial)
        assert not any(in_program(later, earlier) for at, later in enumerate(found) for earlier in found[:at])
        for number, call in calls.items():
            assert not call.required or (number in numbers) is (call.name == "put" or call.operation.client == client)


@settings(max_examples=50, deadline=None)
@given(executions(MODELS["CASRegister"]))
def test_what_one_object_did_is_sequentially_consistent(history: list[Operation]) -> None:
    assert sequentially_consistent(history, CASRegister(0))


def test_causal_memory_has_reads_and_writes_only() -> None:
    with pytest.raises(ValueError, match=r"operation 1 is 'append': causal memory has reads and writes only"):
        causally_consistent(sketch("ann [put x 1] [append x 2]"), KeyValue())


def test_why_not_is_told() -> None:
    stores, readers = DIFFERENCES["store buffers"], DIFFERENCES["an answer without its question"]
    assert sequentially_consistent(sketch(stores[0]), stores[1]).why == (
        "No order that keeps the order of each client explains every answer; "
        "the longest attempt has 3 operations and leaves out get('x') = 0 of bob."
    )
    assert causally_consistent(sketch(readers[0]), readers[1]).why == (
        "No order of all writes and the reads of cat fits what causes what."
    )
    assert causally_consistent(sketch("ann [read = 7]"), Register()).why == "read() = 7 of ann: nobody wrote that."


def test_a_read_of_what_nobody_wrote_is_told_at_once_however_many_reads_there_are() -> None:
    writes = [op("ann", "write 1", 0, 1), op("bob", "write 1", 0, 1)]
    reads = [op("cat", "read", time, time + 1, 1) for time in range(2, 60)]
    judgement = causally_consistent([*writes, *reads, op("cat", "read", 60, 61, 7)], Register(), states=1)
    assert judgement.why == "read() = 7 of cat: nobody wrote that."


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_gives_up_at_its_limit(check: Check) -> None:
    drawing, model, _ = DIFFERENCES["two readers disagree on the order of two writers"]
    judgement = check(sketch(drawing), model, states=1)
    assert judgement.holds is None and not judgement
    assert "the limit of 1 configurations was reached" in judgement.sentence
