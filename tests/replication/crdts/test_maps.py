"""A map of replicated values: keys come and go with what they hold."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.replication.crdts.codec import dumps, loads
from lessons.replication.crdts.counters import GCounter, ResettableCounter
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.flags import EnableWinsFlag
from lessons.replication.crdts.maps import Map
from lessons.replication.crdts.orset import ORSet
from lessons.replication.crdts.registers import MVRegister
from lessons.replication.crdts.text import ListText
from lessons.replication.crdts.updates import perform


def cart(*products: str) -> Map:
    state = Map()
    for product in products:
        state.update(product, ResettableCounter, lambda count: count.add("ann"))
    return state


def test_a_key_is_there_while_something_is_under_it() -> None:
    state = cart("milk", "bread")
    state.update("milk", ResettableCounter, lambda count: count.add("bob", 2))
    assert state.value == {"bread": 1, "milk": 3} and "milk" in state
    state.remove("milk")
    assert state.value == {"bread": 1} and "milk" not in state
    state.update("bread", ResettableCounter, lambda count: count.reset())
    assert state.value == {}


def test_an_update_beside_the_removal_of_its_key_survives_alone() -> None:
    here = cart("milk")
    there = here.copy()
    here.remove("milk")
    there.update("milk", ResettableCounter, lambda count: count.add("bob", 5))
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == {"milk": 5}


@pytest.mark.parametrize("inside", [(), ("outer",)], ids=["in the map", "in a map in it"])
def test_what_is_typed_beside_the_removal_of_its_key_survives_though_the_text_around_it_is_gone(
    inside: tuple[str, ...],
) -> None:
    def typed(state: Map, replica: str, position: int, text: str) -> None:
        edit = ("note", "text", "insert", position, text)
        perform(state, replica, "update", ("outer", "map", "update", *edit) if inside else edit)

    def shown(state: Map) -> str:
        value = state.value["outer"] if inside else state.value
        return str(value["note"])

    here = Map()
    typed(here, "ann", 0, "ab")
    there, third = here.copy(), here.copy()
    here.remove("outer" if inside else "note")
    typed(there, "bob", 2, "cd")
    typed(there, "bob", 1, "x")
    typed(third, "eve", 1, "y")
    here.merge(there)
    here.merge(third)
    third.merge(here)
    there.merge(third)
    assert shown(here) == shown(there) == shown(third) and sorted(shown(here)) == ["c", "d", "x", "y"]
    assert "cd" in shown(here)
    typed(there, "bob", 4, "!")
    here.merge(there)
    assert shown(here) == shown(there) and shown(here).endswith("!")


def test_a_text_that_is_empty_is_nothing_whether_its_tombstones_are_forgotten_or_not() -> None:
    state = Map()
    perform(state, "ann", "update", ("note", "text", "insert", 0, "ab"))
    perform(state, "ann", "update", ("note", "text", "delete", 0, 2))
    perform(state, "ann", "update", ("outer", "map", "update", "note", "text", "insert", 0, "xy"))
    perform(state, "ann", "update", ("outer", "map", "update", "note", "text", "delete", 0, 1))
    forgetful = state.copy()
    assert forgetful.purge(forgetful.checkpoint()) == 2 and len(forgetful.entries) < len(state.entries)
    assert state.value == forgetful.value == {"outer": {"note": "y"}} and "note" not in state
    with pytest.raises(NotThere, match="key is 'note': there is nothing under it"):
        state.remove("note")
    state.merge(forgetful)
    forgetful.merge(state)
    assert state == forgetful


def test_maps_hold_maps_and_everything_else_that_is_causal() -> None:
    state = Map()
    state.update("tags", ORSet, lambda tags: tags.add("ann", "new"))
    state.update("title", MVRegister, lambda title: title.write("ann", "List"))
    state.update("done", EnableWinsFlag, lambda done: done.enable("ann"))
    state.update("ann", Map, lambda inner: inner.update("seen", ResettableCounter, lambda seen: seen.add("ann", 2)))
    state.update("note", ListText, lambda note: perform(note, "ann", "insert", (0, "hello")))
    state.update("note", ListText, lambda note: perform(note, "ann", "delete", (0, 1)))
    expected = {"tags": {"new"}, "title": ["List"], "done": True, "ann": {"seen": 2}, "note": "ello"}
    assert state.value == expected
    assert loads(dumps(state), Map).value == expected


def test_values_under_one_key_of_two_types_are_both_shown() -> None:
    here, there = Map(), Map()
    here.update("x", MVRegister, lambda x: x.write("ann", 1))
    there.update("x", ORSet, lambda x: x.add("bob", 2))
    here.merge(there)
    assert here.value == {"x (mv-register)": [1], "x (or-set)": {2}}


def test_the_value_that_is_got_is_a_state_of_its_own() -> None:
    state = cart("milk")
    state.get("milk", ResettableCounter).add("ann", 7)
    assert state.value == {"milk": 1}
    assert state.get("beer", ResettableCounter).value == 0


def test_what_a_map_cannot_reset_it_does_not_hold() -> None:
    state: Any = Map()
    with pytest.raises(BadState, match="kind is GCounter: a map holds enable-wins-flag, "):
        state.update("x", GCounter, lambda x: x.increment("ann"))
    for nothing in (True, ["or-set"], "or-set"):
        with pytest.raises(BadState, match=r"kind is .*: a map holds enable-wins-flag, "):
            state.update("x", nothing, lambda x: x)
    with pytest.raises(NotThere, match="key is 'x': there is nothing under it"):
        state.remove("x")
    with pytest.raises(BadState, match="key is 7: it must be a text"):
        state.update(7, MVRegister, lambda x: x.write("ann", 1))
    assert state == Map()
