"""Figures of the chapter: an entry costs two messages for each other server, less when many travel together."""

from __future__ import annotations

from statistics import median

import pytest

from lessons.agreement.raft.measure import busy_run, cost, load_run, until_busy_done, until_done, without_leader


@pytest.mark.parametrize("size", [3, 5, 7])
def test_an_entry_costs_a_message_to_each_other_server_and_an_answer(size: int) -> None:
    assert cost(size, window=1, total=100).messages == pytest.approx(2 * (size - 1), rel=0.05)


def test_entries_under_way_share_messages_and_time() -> None:
    alone, shared = cost(3, window=1, total=200), cost(3, window=50, total=200)
    assert shared.messages < alone.messages / 5 and shared.seconds < alone.seconds / 5


def test_an_entry_waits_for_a_disk_and_a_round_of_messages_and_not_for_a_heartbeat() -> None:
    assert 0.002 < cost(3, window=1, total=100).seconds < 0.005  # 4 times 0.5 ms on the way, and a sync of 1 ms


@pytest.mark.parametrize("window", [1, 7, 300])
def test_every_command_is_executed_once_whoever_proposes_it(window: int) -> None:
    served, (sim, leader) = load_run(3, window, total=100), busy_run(3, window, total=100)
    until_busy_done(sim, leader)
    assert until_done(served).done == leader.done == leader.begun == 100
    assert leader.applied == 101 and leader.machine.text == f"{100:020}"


def test_without_a_spread_of_timeouts_elections_take_longer() -> None:
    tight, wide = (median(without_leader(seed, (0.15, most)) for seed in range(15)) for most in (0.151, 0.3))
    assert tight > 5 * wide and wide < 0.5
