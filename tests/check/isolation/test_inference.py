"""What follows from what: each rule of inference gives its edges, and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lessons.check.isolation import Append, BadHistory, Edge, Read, Rule, Transaction, Write, check_isolation
from lessons.check.isolation.graph import dependencies
from lessons.check.isolation.index import Index
from lessons.check.isolation.orders import Order
from lessons.check.isolation.versions import Versions


def edges(
    *history: Transaction, order: Order = "none", versions: Mapping[str, Sequence[Any]] | None = None
) -> list[Edge]:
    index = Index(history)
    return dependencies(index, Versions(index, versions or {}), order)


def told(found: list[Edge]) -> set[str]:
    return {f"{edge.source} {edge.label} {edge.target}" for edge in found}


def rules(found: list[Edge]) -> set[Rule]:
    return {edge.rule for edge in found}


def test_a_read_names_the_writer_of_the_last_item() -> None:
    found = edges(
        Transaction("T1", [Append("x", 1)]),
        Transaction("T2", [Append("x", 2)]),
        Transaction("T3", [Read("x", [1, 2])]),
    )
    assert told(found) == {"T1 ww x T2", "T2 wr x T3"}
    assert rules(found) == {Rule.TRACED, Rule.RECOVERED}


def test_a_reader_of_an_older_list_comes_before_the_next_append() -> None:
    found = edges(
        Transaction("T1", [Append("x", 1)]),
        Transaction("T2", [Append("x", 2)]),
        Transaction("T3", [Read("x", [1, 2])]),
        Transaction("T4", [Read("x", [])]),
        Transaction("T5", [Read("x", [1])]),
    )
    assert told(found) >= {"T4 rw x T1", "T5 rw x T2", "T1 wr x T5"}
    assert "T4 rw x T2" not in told(found), "that follows from T4 rw T1 ww T2"


def test_an_append_that_nobody_read_comes_after_all_that_were_read() -> None:
    found = edges(
        Transaction("T1", [Append("x", 1), Append("y", 1)]),
        Transaction("T2", [Append("x", 2)]),
        Transaction("T3", [Append("x", 3)]),
        Transaction("T4", [Read("x", [1])]),
    )
    assert told(found) == {"T1 wr x T4", "T1 ww x T2", "T1 ww x T3", "T4 rw x T2", "T4 rw x T3"}
    assert {edge.rule for edge in found if edge.kind != "wr"} == {Rule.UNREAD}


def test_a_single_append_without_a_read_comes_after_the_empty_list() -> None:
    assert told(edges(Transaction("T1", [Read("x", [])]), Transaction("T2", [Append("x", 1)]))) == {"T1 rw x T2"}


def test_null_is_the_empty_list_where_a_list_is() -> None:
    assert told(edges(Transaction("T1", [Read("x", None)]), Transaction("T2", [Append("x", 1)]))) == {"T1 rw x T2"}


def test_no_transaction_depends_on_itself() -> None:
    history = [
        Transaction("T1", [Read("x", []), Append("x", 1), Read("x", [1]), Append("x", 2), Read("x", [1, 2])]),
        Transaction("T2", [Read("r", None), Write("r", 1), Read("r", 1)]),
    ]
    assert edges(*history) == []


def test_the_first_state_of_a_register_comes_before_every_write() -> None:
    found = edges(
        Transaction("T1", [Read("x", None)]), Transaction("T2", [Write("x", 1)]), Transaction("T3", [Write("x", 2)])
    )
    assert told(found) == {"T1 rw x T2", "T1 rw x T3"} and rules(found) == {Rule.INITIAL}


def test_what_a_transaction_writes_to_a_register_comes_after_what_it_read_there() -> None:
    found = edges(
        Transaction("T1", [Write("x", 1)]),
        Transaction("T2", [Read("x", 1), Write("x", 2)]),
        Transaction("T3", [Read("x", 1)]),
        Transaction("T4", [Read("x", None)]),
    )
    assert told(found) == {"T1 wr x T2", "T1 wr x T3", "T3 rw x T2", "T4 rw x T1"}
    assert {edge.rule for edge in found if edge.source == "T3"} == {Rule.FOLLOWS}


def test_a_blind_write_of_a_register_has_no_known_place_after_another() -> None:
    assert edges(Transaction("T1", [Write("x", 1)]), Transaction("T2", [Write("x", 2)])) == []


def test_the_database_may_tell_the_order_of_versions() -> None:
    history = [
        Transaction("T1", [Write("x", 1)]),
        Transaction("T2", [Write("x", 2)]),
        Transaction("T3", [Read("x", None)]),
        Transaction("T4", [Read("x", 2)]),
    ]
    found = edges(*history, versions={"x": [2, 1]})
    assert told(found) == {"T2 ww x T1", "T3 rw x T2", "T2 wr x T4", "T4 rw x T1"}
    assert found[1].sentence() == "T1 wrote 1 to x, the next version after T2's 2."


@pytest.mark.parametrize(
    ("versions", "why"),
    [
        ({"x": [1]}, "versions of x lack 2, which T2 wrote"),
        ({"x": [1, 2, 1]}, r"versions of x are \[1, 2, 1\]: each may be there once"),
        ({"x": [1, 2], "l": [1]}, "versions has the list l: the order of a list is told by its reads"),
    ],
)
def test_an_order_of_versions_must_have_each_once(versions: dict[str, list[int]], why: str) -> None:
    history = [Transaction("T1", [Write("x", 1), Append("l", 1)]), Transaction("T2", [Write("x", 2)])]
    with pytest.raises(BadHistory, match=why):
        check_isolation(history, versions=versions)


def test_a_clients_transactions_follow_each_other() -> None:
    history = [
        Transaction("T1", [], process="a"),
        Transaction("T2", [], process="b"),
        Transaction("T3", [], process="a"),
        Transaction("T4", [], "aborted", process="a"),
        Transaction("T5", [], process="a"),
    ]
    assert told(edges(*history, order="session")) == {"T1 process a T3", "T3 process a T5"}


def timed(name: str, start: float, end: float, *operations: Any, outcome: Any = "committed") -> Transaction:
    return Transaction(name, operations, outcome, f"of {name}", start, end)


def test_what_ended_comes_before_what_began_later_without_what_follows_anyway() -> None:
    found = edges(timed("T1", 0, 1), timed("T2", 0.5, 3), timed("T3", 2, 4), timed("T4", 5, 6), order="real-time")
    assert told(found) == {f"{pair.split()[0]} realtime {pair.split()[1]}" for pair in ("T1 T3", "T2 T4", "T3 T4")}


def test_an_end_and_a_start_of_the_same_time_are_concurrent() -> None:
    assert edges(timed("T1", 0, 1), timed("T2", 1, 2), order="real-time") == []


def test_nothing_comes_after_who_may_not_have_ended() -> None:
    history = [
        Transaction("T1", [Write("x", 1)], "unknown", "a", 0, 1),
        Transaction("T2", [Read("x", 1)], "committed", "a", 2, 3),
    ]
    assert told(edges(*history, order="real-time")) == {"T1 wr x T2"}


def test_a_register_does_not_go_back_in_time() -> None:
    history = [timed("T1", 0, 1, Write("x", 1)), timed("T2", 2, 3, Write("x", 2)), timed("T3", 4, 5, Read("x", 1))]
    found = edges(*history, order="real-time")
    assert {edge.rule for edge in found if edge.kind == "rw"} == {Rule.LINEARIZABLE}
    verdict = check_isolation(history, "real-time")
    assert [anomaly.kind for anomaly in verdict.anomalies] == ["G-single-realtime"]
    assert verdict.strongest == ("strong session serializable",)


def test_a_client_does_not_see_a_register_go_back() -> None:
    history = [
        Transaction("T1", [Write("x", 1)], process="a"),
        Transaction("T2", [Write("x", 2)], process="b"),
        *(Transaction(f"T{3 + n}", [Read("x", value)], process="c") for n, value in enumerate([1, 2, 1])),
    ]
    assert Rule.SEQUENTIAL in rules(edges(*history, order="session"))
    verdict = check_isolation(history, "session")
    assert not verdict.allows("strong session snapshot isolation") and verdict.allows("serializable")


def test_who_wrote_what_was_read_has_committed() -> None:
    """T2's answer was lost, but T3 has read from it; and so T2 has read from T1."""
    history = [
        Transaction("T1", [Append("x", 1)], "unknown"),
        Transaction("T2", [Read("x", [1]), Append("y", 1)], "unknown"),
        Transaction("T3", [Read("y", [1])]),
        Transaction("T4", [Append("y", 2)], "unknown"),
    ]
    assert told(edges(*history)) == {"T1 wr x T2", "T2 wr y T3"}


