"""A cache in front of a database: by modulo a join floods the database, by a consistent placement it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.check import holds
from lessons.partitioning.hash_ring import HashRing, Jump, Modulo, Placement, Rendezvous
from lessons.partitioning.hash_ring.runs import Settled, Spared, cache_run
from lessons.trace import Sent

SEEDS = range(40)


@pytest.mark.parametrize(("rule", "least"), [(Settled, 40), (Spared, 35)])
def test_modulo_breaks_both_rules_under_nearly_every_seed(rule: object, least: int) -> None:
    traces = [cache_run(seed, Modulo, rules=[rule]).run(until=30) for seed in SEEDS]  # type: ignore[list-item]
    assert sum(trace.violation is not None for trace in traces) >= least


@pytest.mark.parametrize("by", [HashRing, Jump, Rendezvous])
def test_a_consistent_placement_keeps_the_caches_settled_under_every_seed(by: type[Placement]) -> None:
    for seed in SEEDS:
        holds(cache_run(seed, by).run(until=30))


def test_the_ring_spares_the_database_under_the_same_seeds_but_for_bad_luck() -> None:
    traces = [cache_run(seed, HashRing, rules=[Spared]).run(until=30) for seed in SEEDS]
    assert sum(trace.violation is not None for trace in traces) <= 2  # 12 keys are few: a newcomer may draw 7 of them


def test_every_key_is_read_twice_and_answered() -> None:
    sim = cache_run(3, HashRing)
    trace = sim.run(until=30)
    assert len(trace.only(Sent, node="web")) == 24
    assert sim.state["web"].caches == 4 and 12 <= sim.state["database"].asked <= 24


@pytest.mark.parametrize("by", [Modulo, HashRing])
def test_a_run_is_word_for_word_what_it_was(by: type[Placement]) -> None:
    golden = Path(__file__).with_name("golden") / f"{by.__name__.lower()}.txt"
    assert cache_run(2, by, caches=2, keys=3, rules=()).run(until=30).transcript() + "\n" == golden.read_text()
