"""Histories in files: what is read, and the line of what can't be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check.histories import (
    Recorded,
    Unreadable,
    from_json,
    jepsen_etcd,
    jepsen_kv,
    read_edn,
    read_text,
    to_json,
)
from lessons.trace import Operation
from tests.check.consistency.worlds import MODELS, executions

# EDN


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("nil true false", [None, True, False]),
        ("1 -2 +3 4N 0.5 -1e3 2.0M", [1, -2, 3, 4, 0.5, -1000.0, 2.0]),
        (r'"a \"b\" \\ \n\t\u00e9"', ['a "b" \\ \n\té']),
        (":read :jepsen/op +", ["read", "jepsen/op", "+"]),
        ("[1 [2, 3]] (4)", [(1, (2, 3)), (4,)]),
        ("#{1 2}", [frozenset({1, 2})]),
        ("{:f :read, :value nil}", [{"f": "read", "value": None}]),
        ("#jepsen.history.Op{:index 0}", [{"index": 0}]),
        ("[1]2", [(1,), 2]),
        ("; a comment, {\n[1 ; and another\n 2];", [(1, 2)]),
    ],
)
def test_edn_is_read(text: str, values: list[Any]) -> None:
    assert read_edn(text) == values


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1", "it ends before a ]"),
        ("{:a [1}", "} at column 7 closes nothing"),
        (")", ") at column 1 closes nothing"),
        ('"abc', "what begins with '\"abc' is no EDN"),
        ("{:a}", "a map has a key without a value"),
        (r'"\q"', r"\q is no escape"),
        ("{:a 1 :b 2 :a 3}", "a map has a key twice"),
        ("[##Inf 1]", "##Inf is not read here"),
        ("[1 #_ 2 3]", "#_ is not read here"),
        ("[1 #_:old 3]", "#_:old is not read here"),
        ("#{{}}", "it can't be read: "),
        ("[" * 100_000, "it can't be read: "),
    ],
)
def test_what_is_no_edn_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_edn(text)
    assert problem in str(caught.value)


# Jepsen's log of a register

ETCD = """INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 3\t:invoke\t:write\t4
INFO  jepsen.core - Everything is fine
INFO  jepsen.util - :nemesis\t:info\t:start\t"cut off"
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 1\t:invoke\t:cas\t[4 1]

