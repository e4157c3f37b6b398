"""First drafts: designs that look right and break, each in a run that shows how."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any

from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.jobs import Pool
from lessons.foundations.simulation.pool.orders import BadJob, Order, WorkerKilled
from lessons.foundations.simulation.pool.tickets import Ticket

# The pool of jobs


class FirstThreadPool:
    """A pool of real threads as it is first written. All four drafts below are in it.

    It is short, it has no lock of its own, and it passes every test in which jobs return and are few.
    """

    def __init__(self, size: int) -> None:
        self.jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.threads = [Thread(target=self._work, daemon=True) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            job()

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have a worker call ``function(*args)``."""
        future: Future[Any] = Future()
        self.jobs.put(lambda: future.set_result(function(*args)))
        return future

    def shutdown(self) -> None:
        """Wait until every job is done and every worker has ended."""
        for _ in self.threads:
            self.jobs.put(None)
        for thread in self.threads:
            thread.join()


class MortalPool(Pool):
    """A worker runs its job and nothing else: an error of the job ends it, and nobody notices."""

    def raised(self, worker: int, error: BadJob) -> None:
        """The error goes up and up."""
        raise WorkerKilled from error

    def lose(self, worker: int) -> None:
        """The thread is gone."""
        self.dispatcher.lose(worker, self.clock())
        self.settle()


class Bottomless(Dispatcher[Order]):
    """Takes every job: to turn one away seems worse than to let it wait."""

    def has_room(self) -> bool:
        """A list can always grow."""
        return True


class BottomlessPool(Pool):
    """Its queue has no bound but memory, and nobody is told that more comes in than goes out."""

    def make_dispatcher(self) -> Dispatcher[Order]:
        """One who never says no."""
        return Bottomless(self.size, self.capacity, self.policy)


class PatientPool(Pool):
    """Closes by waiting for its workers, so that no job is ever cut off; that takes as long as it takes."""

    def time_to_close_is_over(self) -> None:
        """A limit would lose jobs."""


class WaitingPool(Pool):
    """A job waits for the job that it has submitted as it would wait for anything else."""

    def help(self, worker: int, child: Ticket[Order]) -> bool:
        """Some other worker will do it."""
        return False
