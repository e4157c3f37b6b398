"""Laws: what each kind of database can show and what it can't; and that brute force comes to the same verdicts."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lessons.check.isolation import Append, Isolation, Read, Transaction, Write, check_isolation
from tests.check.isolation.by_force import is_serializable, is_snapshot_isolated
from tests.check.isolation.databases import DATABASES, Workload

SEEDS = range(40)
ALLOWED = {
    "serial": set(),
    "two-phase locking": set(),
    "snapshot isolation": {"G2-item"},
    "read committed": {"G-single", "G-nonadjacent", "G2-item"},
}


def run(database: str, seed: object, lists: bool, transactions: int = 60, **facts: int) -> list[Transaction]:
    """The history of one run of a simulated database."""
    return Workload(seed, lists, **facts).run(DATABASES[database](lists), transactions)


@pytest.mark.parametrize("lists", [True, False], ids=["lists", "registers"])
@pytest.mark.parametrize("database", ALLOWED)
def test_a_database_shows_no_anomaly_that_its_level_forbids(database: str, lists: bool) -> None:
    for seed in SEEDS:
        kinds = {anomaly.kind for anomaly in check_isolation(run(database, seed, lists)).anomalies}
        assert kinds <= ALLOWED[database], f"seed {seed}"


@pytest.mark.parametrize("lists", [True, False], ids=["lists", "registers"])
@pytest.mark.parametrize("database", ["serial", "two-phase locking"])
def test_what_locks_to_the_end_is_strict_serializable(database: str, lists: bool) -> None:
    for seed in SEEDS:
        verdict = check_isolation(run(database, seed, lists), "real-time")
        assert verdict.anomalies == () and verdict.strongest == ("strict serializable",), f"seed {seed}"


@pytest.mark.parametrize("lists", [True, False], ids=["lists", "registers"])
def test_snapshots_of_the_present_are_strong_snapshot_isolation(lists: bool) -> None:
    for seed in SEEDS:
        assert check_isolation(run("snapshot isolation", seed, lists), "real-time").allows("strong snapshot isolation")


@pytest.mark.parametrize(
    ("database", "needed"),
    [
        ("snapshot isolation", {"write skew"}),
        ("read committed", {"lost update", "read skew", "non-repeatable read", "write skew", "G-nonadjacent"}),
        ("no isolation", {"G0", "G1a", "G1b", "G1c", "G-single", "internal", "dirty update"}),
    ],
)
def test_a_weak_database_is_found_out(database: str, needed: set[str]) -> None:
    found: Counter[str] = Counter()
    for seed in SEEDS:
        for anomaly in check_isolation(run(database, seed, lists=True)).anomalies:
            found.update({anomaly.kind, anomaly.name})
    assert needed <= set(found)


@st.composite
def histories(draw: st.DrawFn, lists: bool) -> list[Transaction]:
    """Up to 4 transactions on 2 keys that return whatever a database might have said."""
    names = draw(st.integers(1, 4))
    shape = st.lists(st.tuples(st.booleans(), st.sampled_from("xy")), min_size=1, max_size=3)
    plans = [draw(shape) for _ in range(names)]
    steps = [step for plan in plans for step in plan]
    values = {key: [number for number, step in enumerate(steps) if step == (True, key)] for key in "xy"}
    orders = {key: draw(st.permutations(values[key])) for key in "xy"}
    numbers = iter(range(100))
    made = []
    for place, plan in enumerate(plans):
        mine: dict[str, list[int]] = {"x": [], "y": []}
        done: list[Append | Read | Write] = []
        for writes, key in plan:
            value = next(numbers)
            if writes:
                mine[key].append(value)
                done.append(Append(key, value) if lists else Write(key, value))
            elif lists:
                others = [each for each in orders[key] if each not in mine[key]]
                done.append(Read(key, others[: draw(st.integers(0, len(others)))] + mine[key]))
            else:
                done.append(Read(key, mine[key][-1] if mine[key] else draw(st.sampled_from([None, *values[key]]))))
        start = draw(st.integers(0, 9))
        outcome = draw(st.sampled_from(["committed", "committed", "committed", "aborted", "unknown"]))
        made.append(Transaction(f"T{place}", done, outcome, f"p{place}", start, start + draw(st.integers(0, 4))))
    return made


def of_runs(lists: bool) -> st.SearchStrategy[list[Transaction]]:
    """Short runs of the simulated databases."""
    short = st.integers(0, 100_000).map(lambda seed: (seed, Random(seed).choice(list(DATABASES))))
    return short.map(lambda pair: run(pair[1], pair[0], lists, 4, keys=2, clients=3, longest=3))


@settings(max_examples=400, deadline=None)
@given(histories(lists=True) | of_runs(lists=True))
def test_for_lists_the_graph_says_of_serializability_what_brute_force_says(history: list[Transaction]) -> None:
    assert check_isolation(history).allows("serializable") == is_serializable(history)


@settings(max_examples=400, deadline=None)
@given(histories(lists=True) | of_runs(lists=True))
def test_for_lists_the_graph_says_of_strictness_what_brute_force_says(history: list[Transaction]) -> None:
    strict = check_isolation(history, "real-time").allows("strict serializable")
    assert strict == is_serializable(history, in_real_time=True)


def reads_all(history: list[Transaction]) -> list[Transaction]:
    """``history`` with a last reader of both lists, so that the order of all committed appends is known."""
    whole = {key: _longest(history, key) for key in "xy"}
    written = [
        op for each in history if each.outcome == "committed" for op in each.operations if isinstance(op, Append)
    ]
    for append in written:
        if append.value not in whole[append.key]:
            whole[append.key] = (*whole[append.key], append.value)
    return [*history, Transaction("last", [Read(key, whole[key]) for key in "xy"])]


def _longest(history: list[Transaction], key: str) -> tuple[int, ...]:
    committed = [each for each in history if each.outcome == "committed"]
    reads = [op.value for each in committed for op in each.operations if isinstance(op, Read) and op.key == key]
    return max((tuple(value) for value in reads if isinstance(value, tuple)), key=len, default=())


@settings(max_examples=300, deadline=None)
@given(histories(lists=True).map(reads_all))
def test_where_every_append_was_read_the_graph_says_of_snapshots_what_brute_force_says(
    history: list[Transaction],
) -> None:
    assert check_isolation(history).allows("snapshot isolation") == is_snapshot_isolated(history)


@settings(max_examples=400, deadline=None)
@given(histories(lists=False) | of_runs(lists=False))
def test_for_registers_nothing_is_reported_that_brute_force_can_explain(history: list[Transaction]) -> None:
    verdict = check_isolation(history)
    assert verdict.allows("serializable") or not is_serializable(history)
    assert verdict.allows("snapshot isolation") or not is_snapshot_isolated(history)
    strict = check_isolation(history, "real-time").allows("strict serializable")
    assert strict or not is_serializable(history, in_real_time=True)


@settings(max_examples=200, deadline=None)
@given(st.booleans().flatmap(lambda lists: histories(lists) | of_runs(lists)), st.randoms(use_true_random=False))
@example([Transaction("T1", [Read("x", [])]), Transaction("T2", [Append("x", 1)])], Random(1))
def test_the_verdict_does_not_depend_on_the_order_in_which_transactions_are_told(
    history: list[Transaction], rng: Random
) -> None:
    shuffled = rng.sample(history, len(history))
    assert kinds(check_isolation(shuffled)) == kinds(check_isolation(history))


def kinds(verdict: Isolation) -> tuple[tuple[str, ...], set[str]]:
    """Levels, and kinds of single reads; of cycles the examples may be others."""
    return verdict.levels, {anomaly.kind for anomaly in verdict.anomalies if not anomaly.cycle and not anomaly.name}


@settings(max_examples=200, deadline=None)
@given(st.booleans().flatmap(lambda lists: histories(lists) | of_runs(lists)))
def test_an_order_changes_nothing_about_the_levels_that_need_none(history: list[Transaction]) -> None:
    plain = check_isolation(history).levels
    assert check_isolation(history, "real-time").levels[: len(plain)] == plain


@settings(max_examples=200, deadline=None)
@given(st.booleans().flatmap(lambda lists: histories(lists) | of_runs(lists)))
def test_every_cycle_is_a_cycle_of_its_transactions(history: list[Transaction]) -> None:
    for anomaly in check_isolation(history, "real-time").anomalies:
        if anomaly.cycle:
            names = [each.name for each in anomaly.transactions]
            assert [edge.source for edge in anomaly.cycle] == names and len(set(names)) == len(names)
            assert [edge.target for edge in anomaly.cycle] == [*names[1:], names[0]]