def test_a_read_in_vain_proves_nothing() -> None:
    history = [
        Transaction("T1", [Append("x", 1)], "unknown"),
        Transaction("T2", [Read("x", [1]), Append("y", 1)], "unknown"),
        Transaction("T3", [Read("x", [1])], "aborted"),
        Transaction("T4", [Read("x", [])]),
    ]
    assert edges(*history) == []


@pytest.mark.parametrize(
    ("history", "why", "place"),
    [
        ([Transaction("T1", []), Transaction("T1", [])], "T1 is the name of two transactions", 1),
        (
            [Transaction("T1", [Append("x", 1)]), Transaction("T2", [Append("x", 1)], "aborted")],
            "T2 writes 1 to x, which T1 has written: each value of a key may be written once",
            1,
        ),
        ([Transaction("T1", [Append("x", 1), Append("x", 1)])], "T1 writes 1 to x, which T1 has written", 0),
        (
            [Transaction("T1", [Append("x", 1)]), Transaction("T2", [Read("x", 1)])],
            "T2 has read x 1: that makes x a register, but elsewhere it is a list",
            1,
        ),
        (
            [Transaction("T1", [Write("x", 1)]), Transaction("T2", [Append("x", 2)])],
            "T2 has append x 2: that makes x a list, but elsewhere it is a register",
            1,
        ),
    ],
)
def test_a_history_that_is_not_recoverable_is_refused(history: list[Transaction], why: str, place: int) -> None:
    with pytest.raises(BadHistory, match=why) as caught:
        check_isolation(history)
    assert caught.value.transaction == place


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Append("x", None), "value written is None: it must be a number or a text"),
        (lambda: Write("x", [1]), r"value written is \[1\]"),
        (lambda: Write(True, 1), "key is True"),
        (lambda: Read("x", [[1]]), r"value read is \[1\]"),
        (lambda: Read("x", float("nan")), "value read is nan: it must be equal to itself"),
        (
            lambda: Transaction("T1", [], "perhaps"),
            "outcome of T1 is 'perhaps': choose from committed, aborted, unknown",
        ),
        (lambda: Transaction("T1", ["read"]), "T1 has the operation 'read'"),
        (lambda: Transaction("T1", [], start=2, end=1), "T1 ends at 1: that is before its start at 2"),
    ],
)
def test_what_is_no_transaction_is_refused(make: Any, why: str) -> None:
    with pytest.raises(BadHistory, match=why):
        make()


def test_an_order_needs_what_tells_it() -> None:
    with pytest.raises(BadHistory, match="T1 has no process: the order of sessions needs one"):
        check_isolation([Transaction("T1", [])], "session")
    with pytest.raises(BadHistory, match="T1 lacks start or end: the order in time needs both"):
        check_isolation([Transaction("T1", [], process="a", start=1)], "real-time")
    with pytest.raises(ValueError, match="order is 'alphabetical': choose from none, session, real-time"):
        check_isolation([], "alphabetical")  # type: ignore[arg-type]
