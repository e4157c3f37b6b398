"""The pool of real threads. Every wait is for an event, with a patience that only a broken pool needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from lessons.foundations.simulation.pool.handles import Handle, JobDropped, JobRejected, JobTimedOut, WorkerLost
from lessons.foundations.simulation.pool.threads import ThreadPool
from lessons.foundations.simulation.pool.tickets import Overflow, Status

PATIENCE = 20.0


class Gate:
    """A job that says when it has begun, and goes on when it is told."""

    def __init__(self) -> None:
        self.entered, self.opened = Event(), Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.opened.wait(PATIENCE)
        return "through"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


def held(pool: ThreadPool, gate: Gate, **facts: Any) -> Handle[str]:
    """Occupy one worker."""
    handle = pool.submit(gate, **facts)
    assert gate.entered.wait(PATIENCE)
    return handle


def at_the_door(pool: ThreadPool, number: int = 1) -> bool:
    """Wait until so many submitters are held back."""
    with pool._changed:
        return pool._changed.wait_for(lambda: len(pool._dispatcher.door) == number, PATIENCE)


def alive_together(pool: ThreadPool, number: int) -> bool:
    """Whether so many workers run a job at the same time."""
    barrier = Barrier(number + 1)
    handles = [pool.submit(barrier.wait, PATIENCE) for _ in range(number)]
    barrier.wait(PATIENCE)
    return all(handle.result(PATIENCE) >= 0 for handle in handles)


def in_thread(function: Callable[[], Any]) -> Future[Any]:
    """Call a function in a thread of its own."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def fail(error: BaseException) -> None:
    raise error


# Results


def test_a_handle_gives_the_result() -> None:
    with ThreadPool(2, 4) as pool:
        handle = pool.submit(pow, 2, 10)
        assert (handle.result(), handle.exception(), handle.done(), handle.running()) == (1024, None, True, False)


def test_map_keeps_the_order_of_the_inputs() -> None:
    with ThreadPool(3, 2) as pool:
        assert list(pool.map(pow, range(50), [2] * 50)) == [number**2 for number in range(50)]


def test_map_raises_what_a_call_raised_and_takes_the_rest_back(gate: Gate) -> None:
    with ThreadPool(1, 10) as pool:
        ran: list[int] = []

        def job(number: int) -> None:
            fail(KeyError(number)) if number == 0 else gate() if number == 1 else ran.append(number)

        results = pool.map(job, range(5))
        with pytest.raises(KeyError):
            next(results)
        gate.opened.set()
    assert ran == []
    assert pool.metrics().fates[Status.CANCELLED] >= 3


def test_map_that_finds_no_room_takes_back_what_it_has_submitted(gate: Gate) -> None:
    with ThreadPool(1, 2, Overflow.REJECT) as pool:
        held(pool, gate)
        with pytest.raises(JobRejected):
            pool.map(abs, range(5))
        gate.opened.set()
    assert pool.metrics().fates == {Status.DONE: 1, Status.CANCELLED: 2, Status.REJECTED: 1}


def test_a_handle_is_a_future_of_the_standard_library(gate: Gate) -> None:
    with ThreadPool(1, 4) as pool:
        first, second, third = held(pool, gate), pool.submit(int), pool.submit(int)
        second.cancel()
        gate.opened.set()
        assert wait([first, second, third], PATIENCE).not_done == set()


# Bad jobs


ERRORS = (ValueError("bad"), SystemExit(1), KeyboardInterrupt(), GeneratorExit(), BaseException("worst"))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_a_job_raises_is_in_its_handle(error: BaseException) -> None:
    with ThreadPool(1, 4) as pool:
        handle = pool.submit(fail, error)
        assert handle.exception(PATIENCE) is error
        assert handle.ticket.why == type(error).__name__


def test_after_a_hundred_exceptions_four_workers_are_alive() -> None:
    with ThreadPool(4, 200) as pool:
        threads = set(pool._workers)
        handles = [pool.submit(fail, ERRORS[number % 5]) for number in range(100)]
        assert all(handle.exception(PATIENCE) for handle in handles)
        assert alive_together(pool, 4)
        assert set(pool._workers) == threads, "not one of them had to be replaced"


ends_threads = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Fragile(ThreadPool):
    """A pool whose worker threads end when they are given a job with the function ``exit``."""

    def _perform(self, worker: int, handle: Handle[Any]) -> None:
        if handle._function is exit:
            raise SystemExit
        super()._perform(worker, handle)


@ends_threads
def test_a_thread_that_ends_all_the_same_is_replaced() -> None:
    with Fragile(3, 50) as pool:
        handles = [pool.submit(exit) for _ in range(10)]
        errors = [handle.exception(PATIENCE) for handle in handles]
        assert all(isinstance(error, WorkerLost) and "was lost" in str(error) for error in errors)
        assert alive_together(pool, 3)