INFO  jepsen.util - 3\t:info\t:write\t:timed-out
INFO  jepsen.util - 1\t:fail\t:cas\t[4 1]
2 :invoke :cas [4 2]
2 :ok :cas [4 2]
2 :invoke :read nil
2 :fail :read :timed-out
2 :invoke :write 5
2 :fail :write :refused
2 :invoke :cas [1 2]
2 :fail :cas :timed-out
7 :invoke :write 6
"""


def test_a_log_of_a_register_is_read() -> None:
    recorded = jepsen_etcd(ETCD)
    assert recorded.operations == (
        Operation("0", 0, "read", (), 1, 5, "ok", None),
        Operation("3", 1, "write", (4,), 2, 8, "unknown", None),
        Operation("1", 2, "cas", (4, 1), 6, 9, "ok", False),
        Operation("2", 3, "cas", (4, 2), 10, 11, "ok", True),
        Operation("2", 4, "read", (), 12, 13, "unknown", None),
        Operation("2", 5, "write", (5,), 14, 15, "fail", None),
        Operation("2", 6, "cas", (1, 2), 16, 17, "fail", None),
        Operation("7", 7, "write", (6,), 18, None, "unknown", None),
    )
    assert (recorded.lines, recorded.unit) == ((1, 2, 6, 10, 12, 14, 16, 18), "line")


def test_a_log_with_other_ends_of_lines_and_levels_is_read() -> None:
    log = "2026-01-01 10:00:00,001 WARN  jepsen.util - 1 :invoke :write 1\r\n1 :ok :write 1\r\n"
    assert len(jepsen_etcd(log).operations) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("9 :ok :read 1", "process 9 ends read, but has called nothing"),
        ("1 :ok :read 1", "process 1 ends read, but has called write at line 1"),
        ("1 :ok :write 2", "write was called with 1 and ended with 2"),
        ("1 :invoke :read nil", "process 1 calls read before its call of line 1 has ended"),
        ("2 :invoke :pop nil", "the function is :pop: it is one of :read, :write, :cas"),
        ("2 :invoke :cas [1]", "cas has the value (1,): it must be [old new]"),
        ("2 :invoke :cas 1", "cas has the value 1: it must be [old new]"),
        ("2 :call :read nil", "the type is 'call': it is one of :invoke, :ok, :fail, :info"),
        ('2 "invoke" :read nil', "the type is 'invoke'"),
        ("2 :invoke 7 nil", "the function is 7: it must be a keyword"),
        ("x :invoke :read nil", "the process is 'x': it must be a number"),
        ("2 :invoke :read", "it has 3 values; process, type, function and value are 4"),
        ("INFO  jepsen.util - 2 :invoke", "it has 2 values"),
        ("INFO  jepsen.util - 2 :invoke :cas [1 2", "it ends before a ]"),
        ("what is this", "it has 3 values"),
    ],
)
def test_a_line_of_a_log_that_makes_no_sense_is_named(line: str, problem: str) -> None:
    with pytest.raises(Unreadable) as caught:
        jepsen_etcd(f"1 :invoke :write 1\n\n{line}\n1 :ok :write 1")
    assert caught.value.line == 3 and str(caught.value).startswith("line 3: ") and problem in str(caught.value)


# Jepsen's maps of a store


def test_maps_of_a_store_are_read() -> None:
    recorded = jepsen_kv(
        '{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}\n'
        "{:process :nemesis, :type :info, :f :start, :value nil}\n"
        '{:index 7, :process 1, :type :invoke, :f :get, :key "0", :value nil}\n'
        '{:process 0, :type :ok, :f :append, :key "0", :value "x 0 0 y"}\n'
        '{:process 1, :type :ok, :f :get, :key "0", :value "x 0 0 y"}\n'
        '{:process 1, :type :invoke, :f :get, :key "1", :value nil}\n'
        '{:process 1, :type :ok, :f :get, :key "1", :value nil}\n'
        '{:process 1, :type :invoke, :f :put, :key "1", :value "z"}\n'
        '{:process 1, :type :info, :f :put, :key "1", :value :timed-out}\n'
    )
    assert recorded.operations == (
        Operation("0", 0, "append", ("0", "x 0 0 y"), 1, 4, "ok", None),
        Operation("1", 1, "get", ("0",), 3, 5, "ok", "x 0 0 y"),
        Operation("1", 2, "get", ("1",), 6, 7, "ok", ""),
        Operation("1", 3, "put", ("1", "z"), 8, 9, "unknown", None),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("7", "it is no map"),
        ("{} {}", "it is no map"),
        ("{:process 1, :type :invoke, :f :get, :value nil}", "the map has no :key"),
        ('{:process 1, :type :invoke, :f :put, :key "a", :value 7}', "put has the value 7: it must be text"),
        ('{:process 0, :type :ok, :f :get, :key "a", :value 7}', "get has the value 7: it must be text"),
        ('{:process 0, :type :ok, :f :get, :key "b", :value "7"}', "process 0 ends get, but has called get at line 1"),
        ('{:process 1, :type :invoke, :f :del, :key "a", :value "7"}', "the function is :del"),
    ],
)
def test_a_map_that_makes_no_sense_is_named(line: str, problem: str) -> None:
    with pytest.raises(Unreadable) as caught:
        jepsen_kv(f'{{:process 0, :type :invoke, :f :get, :key "a", :value nil}}\n{line}')
    assert caught.value.line == 2 and problem in str(caught.value)


# JSON

JSON = """
{"model": "cas-register", "unit": "ms",
 "operations": [
  {"client": "ann", "name": "write", "args": [1], "called": 0, "returned": 0.4},
  {"client": 7, "name": "read", "called": 0.5, "returned": 0.9, "value": 1},
  {"client": "bob", "name": "cas", "args": [1, 2], "called": 1700000000000000001, "outcome": "unknown"},
  {"client": "bob", "name": "cas", "args": [1, 2], "called": 2, "returned": null, "outcome": "fail", "value": null}
 ]}
