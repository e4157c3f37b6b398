"""History files: what they may say, which line is wrong when they don't, and what the command makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.check.__main__ import main
from lessons.check.isolation import (
    UNSEEN,
    Append,
    BadHistory,
    Read,
    Transaction,
    Unreadable,
    Write,
    check_isolation,
    history_lines,
    parse_history,
    read_history,
    transactions,
)
from lessons.trace import Operation

SKEW = """\
{"name": "left", "process": "a", "start": 0, "end": 3, "operations": [["read", "x", []], ["append", "y", 1]]}
{"name": "right", "process": "b", "start": 1, "end": 2.5, "operations": [["r", "y", null], ["append", "x", 1]]}
"""


def test_a_line_is_a_transaction() -> None:
    file = parse_history(SKEW)
    assert file.transactions == [
        Transaction("left", [Read("x", ()), Append("y", 1)], "committed", "a", 0, 3),
        Transaction("right", [Read("y", None), Append("x", 1)], "committed", "b", 1, 2.5),
    ]
    assert file.lines == [1, 2] and file.check().strongest == ("snapshot isolation",)


def test_names_and_outcomes_may_be_left_out() -> None:
    text = '{"operations": [["w", "x", 1]]}\n\n{"operations": [["read", "x"]], "outcome": "unknown", "process": 7}\n'
    assert parse_history(text).transactions == [
        Transaction("T1", [Write("x", 1)]),
        Transaction("T2", [Read("x")], "unknown", "7"),
    ]


def test_a_null_says_nothing_where_the_outcome_is_not_known() -> None:
    operations = '"operations": [["read", "x", null]]'
    file = parse_history(
        f'{{{operations}}}\n{{"outcome": "unknown", {operations}}}\n{{"outcome": "aborted", {operations}}}'
    )
    assert [each.operations[0].value for each in file.transactions] == [None, UNSEEN, UNSEEN]


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_same_may_be_one_document(indent: int | None, wrapped: bool) -> None:
    lines = [json.loads(line) for line in SKEW.splitlines()]
    text = json.dumps({"versions": {}, "transactions": lines} if wrapped else lines, indent=indent)
    file = parse_history(f"\n {text}\n")
    assert file.transactions == parse_history(SKEW).transactions
    if indent == 4:
        numbered = text.splitlines()
        assert all("{" in numbered[line - 2] for line in file.lines), "the lines are those of the braces"


def test_a_single_transaction_may_take_many_lines() -> None:
    assert parse_history('{\n "operations": [\n ["append", "x", 1]\n ]\n}').transactions == [
        Transaction("T1", [Append("x", 1)])
    ]


def test_a_file_may_tell_the_order_of_versions() -> None:
    text = '{"versions": {"x": [2, 1]}}\n{"versions": [[7, [4, 3]]]}\n'
    assert parse_history(text).versions == {"x": [2, 1], 7: [4, 3]}


def test_an_empty_file_is_a_history_without_transactions() -> None:
    assert parse_history(" \n").check().sentence == "0 transactions, no anomaly: compatible with serializable."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no", "line 1: no JSON: Expecting value at column 1"),
        ('{"operations": []}\n{"operations": [}', "line 2: no JSON: Expecting value at column 17"),
        ('{\n"operations": [],\n}', "line 3: no JSON"),
        ("[\n{},\n{}}]", "line 3: no JSON: Expecting ',' delimiter"),
        ('{"operations": []}\n7', "line 2: 7 is no transaction: it must be an object with an array of operations"),
        ('[{"operations": []},\n\n {"operations": 1}]', "line 3: {'operations': 1} is no transaction"),
        ('{"transactions": [\n{"operations": [["x"]]}\n]}', r"line 2: \['x'\] is no operation: it must be"),
        ('{"transactions": 7}', "line 1: {'transactions': 7} is no transaction"),
        ('{"transactions": [], "order": []}', "line 1: it has order beside transactions and versions"),
        ('{"operations": [], "time": 1}', "line 1: a transaction has no 'time': choose from operations, name"),
        ('{"operations": [], "start": "now"}', "line 1: start is 'now': it must be a whole number or a number"),
        ('{"operations": [], "start": true}', "line 1: start is True"),
        ('{"operations": [], "start": NaN}', "line 1: NaN is no number of JSON"),
        ('{"operations": [], "outcome": "ok"}', "line 1: outcome of T1 is 'ok': choose from committed"),
        ('{"operations": [["append", "x", null]]}', "line 1: value written is None: it must be a number or a text"),
        ('{"operations": [["append", ["x"], 1]]}', r"line 1: key is \['x'\]"),
        ('{"operations": [["write", "x", 1]]}\n' * 2, "line 2: T2 writes 1 to x, which T1 has written"),
        ('{"versions": {"x": 1}}', r"line 1: versions has \('x', 1\): it must have an array of values"),
        ('{"operations": [["write", "x", 1]], "operations": []}', "line 1: an object has a name twice: operations"),
        ('{"operations": []}\n{"operations": [["write", "x", 1, 1, %s]]}' % ("9" * 5000), "line 2: Exceeds the limit"),
        ('{"versions": {"x": []}}\n{"versions": {"x": []}}', "line 2: versions of x are there twice"),
        ("[" * 100_000, "line 1:"),
    ],
)
def test_a_file_that_is_no_history_is_refused_with_the_line_that_is_wrong(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse_history(text).check()


def test_a_file_that_is_no_text_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "history").write_bytes(b'{"operations": []}\n\xff')
    with pytest.raises(Unreadable, match="line 2: it is not UTF-8 text"):
        read_history(tmp_path / "history")


def test_a_mark_of_the_order_of_bytes_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "history").write_text('{"operations": [["write", "x", 1]]}', encoding="utf-8-sig")
    assert len(read_history(tmp_path / "history").transactions) == 1


@pytest.mark.parametrize("version", [[1], None, True])
def test_a_version_is_a_number_or_a_text(version: object) -> None:
    history = [Transaction("T1", [Write("x", 1)])]
    with pytest.raises(BadHistory, match=r"a version of x is .*: it must be a number or a text"):
        check_isolation(history, versions={"x": [1, version]})


def test_what_concerns_no_single_transaction_has_no_line() -> None:
    with pytest.raises(BadHistory, match=r"^versions of x lack 1, which T1 wrote"):
        parse_history('{"versions": {"x": []}}\n{"operations": [["write", "x", 1]]}').check()


NUMBERS = st.integers(-5, 5) | st.text(max_size=2)
OPERATIONS = st.one_of(
    st.builds(Append, NUMBERS, NUMBERS),
    st.builds(Write, NUMBERS, NUMBERS),
    st.builds(Read, NUMBERS, st.none() | NUMBERS | st.lists(NUMBERS, max_size=2)),
    st.builds(Read, NUMBERS),
)
TIMES = st.none() | st.floats(0, 10)
TRANSACTIONS = st.builds(
    Transaction,
    st.text(max_size=3),
    st.lists(OPERATIONS, max_size=4),
    st.just("committed"),
    st.none() | st.text(max_size=2),
    TIMES,
    st.none() | st.floats(11, 20),
)


@given(st.lists(TRANSACTIONS, max_size=4), st.dictionaries(NUMBERS, st.lists(NUMBERS, max_size=3), max_size=2))
def test_what_is_written_is_read_again(history: list[Transaction], versions: dict[object, list[object]]) -> None:
    file = parse_history(history_lines(history, versions))
    assert file.transactions == history and file.versions == versions


@given(st.text() | st.recursive(NUMBERS | st.none(), st.lists).map(json.dumps))
def test_any_text_is_a_history_or_refused(text: str) -> None:
    try:
        parse_history(text).check()
    except BadHistory as error:
        assert str(error).startswith("line ")


# The client history of a run


def test_a_trace_tells_its_transactions() -> None:
    asked = [("read", "x"), ("append", "x", 1)]
    history = (
        Operation("ann", 0, "transaction", (asked,), 0.0, 0.5, "ok", [("read", "x", []), ("append", "x", 1)]),
        Operation("bob", 1, "transaction", ([("append", "x", 2)],), 0.1, 0.2, "fail", "deadlock"),
        Operation("bob", 2, "transaction", ([("append", "x", 3), ("read", "x")],), 0.3, None),
        Operation("bob", 3, "status", (), 0.4),
    )
    assert transactions(history) == [
        Transaction("T0", [Read("x", ()), Append("x", 1)], "committed", "ann", 0.0, 0.5),
        Transaction("T1", [Append("x", 2)], "aborted", "bob", 0.1, 0.2),
        Transaction("T2", [Append("x", 3), Read("x")], "unknown", "bob", 0.3, None),
    ]
    assert check_isolation(transactions(history), "session").allows("strong session serializable")


def test_an_operation_that_is_no_transaction_is_refused() -> None:
    with pytest.raises(BadHistory, match="operation 0 of ann has 'x': it must be a sequence of operations"):
        transactions([Operation("ann", 0, "transaction", ("x",), 0.0)])


# The command


def run(tmp_path: Path, text: str, *arguments: str) -> int:
    path = tmp_path / "history.jsonl"
    path.write_text(text, encoding="utf-8")
    return main(["isolation", str(path), *arguments])


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("read-uncommitted", 0),
        ("snapshot-isolation", 0),
        ("Snapshot Isolation", 0),
        ("repeatable-read", 1),
        ("serializable", 1),
        ("strong-snapshot-isolation", 0),
        ("strict-serializable", 1),
    ],
)
def test_the_exit_code_says_whether_the_level_forbids_an_anomaly(tmp_path: Path, level: str, code: int) -> None:
    assert run(tmp_path, SKEW, "--level", level) == code


def test_the_command_asks_for_serializability_and_prints_the_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, SKEW) == 1
    said = capsys.readouterr().out
    assert "2 transactions, compatible with snapshot isolation, not with repeatable read: G2-item (write skew)." in said
    assert "left -> right (rw x): left read x as []; right appended 1 to it later." in said
    assert said.endswith("\n\n1 anomaly that serializable forbids\n")


@pytest.mark.parametrize(
    ("text", "arguments", "why"),
    [
        ('{"operations": []}\n{"operations": 1}', (), "history.jsonl: line 2: {'operations': 1} is no transaction"),
        ('{"operations": []}', ("--level", "strict-serializable"), "history.jsonl: line 1: T1 has no process"),
    ],
)
def test_an_unreadable_file_gives_2_and_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, arguments: tuple[str, ...], why: str
) -> None:
    assert run(tmp_path, text, *arguments) == 2
    assert why in capsys.readouterr().err


def test_a_file_that_is_not_there_gives_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["isolation", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.endswith("none: No such file or directory\n")


def test_an_unknown_level_is_refused_with_those_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(tmp_path, SKEW, "--level", "perfect")
    assert caught.value.code == 2 and "choose from read uncommitted, read committed" in capsys.readouterr().err
