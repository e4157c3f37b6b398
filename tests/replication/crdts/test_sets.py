"""Sets: what each type does with a removal, and with an element that comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.replication.crdts.codec import dumps
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.orset import ORSet, TaggedSet
from lessons.replication.crdts.sets import GSet, LWWElementSet, TwoPhaseSet
from lessons.replication.crdts.updates import perform
from tests.replication.crdts.histories import STEPS, Group, Step

OBSERVED_REMOVE = pytest.mark.parametrize("kind", [TaggedSet, ORSet])


def pair(kind: Any) -> tuple[Any, Any]:
    return kind(), kind()


def meet(*states: Any) -> None:
    for state in states:
        for other in states:
            state.merge(other)


def test_a_grow_only_set_is_a_union() -> None:
    here, there = pair(GSet)
    here.add("milk")
    there.add("bread")
    there.add(7)
    meet(here, there)
    assert here.value == there.value == {"milk", "bread", 7}
    assert "milk" in here and "beer" not in here


def test_the_value_of_a_set_is_a_copy() -> None:
    for state in (GSet({"milk"}), TwoPhaseSet({"milk"})):
        state.value.clear()
        assert state.value == {"milk"}


def test_a_2p_set_removes_for_ever() -> None:
    here, there = pair(TwoPhaseSet)
    here.add("milk")
    there.merge(here)
    there.remove("milk")
    meet(here, there)
    assert here.value == there.value == set()
    with pytest.raises(NotThere, match="element is 'milk': it was removed, and a 2P-set never takes it back"):
        here.add("milk")
    assert here.added == here.removed == {"milk"}


@pytest.mark.parametrize("kind", [TwoPhaseSet, TaggedSet, ORSet])
def test_removing_what_has_not_arrived_is_refused_and_not_dropped_in_silence(kind: Any) -> None:
    state = kind()
    with pytest.raises(NotThere, match="element is 'milk': it is not in the set, so it can't be removed"):
        state.remove("milk")
    assert state == kind()


def test_in_an_lww_set_the_later_of_add_and_remove_decides() -> None:
    here, there = pair(LWWElementSet)
    here.add("ann", "milk", 5)
    there.merge(here)
    there.remove("bob", "milk", 6)
    here.add("ann", "milk", 9)
    meet(here, there)
    assert here.value == there.value == {"milk"}


def test_in_an_lww_set_an_update_that_saw_another_wins_whatever_the_clock_says() -> None:
    here, there = pair(LWWElementSet)
    here.add("ann", "milk", 3_600_000)
    there.merge(here)
    there.remove("bob", "milk", 5)
    meet(here, there)
    assert here.value == there.value == set()
    with pytest.raises(NotThere):
        here.remove("ann", "milk", 9)


@OBSERVED_REMOVE
def test_a_concurrent_addition_wins_and_an_element_may_come_back(kind: Any) -> None:
    here, there = pair(kind)
    here.add("ann", "milk")
    there.merge(here)
    here.remove("milk")
    there.add("bob", "milk")
    meet(here, there)
    assert here.value == there.value == {"milk"}
    here.remove("milk")
    meet(here, there)
    assert here.value == there.value == set()
    there.add("bob", "milk")
    meet(here, there)
    assert here.value == there.value == {"milk"}


@OBSERVED_REMOVE
def test_an_old_state_brings_nothing_back(kind: Any) -> None:
    here, there = pair(kind)
    here.add("ann", "milk")
    old = here.copy()
    there.merge(here)
    there.remove("milk")
    here.merge(there)
    here.merge(old)
    assert here.value == set()


def test_an_or_set_keeps_nothing_of_what_was_removed() -> None:
    state = ORSet()
    for number in range(1000):
        state.add("ann", number)
        state.remove(number)
    assert state.entries == {} and state.context.vector == {"ann": 1000} and state.context.cloud == set()


def test_an_or_set_can_be_emptied_and_what_is_added_meanwhile_stays() -> None:
    here, there = pair(ORSet)
    here.add("ann", "milk")
    here.add("ann", "bread")
    there.merge(here)
    delta = here.clear()
    there.add("bob", "beer")
    there.merge(delta)
    assert there.value == {"beer"}


def test_a_tagged_set_keeps_tombstones_until_they_are_purged() -> None:
    here, there = pair(TaggedSet)
    here.add("ann", "milk")
    here.add("ann", "bread")
    old = here.copy()
    here.remove("milk")
    there.merge(here)
    assert here.purge(here.checkpoint()) == 1
    assert (here.tags, here.tombstones, here.forgotten) == ({("ann", 2): "bread"}, set(), {"ann": 1})
    here.merge(old)
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == {"bread"} and here == there
    assert there.tombstones == set(), "who hears of it forgets it too"
    here.add("ann", "milk")
    assert ("ann", 3) in here.tags, "a tag is never used twice"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS, purges=st.lists(st.integers(0, 2), max_size=6))
def test_purging_what_everybody_has_changes_no_value_whatever_comes_later(steps: list[Step], purges: list[int]) -> None:
    made = Group(TaggedSet).play(steps).settle()
    twin = Group(TaggedSet).play(steps).settle()
    for at in purges:
        made.states[at].purge(made.states[at].checkpoint())
    made.play(steps)
    twin.play(steps)
    assert made.complaints() == []
    made.settle()
    twin.settle()
    assert [state.value for state in made.states] == [state.value for state in twin.states]
    assert made.complaints() == []


NO_ELEMENTS = [1.0, 1.5, float("nan"), None, True, b"milk", ("a", 1), ["a"], {}, "\ud800"]


@pytest.mark.parametrize("element", NO_ELEMENTS)
def test_what_only_looks_like_an_element_that_is_here_is_refused_and_changes_nothing(element: Any) -> None:
    for state in (TwoPhaseSet(), LWWElementSet(), TaggedSet(), ORSet()):
        perform(state, "ann", "add", [1])  # which is equal to True and to 1.0
        for change in ("add", "remove"):
            before = dumps(state)
            with pytest.raises(BadState, match="element is "):
                perform(state, "ann", change, [element])
            assert dumps(state) == before


@pytest.mark.parametrize("element", NO_ELEMENTS)
def test_an_element_is_a_text_or_a_whole_number(element: Any) -> None:
    for change in (
        GSet().add,
        TwoPhaseSet().add,
        lambda element: LWWElementSet().add("ann", element, 1),
        lambda element: TaggedSet().add("ann", element),
        lambda element: ORSet().add("ann", element),
    ):
        with pytest.raises(BadState, match="element is "):
            change(element)
