"""Commands as data: whatever a client can make comes through as text, and all else is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.agreement.replicated_kv.answers import Changed, Decided, Denied, Event, Found, Record
from lessons.agreement.replicated_kv.commands import (
    PARTS,
    SIGNS,
    Append,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    LeaseStatus,
    Put,
    Refresh,
    Register,
    Revoke,
    Tick,
    Txn,
    covers,
    prefix_end,
)
from lessons.agreement.replicated_kv.rules import LONGEST, MOST_KEY, MOST_STEPS, MOST_VALUE, BadCommand, Limits
from lessons.agreement.replicated_kv.text import from_text, to_text
from tests.agreement.replicated_kv.desk import Desk

TEXTS = st.text(st.characters(), max_size=20)  # with lone surrogates, commas, ends of lines
KEYS = st.text(st.characters(), min_size=1, max_size=8)
VALUES = TEXTS | st.binary(max_size=20)
NUMBERS = st.integers(0, 2**53)
TOS = VALUES | st.none()
PUTS = st.builds(Put, KEYS, VALUES, NUMBERS)
READS = st.builds(Get, KEYS, st.none(), st.integers(1, 1000))
COMPARES = st.builds(Compare, KEYS, st.just("value"), st.sampled_from(SIGNS[:2]), TOS) | st.builds(
    Compare, KEYS, st.sampled_from(PARTS[1:]), st.sampled_from(SIGNS), NUMBERS
)
TXNS = st.builds(
    Txn, st.lists(COMPARES, max_size=3).map(tuple), PUTS.map(lambda put: (put,)), st.lists(READS, max_size=3).map(tuple)
)
OPERATIONS = (
    PUTS | READS | TXNS | st.builds(Append, KEYS, VALUES) | st.builds(Delete, KEYS)
    | st.builds(Grant, st.floats(0.001, LONGEST)) | st.builds(Revoke, st.integers(1, 99)) | st.just(Register())
)  # fmt: skip


@given(OPERATIONS, st.integers(1, 2**53), st.integers(1, 2**53), st.floats(0, 2**50))
def test_a_command_comes_through_as_text(operation: Any, session: int, number: int, time: float) -> None:
    command = Command(operation, session, number, number, time)
    text = to_text(command)
    assert from_text(text, Command) == command
    assert text.isascii() and "\n" not in text


@given(KEYS, VALUES, st.integers(1, 99))
def test_an_answer_comes_through_as_text(key: str, value: str | bytes, revision: int) -> None:
    record = Record(key, value, revision, revision, 2, 7)
    for answer in (
        Found(revision, (record,), True),
        Decided(revision, True, (Changed(revision, 1), Found(revision, (record, record)))),
        Denied(key),
        Event(revision, key, record),
        Event(revision, key, None),
    ):
        assert from_text(to_text(answer), object) == answer


@given(KEYS, TEXTS)
def test_the_range_of_a_prefix_holds_just_what_begins_with_it(prefix: str, other: str) -> None:
    assert covers(prefix, prefix_end(prefix), prefix + other)
    assert covers(prefix, prefix_end(prefix), other) == other.startswith(prefix)


def test_a_range_is_one_key_or_ends_before_its_end_or_has_no_end() -> None:
    assert [key for key in "abcd" if covers("b", None, key)] == ["b"]
    assert [key for key in "abcd" if covers("b", "d", key)] == ["b", "c"]
    assert [key for key in "abcd" if covers("b", "", key)] == ["b", "c", "d"]
    assert [key for key in "abcd" if covers("", "", key)] == ["a", "b", "c", "d"]
    assert prefix_end("a") == "b" and prefix_end("a\U0010ffff") == "b" and prefix_end("\U0010ffff") == ""


LONG = "x" * (MOST_VALUE + 1)
TWICE = "then is 'x': it must be a branch that writes no key twice"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Put("", "1"), "key is '': it must be a text of 1 to 512 characters"),
        (lambda: Put("k" * (MOST_KEY + 1), "1"), "key is 'kkkk"),
        (lambda: Put(b"x", "1"), "key is b'x'"),
        (lambda: Put("x", 1), "value is 1: it must be a text or bytes, 65,536 long at most"),
        (lambda: Put("x", None), "value is None"),
        (lambda: Put("x", LONG), "value is 'xxxx"),
        (lambda: Put("x", LONG.encode()), "value is b'xxxx"),
        (lambda: Put("x", "1", -1), "lease is -1: it must be a whole number from 0"),
        (lambda: Put("x", "1", True), "lease is True"),
        (lambda: Append("x", 3), "value is 3"),
        (lambda: Delete("b", "a"), "end is 'a': it must be empty, or not before key"),
        (lambda: Delete(""), "key is ''"),
        (lambda: Get("x", 7), "end is 7"),
        (lambda: Get("x", limit=0), "limit is 0: it must be a whole number from 1 to 1000"),
        (lambda: Compare("x", "size", "=", 1), "part is 'size': it must be one of value, version, create, modify"),
        (lambda: Compare("x", "value", "<", "1"), "sign is '<': it must be = or !=: values have no order"),
        (lambda: Compare("x", "version", "~", 1), "sign is '~': it must be one of = != < >"),
        (lambda: Compare("x", "version", "=", "1"), "to is '1': it must be a whole number"),
        (lambda: Compare("x", "value", "=", 1), "to is 1: it must be a text or bytes"),
        (lambda: Txn(then=[Put("x", "1")]), "then is .*: it must be a tuple of at most 64 of Put, Append, Delete, Get"),
        (lambda: Txn(then=(Txn(),)), "then is .*: it must be a tuple"),
        (lambda: Txn(otherwise=(Get("x"),) * (MOST_STEPS + 1)), "otherwise is"),
        (lambda: Txn(compares=("x=1",)), "compares is"),
        (lambda: Txn(then=(Put("x", "1"), Put("x", "2"))), TWICE),
        (lambda: Txn(then=(Append("x", "1"), Delete("x"))), TWICE),
        (lambda: Txn(then=(Delete("a", "z"), Get("x"), Put("x", "2"))), TWICE),
        (lambda: Txn(then=(Delete("", ""), Append("x", "2"))), TWICE),
        (lambda: Grant(0), "ttl is 0: it must be a time over 0"),
        (lambda: Grant(float("nan")), "ttl is nan"),
        (lambda: Grant(LONGEST + 1), "ttl is"),
        (lambda: Grant("5"), "ttl is '5'"),
        (lambda: KeepAlive(0), "lease is 0"),
        (lambda: LeaseStatus(1.5), "lease is 1.5"),
        (lambda: Command(Get), "do is .*: it must be an operation of the store"),
        (lambda: Command(LeaseStatus(1)), "do is"),
        (lambda: Command(Put("x", "1"), number=1, first=1), "number is 1: it must be a whole number from 0 to 0"),
        (lambda: Command(Put("x", "1"), 1, 2, 3), "first is 3: it must be a whole number from 0 to 2"),
        (lambda: Command(Refresh()), "session is 0"),
        (lambda: Command(Tick(), time=-1.0), "time is -1.0: it must be a time in seconds, 0 or later"),
        (lambda: Command(Tick(), time=float("inf")), "time is inf"),
        (lambda: Limits(events=0), "events is 0: it must be a finite number over 0"),
        (lambda: Limits(idle=float("nan")), "idle is nan"),
        (lambda: Limits(idle="60"), "idle is '60': it must be a finite number over 0"),  # type: ignore[arg-type]
        (lambda: Limits(size=10**400), "size is 1000"),
        (lambda: Limits(leases=True), "leases is True"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_named_with_its_value_and_the_rule(make: Any, words: str) -> None:
    with pytest.raises(BadCommand, match=words) as raised:
        make()
    assert len(str(raised.value)) < 250


def test_what_is_just_allowed_is_allowed() -> None:
    Put("k" * MOST_KEY, "x" * MOST_VALUE)
    Put("x", b"x" * MOST_VALUE, 2**53)
    Txn(then=(Delete("a", "c"), Delete("b"), Put("c", "1"), Get("b"), Put("d", "1")))
    Txn((Compare("x", "value", "!=", None),) * MOST_STEPS)
    Grant(LONGEST)


BAD_TEXTS = [
    ("", "text is no JSON"),
    ("x=1", "text is no JSON"),
    ("[" * 100_000, "text is no JSON|text is '\\[\\["),
    ('{"type":"Put","key":"x","value":"1"', "text is no JSON"),
    ("1" * 5000, "text is no JSON"),
    ("1", "text is '1': it must be an object of JSON"),
    ("[]", "text is '\\[\\]'"),
    ("{}", "type is 'None': it must be one of Put, Append"),
    ('{"base64":"eA=="}', "do is b'x': it must be an operation"),
    ('{"type":"Raft"}', "type is 'Raft'"),
    ('{"type":["Put"]}', "type is \"\\['Put'\\]\""),
    ('{"type":"Get"}', "fields of Get are nothing: it can have end, key, limit, and needs key"),
    ('{"type":"LeaseStatus","lease":1}', "do is LeaseStatus.*: it must be an operation of the store"),
    ('{"type":"Record","key":"x","value":"1","create":1,"modify":1}', "do is Record"),
    ('{"type":"Put","key":"x"}', "fields of Put are key: it can have key, lease, value, and needs key, value"),
    ('{"type":"Put","key":"x","value":"1","colour":"red"}', "fields of Put are colour, key"),
    ('{"type":"Put","key":{"base64":"eA=="},"value":"1"}', "key is b'x'"),
    ('{"type":"Put","key":"x","value":{"base64":"%"}}', "base64 is '%': it must be base64"),
    ('{"type":"Put","key":"x","value":{"base64":[]}}', "base64 is \\[\\]"),
    ('{"type":"Put","key":"x","value":["1"]}', "value is"),
    ('{"type":"Grant","ttl":NaN}', "ttl is nan"),
    ('{"type":"Grant","ttl":1e999}', "ttl is inf"),
    ('{"type":"Txn","then":{"type":"Put","key":"x","value":"1"}}', "then is"),
    ('{"type":"Txn","then":[{"type":"Put","key":"x","value":"1","session":1}]}', "fields of Put are key, session"),
    ('{"type":"Tick","time":"now"}', "time is 'now'"),
    ('{"type":"Tick","session":1e3}', "session is 1000.0"),
    ('{"type":"Tick","number":1}', "number is 1: it must be a whole number from 0 to 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BAD_TEXTS, ids=[text[:40] for text, _ in BAD_TEXTS])
def test_a_text_that_is_no_command_is_answered_with_why_and_changes_nothing(text: str, words: str) -> None:
    with pytest.raises(BadCommand, match=words) as raised:
        from_text(text, Command)
    desk = Desk()
    desk.do(Put("x", "0"))
    before = desk.machine.snapshot()
    answer = from_text(desk.machine.apply(text), object)
    assert answer == Denied(str(raised.value)) and len(answer.why) < 400
    desk.machine.executed -= 1
    assert desk.machine.snapshot() == before


def test_the_text_of_a_command_has_what_differs_from_the_default_and_no_more() -> None:
    command = Command(Put("x", "1"), 4, 2, time=0.25)
    assert to_text(command) == '{"type":"Put","key":"x","value":"1","session":4,"number":2,"time":0.25}'


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(BadCommand, match=r"text is .*: it must be at most 1,000,000 characters"):
        from_text(json.dumps("x" * 1_000_000), Command)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | TEXTS, lambda inner: st.lists(inner) | (
    st.dictionaries(st.sampled_from(("type", "do", "key", "value", "end", "session", "number", "then")) | TEXTS, inner)
)))  # fmt: skip
def test_no_json_whatever_breaks_the_machine(data: Any) -> None:
    desk = Desk()
    for wrapped in (data, {"type": "Put", "key": data, "value": data}, {"type": "Txn", "then": data}):
        from_text(desk.machine.apply(json.dumps(wrapped)), object)
        from_text(desk.machine.answer(json.dumps(wrapped)), object)
    assert set(map(type, desk.keys)) <= {str}