@ends_threads
def test_a_thread_that_the_system_refuses_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.foundations.simulation.pool.crew._RETRY", 0.001)
    refusals = [RuntimeError("can't start new thread")] * 3
    start = Thread.start

    def reluctant(thread: Thread) -> None:
        if refusals:
            raise refusals.pop()
        start(thread)

    with Fragile(1, 4) as pool:
        monkeypatch.setattr(Thread, "start", reluctant)
        assert isinstance(pool.submit(exit).exception(PATIENCE), WorkerLost)
        assert pool.submit(pow, 2, 2).result(PATIENCE) == 4
        assert refusals == []


def test_a_pool_that_gets_no_threads_says_so_and_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Thread] = []
    start = Thread.start

    def scarce(thread: Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        start(thread)
        started.append(thread)

    monkeypatch.setattr(Thread, "start", scarce)
    with pytest.raises(RuntimeError, match="can't start"):
        ThreadPool(5, 5)
    for thread in started:
        thread.join(PATIENCE)
        assert not thread.is_alive()


# Callbacks are code of others


def test_a_callback_that_raises_is_reported_and_costs_no_worker(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_value))
    with ThreadPool(1, 4) as pool:
        handle = held(pool, gate)
        handle.add_done_callback(lambda _: fail(KeyboardInterrupt("callback")))
        worker = set(pool._workers)
        gate.opened.set()
        assert pool.submit(pow, 2, 3).result(PATIENCE) == 8
        assert set(pool._workers) == worker
    assert [str(error) for error in reported] == ["callback"]


def test_a_callback_may_wait_for_another_job(gate: Gate) -> None:
    with ThreadPool(1, 4) as pool:
        first, second = held(pool, gate), pool.submit(pow, 2, 5)
        seen: list[int] = []
        first.add_done_callback(lambda _: seen.append(second.result()))
        gate.opened.set()
        second.result(PATIENCE)
    assert seen == [32]


# Jobs that wait for jobs


@pytest.mark.parametrize("policy", [Overflow.BLOCK, Overflow.CALLER_RUNS])
@pytest.mark.parametrize(("size", "capacity"), [(1, 0), (1, 100), (4, 2), (4, 0)])
def test_nested_jobs_never_deadlock(size: int, capacity: int, policy: Overflow) -> None:
    with ThreadPool(size, capacity, policy) as pool:

        def fibonacci(number: int) -> int:
            if number < 2:
                return number
            one, two = pool.submit(fibonacci, number - 1), pool.submit(fibonacci, number - 2)
            return one.result() + two.result()

        assert pool.submit(fibonacci, 9).result(PATIENCE) == 34


def test_a_helper_is_not_buried_under_a_job_that_waits_for_it(gate: Gate) -> None:
    with ThreadPool(2, 4) as pool:
        slow = held(pool, gate)
        waits_for_slow = pool.submit(lambda: slow.result())
        waits_for_waiter = pool.submit(lambda: waits_for_slow.result())  # a greedy helper would run this one
        gate.opened.set()
        assert waits_for_waiter.result(PATIENCE) == "through"


def test_a_worker_that_waits_with_a_timeout_does_not_run_the_job() -> None:
    with ThreadPool(1, 4) as pool:

        def outer() -> Handle[int]:
            inner = pool.submit(int)
            with pytest.raises(TimeoutError):
                inner.result(timeout=0.001)
            return inner

        assert pool.submit(outer).result(PATIENCE).result(PATIENCE) == 0


# Taking back, time limits


def test_a_queued_job_can_be_taken_back_and_a_running_one_cannot(gate: Gate) -> None:
    with ThreadPool(1, 4) as pool:
        running, queued = held(pool, gate), pool.submit(fail, AssertionError("it ran"))
        assert (running.cancel(), queued.cancel(), queued.cancelled()) == (False, True, True)
        with pytest.raises(CancelledError):
            queued.result(PATIENCE)
        gate.opened.set()
        assert running.result(PATIENCE) == "through"


def test_a_job_whose_time_is_over_in_the_queue_is_never_begun(gate: Gate) -> None:
    clock, ran = Clock(), Event()
    with ThreadPool(1, 4, clock=clock) as pool:
        held(pool, gate)
        late = pool.submit(ran.set, timeout=5.0)
        clock.time = 5.0
        pool.metrics()
        assert isinstance(late.exception(PATIENCE), JobTimedOut)
        gate.opened.set()
    assert not ran.is_set()


