"""Laws of every type: merging is a join, updates move upwards, deltas bring what updates did."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.replication.crdts.codec import dumps, loads
from lessons.replication.crdts.errors import ForeignState
from lessons.replication.crdts.lattice import Lattice
from lessons.replication.crdts.updates import perform
from lessons.replication.crdts.workload import choose
from tests.replication.crdts.histories import NAMES, STATES, STEPS, Step, group

EVERY = pytest.mark.parametrize("kind", STATES, ids=lambda kind: kind.kind)
LAWS = settings(max_examples=60, deadline=None, derandomize=True)


def joined(*states: Any) -> Any:
    result = states[0].copy()
    for state in states[1:]:
        result.merge(state)
    return result


def states_and_deltas(kind: type[Lattice], steps: list[Step]) -> list[Any]:
    """The states that replicas of one history went through, and its deltas."""
    made = group(kind, steps)
    return [*made.states, *(state for state, _ in made.past), *(delta for delta, _, _ in made.deltas)]


@EVERY
@LAWS
@given(steps=STEPS, picks=st.tuples(*[st.integers(0, 10**6)] * 3))
def test_merging_is_commutative_associative_and_idempotent(kind: type[Lattice], steps: list[Step], picks: Any) -> None:
    found = states_and_deltas(kind, steps)
    a, b, c = (found[pick % len(found)] for pick in picks)
    assert joined(a, b) == joined(b, a)
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(a, a) == a


@EVERY
@LAWS
@given(steps=STEPS, picks=st.tuples(*[st.integers(0, 10**6)] * 2))
def test_the_join_is_the_least_upper_bound(kind: type[Lattice], steps: list[Step], picks: Any) -> None:
    found = states_and_deltas(kind, steps)
    a, b = (found[pick % len(found)] for pick in picks)
    both = joined(a, b)
    assert a <= both and b <= both
    assert kind() <= a and joined(kind(), a) == a
    assert all(both <= bound for bound in found if a <= bound and b <= bound)


@EVERY
@LAWS
@given(steps=STEPS, at=st.integers(0, 2), chance=st.randoms(use_true_random=False))
def test_an_update_moves_upwards_and_its_delta_does_the_same(
    kind: type[Lattice], steps: list[Step], at: int, chance: Any
) -> None:
    state: Any = group(kind, steps).states[at]
    before = state.copy()
    name, args = choose(state, chance, NAMES[at])
    delta = perform(state, NAMES[at], name, args, time=7)
    assert before <= state
    assert joined(before, delta) == state
    assert joined(before, delta, delta) == state


@EVERY
@LAWS
@given(steps=STEPS)
def test_deltas_joined_into_one_bring_the_same_as_each_alone(kind: type[Lattice], steps: list[Step]) -> None:
    made = group(kind, steps)
    deltas = [delta for delta, _, _ in made.deltas]
    assert joined(kind(), *deltas) == joined(kind(), joined(kind(), *deltas[::2]), joined(kind(), *deltas[1::2]))
    everything = made.settle().states
    assert joined(kind(), *deltas).value == everything[0].value == everything[1].value == everything[2].value


@EVERY
@LAWS
@given(steps=STEPS)
def test_every_replica_shows_what_the_updates_that_it_has_seen_ask_for(kind: type[Lattice], steps: list[Step]) -> None:
    made = group(kind, steps)
    assert made.complaints() == []
    assert made.settle().complaints() == []


@EVERY
@LAWS
@given(steps=STEPS)
def test_merge_says_whether_it_changed_anything(kind: type[Lattice], steps: list[Step]) -> None:
    made = group(kind, steps)
    for state in made.states:
        for other in made.states:
            twin = state.copy()
            assert twin.merge(other) is (twin != state)


@EVERY
@LAWS
@given(steps=STEPS)
def test_states_and_deltas_survive_their_json_form(kind: type[Lattice], steps: list[Step]) -> None:
    for state in states_and_deltas(kind, steps):
        again = loads(dumps(state), kind)
        assert again == state and again.value == state.value
        assert dumps(again) == dumps(state)


@EVERY
@LAWS
@given(steps=STEPS)
def test_a_merge_leaves_the_other_as_it_was_and_shares_nothing_with_it(kind: type[Lattice], steps: list[Step]) -> None:
    made = group(kind, steps)
    first, second = made.states[0], made.states[1]
    text = dumps(second)
    first.merge(second)
    assert dumps(second) == text
    made.update(0, Random(5))
    assert dumps(second) == text


@EVERY
def test_a_state_of_another_type_is_refused(kind: type[Lattice]) -> None:
    for other in STATES:
        if other is not kind:
            mine: Any = kind()
            with pytest.raises(ForeignState, match=f"other is a {other.__name__}: a {kind.__name__} merges"):
                mine.merge(other())
