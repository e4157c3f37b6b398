"""The decisions of a job pool, one claim a test, by hand and without threads."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.tickets import Overflow, Phase, Status, Ticket


def pool_of(size: int = 1, capacity: int = 2, policy: Overflow = Overflow.BLOCK) -> Dispatcher[str]:
    dispatcher: Dispatcher[str] = Dispatcher(size, capacity, policy)
    for _ in range(size):
        dispatcher.hire(0.0)
    return dispatcher


def submit(dispatcher: Dispatcher[str], jobs: str, **facts: Any) -> list[Ticket[str]]:
    return [dispatcher.submit(job, dispatcher.meter.now, **facts) for job in jobs]


def done(dispatcher: Dispatcher[str], worker: int = 1, now: float | None = None, error: str | None = None) -> None:
    time = dispatcher.meter.now if now is None else now
    dispatcher.finish(worker, time, error)
    dispatcher.free(worker, time)


def states(tickets: list[Ticket[str]]) -> list[str]:
    return [ticket.status.value for ticket in tickets]


def test_jobs_run_in_the_order_in_which_they_came() -> None:
    pool = pool_of()
    tickets = submit(pool, "abc")
    assert states(tickets) == ["running", "queued", "queued"]
    done(pool)
    assert states(tickets) == ["done", "running", "queued"]
    done(pool)
    done(pool)
    assert states(tickets) == ["done", "done", "done"]


def test_a_higher_priority_goes_first_but_interrupts_nobody() -> None:
    pool = pool_of(capacity=3)
    running, low = submit(pool, "ab")
    (high,) = submit(pool, "c", priority=5)
    assert states([running, low, high]) == ["running", "queued", "queued"]
    done(pool)
    assert states([running, low, high]) == ["done", "queued", "running"]


def test_a_job_that_raised_fails_with_its_error_and_the_worker_goes_on() -> None:
    pool = pool_of()
    bad, next_one = submit(pool, "ab")
    done(pool, error="ZeroDivisionError")
    assert (bad.status, bad.why, next_one.status) == (Status.FAILED, "ZeroDivisionError", Status.RUNNING)


def test_a_worker_gets_no_job_before_it_is_free() -> None:
    pool = pool_of()
    _, waiting = submit(pool, "ab")
    pool.finish(1, 0.0)
    assert waiting.status is Status.QUEUED
    pool.free(1, 0.0)
    assert waiting.status is Status.RUNNING


@pytest.mark.parametrize(
    ("policy", "newcomer", "others"),
    [
        (Overflow.BLOCK, "waiting", ["running", "queued", "queued"]),
        (Overflow.REJECT, "rejected", ["running", "queued", "queued"]),
        (Overflow.CALLER_RUNS, "handed back", ["running", "queued", "queued"]),
        (Overflow.DROP_OLDEST, "queued", ["running", "dropped", "queued"]),
        (Overflow.DROP_NEWEST, "dropped", ["running", "queued", "queued"]),
    ],
)
def test_a_full_queue_follows_the_policy(policy: Overflow, newcomer: str, others: list[str]) -> None:
    pool = pool_of(policy=policy)
    before = submit(pool, "abc")
    (last,) = submit(pool, "d")
    assert (last.status.value, states(before)) == (newcomer, others)


@pytest.mark.parametrize("policy", [Overflow.DROP_OLDEST, Overflow.DROP_NEWEST])
def test_only_the_least_important_jobs_are_dropped(policy: Overflow) -> None:
    pool = pool_of(policy=policy)
    _, high, low = [pool.submit(job, 0.0, priority=priority) for job, priority in (("a", 0), ("b", 9), ("c", 1))]
    middle = pool.submit("d", 0.0, priority=5)
    assert states([high, low, middle]) == ["queued", "dropped", "queued"]
    lowest = pool.submit("e", 0.0, priority=0)
    assert states([high, middle, lowest]) == ["queued", "queued", "dropped"]


def test_with_no_capacity_a_job_needs_an_idle_worker() -> None:
    pool = pool_of(size=2, capacity=0, policy=Overflow.REJECT)
    tickets = submit(pool, "abc")
    assert states(tickets) == ["running", "running", "rejected"]


def test_who_is_held_back_gets_in_when_there_is_room() -> None:
    pool = pool_of(capacity=1)
    tickets = submit(pool, "abcd")
    assert states(tickets) == ["running", "queued", "waiting", "waiting"]
    done(pool)
    assert states(tickets) == ["done", "running", "queued", "waiting"]


def test_a_nested_submitter_is_never_held_back() -> None:
    pool = pool_of(capacity=0)
    submit(pool, "a")
    assert states(submit(pool, "b", nested=True)) == ["handed back"]


def test_a_queued_job_can_be_taken_back_and_a_running_one_cannot() -> None:
    pool = pool_of()
    running, queued = submit(pool, "ab")
    assert not pool.cancel(running, 0.0)
    assert pool.cancel(queued, 0.0)
    assert pool.cancel(queued, 0.0), "asked again, it is still cancelled"
    assert states([running, queued]) == ["running", "cancelled"]


def test_to_take_back_a_queued_job_makes_room() -> None:
    pool = pool_of(capacity=1)
    _, queued, held = submit(pool, "abc")
    pool.cancel(queued, 0.0)
    assert held.status is Status.QUEUED


def test_a_job_whose_limit_is_over_in_the_queue_is_never_begun() -> None:
    pool = pool_of()
    _, late = submit(pool, "ab", limit=None)
    (hurried,) = submit(pool, "c", limit=2.0)
    done(pool, now=2.0)
    assert (hurried.status, hurried.began) == (Status.TIMED_OUT, None)
    assert hurried.why == "its time limit was over before it began"
    assert late.status is Status.RUNNING


def test_a_running_job_times_out_but_keeps_its_worker() -> None:
    pool = pool_of()
    (slow,) = submit(pool, "a", limit=1.0)
    (queued,) = submit(pool, "b")
    pool.tick(1.5)
    assert states([slow, queued]) == ["timed out", "queued"]
    assert slow.why == "its time limit was over before it ended"
    assert (slow.ended, pool.busy, pool.running) == (1.0, 1, 0)
    done(pool, now=3.0)
    assert states([slow, queued]) == ["timed out", "running"]
    assert pool.meter.late == 1


def test_the_next_deadline_is_that_of_a_job_without_a_fate() -> None:
    pool = pool_of()
    submit(pool, "a", limit=5.0)
    (second,) = submit(pool, "b", limit=3.0)
    assert pool.next_deadline == 3.0
    pool.cancel(second, 1.0)
    assert pool.next_deadline == 5.0
    done(pool, now=2.0)
    assert pool.next_deadline == float("inf")


def test_a_lost_worker_fails_its_job_and_is_missed() -> None:
    pool = pool_of(size=2)
    first, second, third = submit(pool, "abc")
    pool.lose(1, 0.0)
    assert (first.status, first.why) == (Status.FAILED, "worker 1 was lost")
    assert (pool.missing, third.status) == (1, Status.QUEUED)
    assert pool.hire(0.0) == 3, "a number is never used again"
    assert states([second, third]) == ["running", "running"]


def test_a_worker_helps_with_the_job_that_its_job_waits_for() -> None:
    pool = pool_of(capacity=3)
    parent, other, child = submit(pool, "abc")
    assert pool.help(child, 1, 0.0)
    assert states([parent, other, child]) == ["running", "queued", "running"]
    assert pool.helped == 1
    pool.finish(1, 0.0)
    assert states([parent, other, child]) == ["running", "queued", "done"]
    assert not pool.help(child, 1, 0.0)


def test_a_lost_worker_fails_all_jobs_on_its_stack() -> None:
    pool = pool_of(capacity=3)
    parent, child = submit(pool, "ab")
    pool.help(child, 1, 0.0)
    pool.lose(1, 0.0)
    assert states([parent, child]) == ["failed", "failed"]


def test_a_closing_pool_works_off_its_queue_and_takes_nothing_more() -> None:
    pool = pool_of()
    tickets = submit(pool, "ab")
    pool.close(0.0)
    (late,) = submit(pool, "c")
    assert (late.status, late.why) == (Status.REJECTED, "the pool is closing")
    done(pool)
    assert pool.phase is Phase.CLOSING
    done(pool)
    assert (states(tickets), pool.phase, pool.left) == (["done", "done"], Phase.CLOSED, [])


def test_a_closing_pool_turns_away_who_is_held_back() -> None:
    pool = pool_of(capacity=0)
    _, held = submit(pool, "ab")
    pool.close(0.0)
    assert (held.status, pool.left) == (Status.REJECTED, [held])


def test_closing_can_cancel_what_is_queued() -> None:
    pool = pool_of()
    running, queued = submit(pool, "ab")
    pool.close(0.0, cancel=True)
    assert (states([running, queued]), pool.left) == (["running", "cancelled"], [queued])


def test_when_the_time_to_close_is_over_everything_left_is_told() -> None:
    pool = pool_of(size=2)
    (overrun,) = submit(pool, "a", limit=1.0)
    running, queued = submit(pool, "bc")
    pool.tick(1.0)
    pool.close(1.0)
    pool.end(2.0)
    assert states([overrun, running, queued]) == ["timed out", "timed out", "cancelled"]
    assert running.why == "the pool's time to close was over before it ended"
    assert {ticket.job for ticket in pool.left} == {"a", "b", "c"}
    pool.end(3.0)
    assert len(pool.left) == 3, "the second time there is nothing left"
    done(pool, now=4.0)
    assert (pool.meter.late, pool.phase, pool.missing) == (1, Phase.CLOSED, 0)


def test_a_lost_worker_of_a_closing_pool_is_replaced_while_jobs_are_queued() -> None:
    pool = pool_of()
    _, queued = submit(pool, "ab")
    pool.close(0.0)
    pool.lose(1, 0.0)
    assert pool.missing == 1
    pool.hire(0.0)
    assert queued.status is Status.RUNNING


def test_a_closed_pool_misses_no_worker() -> None:
    pool = pool_of()
    pool.close(0.0)
    pool.lose(1, 0.0)
    assert pool.missing == 0
    with pytest.raises(ValueError, match="the pool has 0 workers of 1 and is closed"):
        pool.hire(0.0)


def test_news_tell_every_change_once_and_in_order() -> None:
    pool = pool_of()
    first, second = submit(pool, "ab")
    assert pool.news() == [first, first, second]
    done(pool)
    assert pool.news() == [first, second]
    assert pool.news() == []


def test_the_meter_knows_the_means_of_a_small_run() -> None:
    pool = pool_of()
    submit(pool, "ab")  # at 0 s: a runs from 0 to 2, b waits from 0 to 2 and runs to 3
    done(pool, now=2.0)
    done(pool, now=3.0)
    pool.tick(6.0)
    meter = pool.meter
    assert (meter.mean_inside, meter.arrival_rate, meter.mean_stay) == (5 / 6, 2 / 6, 5 / 2)
    assert (meter.mean_queued, meter.mean_wait, meter.utilisation, meter.peak) == (2 / 6, 1.0, 3 / 6, 1)
    assert meter.fates == {Status.DONE: 2}


BAD_CALLS = {
    "size is 0: it must be at least 1": lambda: Dispatcher(0, 1),
    "capacity is -1: it must be at least 0": lambda: Dispatcher(1, -1),
    "size is 1.5: it must be a whole number": lambda: Dispatcher(1.5, 1),  # type: ignore[arg-type]
    "'perhaps' is not a valid Overflow": lambda: Dispatcher(1, 1, "perhaps"),  # type: ignore[arg-type]
    "priority is 'high': it must be a whole number": lambda: pool_of().submit("a", 0.0, priority="high"),  # type: ignore[arg-type]
    "limit is 0: it must be a finite number of seconds over 0": lambda: pool_of().submit("a", 0.0, limit=0),
    "limit is inf: it must be": lambda: pool_of().submit("a", 0.0, limit=float("inf")),
    "now is -1.0: it must be a finite time from 0.0 s on": lambda: pool_of().tick(-1.0),
    "now is nan: it must be": lambda: pool_of().tick(float("nan")),
    "worker is 1: it must be a worker that has a job": lambda: pool_of().finish(1, 0.0),
    "worker is 1: it must be one that has finished": lambda: pool_of().free(1, 0.0),
    r"worker is 7: it must be one of \[1\]": lambda: pool_of().lose(7, 0.0),
    "the pool has 1 workers of 1 and is open": lambda: pool_of().hire(0.0),
}


@pytest.mark.parametrize("says", BAD_CALLS)
def test_a_bad_call_names_argument_value_and_rule(says: str) -> None:
    with pytest.raises((ValueError, TypeError), match=says):
        BAD_CALLS[says]()


def test_a_refused_call_changes_nothing() -> None:
    pool = pool_of()
    submit(pool, "ab")
    before = (pool.gauges(), pool.meter.now)
    for call in (
        lambda: pool.submit("c", -1.0),
        lambda: pool.submit("c", 5.0, limit=-1.0),
        lambda: pool.finish(2, 5.0),
        lambda: pool.finish(1, -5.0),
        lambda: pool.help(Ticket(9, "z", 0, 0.0), 2, 5.0),
        lambda: pool.free(1, 5.0),
    ):
        with pytest.raises(ValueError):
            call()
    assert (pool.gauges(), pool.meter.now) == before
