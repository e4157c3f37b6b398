"""States as JSON: what is malformed or foreign is refused in words, and nothing is changed."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from lessons.replication.crdts.codec import KINDS, dumps, loads
from lessons.replication.crdts.counters import GCounter, PNCounter
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.maps import Map
from lessons.replication.crdts.orset import ORSet, TaggedSet
from lessons.replication.crdts.registers import LWWRegister
from lessons.replication.crdts.sets import GSet, LWWElementSet
from lessons.replication.crdts.text import GraphText, ListText
from tests.replication.crdts.histories import Group

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def test_the_form_is_short_and_always_the_same() -> None:
    here, there = ORSet(), ORSet()
    here.add("ann", "milk")
    there.add("bob", 7)
    text = (
        '{"crdt":"or-set","entries":[["ann",1,"milk"],["bob",1,7]],"context":{"vector":{"ann":1,"bob":1},"cloud":[]}}'
    )
    for first, second in ((here, there), (there, here)):
        both = first.copy()
        both.merge(second)
        assert dumps(both) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "text is '': it must be JSON"),
        ("{", "it must be JSON"),
        (b"\xff\xfe\xff", "it must be JSON"),
        ("[" * 100_000, "it must be JSON"),
        ("[1]", 'it must be an object with "crdt": "g-counter"'),
        ('{"crdt":"g-set","elements":[]}', 'it must be an object with "crdt": "g-counter"'),
        ('{"counts":{}}', 'it must be an object with "crdt": "g-counter"'),
        ('{"crdt":"g-counter"}', "g-counter has .*: it must have the fields counts"),
        ('{"crdt":"g-counter","counts":{},"more":1}', "it must have the fields counts"),
        ('{"crdt":"g-counter","counts":[]}', r"counts is \[\]: it must be an object"),
        ('{"crdt":"g-counter","counts":{"ann":-1}}', r"counts\['ann'\] is -1: it must be a whole number, 1 or more"),
        ('{"crdt":"g-counter","counts":{"ann":1.0}}', "it must be a whole number"),
        ('{"crdt":"g-counter","counts":{"ann":true}}', "it must be a whole number"),
        ('{"crdt":"g-counter","counts":{"":1}}', "a key of counts is '': a replica has a name"),
        ('{"crdt":"g-counter","counts":{"ann":1,"ann":2}}', "nothing in it may come twice"),
        ('{"crdt":"g-counter","counts":{"ann":NaN}}', "text has NaN: numbers must be finite"),
    ],
)
def test_a_malformed_counter_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(BadState, match=words):
        loads(text, GCounter)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (GSet, {"elements": ["a", "a"]}, "nothing in it may come twice"),
        (GSet, {"elements": [None]}, r"elements\[0\] is None: an element is a text or a whole number"),
        (LWWElementSet, {"added": [["a", 0, "ann"]], "removed": []}, "whole number, 1 or more"),
        (LWWElementSet, {"added": [["a", 1]], "removed": []}, "it must be a list of 3 values"),
        (LWWRegister, {"value": 1, "stamp": [0, ""]}, r"stamp\[0\] is 0: it must be a whole number, 1 or more"),
        (LWWRegister, {"value": [1], "stamp": [1, "ann"]}, r"value is \[1\]: it must be a text"),
        (TaggedSet, {"tags": [], "tombstones": [["ann", 1]], "forgotten": {}}, "each must be one of the tags"),
        (ORSet, {"entries": [["ann", 1, "a"]], "context": {"vector": {}, "cloud": []}}, "it must be in the context"),
        (
            ORSet,
            {"entries": [["ann", 1, "a"], ["ann", 1, "b"]], "context": {"vector": {"ann": 1}, "cloud": []}},
            "no dot may come twice",
        ),
        (
            Map,
            {"entries": [["ann", 1, ["x", "g-set", 1]]], "context": {"vector": {"ann": 1}, "cloud": []}},
            "a map holds",
        ),
        (
            ListText,
            {"entries": [["ann", 1, [1, None, "ab"]]], "context": {"vector": {"ann": 1}, "cloud": []}},
            "it must be one character",
        ),
        (GraphText, {"events": [["ann", 1, 1, [], 0, 0]]}, "a number of deletions that is not 0"),
        (GraphText, {"events": [["ann", 1, 1, [], 5, "x"]]}, "position is 5: the text that its author saw has 0"),
        (GraphText, {"events": [["ann", 1, 1, [], 0, 2]]}, "position is 0: the text that its author saw has 0"),
        (GraphText, {"events": [["ann", 1, 1, [], 0, "ab"], ["bob", 1, 2, [["ann", 2]], 0, "x"]]}, "clock of"),
    ],
)
def test_a_state_that_contradicts_itself_is_refused(kind: Any, data: Any, words: str) -> None:
    with pytest.raises(BadState, match=words):
        loads(json.dumps({"crdt": kind.kind, **data}), kind)


def wounded(data: Any, rng: Random) -> Any:
    """``data`` with one value in it changed, left out, or doubled."""
    if isinstance(data, dict) and data:
        key = rng.choice(sorted(data))
        if rng.random() < 0.2:
            return {name: value for name, value in data.items() if name != key}
        return {**data, key: wounded(data[key], rng)}
    if isinstance(data, list) and data and rng.random() < 0.9:
        at = rng.randrange(len(data))
        if rng.random() < 0.2:
            return [*data[:at], data[at], *data[at:]]
        return [*data[:at], wounded(data[at], rng), *data[at + 1 :]]
    return rng.choice([None, -1, 0, 3, 2**70, "", "x", "\ud800", [], {}, [[]], True, 1.5, "ann", ["ann", 1]])


@EVERY
def test_a_wounded_state_is_refused_in_words_or_is_a_state(kind: Any) -> None:
    refused = 0
    for seed in range(400):
        rng = Random(seed)
        group = Group(kind)
        group.play([(rng.choice(["update", "update", "merge"]), rng.randrange(3), seed + step) for step in range(8)])
        mine, before = group.states[0], dumps(group.states[0])
        data = wounded(json.loads(dumps(group.states[1])), rng)
        try:
            other = loads(json.dumps(data), kind)
        except BadState as error:
            assert ":" in str(error)
            refused += 1
        else:
            assert loads(dumps(other), kind) == other
            try:
                mine.merge(other)
            except BadState:
                assert dumps(mine) == before
    assert refused > 100, "the wounds are too small to prove anything"


@EVERY
def test_a_foreign_text_is_refused(kind: Any) -> None:
    for other in KINDS.values():
        if other is not kind:
            with pytest.raises(BadState, match=f'it must be an object with "crdt": "{kind.kind}"'):
                loads(dumps(other()), kind)


def test_states_of_others_types_do_not_pass_for_each_other() -> None:
    assert GCounter({"ann": 1}) != PNCounter({"ann": 1}, {})
