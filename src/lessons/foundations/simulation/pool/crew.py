"""The crew of a thread pool: workers and their supervisor, real threads that do what a dispatcher decides.

One lock guards the dispatcher. A thread takes it to tell what happened and to learn what follows, never
to run a job or a callback: these are code of others, which may take long, and may come back for the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.handles import Handle
from lessons.foundations.simulation.pool.tickets import Phase, Status, Ticket

_RETRY = 1.0  # seconds until a thread that the system refused is asked for again


class Crew:
    """Threads that run the jobs of a dispatcher, and one that replaces those which end."""

    def __init__(self, dispatcher: Dispatcher[Handle[Any]], name: str, clock: Callable[[], float]) -> None:
        self.name, self._clock = name, clock
        self._dispatcher = dispatcher
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # for submitters held back, and for shutdown
        self._alarm = threading.Condition(self._lock)  # for the supervisor
        self._bells: dict[int, threading.Condition] = {}  # for each worker
        self._workers: dict[threading.Thread, int] = {}
        self._due = 0.0  # the deadline that the supervisor waits for
        self._supervisor = threading.Thread(target=self._supervise, name=f"{name}-supervisor", daemon=True)
        self._open()

    def _open(self) -> None:
        try:
            with self._deciding() as now:
                while self._dispatcher.missing:
                    self._hire(now)
            self._supervisor.start()
        except RuntimeError:  # the system has no thread to spare
            with self._deciding() as now:
                self._dispatcher.end(now)
            raise

    # Decisions

    @contextmanager
    def _deciding(self) -> Iterator[float]:
        """Hold the lock while the dispatcher decides; then carry out, without the lock, what it decided."""
        with self._lock:
            yield self._clock()
            news = self._dispatcher.news()
            self._ring(news)
        self._settle(news)

    def _ring(self, news: list[Ticket[Handle[Any]]]) -> None:
        """Wake the threads whom the news concerns."""
        for ticket in news:
            if ticket.status is Status.RUNNING and ticket.worker in self._bells:
                self._bells[ticket.worker].notify()
        self._changed.notify_all()
        if self._supervisor_is_needed():
            self._alarm.notify()
        if self._is_closed():
            for bell in self._bells.values():
                bell.notify()

    def _settle(self, news: list[Ticket[Handle[Any]]]) -> None:
        ended = [ticket.job for ticket in news if ticket.status.is_fate and ticket.status is not Status.HANDED_BACK]
        errors = [handle.settle() for handle in ended]
        self._complain(next(filter(None, errors), None))

    def _complain(self, error: BaseException | None) -> None:
        """Report what a callback raised as the error of this thread, without ending a thread of ours."""
        if error is None:
            return
        if not self._is_own_thread():
            raise error
        facts = (type(error), error, error.__traceback__, threading.current_thread())
        threading.excepthook(threading.ExceptHookArgs(facts))

    def _is_closed(self) -> bool:
        return self._dispatcher.phase is Phase.CLOSED

    # Workers

    def _own_worker(self) -> int | None:
        """The number of the worker whose thread this is, None for other threads."""
        return self._workers.get(threading.current_thread())

    def _is_own_thread(self) -> bool:
        return self._own_worker() is not None or threading.current_thread() is self._supervisor

    def _free_threads(self) -> list[threading.Thread]:
        """The threads that no job holds any more."""
        with self._lock:
            stacks = self._dispatcher.workers
            return [thread for thread, worker in self._workers.items() if not stacks.get(worker)] + [self._supervisor]

    def _hire(self, now: float) -> None:
        """Start one more thread. It waits for the lock, held here, before it looks for its number."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        worker = self._dispatcher.hire(now)
        thread.name = f"{self.name}-{worker}"
        self._workers[thread] = worker
        self._bells[worker] = threading.Condition(self._lock)

    def _serve(self) -> None:
        """A worker's life: one job after the other, until the pool is closed."""
        with self._lock:
            worker = self._workers[threading.current_thread()]
        try:
            while (handle := self._next_job(worker)) is not None:
                self._perform(worker, handle)
                self._free(worker)
        finally:
            self._leave(worker)

    def _next_job(self, worker: int) -> Handle[Any] | None:
        stack, bell = self._dispatcher.workers[worker], self._bells[worker]
        with bell:
            bell.wait_for(lambda: stack or self._is_closed())
            return stack[-1].job if stack else None

    def _perform(self, worker: int, handle: Handle[Any]) -> None:
        error = handle.run() if handle.running() else None  # None: its time was over before the thread woke up
        with self._deciding() as now:
            self._dispatcher.finish(worker, now, error)

    def _free(self, worker: int) -> None:
        """Ask for the next job; only now, since callbacks of the last one may have waited for a job."""
        with self._deciding() as now:
            self._dispatcher.free(worker, now)

    def _leave(self, worker: int) -> None:
        """The last act of a worker's thread, however it ends: its jobs fail, the supervisor is told."""
        with self._deciding() as now:
            self._dispatcher.lose(worker, now)
            del self._bells[worker], self._workers[threading.current_thread()]

    # The supervisor

    def _supervise(self) -> None:
        """Replace workers that were lost, and end jobs whose time is over, until the pool is closed."""
        while not self._is_closed():
            with self._deciding() as now:
                self._dispatcher.tick(now)
                self._replace_lost(now)
            with self._lock:
                self._due = self._dispatcher.next_deadline
                patience = min(self._due - self._clock(), threading.TIMEOUT_MAX)
                self._alarm.wait_for(self._supervisor_is_needed, max(0.0, patience))

    def _supervisor_is_needed(self) -> bool:
        pool = self._dispatcher
        return bool(pool.missing) or pool.next_deadline < self._due or self._is_closed()

    def _replace_lost(self, now: float) -> None:
        try:
            while self._dispatcher.missing:
                self._hire(now)
        except RuntimeError:  # the system has no thread to spare now
            self._alarm.wait(_RETRY)
