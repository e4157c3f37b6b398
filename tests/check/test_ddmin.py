"""Delta debugging: what is left fails, and without any one of its items it does not; Zeller's own examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check.shrinking import ddmin

Fails = Callable[[Sequence[int]], bool]


def is_one_minimal(left: list[int], fails: Fails) -> bool:
    return fails(left) and not any(fails(left[:at] + left[at + 1 :]) for at in range(len(left)))


@given(st.integers(0, 40), st.sets(st.integers(0, 39)))
@settings(derandomize=True, deadline=None)
def test_exactly_what_is_needed_is_left(size: int, needed: set[int]) -> None:
    needed &= set(range(size))
    assert ddmin(range(size), lambda kept: needed <= set(kept)) == sorted(needed)


@given(st.integers(1, 12), st.integers(), st.floats(0.05, 0.95))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_what_is_left_is_1_minimal_whatever_fails(size: int, seed: int, odds: float) -> None:
    whole = tuple(range(size))

    def fails(kept: Sequence[int]) -> bool:
        return tuple(kept) == whole or Random(f"{seed}{tuple(kept)}").random() < odds

    assert is_one_minimal(ddmin(whole, fails), fails)


def test_the_same_part_is_tried_once_and_the_whole_never() -> None:
    tried: list[tuple[int, ...]] = []

    def fails(kept: Sequence[int]) -> bool:
        tried.append(tuple(kept))
        return {2, 5, 6} <= set(kept)

    assert ddmin(range(8), fails) == [2, 5, 6]
    assert len(set(tried)) == len(tried) and tuple(range(8)) not in tried


def test_nothing_is_left_of_what_fails_without_anything() -> None:
    assert ddmin([1, 2, 3], lambda kept: True) == []
    assert ddmin([], lambda kept: pytest.fail("there is nothing to try")) == []


def test_one_item_among_many_is_found_in_the_time_of_a_binary_search() -> None:
    tries = 0

    def fails(kept: Sequence[int]) -> bool:
        nonlocal tries
        tries += 1
        return 777 in kept

    assert ddmin(range(1024), fails) == [777]
    assert tries <= 1 + 2 * 10  # Zeller and Hildebrandt 2002, section 3.2: 2 log2 n in the best case


def test_the_worst_case_is_within_the_bound_of_the_paper() -> None:
    tries = 0

    def fails(kept: Sequence[int]) -> bool:
        nonlocal tries
        tries += 1
        return len(kept) == 16

    assert len(ddmin(range(16), fails)) == 16
    assert tries <= 16**2 + 3 * 16  # ibidem: n^2 + 3n
