"""Keys, values and revisions: what each operation does to them, and what is kept of it as events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lessons.agreement.replicated_kv.answers import Changed, Decided, Denied, Event, Found, Record
from lessons.agreement.replicated_kv.commands import (
    Append,
    Command,
    Delete,
    Get,
    Grant,
    LeaseStatus,
    Put,
    Txn,
    covers,
    prefix_end,
)
from lessons.agreement.replicated_kv.keyspace import Keyspace
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.rules import MOST_KEY, MOST_TEXT, MOST_VALUE, Limits
from lessons.agreement.replicated_kv.text import to_text
from tests.agreement.replicated_kv.desk import Desk


def test_a_put_makes_a_key_and_then_changes_it() -> None:
    desk = Desk()
    assert desk.do(Put("x", "1")) == Changed(1, 1)
    assert desk.do(Put("y", b"\x00\xff")) == Changed(2, 1)
    assert desk.do(Put("x", "2")) == Changed(3, 1)
    assert desk.ask(Get("x")) == Found(3, (Record("x", "2", 1, 3, 2),))
    assert desk.ask(Get("y")) == Found(3, (Record("y", b"\x00\xff", 2, 2, 1),))


def test_what_is_not_there_is_not_found_and_reading_changes_nothing() -> None:
    desk = Desk()
    assert desk.ask(Get("x")) == desk.do(Get("x")) == Found(0, ())
    assert desk.revision == 0 and desk.events == []


def test_a_key_that_was_deleted_begins_anew() -> None:
    desk = Desk()
    desk.do(Put("x", "1"))
    assert desk.do(Delete("x")) == Changed(2, 1)
    desk.do(Put("x", "2"))
    assert desk.ask(Get("x")).records == (Record("x", "2", 3, 3, 1),)


def test_deleting_what_is_not_there_succeeds_and_is_no_revision() -> None:
    desk = Desk()
    desk.do(Put("x", "1"))
    assert desk.do(Delete("y")) == Changed(1, 0)
    assert desk.revision == 1


def test_a_range_is_deleted_as_one_revision() -> None:
    desk = Desk()
    for key in ("a", "b/1", "b/2", "c"):
        desk.do(Put(key, "1"))
    assert desk.do(Delete("b/", prefix_end("b/"))) == Changed(5, 2)
    assert desk.keys == ["a", "c"]
    assert desk.events[-2:] == [Event(5, "b/1", None), Event(5, "b/2", None)]


def test_a_range_is_read_in_the_order_of_keys_up_to_its_limit() -> None:
    desk = Desk()
    for key in ("b", "é", "a", "c", "B"):
        desk.do(Put(key, "1"))
    assert [record.key for record in desk.ask(Get("", "")).records] == ["B", "a", "b", "c", "é"]
    some = desk.ask(Get("a", "", limit=2))
    assert [record.key for record in some.records] == ["a", "b"] and some.more
    assert not desk.ask(Get("a", "", limit=4)).more
    assert [record.key for record in desk.ask(Get("a", "c")).records] == ["a", "b"]


def test_appending_puts_text_behind_text_and_bytes_behind_bytes() -> None:
    desk = Desk()
    assert desk.do(Append("x", "milk")) == Changed(1, 1)
    assert desk.do(Append("x", "eggs")) == Changed(2, 1)
    assert desk.ask(Get("x")).records == (Record("x", "milkeggs", 1, 2, 2),)
    desk.do(Append("b", b"1"))
    desk.do(Append("b", b"2"))
    assert desk.value("b") == b"12"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Append("x", b"1"), "value of 'x' is str: append the same to it"),
        (Append("x", "y" * MOST_VALUE), "value of 'x' would be longer than 65,536"),
        (Put("z", "y" * 60_000), "the store is full: 60,003 of 50,000 characters"),
        (Append("x", "y" * 60_000), "the store is full: 60,002 of 50,000"),
    ],
    ids=["kinds", "length", "put", "append"],
)
def test_what_can_not_be_done_is_denied_and_nothing_changes(step: Any, words: str) -> None:
    desk = Desk(size=50_000)
    desk.do(Put("x", "1"))
    for asked in (step, Txn(then=(Put("a", "1"), Delete("b"), step))):
        answer = desk.do(asked)
        assert isinstance(answer, Denied)
        assert (desk.revision, desk.keys, desk.value("x"), desk.machine.keyspace.size) == (1, ["x"], "1", 2)
    assert words in desk.do(step).why


def test_room_that_was_freed_can_be_used_again() -> None:
    desk = Desk(size=10)
    assert isinstance(desk.do(Put("x", "123456789")), Changed)
    assert isinstance(desk.do(Put("y", "1")), Denied)
    assert isinstance(desk.do(Put("x", "1")), Changed)
    assert isinstance(desk.do(Put("y", "1234567")), Changed)
    assert isinstance(desk.do(Put("y", "12345678")), Denied)
    desk.do(Delete("x"))
    assert isinstance(desk.do(Put("y", "12345678")), Changed)


# Events


def test_every_change_is_an_event_with_its_revision() -> None:
    desk = Desk()
    desk.do(Put("x", "1"))
    desk.do(Txn(then=(Put("y", "2"), Delete("x"), Append("z", "3"))))
    assert desk.events == [
        Event(1, "x", Record("x", "1", 1, 1)),
        Event(2, "y", Record("y", "2", 2, 2)),
        Event(2, "x", None),
        Event(2, "z", Record("z", "3", 2, 2)),
    ]


def test_events_are_told_from_a_revision_on_for_a_key_or_a_range() -> None:
    desk = Desk()
    for number in range(1, 7):
        desk.do(Put("ab"[number % 2], str(number)))
    since = desk.machine.keyspace.since
    assert [event.revision for event in since(1, "", "", 99)[1]] == [1, 2, 3, 4, 5, 6]
    assert since(3, "a", None, 99) == (6, tuple(event for event in desk.events if event.key == "a")[1:])
    assert since(7, "", "", 99) == (6, ())


def test_few_events_at_a_time_are_whole_revisions() -> None:
    desk = Desk()
    desk.do(Put("a", "1"))
    desk.do(Txn(then=(Put("a", "2"), Put("b", "2"), Put("c", "2"))))
    desk.do(Put("a", "3"))
    since = desk.machine.keyspace.since
    assert since(1, "", "", 2) == (2, tuple(desk.events[:4]))
    assert since(1, "", "", 1) == (1, tuple(desk.events[:1]))
    assert since(2, "", "", 1) == (2, tuple(desk.events[1:4]))
    assert since(1, "b", None, 1) == (2, (desk.events[2],))


def test_old_events_are_forgotten_in_whole_revisions() -> None:
    desk = Desk(events=4)
    desk.do(Txn(then=(Put("a", "1"), Put("b", "1"), Put("c", "1"))))
    desk.do(Put("a", "2"))
    assert desk.machine.keyspace.compacted == 0 and len(desk.events) == 4
    desk.do(Put("a", "3"))
    assert desk.machine.keyspace.compacted == 1
    assert [event.revision for event in desk.events] == [2, 3]


def test_a_revision_with_more_events_than_are_kept_is_forgotten_at_once() -> None:
    desk = Desk(events=2)
    desk.do(Put("a", "0"))
    desk.do(Txn(then=(Put("a", "1"), Put("b", "1"), Put("c", "1"))))
    assert desk.machine.keyspace.compacted == 2 and desk.events == []
    desk.do(Put("a", "2"))
    assert desk.machine.keyspace.compacted == 2 and len(desk.events) == 1


# Long answers

WIDEST = "\U0001f4a1"  # a character that JSON writes with twelve


@pytest.mark.parametrize("letter", ["x", "\n", "é", WIDEST])
def test_a_range_is_read_piece_by_piece_where_no_answer_can_hold_it(letter: str) -> None:
    desk = Desk()
    for number in range(30):
        desk.do(Put(f"k{number:02}", letter * MOST_VALUE))
    read: list[str] = []
    more = True
    while more:
        found = desk.ask(Get(f"{read[-1]}!" if read else "", ""))
        read += [record.key for record in found.records]
        more = found.more
        assert found.records and len(to_text(found)) <= MOST_TEXT
    assert read == desk.keys


def test_a_single_record_always_fits_into_an_answer() -> None:
    desk = Desk()
    desk.do(Put(WIDEST * MOST_KEY, WIDEST * MOST_VALUE))
    assert len(desk.ask(Get("", "")).records) == 1


def test_a_transaction_that_reads_more_than_an_answer_can_hold_does_nothing() -> None:
    desk = Desk()
    for number in range(20):
        desk.do(Put(f"k{number:02}", "x" * MOST_VALUE))
    answer = desk.do(Txn(then=(Put("a", "1"), Get("k00", "k10"), Get("k10", "k99"))))
    assert answer == Denied("steps read more than the 990,000 characters of an answer: read less at once")
    assert desk.value("a") is None
    assert desk.do(Txn(then=(Put("a", "1"), Get("k00", "k10")))).succeeded


def test_a_watcher_is_told_of_large_changes_revision_by_revision() -> None:
    desk = Desk()
    for number in range(40):
        desk.do(Put(f"k{number:02}", "x" * MOST_VALUE))
    keyspace, told, since = desk.machine.keyspace, list[Event](), 1
    while since <= keyspace.revision:
        last, events = keyspace.since(since, "", "", 100)
        assert events and sum(len(to_text(event)) for event in events) <= MOST_TEXT
        told += events
        since = last + 1
    assert told == desk.events and len(told) == 40


def test_a_revision_that_no_answer_can_hold_is_forgotten_at_once() -> None:
    desk = Desk()
    keys = [f"k{number:02}" for number in range(20)]
    for key in keys:
        desk.do(Put(key, "x" * (MOST_VALUE - 1)))
    desk.do(Txn(then=tuple(Append(key, "y") for key in keys)))
    assert desk.machine.keyspace.compacted == desk.revision and desk.events == []
    desk.do(Put("a", "2"))
    assert [event.key for event in desk.events] == ["a"]


def test_the_keys_of_a_lease_are_told_as_far_as_an_answer_can_hold_them() -> None:
    desk = Desk()
    lease = desk.do(Grant(9.0)).lease
    keys = [f"{number:03}".ljust(MOST_KEY, WIDEST) for number in range(200)]
    for key in keys:
        desk.do(Put(key, "", lease))
    told = desk.ask(LeaseStatus(lease))
    assert told.more and list(told.keys) == keys[: len(told.keys)]


# Laws


class Plain(RuleBasedStateMachine):
    """The store beside a plain dictionary, under any operations."""

    KEYS = st.sampled_from(("a", "b", "c/1", "c/2", "d"))
    VALUES = st.sampled_from(("", "1", "22", b"3"))

    def __init__(self) -> None:
        super().__init__()
        self.space = Keyspace(Limits(events=5, size=25))
        self.values: dict[str, Any] = {}
        self.told: list[tuple[int, str, Any]] = []

    @rule(steps=st.lists(st.tuples(KEYS, VALUES | st.none()), max_size=4), give_up=st.booleans())
    def change(self, steps: list[tuple[str, Any]], give_up: bool) -> None:
        values, told = dict(self.values), []
        try:
            for key, value in dict(steps).items():
                if value is not None or key in values:
                    told.append((self.space.revision + 1, key, value))
                if value is None:
                    values.pop(key, None)
                    self.space.delete([key])
                else:
                    self.space.put(key, value)
                    values[key] = value
        except Exception:
            assert sum(len(key) + len(value) for key, value in {**values, key: value}.items()) > 25
            give_up = True
        if give_up:
            self.space.undo()
        else:
            self.space.seal()
            self.values, self.told = values, self.told + told

    @invariant()
    def values_are_the_same(self) -> None:
        assert {key: record.value for key, record in self.space.records.items()} == self.values
        assert self.space.order == sorted(self.values)
        assert self.space.size == sum(len(key) + len(value) for key, value in self.values.items())

    @invariant()
    def events_are_the_last_changes(self) -> None:
        kept = [(event.revision, event.key, event.record and event.record.value) for event in self.space.events]
        assert kept == [each for each in self.told if each[0] > self.space.compacted]
        assert self.space.revision == max([each[0] for each in self.told], default=0)

    @invariant()
    def revisions_of_records_are_in_order(self) -> None:
        for record in self.space.records.values():
            assert 0 < record.create <= record.modify <= self.space.revision
            assert 1 <= record.version <= record.modify - record.create + 1


Plain.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestPlain = Plain.TestCase

STEPS = st.one_of(
    st.builds(Put, Plain.KEYS, Plain.VALUES), st.builds(Delete, Plain.KEYS), st.builds(Append, Plain.KEYS, Plain.VALUES)
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=12), st.integers(0, 12))
def test_a_machine_goes_on_from_a_snapshot_as_if_nothing_had_happened(steps: list[Any], at: int) -> None:
    whole, begun = KVMachine(Limits(events=5)), KVMachine(Limits(events=5))
    for number, step in enumerate(steps):
        if number == at:
            data, begun = begun.snapshot(), KVMachine(Limits(events=5))
            begun.restore(data)
            assert begun.snapshot() == data
        text = to_text(Command(step, time=number / 2))
        assert whole.apply(text) == begun.apply(text)
    assert whole.snapshot() == begun.snapshot()


@given(st.lists(STEPS, max_size=6))
def test_the_sum_of_events_is_the_store(steps: list[Any]) -> None:
    desk = Desk()
    for step in steps:
        desk.do(step)
    values: dict[str, Any] = {}
    for event in desk.events:
        values[event.key] = event.record
    assert {key: record for key, record in values.items() if record} == desk.machine.keyspace.records
    assert all(covers("", "", key) for key in values)


def test_a_transaction_without_steps_is_no_revision() -> None:
    assert Desk().do(Txn()) == Decided(0, True, ())