"""


def test_json_is_read() -> None:
    assert from_json(JSON) == Recorded(
        (
            Operation("ann", 0, "write", (1,), 0, 0.4, "ok"),
            Operation("7", 1, "read", (), 0.5, 0.9, "ok", 1),
            Operation("bob", 2, "cas", (1, 2), 1700000000000000001, None, "unknown"),
            Operation("bob", 3, "cas", (1, 2), 2, None, "fail"),
        ),
        (4, 5, 6, 7),
        "ms",
        "cas-register",
    )


def test_an_empty_history_is_a_history() -> None:
    assert from_json('{"operations": []}') == Recorded((), (), "")


@settings(max_examples=50, deadline=None)
@given(executions(MODELS["KeyValue"]))
def test_a_history_written_as_json_is_read_again(history: list[Operation]) -> None:
    text = to_json(history, "kv", unit="s")
    again = from_json(text)
    assert again.operations == tuple(replace(each, op=number) for number, each in enumerate(history))
    assert (again.model, again.unit) == ("kv", "s")
    assert json.loads(text)["unit"] == "s"


GOOD = '{"client": "a", "name": "read", "called": 0, "returned": 1}'


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "'{' is expected, and not the end of the file"),
        ("[]", 1, "'{' is expected, and not '['"),
        ("\n{}", 1, 'there is no "operations"'),
        ('{"operations": [\n' + GOOD + ",\n" + GOOD[:-1] + "\n]}", 4, "Expecting ',' delimiter"),
        ('{"operations": [\n' + GOOD + "\n" + GOOD + "]}", 3, "',' or ']' is expected"),
        ('{"operations": [\n' + GOOD + "\n]", 3, "',' or '}' is expected, and not the end"),
        ('{"operations": []}\n\n{}', 3, "nothing is expected after the end"),
        ('{"operations": [],\n"operations": []}', 2, "'operations' is not expected"),
        ('{"operations": [],\n"extra": 1}', 2, "'extra' is not expected: there are model, unit, operations"),
        ('{"model": 7, "operations": []}', 1, "model is 7: it must be a text"),
        ('{"operations":\n 7}', 2, "'[' is expected, and not '7'"),
        ('{"operations": [\n7]}', 2, "7 is no operation: it must be an object"),
        ('{"operations": [\n{"name": "read", "called": 0}]}', 2, "there is no 'client'"),
        ('{"operations": [\n{"client": "a", "called": 0}]}', 2, "there is no 'name'"),
        ('{"operations": [\n' + GOOD.replace("returned", "retuned") + "]}", 2, "'retuned' is not expected"),
        (
            '{"operations": [\n' + GOOD.replace('"called": 0', '"called": "0"') + "]}",
            2,
            "called is '0': it must be a time",
        ),
        ('{"operations": [\n' + GOOD.replace('"called": 0', '"called": true') + "]}", 2, "called is True: it must be"),
        ('{"operations": [\n' + GOOD.replace('"called": 0', '"called": null') + "]}", 2, "called is None: it must be"),
        ('{"operations": [\n' + GOOD.replace("0", "NaN") + "]}", 2, "NaN is no number of JSON"),
        ('{"operations": [\n' + GOOD.replace('"called": 0', '"called": 1e999') + "]}", 2, "called is inf"),
        ('{"operations": [\n' + GOOD.replace('"a"', "[]") + "]}", 2, "client is []: it must be"),
        ('{"operations": [\n' + GOOD[:-1] + ', "args": 7}]}', 2, "args is 7: it must be a list"),
        ('{"operations": [\n' + GOOD[:-1] + ', "name": "x"}]}', 2, "an object has a name twice"),
        ('{"operations": [\n' + "[" * 100_000 + "]}", 2, "recursion"),
    ],
)
def test_json_that_is_no_history_is_refused_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(Unreadable) as caught:
        from_json(text)
    assert problem in str(caught.value) and caught.value.line == line


# Files


def test_a_file_is_text_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"\xef\xbb\xbf\xc3\xa9")
    assert read_text(tmp_path / "good") == "é"
    (tmp_path / "bad").write_bytes(b"1 :invoke\n\n\xff\n")
    with pytest.raises(Unreadable, match=r"^line 3: it is not UTF-8 text$"):
        read_text(tmp_path / "bad")


@pytest.mark.parametrize("read", [jepsen_etcd, jepsen_kv, from_json])
@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet='{}[]():"\\,# \n\t01nil:invokeread', max_size=60))
def test_any_text_is_read_or_refused_with_a_line(read: Callable[[str], Recorded], text: str) -> None:
    try:
        read(text)
    except Unreadable as error:
        assert 1 <= error.line <= text.count("\n") + 1
