"""Trying again until a server has recovered."""

from __future__ import annotations

import pytest

from lessons.real import eventually


def answers(*values: object) -> object:
    """A function that gives these one after the other, and raises those that are exceptions."""
    left = iter(values)

    def attempt() -> object:
        value = next(left)
        if isinstance(value, Exception):
            raise value
        return value

    return attempt


def test_it_tries_again_until_there_is_an_answer() -> None:
    assert eventually(answers(None, OSError(), False, "yes")) == "yes"  # type: ignore[arg-type]


def test_any_other_exception_is_raised_at_once() -> None:
    with pytest.raises(KeyError):
        eventually(answers(KeyError(), "yes"))  # type: ignore[arg-type]
    assert eventually(answers(KeyError(), "yes"), unless=(KeyError,)) == "yes"  # type: ignore[arg-type]


def test_it_gives_up_with_the_last_reason() -> None:
    def attempt() -> bool:
        raise OSError("no leader")

    with pytest.raises(TimeoutError, match=r"patience is 0.05 s") as caught:
        eventually(attempt, patience=0.05)
    assert str(caught.value.__cause__) == "no leader"
