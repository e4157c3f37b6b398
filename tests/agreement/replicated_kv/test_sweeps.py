"""The trials themselves: they bring into play what they should, they can be repeated, and they are judged rightly."""

from __future__ import annotations

from collections import Counter

import pytest

from lessons.agreement.raft import Role
from lessons.agreement.replicated_kv.answers import Changed, Decided, Found, Record
from lessons.agreement.replicated_kv.commands import Append, Compare, Delete, Get, Put, Txn
from lessons.agreement.replicated_kv.invariants import Linearizable, Whole, seen
from lessons.agreement.replicated_kv.runs import SWEEPS, TROUBLE, kv_run, trial
from lessons.check import linearizable
from lessons.trace import Changed as Shown
from lessons.trace import Delivered, Faulted, Operation
from tests.agreement.replicated_kv.sweeps import trial_of


def test_the_same_seed_is_the_same_run() -> None:
    one, other = trial_of(7), trial_of(7)
    assert one.finding is other.finding is None
    assert one.trace.transcript() == other.trace.transcript()


def test_users_and_steps_can_be_left_out() -> None:
    sim = trial(3, users=("bob", "eve"), steps=("bob0", "bob2"))
    trace = sim.run(4.0)
    assert {operation.client for operation in trace.history()} == {"bob"} and len(trace.history()) == 2
    assert set(SWEEPS) == {"three", "five"}


def test_there_are_faults_of_all_kinds_and_all_that_a_store_must_go_through() -> None:
    seen: Counter[str] = Counter()
    for seed in range(15):
        trace = trial_of(seed).trace
        seen.update(event.name for event in trace.only(Faulted))
        seen.update(f"{operation.name} {operation.outcome}" for operation in trace.history())
        for event in trace.only(Shown):
            seen.update(field for field in event.after if field not in event.before or event.before[field])
            seen["leaders"] += event.after.get("role") is Role.LEADER
        for received in trace.only(Delivered):
            seen[type(received.message).__name__] += 1
            seen["copies"] += received.copy
            seen["no session"] += "NoSession" in getattr(received.message, "result", "")
    faults = ("crash", "pause", "partition", "cut", "bridge", "weather", "step_clock", "drift_clock", "slow_disk")
    happened = (
        *faults, "limit_disk", "leaders", "copies", "no session", "expired", "voters",
        "InstallSnapshot", "TimeoutNow", "ReadIndex", "Told", "Compacted", "NotLeader", "Lost",
        "put ok", "append ok", "append unknown", "cas ok", "delete ok", "get ok", "find ok", "transact ok",
        "put_leased ok", "keep_alive ok", "keep_alive fail", "revoke ok",
    )  # fmt: skip
    assert [name for name in happened if not seen[name]] == []


def test_a_run_with_chance_keeps_all_promises() -> None:
    sim = kv_run(5, 5, trouble=TROUBLE, until=1.5)
    trace = sim.run(5.0)
    assert trace.violation is None and Linearizable(sim) is None
    assert len(trace.history()) == 20
    assert sim.state["eve"].told == sim.state["n1"].events or len(sim.state["eve"].told) > 3


# The model that judges histories with operations on many keys


def operation(number: int, name: str, *args: object, value: object = None, outcome: str = "ok") -> Operation:
    """One operation after the other, a second each."""
    return Operation("ann", number, name, args, float(number), number + 0.5, outcome, value)


def found(**values: str) -> Found:
    return Found(9, tuple(Record(key, value, 1, 2, 3) for key, value in values.items()))


SWAP = Txn((Compare("x", "value", "=", "1"),), (Put("y", "2"), Get("x", "")), (Delete("x", ""),))
THEN = Decided(7, True, (Changed(7, 1), found(x="1", y="2")))
CASES = [
    ([("put", "x", "1"), ("find", "", "", found(x="1"))], True),
    ([("put", "x", "1"), ("find", "", "", found(x="2"))], False),
    ([("put", "x", "1"), ("transact", SWAP, THEN)], True),
    ([("transact", SWAP, THEN)], False),
    ([("transact", SWAP, Decided(7, False, (Changed(7, 0),))), ("get", "x", None)], True),
    ([("put", "x", "1"), ("transact", SWAP, THEN), ("get", "y", "2"), ("get", "x", "1")], True),
    ([("put", "x", "1"), ("transact", SWAP, THEN), ("get", "y", None)], False),
    ([("put", "x", "1"), ("append", "x", "2"), ("get", "x", "12")], True),
    ([("put", "x", "1"), ("append", "x", "2"), ("append", "x", "2"), ("get", "x", "12")], False),
    ([("cas", "x", None, "1", True), ("cas", "x", None, "2", False), ("get", "x", "1")], True),
    ([("put", "x", "1"), ("put", "y", "1"), ("delete_range", "x", "y"), ("find", "", "", found(y="1"))], True),
]  # fmt: skip
ANSWERS = ("get", "find", "transact", "cas")


@pytest.mark.parametrize(("steps", "holds"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_the_whole_store_is_judged_as_one_copy(steps: list[tuple[object, ...]], holds: bool) -> None:
    history = []
    for number, (name, *rest) in enumerate(steps):
        args, value = (rest[:-1], rest[-1]) if name in ANSWERS else (rest, None)
        history.append(operation(number, str(name), *args, value=value))
    assert linearizable(history, Whole()).holds is holds


def test_an_append_that_does_not_fit_can_not_have_happened() -> None:
    bad = [operation(1, "put", "x", "1"), operation(2, "append", "x", b"2")]
    assert not linearizable(bad, Whole())
    assert Whole().apply((("x", "1"),), "append", ("x", b"2")) is None
    assert Append("x", "1").value == "1"


def test_what_hangs_on_a_lease_may_be_gone_at_any_time_afterwards_and_not_before() -> None:
    history = [operation(1, "get", "x"), operation(2, "put_leased", "x", "1", 5), operation(3, "get", "x", value="1"),
               operation(4, "get", "x", value=None), operation(5, "keep_alive", 5)]  # fmt: skip
    judged = list(seen(history))
    assert [each.name for each in judged] == ["get", "put", "delete", "get", "get"]
    assert linearizable(judged, Whole())
    back = [*history, operation(6, "get", "x", value="1")]
    assert not linearizable(seen(back), Whole())
    failed = [operation(1, "put_leased", "x", "1", 5, outcome="fail")]
    assert [each.name for each in seen(failed)] == ["put"]
