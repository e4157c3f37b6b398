"""Messages as columns: the same messages come back, and columns that do not fit are refused."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.node import message
from lessons.node.columns import from_columns, to_columns

LAWS = settings(derandomize=True, deadline=None, max_examples=200)
NUMBERS = st.sampled_from([0, 1, True, False, 0.0, -0.0, 1.0, 2**70])


@message
class Pair:
    left: Any
    right: Any = None


@message
class Empty:
    pass


@message
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError(f"number is {self.number}: it must be even")


@LAWS
@given(st.lists(st.builds(Pair, NUMBERS, NUMBERS), max_size=5))
def test_what_went_into_columns_comes_out_again_of_the_same_types(pairs: list[Pair]) -> None:
    back = from_columns(Pair, to_columns(Pair, pairs))
    assert repr(back) == repr(pairs)  # tells True from 1, and 0.0 from -0.0
    assert [hash(each) for each in back] == [hash(each) for each in pairs]


def test_a_column_has_once_what_all_have_but_the_last_is_whole() -> None:
    pairs = [Pair("same", "same")] * 3
    assert to_columns(Pair, pairs) == [["same"], ["same"] * 3]
    assert to_columns(Pair, [*pairs, Pair("other", 1)])[0] == ["same", "same", "same", "other"]
    assert to_columns(Pair, []) == [[], []]


def test_messages_made_of_columns_are_frozen_and_can_be_copied() -> None:
    (one,) = from_columns(Pair, [[1], [2]])
    with pytest.raises(AttributeError):
        one.left = 3
    assert copy(one) == one == Pair(1, 2)


@pytest.mark.parametrize(
    "columns", [[], [[1]], [[1], [2], [3]], [[1, 2], [1, 2, 3]], [[], [1]], [[1, 2], [1]]], ids=repr
)
def test_columns_that_do_not_fit_are_refused(columns: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"columns have .* values: Pair has 2 fields"):
        from_columns(Pair, columns)


def test_only_one_class_with_fields_has_columns() -> None:
    with pytest.raises(TypeError, match="messages are not all of class Pair"):
        to_columns(Pair, [Pair(1), Even(2)])
    for kind in (Empty, str):
        with pytest.raises(TypeError, match=f"{kind.__name__} is no class of messages with fields"):
            from_columns(kind, [])


def test_a_class_that_looks_at_its_fields_is_asked() -> None:
    assert from_columns(Even, [[2, 4]]) == [Even(2), Even(4)]
    with pytest.raises(ValueError, match="number is 3: it must be even"):
        from_columns(Even, [[2, 3]])
