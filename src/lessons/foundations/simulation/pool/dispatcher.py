"""The decisions of a job pool as a plain state machine: no threads, no clock, no I/O.

A ``Dispatcher`` is told what happens and when (a job is submitted, a worker has finished, a worker
is lost), and decides what follows from it. Whoever drives it carries that out: ``ThreadPool`` with
real threads, ``Pool`` in the simulated world. After each call ``news()`` gives the tickets whose
state has changed:

    dispatcher = Dispatcher(size=1, capacity=1, policy=Overflow.REJECT)
    worker = dispatcher.hire(now=0.0)
    first, second, third = (dispatcher.submit(job, now=0.0) for job in "abc")
    # first is running, second is queued, third is rejected
    dispatcher.finish(worker, now=1.0)
    # first is done
    dispatcher.free(worker, now=1.0)
    # second is running
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite
from typing import Any

from lessons.foundations.simulation.pool.books import Books
from lessons.foundations.simulation.pool.tickets import J, Overflow, Phase, Status, Ticket

_NOT_BEGUN = (Status.WAITING, Status.QUEUED)


class Dispatcher(Books[J]):
    """Decides which job runs when, on which worker, and what becomes of those that cannot run.

    ``size`` is the number of workers, ``capacity`` the most jobs that may be queued (with 0 a job needs
    an idle worker). ``now`` is a time in seconds on the driver's clock, which must not go back. Every
    method raises ValueError or TypeError for an argument that breaks a rule, and changes nothing then.
    """

    def __init__(self, size: int, capacity: int, policy: Overflow = Overflow.BLOCK, now: float = 0.0) -> None:
        _whole("size", size, least=1)
        _whole("capacity", capacity, least=0)
        super().__init__(now)
        self.size, self.capacity, self.policy = size, capacity, Overflow(policy)
        self.phase = Phase.OPEN
        self.left: list[Ticket[J]] = []  # the jobs that were not worked off when the pool closed

    @property
    def missing(self) -> int:
        """Workers that the supervisor must start: ``hire`` each."""
        return 0 if self.phase is Phase.CLOSED else self.size - len(self.workers)

    def gauges(self) -> dict[str, Any]:
        """The figures that the rules of a pool are about, by name."""
        return {
            "phase": self.phase, "size": self.size, "capacity": self.capacity,
            "submitted": self.meter.submitted, "waiting": len(self.door), "queued": len(self.queue),
            "running": self.running, "fates": {fate.value: number for fate, number in self.meter.fates.items()},
            "workers": len(self.workers), "idle": len(self.idle), "helped": self.helped,
        }  # fmt: skip

    def has_room(self) -> bool:
        """Whether one more job can begin at once or be queued."""
        return bool(self.idle) or len(self.queue) < self.capacity

    # Jobs

    def submit(
        self, job: J, now: float, *, priority: int = 0, limit: float | None = None, nested: bool = False
    ) -> Ticket[J]:
        """Take in a job, to be begun and ended within ``limit`` seconds; the highest priority goes first.

        ``nested`` says that a job of this pool submits it. Such a submitter is never held back, for
        the worker that it holds may be what all others wait for: the job is handed back to it instead.
        """
        _whole("priority", priority)
        if limit is not None and not 0 < limit < inf:
            raise ValueError(f"limit is {limit!r}: it must be a finite number of seconds over 0, or None")
        self.tick(now)
        ticket = self._open(job, priority, inf if limit is None else now + limit)
        if self.phase is not Phase.OPEN:
            self._end(ticket, Status.REJECTED, f"the pool is {self.phase.value}")
        elif self.has_room():
            self._enqueue(ticket)
        else:
            self._overflow(ticket, nested)
        self._settle()
        return ticket

    def _overflow(self, ticket: Ticket[J], nested: bool) -> None:
        why = f"the queue is full with {len(self.queue)} jobs"
        if self.policy is Overflow.REJECT:
            self._end(ticket, Status.REJECTED, why)
        elif self.policy is Overflow.CALLER_RUNS or (self.policy is Overflow.BLOCK and nested):
            self._end(ticket, Status.HANDED_BACK, why)
        elif self.policy is Overflow.BLOCK:
            self._hold_back(ticket)
        else:
            self._drop_one(ticket, why)

    def _drop_one(self, newcomer: Ticket[J], why: str) -> None:
        """Drop the oldest or the newest of the least important jobs, among them perhaps the newcomer."""
        jobs = [*self.queue, newcomer]
        least = min(ticket.priority for ticket in jobs)
        rivals = [ticket for ticket in jobs if ticket.priority == least]
        dropped = rivals[0 if self.policy is Overflow.DROP_OLDEST else -1]
        self._end(dropped, Status.DROPPED, why)
        if dropped is not newcomer:
            self._enqueue(newcomer)

    def cancel(self, ticket: Ticket[J], now: float) -> bool:
        """Take back a job that has not begun; returns whether it is cancelled."""
        self.tick(now)
        if ticket.status in _NOT_BEGUN:
            self._end(ticket, Status.CANCELLED, "its submitter took it back")
            self._settle()
        return ticket.status is Status.CANCELLED

    def help(self, ticket: Ticket[J], worker: int, now: float) -> bool:
        """Begin, on ``worker``, the job that this worker's running job waits for; False if it had begun.

        A worker helps with this job only. If it ran any job from the queue while it waits, it could
        bury the waiting job under one that waits for it. As it is, every job on a stack waits for the
        one above it, so jobs always come to an end unless they wait for each other in a circle.
        Sources: D. Wagner and B. Calder, Leapfrogging: A Portable Technique for Implementing Efficient
        Futures, PPoPP 1993; M. Herlihy and N. Shavit, The Art of Multiprocessor Programming (2008), chapter 16.
        """
        if worker not in self.workers or worker in self.idle:
            raise ValueError(f"worker is {worker!r}: it must be one that is at work")
        self.tick(now)
        if ticket.status not in _NOT_BEGUN:
            return False
        self._begin(ticket, worker)
        self._settle()
        return True

    # Workers

    def hire(self, now: float) -> int:
        """Take in a new worker in place of one that is missing; returns its number."""
        if not self.missing:
            has = f"{len(self.workers)} workers of {self.size} and is {self.phase.value}"
            raise ValueError(f"the pool has {has}: a worker is hired only where one is missing")
        self.tick(now)
        worker = next(self._worker_numbers)
        self.workers[worker], self.idle[worker] = [], None
        self._settle()
        return worker

    def finish(self, worker: int, now: float, error: str | None = None) -> None:
        """The job on top of the worker's stack has returned, or has raised ``error``; then ``free`` the worker."""
        stack = self._stack(worker)
        self.tick(now)
        ticket = stack.pop()
        if ticket.status is not Status.RUNNING:
            self.meter.late += 1
        elif error is None:
            self._end(ticket, Status.DONE)
        else:
            self._end(ticket, Status.FAILED, error)
        self._settle()

    def free(self, worker: int, now: float) -> None:
        """The worker has done all that a job brings with it, and may be given the next one."""
        if self.workers.get(worker) or worker in self.idle:
            raise ValueError(f"worker is {worker!r}: it must be one that has finished its job")
        self.tick(now)
        self.idle[worker] = None
        self._settle()

    def lose(self, worker: int, now: float) -> None:
        """A worker is gone: its jobs fail, and one more worker is missing."""
        if worker not in self.workers:
            raise ValueError(f"worker is {worker!r}: it must be one of {list(self.workers)}")
        self.tick(now)
        for ticket in self.workers.pop(worker):
            if ticket.status is Status.RUNNING:
                self._end(ticket, Status.FAILED, f"worker {worker} was lost")
        self.idle.pop(worker, None)
        self._settle()

    # Time

    def tick(self, now: float) -> None:
        """Let time pass until ``now``; jobs whose limit is over by then time out, begun or not."""
        if not (isfinite(now) and now >= self.meter.now):
            raise ValueError(f"now is {now!r}: it must be a finite time from {self.meter.now!r} s on")
        while self.next_deadline <= now:
            ticket = self._limited.first
            self._pass_time(ticket.deadline)
            missed = "began" if ticket.began is None else "ended"
            self._end(ticket, Status.TIMED_OUT, f"its time limit was over before it {missed}")
            self._settle()
        self._pass_time(now)

    def close(self, now: float, cancel: bool = False) -> None:
        """Take no more jobs; work off those in the queue, or cancel them. ``end`` sets a limit to it."""
        self.tick(now)
        if self.phase is Phase.OPEN:
            self.phase = Phase.CLOSING
        self._leave_over(self.door, Status.REJECTED, "the pool was closed before there was room")
        if cancel:
            self._leave_over(self.queue, Status.CANCELLED, "the pool was closed")
        self._settle()

    def end(self, now: float) -> None:
        """The time to close is over: give a fate to every job that is left. ``left`` has them all."""
        if self.phase is Phase.CLOSED:
            return
        self.close(now, cancel=True)
        for stack in self.workers.values():
            self.left += [ticket for ticket in stack if ticket.status is not Status.RUNNING]
            running = [ticket for ticket in stack if ticket.status is Status.RUNNING]
            self._leave_over(running, Status.TIMED_OUT, "the pool's time to close was over before it ended")
        self.phase = Phase.CLOSED

    def _leave_over(self, tickets: Iterable[Ticket[J]], fate: Status, why: str) -> None:
        for ticket in list(tickets):
            self._end(ticket, fate, why)
            self.left.append(ticket)

    def _settle(self) -> None:
        """Give queued jobs to idle workers, let in who waits at the door, close when all is done."""
        self._assign()
        while self.door and self.has_room():
            self._enqueue(self.door.first)
            self._assign()
        self.meter.peak = max(self.meter.peak, len(self.queue))
        if self.phase is Phase.CLOSING and not self._inside and not self.busy:
            self.phase = Phase.CLOSED

    def _assign(self) -> None:
        while self.queue and self.idle:
            self._begin(self.queue.first, next(iter(self.idle)))


def _whole(name: str, value: int, least: float = -inf) -> None:
    if not isinstance(value, int):
        raise TypeError(f"{name} is {value!r}: it must be a whole number")
    if value < least:
        raise ValueError(f"{name} is {value!r}: it must be at least {least}")
