"""The first drafts break, each in its own way; the pool under the same seeds does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Event, Thread

import pytest

from lessons.foundations.simulation.pool import drafts
from lessons.foundations.simulation.pool.customers import Customer
from lessons.foundations.simulation.pool.drafts import FirstThreadPool
from lessons.foundations.simulation.pool.jobs import Pool
from lessons.foundations.simulation.pool.runs import bad_jobs, closing, flood, nested_jobs
from lessons.sim import Simulation

PATIENCE = 20.0
SEEDS = range(50)


@pytest.mark.parametrize(
    ("builder", "draft", "rule"),
    [
        (bad_jobs, drafts.MortalPool, "LostWorkersAreReplaced"),
        (flood, drafts.BottomlessPool, "QueueIsBounded"),
        (closing, drafts.PatientPool, "ClosingIsBounded"),
        (nested_jobs, drafts.WaitingPool, "NoStarvationDeadlock"),
    ],
)
def test_a_draft_breaks_its_rule_and_the_pool_keeps_it(
    builder: Callable[..., Simulation], draft: type[Pool], rule: str
) -> None:
    broken = [builder(seed, draft).run().violation for seed in SEEDS]
    assert {violation.invariant for violation in broken if violation} == {rule}
    assert sum(violation is not None for violation in broken) > 0.9 * len(SEEDS)
    assert all(builder(seed, Pool).run().violation is None for seed in SEEDS)


def test_a_mortal_pool_answers_nobody_once_its_workers_are_gone() -> None:
    sim = Simulation(2)
    sim.add("pool", drafts.MortalPool, size=2)
    sim.add("customer", Customer, jobs=10, bad=1.0)
    sim.run()
    assert (sim.state["pool"].workers, sim.state["customer"].sent, sim.state["customer"].answered) == (0, 10, 2)


# The same with real threads


@pytest.fixture
def gate() -> Iterator[Event]:
    gate = Event()
    yield gate
    gate.set()


def bad() -> None:
    raise SystemExit  # the one error that a thread dies of without a report


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_as_many_bad_jobs_as_threads_kill_the_first_pool() -> None:
    pool = FirstThreadPool(4)
    for _ in range(4):
        pool.submit(bad)
    for thread in pool.threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in pool.threads)
    assert not pool.submit(int).done(), "and nobody is left to do it"


def test_the_first_pool_takes_whatever_it_is_given(gate: Event) -> None:
    pool = FirstThreadPool(1)
    pool.submit(gate.wait, PATIENCE)
    for _ in range(10_000):
        pool.submit(int)
    assert pool.jobs.qsize() >= 10_000


def test_the_first_pool_cannot_be_shut_down_while_a_job_blocks(gate: Event) -> None:
    pool = FirstThreadPool(1)
    begun: Future[None] = Future()
    pool.submit(lambda: (begun.set_result(None), gate.wait(PATIENCE)))
    begun.result(PATIENCE)
    closer = Thread(target=pool.shutdown, daemon=True)
    closer.start()
    closer.join(0.01)
    assert closer.is_alive()
    gate.set()
    closer.join(PATIENCE)
    assert not closer.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_waits_for_a_job_stops_the_first_pool_for_ever() -> None:
    pool = FirstThreadPool(1)
    begun: Future[Future[int]] = Future()

    def outer() -> int:
        inner = pool.submit(int)
        begun.set_result(inner)
        return inner.result(PATIENCE)

    pool.submit(outer)
    inner = begun.result(PATIENCE)
    assert pool.jobs.qsize() == 1, "the inner job is queued behind the job that waits for it"
    inner.cancel()  # end the deadlock from outside
    pool.threads[0].join(PATIENCE)
