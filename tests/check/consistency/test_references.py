"""Thousands of histories from seeds: the verdicts are those of objects written a second time, with all orders tried."""

from __future__ import annotations

from random import Random

import pytest

from lessons.check import linearizable, sequentially_consistent, sketch
from lessons.check.consistency.models import CASRegister, Model, Register, Set
from tests.check.consistency.references import REFERENCES, drawn, has_order
from tests.check.consistency.worlds import op

SEEDS = range(1500)


@pytest.mark.parametrize("name", REFERENCES)
def test_linearizability_is_judged_as_by_the_reference(name: str) -> None:
    reference = REFERENCES[name]
    verdicts = set()
    for seed in SEEDS:
        history = drawn(reference, Random(f"{name}/{seed}"))
        verdict = linearizable(history, reference.model).holds
        assert verdict is has_order(reference, history, timed=True), f"seed {seed}"
        verdicts.add(verdict)
    assert verdicts == {True, False}


@pytest.mark.parametrize("name", REFERENCES)
def test_sequential_consistency_is_judged_as_by_the_reference(name: str) -> None:
    reference = REFERENCES[name]
    verdicts = set()
    for seed in SEEDS:
        history = drawn(reference, Random(f"{name}/{seed}"))
        verdict = sequentially_consistent(history, reference.model).holds
        assert verdict is has_order(reference, history, timed=False), f"seed {seed}"
        verdicts.add(verdict)
    assert verdicts == {True, False}


def test_a_read_that_follows_another_at_one_moment_is_seen_when_the_first_one_is() -> None:
    history = [op("ann", "read", 4, 5, 0), op("bob", "write 1", 1, 5), op("ann", "read", 5, 6, 0)]
    assert linearizable(history, Register(0))


def test_a_read_that_follows_a_failed_cas_at_one_moment_is_seen_too() -> None:
    history = [op("bob", "write 2", 4, 7), op("ann", "cas 1 2", 7, 7, False), op("ann", "read", 7, 8, 0)]
    assert linearizable(history, CASRegister(0))


@pytest.mark.parametrize("model", [Register(0), CASRegister(0)])
def test_of_two_operations_called_at_one_moment_the_one_that_returned_first_came_first(model: Model) -> None:
    history = [op("ann", "write 2", 5, 7), op("ann", "write 1", 5, 5), op("ann", "read", 8, 9, 1)]
    assert linearizable(history, model).holds is False
    assert sequentially_consistent(history, model).holds is False


def test_a_read_of_a_whole_set_sees_its_items_also_where_times_do_not_count() -> None:
    seen = sketch("ann [add 1 = True] [add 2 = True] [read = 3]")
    whole = [*seen[:2], op("ann", "read", 90, 91, [1, 2])]
    assert sequentially_consistent(whole, Set())
    assert sequentially_consistent([*seen[:2], op("ann", "read", 90, 91, [])], Set()).holds is False
