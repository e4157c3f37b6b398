"""The search itself, on systems of small numbers: nothing is missed, nothing is met late, little is tried twice."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import product
from math import factorial
from random import Random

import pytest

from lessons.check.explore.judge import Finding
from lessons.check.explore.search import Search

Local = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """A move of one part of a system."""

    part: int
    label: int


@dataclass
class Parts:
    """Parts that move by tables of their own. Some pairs of moves are said not to commute, though all do."""

    start: Local
    table: dict[tuple[int, int, int], int]  # part, its state, label -> its next state
    order: list[Step]
    apart: set[tuple[Step, Step]] = field(default_factory=set)
    bad: Local | None = None

    def moves(self, state: Local) -> list[Step]:
        return [move for move in self.order if (move.part, state[move.part], move.label) in self.table]

    def after(self, state: Local, move: Step) -> tuple[Local, Finding | None]:
        to = self.table[move.part, state[move.part], move.label]
        after = (*state[: move.part], to, *state[move.part + 1 :])
        return after, Finding("Bad", "") if after == self.bad else None

    def commute(self, state: Local, one: Step, other: Step) -> bool:
        return one.part != other.part and not {(one, other), (other, one)} & self.apart


def at_random(seed: int) -> Parts:
    """Three parts with three states each, which may be reached in many ways, and in circles."""
    chance = Random(seed)
    order = [Step(part, label) for part in range(3) for label in range(2)]
    chance.shuffle(order)
    places = product(range(3), range(3), range(2))
    table = {place: chance.randrange(3) for place in places if chance.random() < 0.7}
    return Parts((0, 0, 0), table, order, {pair for pair in product(order, order) if chance.random() < 0.2})


def depths(parts: Parts) -> dict[Local, int]:
    """How many moves away each state is, found by a search without any reduction."""
    found, open_ = {parts.start: 0}, deque([parts.start])
    while open_:
        state = open_.popleft()
        for move in parts.moves(state):
            after = parts.after(state, move)[0]
            if after not in found:
                found[after] = found[state] + 1
                open_.append(after)
    return found


def searched(parts: Parts, sleeping: bool = True, merging: bool = True, depth: int = 99) -> Search[Local, Step]:
    search = Search(parts, sleeping, merging)
    for _ in search.run(depth):
        pass
    return search


@pytest.mark.parametrize("block", range(10))
def test_with_sleeping_moves_every_state_is_met_once_and_by_a_shortest_way(block: int) -> None:
    for seed in range(200 * block, 200 * block + 200):
        parts = at_random(seed)
        search, right = searched(parts), depths(parts)
        assert len(search.states) == len(set(search.states)) == len(right)
        for place, state in enumerate(search.states):
            assert len(search.schedule(place)) == right[state]
            now = parts.start
            for move in search.schedule(place):
                now, _ = parts.after(now, move)
            assert now == state


@pytest.mark.parametrize("seed", range(50))
def test_without_merging_a_search_with_sleeping_moves_meets_the_same_states(seed: int) -> None:
    parts = at_random(seed)
    assert set(searched(parts, merging=False, depth=5).states) == {
        state for state, depth in depths(parts).items() if depth <= 5
    }


def steps(parts: int) -> Parts:
    """Parts that make one step each, and never meet."""
    return Parts((0,) * parts, {(part, 0, 0): 1 for part in range(parts)}, [Step(part, 0) for part in range(parts)])


@pytest.mark.parametrize("parts", [2, 3, 5, 7])
def test_steps_that_commute_cost_a_power_of_two_and_not_a_factorial(parts: int) -> None:
    orders = sum(factorial(parts) // factorial(parts - done) for done in range(parts + 1))
    assert len(searched(steps(parts), sleeping=False, merging=False).states) == orders
    assert len(searched(steps(parts), merging=False).states) == 2**parts
    both = searched(steps(parts))
    assert (len(both.states), both.transitions) == (2**parts, 2**parts - 1)
    assert searched(steps(parts), sleeping=False).transitions == parts * 2 ** (parts - 1)


def test_a_search_ends_with_the_shortest_attempt_that_breaks_something() -> None:
    for seed in range(200):
        parts = at_random(seed)
        right = depths(parts)
        for parts.bad in list(right)[1::3]:
            search = searched(parts)
            assert search.broken == Finding("Bad", "")
            assert len(search.attempt()) == right[parts.bad]


def test_what_lies_beyond_the_depth_is_waiting_and_nothing_is_when_it_was_just_enough() -> None:
    assert searched(steps(3), depth=2).waiting and not searched(steps(3), depth=3).waiting
