"""Handles: what the submitter of a job to real threads holds, and the errors that name a job's fate."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from lessons.foundations.simulation.pool.tickets import Status, Ticket
from lessons.node import LessonsError

T = TypeVar("T")


class NotDone(LessonsError):
    """A job did not come to its end; ``ticket`` says what became of it, and why."""

    def __init__(self, ticket: Ticket[Any]) -> None:
        self.ticket = ticket
        super().__init__(f"job {ticket.number} was {ticket.status.value}: {ticket.why}")


class JobRejected(NotDone):
    """The pool did not take the job: its queue is full, or it is closed."""


class JobDropped(NotDone):
    """The job gave way to another, or found no room."""


class JobTimedOut(NotDone):
    """The job's time limit was over, or that of the pool's closing. If it had begun, it goes on unseen."""


class WorkerLost(NotDone):
    """The thread that ran the job ended under it."""


_ERRORS: dict[Status, type[NotDone]] = {
    Status.REJECTED: JobRejected,
    Status.DROPPED: JobDropped,
    Status.TIMED_OUT: JobTimedOut,
    Status.FAILED: WorkerLost,
}


class Keeper(Protocol):
    """What a handle needs from its pool."""

    def cancel(self, handle: Handle[Any]) -> bool:
        """Take back a job that has not begun; returns whether it is cancelled."""

    def join(self, handle: Handle[Any]) -> None:
        """Called before a thread waits for a job: if the thread is a worker, it may run the job itself."""


class Handle(Future[T]):
    """A job that was submitted, and its result once it is there; a ``concurrent.futures.Future``.

    ``result`` and ``exception`` wait at most ``timeout`` seconds and raise TimeoutError then; this is
    the patience of who waits, not the job's time limit. Called without a timeout in a job of the same
    pool, they run the awaited job on the spot if it has not begun: a job may submit a job and wait for
    it, in a pool of any size. (``concurrent.futures.wait`` and waiting with a timeout do not.)
    """

    ticket: Ticket[Handle[T]]

    def __init__(self, pool: Keeper, function: Callable[..., T], args: tuple[Any, ...]) -> None:
        super().__init__()
        self._pool, self._function, self._args = pool, function, args
        self._outcome: tuple[T | None, BaseException | None] | None = None

    def result(self, timeout: float | None = None) -> T:
        """What the job returned; raises what it raised, CancelledError, or a NotDone that says why."""
        if timeout is None:
            self._pool.join(self)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the job raised, or the NotDone that says why it did not end; None if it returned."""
        if timeout is None:
            self._pool.join(self)
        return super().exception(timeout)

    def cancel(self) -> bool:
        """Take the job back, if it has not begun; returns whether it is cancelled."""
        return self._pool.cancel(self)

    def running(self) -> bool:
        """Whether it has begun and has no fate yet."""
        return self.ticket.status is Status.RUNNING

    def run(self) -> str | None:
        """Run the job and keep what comes of it; returns the name of what it raised, if it did."""
        try:
            self._outcome = self._function(*self._args), None
        except BaseException as error:  # also SystemExit: a job must not cost its worker
            self._outcome = None, error
            return type(error).__name__
        return None

    def interruption(self) -> BaseException | None:
        """What it raised if that is meant for the thread and not for the result: SystemExit, Ctrl-C."""
        error = self._outcome[1] if self._outcome else None
        return None if isinstance(error, Exception) else error

    def settle(self) -> BaseException | None:
        """Make the fate known to whoever waits; returns what a callback raised that nobody caught."""
        try:
            self._settle()
        except BaseException as error:  # callbacks are code of others
            return error
        return None

    def _settle(self) -> None:
        status = self.ticket.status
        if status is Status.CANCELLED:
            super().cancel()
            self.set_running_or_notify_cancel()
        elif self._outcome is None or status is Status.TIMED_OUT:
            self.set_exception(_ERRORS[status](self.ticket))
        elif self._outcome[1] is not None:
            self.set_exception(self._outcome[1])
        else:
            self.set_result(self._outcome[0])  # type: ignore[arg-type]
