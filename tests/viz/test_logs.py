"""Replicated logs in the player document: each entry once, each log as numbers, growth as what is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import message
from lessons.node.compact import compact
from lessons.trace import Changed, Started, Trace
from lessons.viz import Logs, play
from lessons.viz.logs import splice
from tests.viz.runs import Script

LOGS = Logs("log", term="term", label="word")


@message
class Entry:
    term: int
    word: str

    def __str__(self) -> str:
        return f"{self.term}:{self.word}"


def logged(*values: Any, **more: Any) -> Trace:
    """One node, whose log takes these values one after the other."""
    script = Script()
    script.add(Started, 0.0, "a")
    for at, value in enumerate(values):
        script.add(Changed, at / 10, "a", {}, {"log": value, **more})
    return Trace.of(script.events, nodes={"a": "Replica"}, watched={"a": ("log", *more)}, seed=1, end=9.0)


def run_of(trace: Trace, logs: Logs = LOGS) -> dict[str, Any]:
    run: dict[str, Any] = play(trace, title="Logs", logs=logs).document["runs"][0]
    return run


def whole(run: dict[str, Any]) -> list[Any]:
    """The values of field 0 of node 0, one after the other, as the player restores them."""
    values: list[Any] = []
    for event in run["events"]:
        if event[0] == "w":
            start, kept, new = event[4]["0"] if len(event) > 4 else (0, 0, [])
            values.append(event[3]["0"] if "0" in event[3] else values[-1][start : start + kept] + new)
    return values


ONE, TWO, THREE = Entry(1, "x=1"), Entry(1, "y=2"), Entry(2, "x=3")


def test_each_entry_is_written_once_and_logs_are_its_numbers() -> None:
    run = run_of(logged((ONE,), (ONE, TWO), (ONE, THREE)))
    assert run["log"] == [["1", 2, "x=1", "1:x=1"], ["1", 2, "y=2", "1:y=2"], ["2", 4, "x=3", "2:x=3"]]
    assert whole(run) == [[0], [0, 1], [0, 2]]


def test_equal_entries_have_one_number_and_entries_of_two_terms_have_two() -> None:
    assert whole(run_of(logged((ONE, Entry(1, "x=1"), Entry(2, "x=1"))))) == [[0, 0, 1]]


def test_a_gap_has_no_number() -> None:
    assert whole(run_of(logged((ONE, None, TWO)))) == [[0, None, 1]]


def test_a_node_may_have_several_logs_by_name() -> None:
    assert whole(run_of(logged({"p0": (ONE,), "p1": (TWO, ONE)}))) == [{"p0": [0], "p1": [1, 0]}]


@pytest.mark.parametrize(
    ("logs", "row"),
    [
        (Logs("log"), ["", 2, "1:x=1", "1:x=1"]),
        (Logs("log", term=lambda entry: entry.term, label=lambda entry: entry.word[0]), ["1", 2, "x", "1:x=1"]),
        (Logs("log", label="word"), ["", 2, "x=1", "1:x=1"]),
    ],
    ids=["bare", "functions", "no terms"],
)
def test_term_and_label_are_attributes_or_functions_of_an_entry(logs: Logs, row: list[Any]) -> None:
    assert run_of(logged((ONE,)), logs)["log"] == [row]


@dataclass(frozen=True)
class Ballot:
    """An entry whose term is no number."""

    ballot: str


def test_a_term_has_the_same_tone_in_every_run_and_other_terms_take_turns() -> None:
    late, early = (run_of(logged((entry,)))["log"][0][1] for entry in (Entry(3, "a"), Entry(1, "a")))
    assert (late, early) == (3, 2)
    ballots = run_of(logged(tuple(map(Ballot, "baba"))), Logs("log", term="ballot", label="ballot"))["log"]
    assert [row[:2] for row in ballots] == [["'b'", 2], ["'a'", 4]]


def test_the_declaration_reaches_the_player_by_the_names_of_fields() -> None:
    logs = Logs("log", commit="commit", leader=("role", "leader"), newest="epoch", first=0)
    document = play(logged((ONE,), commit=1, role="leader", epoch=3), title="Logs", logs=logs).document
    assert document["layout"] == ["cluster", "logs", "lanes", "table", "events"]
    assert document["logs"] == {
        "entries": "log",
        "commit": "commit",
        "newest": "epoch",
        "leader": ["role", "leader"],
        "first": 0,
    }


def test_a_log_that_grows_is_written_as_what_is_new() -> None:
    entries = tuple(Entry(1, f"a{number}") for number in range(200))
    run = run_of(logged(*(entries[:end] for end in range(201))))
    assert whole(run)[-1] == list(range(200))
    assert len(compact(run["events"])) < 200 * 50


def test_a_log_that_is_compacted_and_cut_is_written_as_what_it_keeps() -> None:
    entries = [Entry(1, f"a{number}") for number in range(10)]
    run = run_of(logged(entries, entries[4:], [*entries[4:9], THREE]))
    assert [event[4]["0"] for event in run["events"] if len(event) > 4] == [[4, 6, []], [0, 5, [10]]]
    assert whole(run) == [list(range(10)), list(range(4, 10)), [4, 5, 6, 7, 8, 10]]


@given(st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=8))
def test_whatever_a_list_becomes_it_is_restored(values: list[list[int]]) -> None:
    run = {"events": [["w", 0, 0, {"0": value}] for value in values]}
    splice(run)
    assert whole(run) == values


@pytest.mark.parametrize("make", [list, tuple])
def test_any_list_that_grows_is_shortened_also_without_logs(make: Callable[[Sequence[int]], Any]) -> None:
    run = play(logged(make(range(5)), make(range(6))), title="Plain").document["runs"][0]
    assert "log" not in run and run["events"][2] == ["w", 100000, 0, {}, {"0": [0, 5, [5]]}]
