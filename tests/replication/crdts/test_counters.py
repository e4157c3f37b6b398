"""Counters count every increment of every replica once."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.replication.crdts.counters import GCounter, PNCounter, ResettableCounter
from lessons.replication.crdts.errors import BadState


def test_a_counter_adds_in_the_slot_of_each_replica_and_shows_the_sum() -> None:
    counter = GCounter()
    counter.increment("ann")
    counter.increment("ann", 4)
    counter.increment("bob", 2)
    assert counter.counts == {"ann": 5, "bob": 2}
    assert counter.value == 7


def test_increments_at_two_replicas_both_count_and_merging_twice_counts_once() -> None:
    here, there = GCounter(), GCounter()
    here.increment("ann", 5)
    there.increment("bob", 7)
    assert here.merge(there) is True
    assert here.merge(there) is False
    assert here.value == 12 and there.value == 7


def test_a_copied_counter_has_no_name_of_its_own_so_that_slots_are_not_shared_by_accident() -> None:
    original = GCounter()
    original.increment("ann", 5)
    twin = original.copy()
    twin.increment("bob", 7)
    original.merge(twin)
    assert original.value == 12


def test_a_pn_counter_goes_up_and_down_and_below_zero() -> None:
    stock, shop = PNCounter(), PNCounter()
    stock.increment("ann", 1)
    shop.merge(stock)
    stock.decrement("ann")
    shop.decrement("bob")
    stock.merge(shop)
    assert stock.value == -1, "each sold the last one: a floor would need them to talk first"


def test_a_value_has_no_limit() -> None:
    counter = PNCounter()
    counter.increment("ann", 2**64)
    counter.decrement("bob", 3)
    assert counter.value == 2**64 - 3


def test_the_delta_of_an_increment_is_the_slot() -> None:
    counter = GCounter({"ann": 4, "bob": 9})
    assert counter.increment("ann", 2) == GCounter({"ann": 6})
    assert PNCounter({"ann": 4}, {"ann": 1}).decrement("ann") == PNCounter({}, {"ann": 2})


def test_a_reset_takes_back_what_it_has_seen_and_no_more() -> None:
    here, there = ResettableCounter(), ResettableCounter()
    here.add("ann", 10)
    there.merge(here)
    here.reset()
    there.add("bob", 3)
    there.add("bob", -1)
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == 2


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1", True, None])
def test_an_amount_must_be_a_whole_number_over_0_and_nothing_changes(amount: Any) -> None:
    counter = PNCounter({"ann": 1}, {})
    for change in (counter.increment, counter.decrement, GCounter({"ann": 1}).increment):
        with pytest.raises(BadState, match=r"amount is .*: it must be a whole number, 1 or more"):
            change("ann", amount)
    assert counter == PNCounter({"ann": 1}, {})


def test_a_replica_has_a_name() -> None:
    counter = GCounter()
    with pytest.raises(BadState, match="replica is '': a replica has a name"):
        counter.increment("")
    nobody: Any = ["ann"]
    with pytest.raises(BadState, match=r"replica is \['ann'\]: it must be a text"):
        counter.increment(nobody)
    assert counter.counts == {}
    with pytest.raises(BadState, match=r"amount is 0\.5: it must be a whole number"):
        ResettableCounter().add("ann", 0.5)  # type: ignore[arg-type]
