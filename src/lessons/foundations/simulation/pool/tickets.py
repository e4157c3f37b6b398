"""The words of a job pool: tickets, the states they go through, policies, and lines in a fixed order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Generic, TypeVar

J = TypeVar("J")


class Status(Enum):
    """Where a job is, or its fate: the one way in which it ended."""

    WAITING = "waiting"  # the queue is full, its submitter is held back
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # it raised, or its worker was lost
    CANCELLED = "cancelled"  # before it began
    REJECTED = "rejected"  # never let in
    DROPPED = "dropped"  # to make room for another job, or for want of room
    TIMED_OUT = "timed out"  # its time limit was over, or that of the pool's closing
    HANDED_BACK = "handed back"  # its submitter runs it

    @property
    def is_fate(self) -> bool:
        """Whether nothing more happens to a job in this state."""
        return self not in (Status.WAITING, Status.QUEUED, Status.RUNNING)


class Overflow(Enum):
    """What happens to a job for which the queue has no room.

    All but ``BLOCK`` are the policies of Java's ThreadPoolExecutor (AbortPolicy, CallerRunsPolicy,
    DiscardOldestPolicy, DiscardPolicy). Java's third drops the head of the queue, which is the most
    important job where the queue has priorities; here only a job of the lowest priority is dropped.
    """

    BLOCK = "block"  # hold its submitter back until there is room
    REJECT = "reject"
    CALLER_RUNS = "caller runs"  # hand it back: who runs a job submits none meanwhile
    DROP_OLDEST = "drop oldest"
    DROP_NEWEST = "drop newest"


class Phase(Enum):
    """The life of a pool."""

    OPEN = "open"
    CLOSING = "closing"  # takes no more jobs, works off those it has
    CLOSED = "closed"


@dataclass(slots=True, eq=False)
class Ticket(Generic[J]):
    """What the pool knows of a job: times are seconds on the driver's clock, ``job`` is the driver's."""

    number: int
    job: J
    priority: int
    arrived: float
    deadline: float = inf
    status: Status = Status.WAITING
    worker: int | None = None
    began: float | None = None
    ended: float | None = None
    why: str = ""


class Line(Generic[J]):
    """Tickets in the order of a key; to add, find or remove one takes a binary search."""

    def __init__(self, key: Callable[[Ticket[J]], tuple[float, int]]) -> None:
        self._key = key
        self._tickets: list[Ticket[J]] = []

    def add(self, ticket: Ticket[J]) -> None:
        """Put a ticket in its place."""
        insort(self._tickets, ticket, key=self._key)

    def discard(self, ticket: Ticket[J]) -> None:
        """Take a ticket out, if it is there."""
        place = bisect_left(self._tickets, self._key(ticket), key=self._key)
        if self._tickets[place : place + 1] == [ticket]:
            del self._tickets[place]

    @property
    def first(self) -> Ticket[J]:
        """The ticket at the head; IndexError when the line is empty."""
        return self._tickets[0]

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[Ticket[J]]:
        return iter(self._tickets)


def by_importance(ticket: Ticket[J]) -> tuple[float, int]:
    """The order of the queue: the highest priority first, first come first served among equals."""
    return (-ticket.priority, ticket.number)


def by_deadline(ticket: Ticket[J]) -> tuple[float, int]:
    """The order in which time limits are over."""
    return (ticket.deadline, ticket.number)
