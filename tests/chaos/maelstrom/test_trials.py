"""Maelstrom's workloads: the book's nodes keep them in partitions, and nodes with a mistake are found out."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from lessons.chaos.maelstrom import WORKLOADS, Crashed, Outcome, Plan, Weather, run_trial, trial
from lessons.chaos.maelstrom.__main__ import main
from lessons.chaos.maelstrom.exchange import Exchange
from lessons.chaos.maelstrom.histories import operation, transaction
from lessons.check.isolation import Append, Read, Write
from lessons.net.maelstrom import Envelope

FOREIGN = str(Path(__file__).with_name("foreign.py"))
STORM = Plan(nodes=3, clients=3, seconds=2.5, period=0.5, weather=Weather(0.003, 0.05), seed=1)
CALM = Plan(nodes=2, clients=2, seconds=0.6, period=0)


def tried(name: str, plan: Plan, mistake: str = "") -> Outcome:
    return asyncio.run(run_trial(name, plan, [sys.executable, FOREIGN, mistake] if mistake else ()))


@pytest.mark.parametrize("name", sorted(WORKLOADS))
def test_the_books_nodes_do_what_the_workload_asks_for(name: str) -> None:
    outcome = tried(name, STORM)
    assert outcome.complaints == ()
    assert sum(exchange.ok for exchange in outcome.exchanges) > 10
    if name not in ("echo", "unique-ids"):
        assert min(outcome.messages[fate] for fate in ("delivered", "lost", "cut off")) > 0


@pytest.mark.parametrize(
    ("name", "mistake", "complaint"),
    [
        ("echo", "lies", "and said 'something else'"),
        ("unique-ids", "repeats", "was given out"),
        ("unique-ids", "alone", "requests were not done, such as generate at n"),
        ("g-set", "forgets", "that were acknowledged, such as"),
        ("g-set", "invents", "has -1, which nobody has added"),
        ("g-set", "alone", "answers a read with "),
        ("broadcast", "alone", "answers a read with None: messages must be a list"),
        ("pn-counter", "alone", "counts"),
        ("lin-kv", "alone", "linearizable"),
        ("txn-rw-register", "alone", "T"),
        ("txn-list-append", "alone", "T"),
    ],
)
def test_a_mistake_is_found(name: str, mistake: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "REPAIRED", 0.3)
    for _ in range(5):  # in a short trial chance may hide a mistake: what was added comes to nothing, say
        complaints = tried(name, CALM, mistake).complaints
        if complaints:
            break
    assert any(complaint in each for each in complaints)


def test_a_node_that_crashes_is_named_with_its_last_words() -> None:
    with pytest.raises(Crashed, match=r"n\d: has ended\. Its last words: out of memory"):
        tried("echo", CALM, "crashes")


def test_a_node_that_says_what_is_no_message_is_named() -> None:
    with pytest.raises(Crashed, match=r"n\d: a line is no message: .*starting up"):
        tried("echo", CALM, "babbles")


def test_a_command_that_is_no_node_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.chaos.maelstrom.router.BEGINNING", 0.5)
    with pytest.raises(Crashed, match="does not answer init"):
        asyncio.run(run_trial("echo", CALM, [sys.executable, "-c", "import sys; sys.stdin.read()"]))


def test_a_command_that_ends_at_once_is_not_waited_for() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such option')"]
    with pytest.raises(Crashed, match=r"n\d: has ended\. Its last words: no such option"):
        asyncio.run(run_trial("echo", CALM, command))


@pytest.mark.parametrize("name", ["txn-list-append", "txn-rw-register"])
def test_an_answer_that_is_no_transaction_is_a_complaint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (complaint,) = tried(name, CALM, "mumbles").complaints
    assert complaint.startswith("n") and complaint.endswith("with 'yes': it must be the steps again")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([["r", 1, 3]], "it must be the steps again"),
        ([["r", 1, 3], ["w", 2, 5]], "it must be the steps again"),
        ([["r", 1, 3], ["w", 1, 6]], "it must be the steps again"),
        ([["r", 1, 3], ["w", 1]], "it must be the steps again"),
        ([["r", 1, {"a": 3}], ["w", 1, 5]], "value read is {'a': 3}: it must be a number or a text"),
    ],
)
def test_an_answer_has_the_steps_that_were_asked_for(answer: list[object], complaint: str) -> None:
    done = exchange("txn", {"txn": [["r", 1, None], ["w", 1, 5]]}, txn=answer)
    (said,) = WORKLOADS["txn-rw-register"].complaints([done], ())
    assert complaint in said


def test_what_nobody_answers_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE", 0.2)
    outcome = tried("lin-kv", CALM, "silent")
    assert {exchange.outcome for exchange in outcome.exchanges} == {"unknown"} and outcome.complaints == ()


# Exchanges as histories


def exchange(what: str, fields: dict[str, object], kind: str = "", **answer: object) -> Exchange:
    said = Envelope("n1", "c1", kind or f"{what}_ok", answer)
    return Exchange("c1", "n1", what, fields, 1.0, 2.0, said)


def test_that_a_key_is_not_there_is_an_answer() -> None:
    missing = operation(exchange("read", {"key": 1}, "error", code=20), 0)
    assert (missing.name, missing.args, missing.outcome, missing.value) == ("get", (1,), "ok", None)
    swap = {"key": 1, "from": 2, "to": 3}
    for code in (20, 22):
        failed = operation(exchange("cas", swap, "error", code=code), 0)
        assert (failed.name, failed.args, failed.outcome, failed.value) == ("cas", (1, 2, 3), "ok", False)
    assert operation(exchange("cas", swap), 0).value is True


@pytest.mark.parametrize(
    ("code", "outcome"), [(0, "unknown"), (11, "fail"), (13, "unknown"), (14, "fail"), (99, "unknown")]
)
def test_an_error_says_whether_it_is_certain(code: int, outcome: str) -> None:
    assert operation(exchange("write", {"key": 1, "value": 2}, "error", code=code), 0).outcome == outcome


def test_a_transaction_has_what_its_reads_found() -> None:
    asked = [["r", 1, None], ["w", 1, 5]]
    done = transaction(exchange("txn", {"txn": asked}, txn=[["r", 1, 3], ["w", 1, 5]]), 4)
    assert (done.name, done.operations, done.outcome) == ("T4", (Read(1, 3), Write(1, 5)), "committed")
    assert transaction(exchange("txn", {"txn": asked}, "error", code=30), 4).outcome == "aborted"
    assert transaction(exchange("txn", {"txn": asked}, "error", code=0), 4).outcome == "unknown"
    of_lists = [["r", 1, None], ["append", 1, 5], ["r", 1, [5]]]
    done = transaction(exchange("txn", {"txn": of_lists}, txn=of_lists), 4, missing=())
    assert done.operations == (Read(1, ()), Append(1, 5), Read(1, [5]))


# Arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kafka"], "name is 'kafka': there are echo, unique-ids, "),
        (["echo", "--nodes", "0"], "nodes is 0: it must be 1 or more"),
        (["echo", "--loss", "1"], "loss is 1.0: it must be a share, from 0 to below 1"),
        (["echo", "--latency", "-1"], "latency is -0.001: it must be seconds, from 0 to below 60"),
        (["echo", "--", "/nothing"], "No such file or directory: '/nothing'"),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_the_command_says_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["echo", "--seconds", "0.3", "--nodes", "1"]) == 0
    assert "Messages between nodes: none.\nEverything is as it should be.\n" in capsys.readouterr().out
    assert main(["echo", "--seconds", "0.3", "--nodes", "1", "--", sys.executable, FOREIGN, "lies"]) == 1
    assert "n1 was told" in capsys.readouterr().out
