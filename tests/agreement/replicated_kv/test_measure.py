"""What reads cost is what the thesis says: a round of heartbeats, shared by all who ask at once, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.replicated_kv.measure import LEVELS, cost, load_of, load_run, until_done


def price(level: str, **options: Any) -> float:
    """Messages between servers for one read of a level."""
    return cost(**{"what": "read", "total": 100, **LEVELS[level], **options}).messages


@pytest.mark.parametrize("size", [3, 5, 7])
def test_a_read_index_costs_a_message_to_each_other_server_and_an_answer(size: int) -> None:
    assert price("linearizable, leader", size=size) == pytest.approx(2 * (size - 1), rel=0.02)
    assert price("linearizable, follower", size=size) == pytest.approx(2 * (size - 1) + 2, rel=0.02)
    assert price("through the log", size=size) == pytest.approx(2 * (size - 1), rel=0.02)


@pytest.mark.parametrize("level", ["linearizable, leader with a lease", "session, follower", "stale, follower"])
def test_some_reads_cost_no_message_at_all(level: str) -> None:
    assert price(level) == 0.0


def test_many_reads_at_once_share_a_round_and_bounded_ones_a_read_index() -> None:
    assert price("linearizable, leader", at_once=50, total=500) < 0.5
    assert price("linearizable, follower", at_once=50, total=500) < 0.6
    assert price("bounded, 50 ms, follower") < 0.5


def test_a_read_through_the_log_waits_for_a_disk_and_a_read_index_does_not() -> None:
    log, index, stale = (cost(**{"what": "read", **LEVELS[level]}).seconds for level in (
        "through the log", "linearizable, leader", "stale, follower"))  # fmt: skip
    assert log > index + 0.0009 and index > 1.7 * stale


def test_a_load_does_all_that_it_was_told_to_and_no_more() -> None:
    sim = load_run(3, 300, 40)
    load = until_done(sim)
    assert (load.done, load.begun) == (300, 300)
    server = sim.node(str(leader_of(sim.state)))
    assert server.machine.keyspace.revision == 300  # type: ignore[attr-defined]
    assert load_of(sim) is load
