"""Reads that no history of versions explains: named for what they are, with who read and who wrote."""

from __future__ import annotations

import pytest

from lessons.check.isolation import Append, Isolation, Read, Transaction, Write, check_isolation


def told(*history: Transaction) -> list[str]:
    return [str(anomaly) for anomaly in check_isolation(history).anomalies]


def verdict(*history: Transaction) -> Isolation:
    return check_isolation(history)


WRITERS = [Transaction(f"W{value}", [Append("x", value)]) for value in (1, 2, 3)]


@pytest.mark.parametrize(
    ("operations", "did"),
    [
        ([Append("x", 4), Read("x", [])], "wrote 4 to x and then read it as []"),
        ([Append("x", 4), Read("x", [1, 4, 2])], "wrote 4 to x and then read it as [1, 4, 2]"),
        ([Append("x", 4), Append("x", 5), Read("x", [5])], "wrote 4, 5 to x and then read it as [5]"),
        ([Write("y", 1), Read("y", None)], "wrote 1 to y and then read it as None"),
        ([Write("y", 1), Write("y", 2), Read("y", 1)], "wrote 1, 2 to y and then read it as 1"),
        ([Read("x", [4]), Append("x", 4)], "read x as [4] before it wrote 4 itself"),
        ([Read("y", 1), Write("y", 1)], "read y as 1 before it wrote 1 itself"),
    ],
)
def test_a_transaction_that_does_not_see_its_own_writes_is_inconsistent(
    operations: list[Append | Write | Read], did: str
) -> None:
    found = verdict(*WRITERS, Transaction("T1", operations))
    assert f"internal: T1 {did}." in map(str, found.found("internal"))
    assert found.strongest == (), "no level allows that"


@pytest.mark.parametrize(
    "operations",
    [
        [Read("x", [1]), Append("x", 4), Read("x", [1, 4]), Append("x", 5), Read("x", [1, 4, 5])],
        [Append("x", 4), Read("x", [1, 4])],
        [Read("y", None), Write("y", 1), Read("y", 1), Write("y", 2), Read("y", 2)],
    ],
)
def test_a_transaction_that_sees_its_own_writes_is_consistent(operations: list[Append | Write | Read]) -> None:
    assert verdict(WRITERS[0], Transaction("T1", operations)).anomalies == ()


def test_an_aborted_transaction_may_have_seen_anything() -> None:
    assert told(Transaction("T1", [Append("x", 1), Read("x", [7, 7])], "aborted")) == []


def test_a_register_that_changes_under_the_hands_of_a_transaction_is_a_non_repeatable_read() -> None:
    history = [
        Transaction("T1", [Write("x", 1)]),
        Transaction("T2", [Write("x", 2)]),
        Transaction("T3", [Read("x", 1), Read("x", 2)]),
    ]
    assert told(*history) == ["G-single (non-repeatable read): T3 read x as 1 and then as 2."]
    assert verdict(*history).strongest == ("read committed",)


def test_a_value_that_nobody_wrote_is_garbage() -> None:
    assert told(Transaction("T1", [Read("x", 7)])) == ["garbage read: T1 read x as 7; no transaction wrote 7 to it."]
    assert told(Transaction("T1", [Read("x", [7, 8])])) == [
        "garbage read: T1 read x as [7, 8]; no transaction wrote 7 to it."
    ]


def test_a_value_that_is_there_twice_is_a_duplicate() -> None:
    assert told(*WRITERS, Transaction("T1", [Read("x", [1, 2, 1])])) == [
        "duplicate: T1 read x as [1, 2, 1], with 1 in it twice."
    ]


def test_two_reads_that_cannot_be_of_one_list_are_incompatible() -> None:
    history = [*WRITERS, Transaction("T1", [Read("x", [1, 2])]), Transaction("T2", [Read("x", [1, 3, 2])])]
    assert told(*history) == [
        "incompatible order: T1 read x as [1, 2] and T2 read it as [1, 3, 2]: neither is a beginning of the other."
    ]
    assert verdict(*history).strongest == ("read uncommitted",)


@pytest.mark.parametrize("seen", [[2, 1], [2]])
def test_the_appends_of_a_transaction_stand_in_its_own_order(seen: list[int]) -> None:
    history = [Transaction("T1", [Append("x", 1), Append("x", 2)]), Transaction("T2", [Read("x", seen)])]
    assert f"incompatible order: T2 read x as {seen}; T1 appended 1 to it and then 2." in told(*history)


def test_an_append_on_top_of_what_was_aborted_is_a_dirty_update() -> None:
    history = [
        Transaction("T1", [Append("x", 1)], "aborted"),
        Transaction("T2", [Append("x", 2)]),
        Transaction("T3", [Read("x", [1, 2])]),
    ]
    assert told(*history) == [
        "G1a: T3 read x as [1, 2]; T1 wrote 1 to it but aborted.",
        "dirty update: T2 wrote 2 to x on top of 1, which T1 wrote but aborted.",
    ]
    assert verdict(*history).strongest == ("read uncommitted",)


def test_the_order_of_a_broken_list_proves_no_cycle() -> None:
    """What stands in which order in x is not known any more; that T2 read from T1 is."""
    history = [
        Transaction("T1", [Append("x", 1), Append("y", 1)]),
        Transaction("T2", [Append("x", 2), Read("y", [1])]),
        Transaction("T3", [Read("x", [2, 1])]),
        Transaction("T4", [Read("x", [1, 2])]),
    ]
    assert [anomaly.kind for anomaly in verdict(*history).anomalies] == ["incompatible order"]


def test_each_reader_is_told_once_for_each_writer_and_key() -> None:
    aborted = Transaction("T1", [Append("x", 1), Append("x", 2), Append("y", 3)], "aborted")
    reader = Transaction("T2", [Read("x", [1, 2]), Read("x", [1, 2]), Read("y", [3])])
    assert [anomaly.kind for anomaly in verdict(aborted, reader).anomalies] == ["G1a", "G1a"]
