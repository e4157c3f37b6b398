"""The books of a pool: where every job and every worker is, and the moves between these places."""

from __future__ import annotations

from itertools import count
from math import inf
from typing import Generic

from lessons.foundations.simulation.pool.meter import Meter
from lessons.foundations.simulation.pool.tickets import J, Line, Status, Ticket, by_deadline, by_importance


class Books(Generic[J]):
    """Keeps every job in exactly one place: at the door, in the queue, on a worker, or gone with one fate.

    A worker is a number with a stack of jobs. The one on top is being run; each below waits for the one
    above it. A job that timed out stays on its stack, since nothing can interrupt it.
    """

    def __init__(self, now: float) -> None:
        self.door: Line[J] = Line(by_importance)  # jobs whose submitters are held back
        self.queue: Line[J] = Line(by_importance)
        self.workers: dict[int, list[Ticket[J]]] = {}
        self.idle: dict[int, None] = {}  # in the order in which they fell idle
        self.meter = Meter(now, now)
        self._inside: dict[int, Ticket[J]] = {}  # every job that was let in and has no fate yet
        self._limited: Line[J] = Line(by_deadline)
        self._news: list[Ticket[J]] = []
        self._numbers, self._worker_numbers = count(1), count(1)

    # What there is

    @property
    def running(self) -> int:
        """Jobs that have begun and have no fate yet."""
        return sum(ticket.status is Status.RUNNING for stack in self.workers.values() for ticket in stack)

    @property
    def busy(self) -> int:
        """Workers that have a job, also one that has timed out."""
        return len(self.workers) - len(self.idle)

    @property
    def helped(self) -> int:
        """Jobs that a worker runs on top of another of its jobs, which waits for them."""
        return sum(len(stack) - 1 for stack in self.workers.values() if stack)

    @property
    def next_deadline(self) -> float:
        """The time at which the next time limit is over; infinity when there is none."""
        return self._limited.first.deadline if self._limited else inf

    def news(self) -> list[Ticket[J]]:
        """The tickets whose state has changed since the last call, in the order of the changes."""
        news, self._news = self._news, []
        return news

    def _stack(self, worker: int) -> list[Ticket[J]]:
        """The jobs of a worker that has some; raises ValueError otherwise."""
        stack = self.workers.get(worker)
        if not stack:
            raise ValueError(f"worker is {worker!r}: it must be a worker that has a job")
        return stack

    # Moves

    def _open(self, job: J, priority: int, deadline: float) -> Ticket[J]:
        self.meter.submitted += 1
        return Ticket(next(self._numbers), job, priority, self.meter.now, deadline)

    def _hold_back(self, ticket: Ticket[J]) -> None:
        self._enter(ticket, Status.WAITING)
        self.door.add(ticket)

    def _enqueue(self, ticket: Ticket[J]) -> None:
        self.door.discard(ticket)
        self._enter(ticket, Status.QUEUED)
        self.queue.add(ticket)

    def _enter(self, ticket: Ticket[J], status: Status) -> None:
        if ticket.number not in self._inside:
            self._inside[ticket.number] = ticket
            self._limited.add(ticket)
            self.meter.entered += 1
        self._set(ticket, status)

    def _begin(self, ticket: Ticket[J], worker: int) -> None:
        self.queue.discard(ticket)
        self.door.discard(ticket)
        self.idle.pop(worker, None)
        self.workers[worker].append(ticket)
        ticket.worker, ticket.began = worker, self.meter.now
        self.meter.begun += 1
        self.meter.waited += self.meter.now - ticket.arrived
        self._set(ticket, Status.RUNNING)

    def _end(self, ticket: Ticket[J], fate: Status, why: str = "") -> None:
        for line in (self.door, self.queue, self._limited):
            line.discard(ticket)
        ticket.ended, ticket.why = self.meter.now, why
        self.meter.fates[fate] += 1
        if self._inside.pop(ticket.number, None):
            self.meter.left += 1
            self.meter.stayed += self.meter.now - ticket.arrived
        self._set(ticket, fate)

    def _set(self, ticket: Ticket[J], status: Status) -> None:
        ticket.status = status
        self._news.append(ticket)

    def _pass_time(self, now: float) -> None:
        self.meter.pass_time(
            now, inside=len(self._inside), queued=len(self.queue), busy=self.busy, workers=len(self.workers)
        )
