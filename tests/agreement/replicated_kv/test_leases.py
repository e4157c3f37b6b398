"""Leases: keys live as long as their lease, and the time that ends one stands in the log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.agreement.replicated_kv.answers import Changed, Denied, Event, Found, Granted, Leased, NoLease
from lessons.agreement.replicated_kv.commands import (
    Append,
    Command,
    Delete,
    Get,
    Grant,
    KeepAlive,
    LeaseStatus,
    Put,
    Revoke,
    Tick,
    Txn,
)
from lessons.agreement.replicated_kv.leases import Leases
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.text import to_text
from tests.agreement.replicated_kv.desk import Desk


def leased(ttl: float = 10.0, time: float = 100.0) -> tuple[Desk, int]:
    """A store with a lease, granted at ``time``, and keys x and y that hang on it."""
    desk = Desk()
    desk.time = time
    lease = desk.do(Grant(ttl)).lease
    for key in ("x", "y"):
        desk.do(Put(key, "1", lease))
    desk.do(Put("z", "1"))
    return desk, lease


def test_keys_are_removed_as_one_revision_when_their_lease_is_over() -> None:
    desk, _ = leased()
    desk.time = 109.9
    desk.do(Tick())
    assert desk.keys == ["x", "y", "z"]
    desk.time = 110.0
    desk.do(Tick())
    assert desk.keys == ["z"]
    assert desk.events[-2:] == [Event(4, "x", None), Event(4, "y", None)]


def test_the_first_command_that_is_late_enough_finds_the_keys_gone() -> None:
    desk, lease = leased()
    desk.time = 110.0
    assert desk.do(Get("x")) == Found(4, ())
    assert desk.do(KeepAlive(lease)) == NoLease(lease)


def test_a_lease_that_is_kept_alive_lives_for_its_full_time_again() -> None:
    desk, lease = leased()
    desk.time = 109.0
    assert desk.do(KeepAlive(lease)) == Granted(lease, 10.0)
    desk.time = 118.9
    assert desk.do(Get("x")).records != ()
    desk.time = 119.0
    assert desk.do(Get("x")).records == ()


def test_a_lease_can_be_ended_at_once() -> None:
    desk, lease = leased()
    assert desk.do(Revoke(lease)) == Changed(4, 2)
    assert desk.keys == ["z"]
    assert desk.do(Revoke(lease)) == NoLease(lease)


def test_a_lease_tells_how_long_it_lives_and_what_hangs_on_it() -> None:
    desk, lease = leased()
    desk.time = 104.0
    desk.do(Tick())
    assert desk.ask(LeaseStatus(lease)) == Leased(lease, 10.0, 6.0, ("x", "y"))
    assert desk.ask(LeaseStatus(99)) == NoLease(99)


def test_a_key_hangs_on_the_lease_of_its_last_put() -> None:
    desk, _ = leased()
    desk.do(Put("x", "2"))
    other = desk.do(Grant(50.0)).lease
    desk.do(Put("y", "2", other))
    desk.time = 110.0
    desk.do(Tick())
    assert desk.keys == ["x", "y", "z"]
    desk.time = 150.0
    desk.do(Tick())
    assert desk.keys == ["x", "z"]


def test_appending_leaves_a_key_on_its_lease_and_deleting_takes_it_off() -> None:
    desk, lease = leased()
    desk.do(Append("x", "2"))
    desk.do(Delete("y"))
    assert desk.ask(LeaseStatus(lease)).keys == ("x",)
    desk.do(Put("y", "again"))
    desk.time = 110.0
    desk.do(Tick())
    assert desk.keys == ["y", "z"]


def test_a_key_can_not_hang_on_a_lease_that_does_not_exist() -> None:
    desk = Desk()
    assert desk.do(Put("x", "1", 5)) == NoLease(5)
    assert desk.do(Txn(then=(Put("y", "1"), Put("x", "1", 5)))) == NoLease(5)
    assert desk.keys == []


def test_leases_that_are_over_end_in_the_order_of_their_deadlines() -> None:
    desk = Desk()
    long, short = desk.do(Grant(2.0)).lease, desk.do(Grant(1.0)).lease
    desk.do(Put("long", "1", long))
    desk.do(Put("short", "1", short))
    desk.time = 5.0
    desk.do(Tick())
    assert [event.key for event in desk.events[-2:]] == ["short", "long"]
    assert [event.revision for event in desk.events[-2:]] == [3, 4]


def test_a_lease_without_keys_ends_without_a_revision() -> None:
    desk = Desk()
    desk.do(Grant(1.0))
    desk.time = 1.0
    desk.do(Tick())
    assert desk.revision == 0 and desk.machine.leases.all == {}


def test_time_never_goes_back() -> None:
    desk, lease = leased()
    desk.time = 50.0
    desk.do(Tick())
    assert desk.machine.time == 100.0
    assert desk.do(KeepAlive(lease)) == Granted(lease, 10.0)
    assert desk.ask(LeaseStatus(lease)).left == 10.0


def test_there_is_a_limit_to_the_number_of_leases() -> None:
    desk = Desk(leases=2)
    desk.do(Grant(1.0))
    desk.do(Grant(2.0))
    assert isinstance(desk.do(Grant(3.0)), Denied)
    desk.time = 1.0
    assert isinstance(desk.do(Grant(3.0)), Granted)


def test_a_snapshot_has_the_leases_and_what_hangs_on_them() -> None:
    desk, lease = leased()
    data, desk.machine = desk.machine.snapshot(), KVMachine(desk.machine.limits)
    desk.machine.restore(data)
    assert desk.ask(LeaseStatus(lease)) == Leased(lease, 10.0, 10.0, ("x", "y"))
    desk.time = 110.0
    desk.do(Tick())
    assert desk.keys == ["z"]


def test_the_next_deadline_is_that_of_a_lease_or_a_session() -> None:
    desk = Desk(idle=30.0)
    assert desk.machine.next_deadline() == float("inf")
    desk.register()
    assert desk.machine.next_deadline() == 30.0
    lease = desk.do(Grant(10.0)).lease
    assert desk.machine.next_deadline() == 10.0
    desk.time = 5.0
    desk.do(KeepAlive(lease))
    assert desk.machine.next_deadline() == 15.0
    desk.do(Revoke(lease))
    assert desk.machine.next_deadline() == 30.0


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), max_size=60), st.integers(0, 20))
def test_what_is_due_is_what_a_search_through_all_would_find(sets: list[tuple[int, int]], now: int) -> None:
    leases, deadlines = Leases(), {}
    for step, (lease, ttl) in enumerate(sets):
        leases.set(lease, ttl, step / 10 + ttl)
        deadlines[lease] = step / 10 + ttl
    taken = []
    while (lease := leases.take_due(now)) is not None:
        taken.append(lease)
    due = sorted((deadline, lease) for lease, deadline in deadlines.items() if deadline <= now)
    assert taken == [lease for _, lease in due]
    assert set(leases.all) == set(deadlines) - set(taken)


@given(st.sampled_from((3.0, 10.0)), st.lists(st.floats(0, 30), max_size=10))
def test_machines_that_are_told_the_same_times_end_a_lease_at_the_same_command(ttl: float, ticks: list[float]) -> None:
    one, other = KVMachine(), KVMachine()
    for command in (Command(Grant(ttl)), Command(Put("x", "1", 1)), *(Command(Tick(), time=time) for time in ticks)):
        text = to_text(command)
        assert one.apply(text) == other.apply(text)
        assert one.snapshot() == other.snapshot()
    assert ("x" in one.keyspace.records) == (max(ticks, default=0.0) < ttl)
