"""A pool of real threads, driven by the same decisions as the simulated one.

    with ThreadPool(size=4, capacity=100) as pool:
        handle = pool.submit(pow, 2, 10)
        assert handle.result() == 1024

What Python's threads do not give. The interpreter runs one thread's Python code at a time (the global
interpreter lock of the usual builds), so jobs that compute gain nothing from more threads; jobs that
wait for a disk, a network or a process do. And no thread can be stopped from outside: a job that runs
into its time limit goes on, its result is thrown away, and its worker is busy until it returns. For
both, use processes: ``concurrent.futures.ProcessPoolExecutor`` computes on all cores, and a process of
your own (``multiprocessing.Process``) can be killed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from lessons.foundations.simulation.pool.crew import Crew
from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.handles import Handle, JobRejected
from lessons.foundations.simulation.pool.meter import Meter
from lessons.foundations.simulation.pool.tickets import Overflow, Status

T = TypeVar("T")


class ThreadPool(Crew):
    """Runs submitted functions on ``size`` threads, with at most ``capacity`` of them queued.

    ``policy`` says what happens to a job that finds the queue full. A job may raise anything: its
    handle carries it, the worker goes on; a thread that ends all the same is replaced. Use the pool in
    a ``with`` statement, or call ``shutdown``: the threads are daemons, so that a job that never
    returns cannot keep the program from ending, and what still runs when it ends is cut off.

    ``clock`` gives seconds and never goes back. Raises ValueError or TypeError for bad arguments.
    """

    def __init__(
        self,
        size: int,
        capacity: int,
        policy: Overflow = Overflow.BLOCK,
        *,
        name: str = "pool",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(Dispatcher(size, capacity, policy, clock()), name, clock)

    def submit(
        self, function: Callable[..., T], /, *args: Any, priority: int = 0, timeout: float | None = None
    ) -> Handle[T]:
        """Have ``function(*args)`` called by a worker, to be done within ``timeout`` seconds.

        Where the queue is full, it waits for room (``BLOCK``), runs the job itself (``CALLER_RUNS``, and
        ``BLOCK`` when a job of this pool submits), returns the handle of a dropped job, or raises
        JobRejected; that too once the pool is closed. A job that the submitter runs has no time limit.
        """
        if not callable(function):
            raise TypeError(f"function is {function!r}: it must be something to call")
        handle = Handle(self, function, args)
        with self._deciding() as now:
            nested = self._own_worker() is not None
            handle.ticket = self._dispatcher.submit(handle, now, priority=priority, limit=timeout, nested=nested)
        self._await_room(handle)
        if handle.ticket.status is Status.REJECTED:
            raise JobRejected(handle.ticket)
        if handle.ticket.status is Status.HANDED_BACK:
            handle.run()
            self._complain(handle.settle() or handle.interruption())
        return handle

    def map(
        self, function: Callable[..., T], /, *inputs: Iterable[Any], priority: int = 0, timeout: float | None = None
    ) -> Iterator[T]:
        """Submit a call for each tuple of inputs; the results come in the order of the inputs.

        An error ends it, and takes back the calls that have not begun. ``timeout`` is for each call.
        """
        handles: list[Handle[T]] = []
        try:
            for args in zip(*inputs, strict=False):
                handles.append(self.submit(function, *args, priority=priority, timeout=timeout))
        except BaseException:
            _take_back(handles)
            raise
        return _results(handles)

    def cancel(self, handle: Handle[Any]) -> bool:
        """Take back a job that has not begun; returns whether it is cancelled."""
        with self._deciding() as now:
            return self._dispatcher.cancel(handle.ticket, now)

    def metrics(self) -> Meter:
        """Counts and means up to this moment."""
        with self._deciding() as now:
            self._dispatcher.tick(now)
            meter = self._dispatcher.meter
            return replace(meter, fates=meter.fates.copy())

    @property
    def workers(self) -> int:
        """Workers that are alive."""
        with self._lock:
            return len(self._dispatcher.workers)

    def shutdown(self, *, cancel: bool = False, timeout: float | None = None) -> tuple[Handle[Any], ...]:
        """Take no more jobs, and wait until those in the queue are done, or ``cancel`` them.

        After ``timeout`` seconds it waits no longer: queued jobs are cancelled, running ones time out.
        Returns the handles of the jobs that were not worked off. Raises RuntimeError when a job or a
        callback on a thread of this pool calls it.
        """
        if self._is_own_thread():
            raise RuntimeError(f"{self.name} is shut down by one of its own threads: it would wait for itself")
        patience = _Patience(timeout)
        with self._deciding() as now:
            self._dispatcher.close(now, cancel)
        with self._changed:
            self._changed.wait_for(self._is_closed, patience.rest())
        with self._deciding() as now:
            self._dispatcher.end(now)
        for thread in self._free_threads():
            thread.join(patience.rest())
        return tuple(ticket.job for ticket in self._dispatcher.left)

    def __enter__(self) -> ThreadPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown(cancel=error is not None)

    def join(self, handle: Handle[Any]) -> None:
        """Called before a thread waits for a job: a worker runs it itself, if it has not begun."""
        worker = self._own_worker()
        if worker is None:
            return
        with self._deciding() as now:
            helps = self._dispatcher.help(handle.ticket, worker, now)
        if helps:
            self._perform(worker, handle)

    def _await_room(self, handle: Handle[Any]) -> None:
        """Hold the submitter back while its job stands at the door."""
        if handle.ticket.status is not Status.WAITING:
            return
        try:
            with self._changed:
                self._changed.wait_for(lambda: handle.ticket.status is not Status.WAITING)
        except BaseException:  # Ctrl-C: who does not wait any more does not want it any more
            self.cancel(handle)
            raise


class _Patience:
    """How long to wait yet, in seconds of real time; None stands for ever."""

    def __init__(self, timeout: float | None) -> None:
        if timeout is not None and not timeout >= 0:
            raise ValueError(f"timeout is {timeout!r}: it must be 0 seconds or more, or None")
        self._until = None if timeout is None else time.monotonic() + timeout

    def rest(self) -> float | None:
        """The seconds that are left."""
        return None if self._until is None else max(0.0, min(self._until - time.monotonic(), threading.TIMEOUT_MAX))


def _results(handles: list[Handle[T]]) -> Iterator[T]:
    try:
        for handle in handles:
            yield handle.result()
    finally:
        _take_back(handles)


def _take_back(handles: list[Handle[T]]) -> None:
    for handle in handles:
        handle.cancel()
