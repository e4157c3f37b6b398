"""A value is read as its field has it, or refused with its name, its value and the rule."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from lessons.lab import Choice, Field, Groups, Number, Refused, Span, Switch, Text, Texts, Whole

CLASSES = {"whole number": int, "text": str}


@pytest.mark.parametrize(
    ("field", "plain", "value"),
    [
        (Number(0, 1), 0.5, 0.5),
        (Number(0, 1), 1, 1),
        (Whole(-3, 3), -3, -3),
        (Span(0, 9), [1, 2.5], (1, 2.5)),
        (Switch(), True, True),
        (Text(), "", ""),
        (Text(optional=True), None, None),
        (Text(("n1",)), "another", "another"),
        (Texts(), ["a", "b"], ["a", "b"]),
        (Choice(["a", "b"]), "b", "b"),
        (Choice(CLASSES), "text", str),
        (Groups(("a", "b", "c")), [["a"], ["c", "b"]], [["a"], ["c", "b"]]),
    ],
)
def test_what_fits_is_read_and_comes_back_as_plain_data(field: Field, plain: Any, value: Any) -> None:
    assert field.read("it", plain) == value
    assert field.read("it", field.plain(value)) == value


@pytest.mark.parametrize(
    ("field", "plain", "text"),
    [
        (Number(0, 1), 1.5, "it is 1.5: it must be a number from 0 to 1"),
        (Number(0, 1), "1", "it is '1': it must be a number from 0 to 1"),
        (Number(0, 1), True, "it is True: it must be a number from 0 to 1"),
        (Number(), nan, "it is nan: it must be a number"),
        (Number(), inf, "it is inf: it must be a number"),
        (Whole(0, 9), 1.0, "it is 1.0: it must be a whole number from 0 to 9"),
        (Whole(0, 9), 10**20, "it is 100000000000000000000: it must be a whole number from 0 to 9"),
        (Span(0, 9), [3, 2], "it is [3, 2]: it must be two numbers from 0 to 9, the smaller one first"),
        (Span(0, 9), "12", "it is '12': it must be two numbers"),
        (Span(0, 9), [1, 2, 3], "it is [1, 2, 3]: it must be two numbers"),
        (Switch(), 1, "it is 1: it must be true or false"),
        (Text(), None, "it is None: it must be a text of at most 200 characters"),
        (Text(), "x" * 201, f"it is '{'x' * 56}...: it must be a text of at most 200 characters"),
        (Text(optional=True), 3, "it is 3: it must be a text of at most 200 characters, or none"),
        (Texts(), "ab", "it is 'ab': it must be a list of at most 50 texts"),
        (Texts(), ["a"] * 51, "it is ['a', 'a'"),
        (Choice(["a", "b"]), "c", "it is 'c': it must be one of a, b"),
        (Choice(CLASSES), ["text"], "it is ['text']: it must be one of whole number, text"),
        (Groups(("a", "b")), [], "it is []: it must be one group or more of a, b, none of them twice"),
        (Groups(("a", "b")), [[]], "it is [[]]: it must be one group"),
        (Groups(("a", "b")), [["a"], ["a"]], "it is [['a'], ['a']]: it must be one group"),
        (Groups(("a", "b")), [["z"]], "it is [['z']]: it must be one group"),
        (Groups(("a", "b")), [[["a"]]], "it is [[['a']]]: it must be one group"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(field: Field, plain: Any, text: str) -> None:
    with pytest.raises(Refused) as refused:
        field.read("it", plain)
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize("field", [Number(), Number(0, 1), Whole(1, 9), Span(0, 2)], ids=repr)
@pytest.mark.parametrize("value", [10**400, -(10**400), float("nan"), float("inf")], ids=["huge", "low", "nan", "inf"])
def test_a_number_beyond_all_limits_is_refused_in_words(field: Number, value: float) -> None:
    with pytest.raises(Refused, match="it must be"):
        field.read("size", [value, value] if isinstance(field, Span) else value)
