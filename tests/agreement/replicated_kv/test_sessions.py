"""Sessions: a request that comes again is answered again and not done again, as long as the client may ask."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lessons.agreement.replicated_kv.answers import Changed, Closed, Denied, Forgotten, NoSession, Opened
from lessons.agreement.replicated_kv.commands import Append, Close, Get, Put, Refresh, Register, Tick, Txn
from lessons.agreement.replicated_kv.machine import KVMachine
from tests.agreement.replicated_kv.desk import Desk

MILK = Append("list", "milk ")


def test_a_request_that_comes_again_gets_the_same_answer_and_has_no_effect() -> None:
    desk = Desk()
    session = desk.register()
    assert desk.do(MILK, session, 1) == Changed(1, 1)
    desk.do(Put("other", "1"))
    assert desk.do(MILK, session, 1) == Changed(1, 1)
    assert desk.value("list") == "milk " and desk.revision == 2


def test_without_a_number_it_is_done_as_often_as_it_comes() -> None:
    desk = Desk()
    session = desk.register()
    for number in (0, 0):
        desk.do(MILK, session, number)
    desk.do(MILK)
    assert desk.value("list") == "milk milk milk "


def test_answers_of_reads_and_of_refusals_are_kept_too() -> None:
    desk = Desk(size=20)
    session = desk.register()
    empty = desk.do(Get("list"), session, 1)
    full = desk.do(Put("x", "y" * 20), session, 2, first=1)
    desk.do(MILK)
    assert desk.do(Get("list"), session, 1) == empty
    assert isinstance(full, Denied) and desk.do(Put("x", "y" * 20), session, 2, first=1) == full


def test_several_requests_may_be_under_way_in_any_order() -> None:
    desk = Desk()
    session = desk.register()
    for number in (3, 1, 2, 1, 3, 2):
        desk.do(Append("list", str(number)), session, number, first=1)
    assert desk.value("list") == "312"


def test_two_sessions_use_the_same_numbers() -> None:
    desk = Desk()
    one, other = desk.register(), desk.register()
    assert one != other
    desk.do(Append("list", "a"), one, 1)
    desk.do(Append("list", "b"), other, 1)
    assert desk.value("list") == "ab"


def test_what_is_acknowledged_is_forgotten_and_not_done_when_it_comes_late() -> None:
    desk = Desk()
    session = desk.register()
    for number in (1, 2, 3):
        desk.do(Append("list", str(number)), session, number, first=1)
    assert sorted(desk.machine.sessions.all[session].answers) == [1, 2, 3]
    desk.do(Append("list", "4"), session, 4, first=3)
    assert sorted(desk.machine.sessions.all[session].answers) == [3, 4]
    assert desk.do(Append("list", "1"), session, 1) == Forgotten(1)
    assert desk.do(Append("list", "3"), session, 3, first=1) == Changed(3, 1)
    assert desk.value("list") == "1234"


def test_a_request_that_was_given_up_is_not_done_any_more() -> None:
    desk = Desk()
    session = desk.register()
    desk.do(Append("list", "2"), session, 2, first=2)
    assert desk.do(Append("list", "1"), session, 1) == Forgotten(1)
    assert desk.value("list") == "2"


def test_a_session_with_too_many_answers_ends_before_a_refused_request_can_be_done_later() -> None:
    desk = Desk(answers=2)
    session = desk.register()
    desk.do(Append("list", "1"), session, 1)
    desk.do(Append("list", "2"), session, 2, first=1)
    assert desk.do(Append("list", "3"), session, 3, first=1) == NoSession(session)
    assert desk.do(Append("list", "3"), session, 3, first=3) == NoSession(session)
    assert desk.value("list") == "12"


def test_nothing_is_done_in_a_session_that_does_not_exist() -> None:
    desk = Desk()
    assert desk.do(MILK, 77, 1) == NoSession(77)
    assert desk.do(Refresh(), 77) == NoSession(77)
    assert desk.keys == []


def test_a_session_that_is_closed_is_gone_with_its_answers() -> None:
    desk = Desk()
    session = desk.register()
    desk.do(MILK, session, 1)
    assert desk.do(Close(), session) == Closed(session)
    assert desk.do(MILK, session, 1) == NoSession(session)
    assert desk.value("list") == "milk "


# Expiry, by the time in the log


def test_a_session_ends_when_it_was_silent_for_too_long() -> None:
    desk = Desk(idle=10.0)
    session = desk.register()
    desk.time = 9.0
    desk.do(MILK, session, 1)
    desk.time = 18.9
    assert desk.do(MILK, session, 1) == Changed(1, 1)  # a copy counts as a sign of life
    desk.time = 28.9
    assert desk.do(MILK, session, 1) == NoSession(session)
    assert desk.value("list") == "milk "


def test_a_silent_client_can_keep_its_session_open() -> None:
    desk = Desk(idle=10.0)
    session = desk.register()
    for desk.time in (9.0, 18.0, 27.0):
        assert desk.do(Refresh(), session) == Opened(session, 10.0, 64)
    desk.time = 37.0
    desk.do(Tick())
    assert desk.machine.sessions.all == {}


def test_time_does_not_go_back_in_a_session() -> None:
    desk = Desk(idle=10.0)
    desk.time = 100.0
    session = desk.register()
    desk.time = 5.0  # a leader whose time began at an older state
    desk.do(MILK, session, 1)
    desk.time = 109.0
    assert desk.do(MILK, session, 1) == Changed(1, 1)


def test_the_session_that_was_silent_for_longest_ends_when_there_are_too_many() -> None:
    desk = Desk(sessions=2)
    one, other = desk.register(), desk.register()
    desk.do(MILK, one, 1)
    third = desk.register()
    assert list(desk.machine.sessions.all) == [one, third]
    assert desk.do(MILK, other, 1) == NoSession(other)


def test_a_registration_that_comes_twice_opens_a_session_that_expires() -> None:
    desk = Desk(idle=10.0)
    first, second = desk.do(Register()), desk.do(Register())
    assert first.session != second.session
    desk.time = 10.0
    desk.do(Tick())
    assert desk.machine.sessions.all == {}


# Snapshots


def test_a_snapshot_has_the_sessions_their_order_and_their_answers() -> None:
    desk = Desk(sessions=2)
    one, other = desk.register(), desk.register()
    desk.do(MILK, one, 1)
    data, desk.machine = desk.machine.snapshot(), KVMachine(desk.machine.limits)
    desk.machine.restore(data)
    assert desk.do(MILK, one, 1) == Changed(1, 1)
    third = desk.register()
    assert list(desk.machine.sessions.all) == [one, third]
    assert desk.do(MILK, other, 1) == NoSession(other)


# A law

REQUESTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=20)


@given(REQUESTS)
def test_however_often_requests_come_each_is_done_once_at_most(requests: list[tuple[int, int]]) -> None:
    desk = Desk(answers=4)
    session = desk.register()
    answers: dict[int, Any] = {}
    for number, open_before in requests:
        do = Txn(then=(Append("list", f"{number} "), Get("list")))
        answer = desk.do(do, session, number, first=max(1, number - open_before))
        if not isinstance(answer, Forgotten | NoSession):
            assert answers.setdefault(number, answer) == answer
    done = (desk.value("list") or "").split()
    assert len(done) == len(set(done)) and sorted(map(int, done)) == sorted(answers)
