"""Registers and flags: one winner that all agree on, or every concurrent value."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest

from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.flags import DisableWinsFlag, EnableWinsFlag
from lessons.replication.crdts.registers import NEVER, LWWRegister, MVRegister


def test_the_later_write_wins_in_whatever_order_they_meet() -> None:
    writes = [
        LWWRegister().write("ann", "a", 5),
        LWWRegister().write("bob", "b", 7),
        LWWRegister().write("eve", "c", 6),
    ]
    for order in permutations(writes):
        register = LWWRegister()
        for write in order:
            register.merge(write)
        assert register.value == "b" and register.stamp == (7, "bob")


def test_at_the_same_time_the_name_of_the_writer_decides_and_a_merge_changes_no_name() -> None:
    here, there = LWWRegister(), LWWRegister()
    here.write("ann", "x", 6)
    there.write("bob", "y", 6)
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == "y"
    here.write("ann", "z", 0)
    assert here.stamp == (7, "ann")


def test_a_write_wins_over_what_it_has_seen_even_if_its_clock_is_an_hour_behind() -> None:
    fast, slow = LWWRegister(), LWWRegister()
    fast.write("ann", "from the future", 3_600_000)
    slow.merge(fast)
    slow.write("bob", "later", 10)
    fast.merge(slow)
    assert fast.value == slow.value == "later"


def test_even_two_writes_with_the_same_stamp_do_not_divide_the_replicas() -> None:
    here, there = LWWRegister("x", (6, "ann")), LWWRegister("y", (6, "ann"))
    assert here.merge(there) is True and there.merge(here) is False
    assert here.value == there.value == "y"


def test_a_new_register_holds_nothing_and_loses_to_any_write() -> None:
    register = LWWRegister()
    assert (register.value, register.stamp) == (None, NEVER)
    register.merge(LWWRegister().write("ann", None, 0))
    assert register.stamp == (1, "ann")


def test_of_10_000_random_runs_none_diverges() -> None:
    for seed in range(10_000):
        rng = Random(seed)
        registers = [LWWRegister() for _ in range(3)]
        for _ in range(8):
            at, other = rng.sample(range(3), 2)
            if rng.random() < 0.5:
                registers[at].write("abc"[at], rng.randrange(9), rng.randrange(4))
            else:
                registers[at].merge(registers[other])
        for at in (0, 1, 2, 0, 1):
            for other in registers:
                registers[at].merge(other)
        assert len({register.value for register in registers}) == 1, f"seed {seed}"


def test_concurrent_writes_are_all_kept_until_one_has_seen_them() -> None:
    here, there = MVRegister(), MVRegister()
    here.write("ann", "tea")
    there.write("bob", "coffee")
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == ["coffee", "tea"]
    there.write("bob", "both")
    here.merge(there)
    assert here.value == ["both"]


def test_the_same_value_written_twice_at_once_is_shown_once_and_kept_twice() -> None:
    here, there = MVRegister(), MVRegister()
    here.write("ann", "tea")
    there.write("bob", "tea")
    here.merge(there)
    assert here.value == ["tea"] and len(here.entries) == 2


def test_a_register_can_be_cleared_and_may_hold_nothing_as_a_value() -> None:
    register = MVRegister()
    register.write("ann", None)
    assert register.value == [None]
    register.clear()
    assert register.value == []


@pytest.mark.parametrize(("kind", "together"), [(EnableWinsFlag, True), (DisableWinsFlag, False)])
def test_a_flag_that_was_switched_both_ways_at_once_is_what_its_name_says(kind: Any, together: bool) -> None:
    here, there = kind(), kind()
    assert here.value is False
    here.enable("ann")
    there.merge(here)
    assert there.value is True
    here.disable("ann")
    there.enable("bob")
    here.merge(there)
    there.merge(here)
    assert here.value is there.value is together
    there.disable("bob")
    here.merge(there)
    assert here.value is False


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], {"a": 1}, b"x", "\udfff"])
def test_a_register_holds_plain_values_only_and_stays_as_it_was(value: Any) -> None:
    last, all_of_them = LWWRegister("tea", (1, "ann")), MVRegister()
    with pytest.raises(BadState, match="value is "):
        last.write("ann", value, 1)
    with pytest.raises(BadState, match="value is "):
        all_of_them.write("ann", value)
    assert last == LWWRegister("tea", (1, "ann")) and all_of_them == MVRegister()


@pytest.mark.parametrize("time", [-1, 1.5, "now", None])
def test_a_time_is_a_whole_number(time: Any) -> None:
    with pytest.raises(BadState, match="time is "):
        LWWRegister().write("ann", 1, time)