def test_a_job_that_runs_into_its_limit_is_reported_and_its_result_thrown_away(gate: Gate) -> None:
    clock = Clock()
    with ThreadPool(1, 4, clock=clock) as pool:
        slow = held(pool, gate, timeout=5.0)
        clock.time = 6.0
        pool.metrics()
        with pytest.raises(JobTimedOut, match="job 1 was timed out: its time limit was over before it ended"):
            slow.result(PATIENCE)
        gate.opened.set()
    assert (pool.metrics().late, isinstance(slow.exception(0), JobTimedOut)) == (1, True)


def test_a_result_that_comes_after_the_limit_is_late_though_nobody_has_looked_yet() -> None:
    clock = Clock()
    with ThreadPool(1, 4, clock=clock) as pool:
        late = pool.submit(setattr, clock, "time", 6.0, timeout=5.0)
        assert isinstance(late.exception(PATIENCE), JobTimedOut)


class Sleepy(ThreadPool):
    """A pool whose worker threads wake up when the time limit of their job is over."""

    def _perform(self, worker: int, handle: Handle[Any]) -> None:
        self._clock.time = 6.0  # type: ignore[attr-defined]
        self.metrics()
        super()._perform(worker, handle)


def test_a_thread_that_wakes_up_too_late_does_not_begin_its_job() -> None:
    ran = Event()
    with Sleepy(1, 4, clock=Clock()) as pool:
        late = pool.submit(ran.set, timeout=5.0)
        assert isinstance(late.exception(PATIENCE), JobTimedOut)
    assert not ran.is_set()


def test_the_supervisor_ends_a_job_in_real_time(gate: Gate) -> None:
    with ThreadPool(1, 4) as pool:
        held(pool, gate)
        far, near = pool.submit(int, timeout=1000.0), pool.submit(int, timeout=0.001)
        assert isinstance(near.exception(PATIENCE), JobTimedOut)
        assert not far.done()
        gate.opened.set()


# A full queue


def test_block_holds_the_submitter_back_until_there_is_room(gate: Gate) -> None:
    with ThreadPool(1, 1) as pool:
        held(pool, gate)
        pool.submit(int)
        submitted = in_thread(lambda: pool.submit(pow, 2, 4))
        assert at_the_door(pool)
        assert not submitted.done()
        gate.opened.set()
        assert submitted.result(PATIENCE).result(PATIENCE) == 16


