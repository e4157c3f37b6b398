"""Plain data is copied so that nothing is shared, written as JSON that does not depend on hashes, printed short."""

from __future__ import annotations

import json
from collections import deque
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum, IntEnum
from math import inf, nan
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import encode, message, render, snapshot
from tests.sim.worlds import LAWS


class Role(Enum):
    LEADER = "leader"
    FOLLOWER = "follower"


class Level(IntEnum):
    LOW = 1


@message
class Vote:
    term: int
    granted: bool = False
    by: str | None = None


@message
class Log:
    entries: list[Any]


@message
class Quiet:
    """Shows itself in words that do not tell one from another."""

    name: str

    def __str__(self) -> str:
        return "quiet"


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(), st.sampled_from(Role),
    st.builds(Vote, st.integers(), st.booleans()),
)  # fmt: skip
HASHABLE = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
PLAIN = st.recursive(
    HASHABLE | st.frozensets(HASHABLE, max_size=4),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
        st.builds(Log, st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)


def types(value: Any) -> Any:
    """The types of a value and of all in it."""
    inside = value.entries if isinstance(value, Log) else value.values() if isinstance(value, dict) else value
    parts = [types(item) for item in inside] if isinstance(inside, list | tuple) else []
    return type(value), parts


def spoil(value: Any) -> None:
    """Change everything in a value that can change."""
    for item in list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        spoil(item)
    if isinstance(value, Log):
        spoil(value.entries)
    elif isinstance(value, list):
        value.append("spoilt")
    elif isinstance(value, dict):
        value["spoilt"] = value
    elif isinstance(value, set):
        value.add("spoilt")


@given(PLAIN)
@LAWS
def test_a_snapshot_is_equal_of_the_same_types_and_not_touched_by_later_changes(value: Any) -> None:
    before = deepcopy(value)
    copy = snapshot(value)
    assert copy == value and types(copy) == types(value)
    spoil(value)
    assert copy == before


@pytest.mark.parametrize("value", [(), (Vote(1), Vote(2, by="a")), (1, (2, frozenset({3}))), Vote(1), Role.LEADER])
def test_what_cannot_change_is_its_own_snapshot(value: Any) -> None:
    assert snapshot(value) is value  # a long log is looked at after every event


def test_a_bytearray_is_copied_too() -> None:
    data = bytearray(b"ab")
    copy = snapshot([data])
    data.append(1)
    assert copy == [bytearray(b"ab")]


@dataclass
class NoMessage:
    field: int = 1


@pytest.mark.parametrize("value", [object(), lambda: 1, deque([1]), range(3), NoMessage(), 1j, Vote])
def test_anything_else_is_refused_by_name(value: object) -> None:
    for inside in (value, [value], (value,), {"key": value}, Log([value])):
        with pytest.raises(TypeError, match=f"of type {type(value).__name__} is no plain data"):
            snapshot(inside)


@given(PLAIN)
@LAWS
def test_every_plain_value_can_be_written_as_json(value: Any) -> None:
    assert json.loads(json.dumps(encode(value))) == encode(value)


@given(st.lists(HASHABLE, max_size=8), st.randoms(use_true_random=False))
@LAWS
def test_a_set_is_written_and_printed_the_same_however_it_was_made(items: list[Any], rng: Random) -> None:
    distinct = list(dict.fromkeys(items))  # of 1 and True a set keeps the first
    shuffled = list(distinct)
    rng.shuffle(shuffled)
    one, other = set(distinct), frozenset(shuffled)
    assert render(one) == render(other)
    assert json.dumps(encode(one)) == json.dumps(encode(other))


NAMES = [f"name {number:02}" for number in range(20)]


@pytest.mark.parametrize(
    "items",
    [NAMES, [(name, 1) for name in NAMES], [Quiet(name) for name in NAMES], [frozenset({name}) for name in NAMES]],
    ids=["texts", "tuples", "messages that hide it", "sets"],
)
def test_the_order_of_a_set_does_not_depend_on_hashes(items: list[Any]) -> None:
    assert encode(frozenset(items)) == [encode(item) for item in items]


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Vote(1, True), {"type": "Vote", "term": 1, "granted": True, "by": None}),
        (b"\x00\xff", {"base64": "AP8="}),
        (bytearray(b"a"), {"base64": "YQ=="}),
        ({3, 1, 2}, [1, 2, 3]),
        ({10, 9.5, True}, [True, 9.5, 10]),
        ({"a": (1, [2])}, {"a": [1, [2]]}),
        ({1: "one", (2, 3): "pair"}, [[1, "one"], [[2, 3], "pair"]]),
        (Role.LEADER, "leader"),
        (Level.LOW, 1),
        ({Role.LEADER: 1}, [["leader", 1]]),
        ([None, True, 1.5], [None, True, 1.5]),
    ],
)
def test_values_as_json(value: object, data: object) -> None:
    assert encode(value) == data
    assert repr(encode(value)) == repr(data), "also in its types"


@pytest.mark.parametrize("value", [object(), iter([1]), 1j])
def test_what_is_no_plain_data_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match=f"of type {type(value).__name__} can't be written as JSON"):
        encode([value])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Vote(3), "Vote(term=3)"),
        (Vote(3, True), "Vote(term=3, granted=True)"),
        (Vote(3, False, "n1"), "Vote(term=3, by='n1')"),
        (Quiet("x"), "quiet"),
        ([Vote(0), Quiet("x")], "[Vote(term=0), quiet]"),
        (Log([1, (2,)]), "Log(entries=[1, (2,)])"),
        (Role.FOLLOWER, "follower"),
        (Level.LOW, "1"),
        ({"b", "a"}, "{'a', 'b'}"),
        (set(), "{}"),
        ({"k": 1.0, 2: [()]}, "{'k': 1, 2: [()]}"),
        (0.1 + 0.2, "0.3"),
        (1e-9, "1e-09"),
        (inf, "inf"),
        (nan, "nan"),
        (True, "True"),
        (None, "None"),
        (b"x", "b'x'"),
        ("it's", '"it\'s"'),
        ("two\nlines", "'two\\nlines'"),
    ],
)
def test_values_in_a_transcript(value: object, text: str) -> None:
    assert render(value) == text
