"""Thousands of histories from seeds, each kind of anomaly and each level by itself: as drawn by hand, and by force."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from lessons.check.isolation import Append, Read, Transaction, check_isolation
from lessons.check.isolation.anomalies import NAMES
from lessons.check.isolation.orders import Order
from tests.check.isolation.by_graph import (
    cycles,
    drawn,
    has_serial_order,
    has_snapshots,
    kind,
    names,
    timed,
)

SEEDS = range(2000)
WORSE_OR_AS_BAD = {
    "G0": {"G0"},
    "G1c": {"G0", "G1c"},
    "G-single": {"G0", "G1c", "G-single", "G-nonadjacent"},
    "G-nonadjacent": {"G0", "G1c", "G-single", "G-nonadjacent"},
    "G2-item": {"G0", "G1c", "G-single", "G-nonadjacent", "G2-item"},
}
ORDERS: dict[Order, tuple[str, str]] = {
    "none": ("serializable", "snapshot isolation"),
    "session": ("strong session serializable", "strong session snapshot isolation"),
    "real-time": ("strict serializable", "strong snapshot isolation"),
}


def test_of_each_kind_a_cycle_is_reported_or_one_that_is_as_bad_or_worse() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        case = drawn(Random(seed))
        due, verdict = {kind(cycle) for cycle in cycles(case)}, check_isolation(case.history)
        found = {kind(tuple((edge.kind, edge.key) for edge in each.cycle)) for each in verdict.anomalies if each.cycle}
        assert found <= due, f"seed {seed}"
        for each in due:
            assert found & WORSE_OR_AS_BAD[each], f"seed {seed}: {each}"
        counts.update(due)
    assert set(counts) == set(WORSE_OR_AS_BAD)


def test_whatever_has_a_popular_name_is_reported_by_it_and_nothing_else_is() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        case = drawn(Random(seed))
        due = names(case)
        assert {each.name for each in check_isolation(case.history).anomalies} - {""} == due, f"seed {seed}"
        counts.update(due)
    assert set(counts) == set(NAMES)


@pytest.mark.parametrize("order", ORDERS)
def test_levels_with_an_order_are_judged_as_by_trying_everything(order: Order) -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    for seed in SEEDS[:1000]:
        chance = Random(seed)
        history = timed(drawn(chance), chance)
        if len(history) > 5:
            continue
        verdict = check_isolation(history, order)
        for level, by_force in zip(ORDERS[order], (has_serial_order, has_snapshots), strict=True):
            right = by_force(history, order)
            assert verdict.allows(level) is right, f"seed {seed}: {level}"
            counts[level, right] += 1
    assert min(counts.values()) > 100 and len(counts) == 4


def test_of_two_transactions_that_a_client_began_at_one_moment_the_one_that_ended_first_came_first() -> None:
    history = [
        Transaction("T2", [Read("x", [1])], process="ann", start=5, end=7),
        Transaction("T1", [Append("x", 1)], process="ann", start=5, end=5),
    ]
    assert check_isolation(history, "session").strongest == ("strong session serializable",)


def test_one_answer_in_the_middle_of_another_transaction_is_no_non_repeatable_read() -> None:
    history = [Transaction("T1", [Append("x", 1), Append("x", 2)]), Transaction("T2", [Read("x", [1])])]
    verdict = check_isolation([*history, Transaction("T3", [Read("x", [1, 2])])])
    assert [each.title for each in verdict.anomalies] == ["G1b", "G-single"]
