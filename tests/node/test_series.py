"""A series behaves as the tuple of its items, whatever grows out of it, and shares what it can."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import Series, encode, message, render, snapshot

ITEMS = st.lists(st.integers(0, 9), max_size=6)
#: What is done to a series that is there: which one, how many of its items are kept, what is added.
STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12), ITEMS), max_size=30)


def grown(series: Series[Any], *items: Any) -> Series[Any]:
    """The series and these items behind it."""
    return series + items


@given(STEPS)
def test_every_series_stays_what_it_was_whatever_grows_out_of_it(steps: list[tuple[int, int, list[int]]]) -> None:
    series, model = [Series[int]()], [()]
    for which, kept, added in steps:
        which %= len(series)
        series.append(series[which].until(kept) + added)
        model.append((*model[which][:kept], *added))
    assert series == model
    assert [list(reversed(one)) for one in series] == [list(reversed(one)) for one in model]
    assert [[one == other for other in series] for one in series] == [[a == b for b in model] for a in model]
    assert list(map(hash, series)) == list(map(hash, model))


@given(ITEMS, st.slices(6))
def test_a_slice_is_that_of_the_tuple(items: list[int], cut: slice) -> None:
    longer = grown(Series(items), 10, 11)
    assert longer.until(len(items))[cut] == tuple(items)[cut]


@given(ITEMS, st.integers(-9, 9))
def test_an_index_is_that_of_the_tuple(items: list[int], index: int) -> None:
    series = grown(Series(items), 10).until(len(items))
    if -len(items) <= index < len(items):
        assert series[index] == items[index]
    else:
        with pytest.raises(IndexError, match="index is"):
            series[index]


def test_growing_shares_and_a_second_branch_is_copied() -> None:
    trunk = Series([1, 2])
    one, other = grown(trunk, 3), grown(trunk, 4)
    assert (trunk, one, other) == ((1, 2), (1, 2, 3), (1, 2, 4))
    assert one._items is trunk._items is not other._items


def test_it_is_its_own_snapshot() -> None:
    series = Series([1, (2, "x")])
    assert snapshot(series) is series


@pytest.mark.parametrize("item", [[1], {1}, {"a": 1}, (1, [2]), object()])
def test_what_could_change_is_refused_and_changes_nothing(item: Any) -> None:
    series = Series([1])
    with pytest.raises(TypeError, match="can change"):
        grown(series, 2, item)
    assert grown(series, 3) == (1, 3)


def test_it_is_written_and_printed_as_a_tuple_is() -> None:
    for items in ((), (1,), (1, "x")):
        assert encode(Series(items)) == encode(items)
        assert render(Series(items)) == render(items)
        assert repr(Series(items)) == repr(items)
        assert pickle.loads(pickle.dumps(Series(items))) == items


def test_a_message_may_hold_one() -> None:
    @message
    class Holder:
        items: Series[int]

    assert snapshot(kept := Holder(Series([1]))) is kept
