"""A state is data of bounded size: a link and a file give it back, and nothing else that comes in does any harm."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.lab import Refused, State, from_link, to_link
from lessons.lab.state import MOST_ACTIONS, MOST_JSON, from_text
from lessons.sim import Action

LAWS = settings(derandomize=True, deadline=None, max_examples=60, database=None)
WORDS = st.text(max_size=12)
TIMES = st.floats(0, 60, allow_nan=False)
ACTIONS = st.one_of(
    st.builds(lambda at, node: Action(at, "crash", {"node": node}), TIMES, WORDS),
    st.builds(lambda at, groups: Action(at, "partition", {"groups": groups}), TIMES, st.lists(st.lists(WORDS))),
    st.builds(
        lambda at, args: Action(at, "ask", {"client": "ann", "wish": "add", "args": args}),
        TIMES, st.lists(st.one_of(WORDS, st.integers(-9, 9), st.booleans(), st.none())),
    ),
)  # fmt: skip
STATES = st.builds(
    State,
    st.just("tests/counters"),
    st.one_of(st.integers(-(2**53), 2**53), st.text(min_size=1, max_size=40)),
    st.just(60.0),
    st.dictionaries(WORDS, st.one_of(WORDS, st.integers(-99, 99), st.booleans()), max_size=4),
    st.lists(ACTIONS, max_size=8).map(lambda actions: tuple(sorted(actions, key=lambda each: each.at))),
)
GOOD = State("a/b", 1, 1.0).to_json()


@given(STATES)
@LAWS
def test_a_file_gives_the_state_back(state: State) -> None:
    assert from_text(json.dumps(state.to_json())) == state


@given(STATES)
@LAWS
def test_a_link_gives_the_state_back_or_is_refused_as_too_long(state: State) -> None:
    try:
        link = to_link(state)
    except Refused as refused:
        assert "too long to send: save it" in str(refused)
    else:
        assert from_link(link) == state
        assert not set(link) & set("<>\"'&# ")


@given(STATES, st.data())
@LAWS
def test_a_link_that_was_damaged_gives_a_state_or_is_refused(state: State, data: st.DataObject) -> None:
    link = to_link(state)
    place = data.draw(st.integers(0, len(link) - 1))
    damaged = link[:place] + data.draw(st.sampled_from(["", "A", "_", ":", "<", "é", "%00"])) + link[place + 1 :]
    with suppress(Refused):
        assert isinstance(from_link(damaged), State)


@given(st.text(max_size=200))
@LAWS
def test_any_other_text_is_refused(text: str) -> None:
    for read in (from_link, from_text):
        with pytest.raises(Refused):
            read(text)


def packed(data: bytes) -> str:
    return "a/b:" + urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def test_a_link_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = packed(b" " * 4_000_000)
    assert len(bomb) < 6000
    with pytest.raises(Refused, match="can't be read"):
        from_link(bomb)
    with pytest.raises(Refused, match=r"the link has 9,004 characters: at most 6,000 are read"):
        from_link("a/b:" + "A" * 9000)
    with pytest.raises(Refused):
        from_link(packed(b"[" * 50_000))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"format": "lessons-lab/9"}, "format is 'lessons-lab/9': this book reads 'lessons-lab/1'"),
        ({"lab": 3}, "lab is 3: it must be a text"),
        ({"seed": None}, "seed is None: it must be a whole number, or a text of at most 40 characters"),
        ({"seed": True}, "seed is True"),
        ({"seed": "x" * 41}, "seed is 'xxx"),
        ({"seed": 2**60}, "seed is 1152921504606846976"),
        ({"parameters": []}, "parameters is no object"),
        ({"until": -1}, "until is -1: it must be a time, 0 to 100,000 seconds"),
        ({"until": float("inf")}, "it has the number inf: every number must be finite"),
        ({"until": 1e15}, "until is 1000000000000000.0: it must be a time, 0 to 100,000 seconds"),
        ({"until": 10**400}, "it has a whole number of more than 16 digits"),
        ({"parameters": {"a": [-(10**400)]}}, "it has a whole number of more than 16 digits"),
        ({"until": "1"}, "until is '1'"),
        ({"actions": "crash"}, "actions is no list"),
        ({"actions": [3]}, "an action is no object that says what to do"),
        ({"actions": [{"at": 0.5, "do": "explode"}]}, "name is 'explode': the faults are ask,"),
        ({"actions": [{"at": 0.5, "do": "perform", "name": "crash"}]}, "name is 'perform': the faults are"),
        ({"actions": [{"at": 0.5, "do": "__init__"}]}, "name is '__init__': the faults are"),
        ({"actions": [{"at": 0.5, "do": "crash", "nodes": 1}]}, "arguments of crash are {'nodes': 1}"),
        ({"actions": [{"at": 1.5, "do": "heal"}]}, "at of heal is 1.5: it must be at most until (1 s)"),
        ({"actions": [{"at": None, "do": "heal"}]}, "at is None: it must be a time"),
        ({"actions": [{"at": 0.5, "do": "weather", "latency": {"type": "os.system"}}]}, ""),
        ({"actions": [{"at": 0.5, "do": "pause", "node": 3}]}, "node of pause is 3: it must be a text"),
        ({"actions": [{"at": 0.5, "do": "ask", "client": "a", "wish": ["b"]}]}, "wish of ask is ['b']: it must be a"),
        ({"actions": [{"at": 0.5, "do": "step_clock", "node": "a", "seconds": "b"}]}, "seconds of step_clock are 'b'"),
        ({"actions": [{"at": 0.5, "do": "partition", "groups": [["a"], [3]]}]}, "groups are [['a'], [3]]: they must"),
        ({"actions": [{"at": 0.5, "do": "partition", "groups": [3]}]}, "groups are [3]: they must be lists of names"),
        ({"actions": [{"at": 0.0, "do": "heal"}] * 301}, "actions has 301 of them: a lab takes at most 300"),
        ({"parameters": {"a": [[[[[[[[[[[[[0]]]]]]]]]]]]]}}, "it has lists in lists, 13 deep"),
        ({"parameters": {"a": "x" * 70_000}}, "it is too long: a lab reads 65,536 characters"),
    ],
)
def test_what_is_no_state_is_refused_in_words(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused) as refused:
        State.from_json({**GOOD, **changes})
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize("data", [None, 3, [], "text", {}])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(Refused):
        State.from_json(data)


def test_a_file_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="the file has 65,537 characters"):
        from_text(" " * (MOST_JSON + 1))


def test_a_file_with_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(Refused, match="the file is no JSON"):
        from_text(json.dumps(GOOD).replace("1.0", "9" * 5000))


def test_a_fork_drops_what_was_planned_later_and_adds_what_is_done() -> None:
    early, late, now = (Action(at, "heal") for at in (0.2, 0.8, 0.5))
    state = State("a/b", 1, 1.0, {}, (early, late))
    assert state.fork(0.5).actions == (early,)
    assert state.fork(0.5, now).actions == (early, now)
    full = State("a/b", 1, 1.0, {}, (early,) * MOST_ACTIONS)
    with pytest.raises(Refused, match="a lab takes at most 300"):
        full.fork(0.5, now)
