"""Transactions: conditions on any part of any key, one branch or the other, all of it at once or nothing."""

from __future__ import annotations

import pytest

from lessons.agreement.replicated_kv.answers import Changed, Decided, Denied, Found, NoLease, Record
from lessons.agreement.replicated_kv.commands import Append, Compare, Delete, Get, Grant, Put, Step, Txn
from tests.agreement.replicated_kv.desk import Desk


def desk() -> Desk:
    """x has been written twice, at revisions 1 and 3, and is attached to a lease; y once, at 2."""
    made = Desk()
    made.do(Put("x", "1"))
    made.do(Put("y", b"2"))
    lease = made.do(Grant(10.0)).lease
    made.do(Put("x", "3", lease))
    assert lease == 3
    return made


CONDITIONS = [
    (Compare("x", "value", "=", "3"), True),
    (Compare("x", "value", "=", "1"), False),
    (Compare("x", "value", "=", b"3"), False),
    (Compare("x", "value", "!=", "1"), True),
    (Compare("x", "value", "!=", None), True),
    (Compare("y", "value", "=", b"2"), True),
    (Compare("z", "value", "=", None), True),
    (Compare("z", "value", "=", ""), False),
    (Compare("z", "value", "!=", "1"), True),
    (Compare("x", "version", "=", 2), True),
    (Compare("x", "version", "<", 2), False),
    (Compare("x", "version", ">", 1), True),
    (Compare("z", "version", "=", 0), True),
    (Compare("x", "create", "=", 1), True),
    (Compare("x", "modify", "=", 3), True),
    (Compare("x", "modify", "<", 4), True),
    (Compare("x", "modify", ">", 3), False),
    (Compare("y", "modify", "!=", 2), False),
    (Compare("x", "lease", "=", 3), True),
    (Compare("y", "lease", "=", 0), True),
]  # fmt: skip


@pytest.mark.parametrize(("compare", "holds"), CONDITIONS, ids=[str(compare) for compare, _ in CONDITIONS])
def test_a_condition_decides_which_branch_is_taken(compare: Compare, holds: bool) -> None:
    made = desk()
    answer = made.do(Txn((compare,), (Put("a", "then"),), (Put("a", "otherwise"),)))
    assert answer == Decided(4, holds, (Changed(4, 1),))
    assert made.value("a") == ("then" if holds else "otherwise")


def test_all_conditions_must_hold() -> None:
    true, false = Compare("x", "value", "=", "3"), Compare("y", "version", "=", 0)
    for compares, holds in (((), True), ((true, true), True), ((true, false), False), ((false, true), False)):
        assert desk().do(Txn(compares)).succeeded is holds


def test_all_steps_are_one_revision_and_later_ones_see_earlier_ones() -> None:
    made = desk()
    answer = made.do(Txn(then=(Get("x"), Delete("x"), Get("x"), Put("z", "9"), Get("y", "", 5), Delete("none"))))
    assert answer.revision == made.revision == 4
    before, deleted, after, put, rest, nothing = answer.answers
    assert before == Found(3, (Record("x", "3", 1, 3, 2, 3),))
    assert (deleted, put, nothing) == (Changed(4, 1), Changed(4, 1), Changed(4, 0))
    assert after == Found(4, ())
    assert [record.key for record in rest.records] == ["y", "z"]
    assert {event.revision for event in made.events[-2:]} == {4}


def test_a_transaction_that_only_reads_is_no_revision() -> None:
    made = desk()
    assert made.do(Txn((), (Get("x"), Delete("none")))).revision == 3 == made.revision


FAILING: list[tuple[Step, object]] = [
    (Put("c", "1", 99), NoLease(99)),
    (Append("y", "text"), Denied("value of 'y' is bytes: append the same to it")),
]


@pytest.mark.parametrize(("step", "answer"), FAILING, ids=["no lease", "other kind"])
def test_a_step_that_fails_takes_all_others_back(step: Step, answer: object) -> None:
    made = desk()
    before = made.machine.snapshot()
    assert made.do(Txn(then=(Put("a", "1"), Delete("x"), Put("b", "2"), step))) == answer
    made.machine.executed -= 1
    assert made.machine.snapshot() == before
    assert made.machine.keyspace.attached == {3: {"x"}}


def test_compare_and_swap_is_a_transaction() -> None:
    made = desk()

    def swap(old: str | None, new: str) -> bool:
        return bool(made.do(Txn((Compare("k", "value", "=", old),), (Put("k", new),), (Get("k"),))).succeeded)

    assert [swap(None, "1"), swap(None, "2"), swap("1", "2"), swap("1", "3")] == [True, False, True, False]
    assert made.value("k") == "2"
