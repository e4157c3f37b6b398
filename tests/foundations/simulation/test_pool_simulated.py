"""The pool in the simulated world: what it answers, its rules under many seeds, and queueing theory."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lessons.check import holds
from lessons.foundations.simulation.pool.customers import Customer, Owner
from lessons.foundations.simulation.pool.erlang import bounded_queue, unbounded_queue
from lessons.foundations.simulation.pool.jobs import Pool
from lessons.foundations.simulation.pool.orders import KILLS, RAISES, Cancel, Close, Closed, Ended, Submit
from lessons.foundations.simulation.pool.runs import (
    POOL_RULES,
    bad_jobs,
    closing,
    flood,
    meter_of,
    nested_jobs,
    pool_run,
    queue_run,
    turmoil,
)
from lessons.foundations.simulation.pool.tickets import Status
from lessons.node import Client
from lessons.sim import Constant, Link, Simulation


class Script(Client):
    """Sends messages at times, and keeps the answers with the times at which they came."""

    def __init__(self, steps: list[tuple[float, Any]]) -> None:
        self.steps, self.answers = steps, []

    async def session(self) -> None:
        for at, message in self.steps:
            self.spawn(self.say(at, message))

    async def say(self, at: float, message: Any) -> None:
        await self.sleep(at)
        if isinstance(message, Cancel):
            self.send("pool", message)
        else:
            self.answers.append((self.now, await self.call("pool", message), self.now))


def answers(steps: list[tuple[float, Any]], **pool: Any) -> list[tuple[float, Any]]:
    """What the pool says, and when, if nothing takes time but work."""
    sim = Simulation(1, network=Link(Constant(0.0)), invariants=POOL_RULES)
    sim.add("pool", Pool, **pool)
    sim.add("script", Script, steps=steps)
    holds(sim.run())
    return [(round(came, 6), answer) for _, answer, came in sim.node("script").answers]  # type: ignore[attr-defined]


def test_jobs_are_done_by_so_many_workers_at_a_time() -> None:
    three = [(0.0, Submit(number, work=1.0)) for number in (1, 2, 3)]
    assert answers(three, size=2) == [(1.0, Ended(1, "done")), (1.0, Ended(2, "done")), (2.0, Ended(3, "done"))]


def test_a_bad_job_fails_and_its_worker_does_the_next() -> None:
    steps = [(0.0, Submit(1, work=1.0, ends=RAISES)), (0.0, Submit(2, work=1.0))]
    assert answers(steps, size=1) == [(1.0, Ended(1, "failed", "job 1 is a bad job")), (2.0, Ended(2, "done"))]


def test_a_killed_worker_is_replaced_after_a_while() -> None:
    steps = [(0.0, Submit(1, work=1.0, ends=KILLS)), (0.0, Submit(2, work=1.0))]
    came = answers(steps, size=1, restart=0.5)
    assert came == [(1.0, Ended(1, "failed", "worker 1 was lost")), (2.5, Ended(2, "done"))]


def test_a_job_that_waits_for_its_own_job_gets_it_done_on_one_worker() -> None:
    steps = [(0.0, Submit(1, work=1.0, depth=3)), (0.0, Submit(2, work=1.0))]
    assert answers(steps, size=1) == [(4.0, Ended(1, "done")), (5.0, Ended(2, "done"))]


def test_a_job_fails_when_the_job_it_waits_for_does() -> None:
    came = answers([(0.0, Submit(1, work=1.0, depth=1, ends=RAISES))], size=2)
    assert came == [(2.0, Ended(1, "failed", "the job that it waited for was failed"))]


def test_a_limit_is_over_in_the_queue_or_at_work() -> None:
    steps = [(0.0, Submit(1, work=3.0, limit=2.0)), (0.0, Submit(2, work=1.0, limit=1.0)), (0.0, Submit(3, work=1.0))]
    assert answers(steps, size=1) == [
        (1.0, Ended(2, "timed out", "its time limit was over before it began")),
        (2.0, Ended(1, "timed out", "its time limit was over before it ended")),
        (4.0, Ended(3, "done")),
    ]


def test_a_limit_holds_by_a_clock_that_is_too_fast_or_too_slow() -> None:
    for percent in range(50, 150, 3):
        sim = Simulation(1, network=Link(Constant(0.0)))
        sim.add("pool", Pool, size=1)
        sim.add("script", Script, steps=[(0.3, Submit(1, work=50.0, limit=0.7))])
        sim.at(0.0).drift_clock("pool", percent / 100)
        sim.run()
        ((_, ended, came),) = cast(Script, sim.node("script")).answers
        assert (ended.fate, came) == ("timed out", pytest.approx(0.3 + 0.7 / (percent / 100)))


def test_no_alarm_goes_off_for_a_job_that_is_done_in_time() -> None:
    sim = Simulation(1, network=Link(Constant(0.0)))
    sim.add("pool", Pool)
    sim.add("script", Script, steps=[(0.0, Submit(1, work=1.0, limit=2.0)), (0.0, Submit(2, work=9.0, limit=4.0))])
    assert sim.run().transcript().count("limit_is_over") == 1


def test_a_job_is_taken_back_before_it_has_begun_and_not_after() -> None:
    steps = [
        (0.0, Submit(1, work=1.0)),
        (0.0, Submit(2, work=1.0)),
        (0.5, Cancel(1)),
        (0.5, Cancel(2)),
        (0.5, Cancel(9)),
    ]
    assert answers(steps, size=1) == [
        (0.5, Ended(2, "cancelled", "its submitter took it back")),
        (1.0, Ended(1, "done")),
    ]


def test_closing_reports_what_was_left() -> None:
    steps = [(0.0, Submit(number, work=2.0)) for number in (1, 2)] + [
        (1.0, Close(limit=0.5)),
        (3.0, Submit(3, work=1.0)),
    ]
    came = dict(
        (answer.job, answer.fate) if isinstance(answer, Ended) else (0, answer) for _, answer in answers(steps, size=1)
    )
    assert came == {1: "timed out", 2: "cancelled", 0: Closed((("script", 2), ("script", 1))), 3: "rejected"}


def test_a_clock_that_is_set_back_stops_no_pool() -> None:
    sim = pool_run(3, customer={"rate": 5.0, "work": 0.3, "jobs": 20, "limit": 1.0})
    sim.at(1.0).step_clock("pool", -10.0)
    sim.at(2.0).step_clock("pool", 20.0)
    holds(sim.run())
    assert sim.state["customer"].answered == 20


@pytest.mark.parametrize("builder", [bad_jobs, flood, closing, nested_jobs])
def test_the_pool_keeps_its_rules_in_every_scenario(builder: Any) -> None:
    for seed in range(40):
        sim = builder(seed)
        holds(sim.run())
        assert sim.state["customer"].answered == sim.state["customer"].sent > 0


def test_the_pool_keeps_its_rules_in_turmoil() -> None:
    fates: set[str] = set()
    for seed in range(200):
        sim = turmoil(seed)
        holds(sim.run())
        customer, pool = sim.state["customer"], sim.state["pool"]
        assert customer.answered == customer.sent == 30
        assert pool.running == pool.queued == pool.waiting == 0
        fates.update(pool.fates)
        node = cast(Pool, sim.node("pool"))
        assert node.orders == node.awaited == {}, "it remembers nothing of what is over"
    assert len(fates) == 7, "the sweep has seen every fate"


def test_a_seed_fixes_the_run() -> None:
    one, two, other = (turmoil(seed).run().transcript() for seed in (7, 7, 8))
    assert one == two != other


# Queueing theory: long runs, so that chance is small; within 10 % of the formulas.


@pytest.mark.parametrize(("servers", "rate"), [(1, 0.5), (3, 1.8)])
def test_an_unbounded_queue_is_as_long_as_erlang_says(servers: int, rate: float) -> None:
    sim = queue_run(2, servers=servers, capacity=100_000, policy="block", rate=rate, service=1.0, jobs=10_000)
    sim.run()
    meter, predicted = meter_of(sim), unbounded_queue(servers, rate, 1.0)
    measured = (meter.mean_queued, meter.mean_wait, meter.utilisation)
    assert measured == pytest.approx((predicted.queued, predicted.wait, predicted.utilisation), rel=0.1)


@pytest.mark.parametrize("policy", ["reject", "drop newest"])
def test_a_bounded_queue_turns_away_as_many_as_theory_says(policy: str) -> None:
    sim = queue_run(3, servers=2, capacity=3, policy=policy, rate=2.2, service=1.0, jobs=5_000)
    sim.run()
    meter, predicted = meter_of(sim), bounded_queue(2, 3, 2.2, 1.0)
    blocked = 1 - meter.entered / meter.submitted
    assert (blocked, meter.mean_wait) == pytest.approx((predicted.blocked, predicted.wait), rel=0.1)


def test_dropping_the_oldest_loses_as_many_but_those_served_wait_less() -> None:
    runs = {policy: queue_run(3, servers=2, capacity=3, policy=policy, rate=2.2, service=1.0, jobs=2_000)
            for policy in ("drop oldest", "drop newest")}  # fmt: skip
    oldest, newest = (meter_of(sim) for sim in runs.values() if sim.run())
    assert oldest.begun == pytest.approx(newest.begun, rel=0.05)
    assert oldest.mean_wait < 0.8 * newest.mean_wait


def test_caller_runs_slows_the_customer_down_and_loses_nothing() -> None:
    sim = queue_run(3, servers=2, capacity=3, policy="caller runs", rate=4.0, service=1.0, jobs=1_000)
    sim.run()
    meter = meter_of(sim)
    assert meter.submitted / meter.now < 3.5, "4 a second would come if the customer were not busy"
    assert set(meter.fates) == {Status.DONE, Status.HANDED_BACK}


def test_little_s_law_holds_in_the_simulated_pool() -> None:
    sim = queue_run(5, servers=3, capacity=10, policy="drop oldest", rate=4.0, service=1.0, jobs=1_000)
    sim.run()
    meter = meter_of(sim)
    assert meter.mean_inside == pytest.approx(meter.arrival_rate * meter.mean_stay)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Customer(rate=0.0), "rate is 0.0: it must be a finite number over 0"),
        (lambda: Customer(bad=1.5), "bad is 1.5: it must be a part of the jobs, from 0 to 1"),
        (lambda: Customer(jobs=-1), "jobs is -1: it must be a whole number of 0 or more"),
        (lambda: Customer(priorities=0), "priorities is 0: it must be a whole number of 1 or more"),
        (lambda: Customer(depth=0), "depth is 0: it must be a whole number of 1 or more"),
        (lambda: Owner(at=-1.0), "at is -1.0: it must be a finite number of seconds, 0 or more"),
        (lambda: Pool(size=0), "size is 0: it must be at least 1"),
        (lambda: Pool(policy="hope"), "'hope' is not a valid Overflow"),
        (lambda: Pool(restart=-1.0), "restart is -1.0: it must be a finite number of seconds, 0 or more"),
    ],
)
def test_bad_parameters_are_named(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