def test_a_submitter_who_is_interrupted_takes_the_job_back(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    with ThreadPool(1, 0) as pool:
        held(pool, gate)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(pool._changed, "wait_for", lambda _: fail(KeyboardInterrupt()))
            pool.submit(int)
        gate.opened.set()
    assert pool.metrics().fates == {Status.DONE: 1, Status.CANCELLED: 1}


def test_who_is_held_back_is_told_when_the_pool_closes(gate: Gate) -> None:
    pool = ThreadPool(1, 0)
    held(pool, gate)
    submitted = in_thread(lambda: pool.submit(int))
    assert at_the_door(pool)
    closed = in_thread(pool.shutdown)
    assert isinstance(submitted.exception(PATIENCE), JobRejected)
    gate.opened.set()
    assert [handle.ticket.status for handle in closed.result(PATIENCE)] == [Status.REJECTED]


def test_reject_raises_and_says_why(gate: Gate) -> None:
    with ThreadPool(1, 1, Overflow.REJECT) as pool:
        held(pool, gate)
        pool.submit(int)
        with pytest.raises(JobRejected, match="job 3 was rejected: the queue is full with 1 jobs"):
            pool.submit(int)
        gate.opened.set()


def test_caller_runs_runs_the_job_in_the_submitting_thread(gate: Gate) -> None:
    with ThreadPool(1, 0, Overflow.CALLER_RUNS) as pool:
        held(pool, gate)
        assert pool.submit(threading.get_ident).result(0) == threading.get_ident()
        assert isinstance(pool.submit(fail, ValueError()).exception(0), ValueError)
        with pytest.raises(SystemExit):
            pool.submit(fail, SystemExit())
        gate.opened.set()
    assert pool.metrics().fates[Status.HANDED_BACK] == 3


def test_drop_oldest_and_drop_newest_tell_whose_job_it_was(gate: Gate) -> None:
    for policy, dropped in ((Overflow.DROP_OLDEST, 0), (Overflow.DROP_NEWEST, 2)):
        own = Gate()
        with ThreadPool(1, 2, policy) as pool:
            held(pool, own)
            handles = [pool.submit(pow, 2, number) for number in range(3)]
            assert isinstance(handles.pop(dropped).exception(0), JobDropped)
            own.opened.set()
            assert all(handle.result(PATIENCE) for handle in handles)


# The end


def test_leaving_the_with_statement_works_off_the_queue() -> None:
    done: list[int] = []
    with ThreadPool(2, 100) as pool:
        for number in range(100):
            pool.submit(done.append, number)
    assert sorted(done) == list(range(100))


def test_an_error_in_the_with_statement_cancels_the_queue(gate: Gate) -> None:
    with pytest.raises(KeyError), ThreadPool(1, 4) as pool:
        held(pool, gate)
        queued = pool.submit(int)
        queued.add_done_callback(lambda _: gate.opened.set())
        raise KeyError
    assert queued.cancelled()


def test_shutdown_is_bounded_though_a_job_blocks_for_ever(gate: Gate) -> None:
    pool = ThreadPool(2, 4)
    stuck, other = held(pool, gate), pool.submit(gate)
    queued = pool.submit(int)
    left = pool.shutdown(timeout=0.01)
    assert set(left) == {stuck, other, queued}
    assert isinstance(stuck.exception(0), JobTimedOut)
    assert "the pool's time to close was over" in str(other.exception(0))
    assert queued.cancelled()
    with pytest.raises(JobRejected, match="the pool is closed"):
        pool.submit(int)


def test_after_shutdown_no_thread_is_left() -> None:
    pool = ThreadPool(3, 10)
    threads = [*pool._workers, pool._supervisor]
    pool.submit(int)
    assert pool.shutdown() == ()
    assert not any(thread.is_alive() for thread in threads)
    assert pool.shutdown() == (), "a second time does no harm"


class Lingering(ThreadPool):
    """A pool whose worker threads end only when they are let go."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(1, 4)
        self.gate = gate

    def _leave(self, worker: int) -> None:
        self.gate()
        super()._leave(worker)


def test_shutdown_waits_for_its_threads_too(gate: Gate) -> None:
    closing = in_thread(Lingering(gate).shutdown)
    assert gate.entered.wait(PATIENCE)
    with pytest.raises(TimeoutError):
        closing.result(0.01)
    gate.opened.set()
    assert closing.result(PATIENCE) == ()


def test_a_job_cannot_shut_its_own_pool_down() -> None:
    with ThreadPool(1, 4) as pool:
        error = pool.submit(pool.shutdown).exception(PATIENCE)
    assert isinstance(error, RuntimeError)
    assert str(error) == "pool is shut down by one of its own threads: it would wait for itself"


# Many threads


@pytest.mark.parametrize("policy", Overflow)
def test_eight_threads_lose_no_job_between_them(policy: Overflow) -> None:
    pool = ThreadPool(4, 8, policy)
    start = Barrier(8)

    def hammer(seed: int) -> list[Handle[int] | JobRejected]:
        start.wait(PATIENCE)
        return [once(seed, number) for number in range(150)]

    def once(seed: int, number: int) -> Handle[int] | JobRejected:
        try:
            handle = pool.submit(job, number, priority=number % 3, timeout=60.0 if number % 7 else None)
        except JobRejected as refusal:
            return refusal
        if (seed + number) % 11 == 0:
            handle.cancel()
        return handle

    def job(number: int) -> int:
        if number % 5 == 0:
            raise ValueError(number)
        return pool.submit(abs, -number).result() if number % 4 == 0 else number

    answers = [answer for each in [in_thread(lambda seed=seed: hammer(seed)) for seed in range(8)]
               for answer in each.result(PATIENCE)]  # fmt: skip
    assert pool.shutdown() == ()
    handles = [answer for answer in answers if isinstance(answer, Handle)]
    assert len(answers) == 1200
    assert all(handle.done() for handle in handles)
    assert all(handle.exception(0) is None for handle in handles if handle.ticket.status is Status.DONE)
    meter = pool.metrics()
    assert sum(meter.fates.values()) == meter.submitted >= 1200
    assert (meter.left, meter.peak <= 8, pool._dispatcher.running) == (meter.entered, True, 0)
    assert meter.mean_inside == pytest.approx(meter.arrival_rate * meter.mean_stay), "Little's law"


# Bad calls


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda pool: pool.submit(3), "function is 3: it must be something to call"),
        (lambda pool: pool.submit(int, timeout=-1), "limit is -1: it must be a finite number of seconds over 0"),
        (lambda pool: pool.submit(int, priority="x"), "priority is 'x': it must be a whole number"),
        (lambda pool: pool.shutdown(timeout=-1), "timeout is -1: it must be 0 seconds or more, or None"),
        (lambda pool: ThreadPool(0, 1), "size is 0: it must be at least 1"),
    ],
)
def test_a_bad_call_names_argument_value_and_rule(call: Callable[[ThreadPool], object], says: str) -> None:
    with ThreadPool(1, 4) as pool:
        with pytest.raises((ValueError, TypeError), match=says):
            call(pool)
        assert pool.metrics().submitted == 0
