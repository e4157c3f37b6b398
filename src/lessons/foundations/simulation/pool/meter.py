"""The meter of a pool: counts and time-weighted means, so that Little's law can be checked on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lessons.foundations.simulation.pool.tickets import Status


@dataclass(slots=True)
class Meter:
    """Sums over the life of a pool; the means are computed from them. All times are in seconds.

    Two sums are kept apart on purpose: ``job_seconds`` adds up, as time passes, how many jobs are in
    the pool; ``stayed`` adds up, as each job leaves, how long it was there. Little's law says that
    they are the same sum: L = lambda * W. It holds exactly whenever the pool is empty at both ends.
    Source: J. D. C. Little, A Proof for the Queuing Formula L = lambda W, Operations Research 9 (1961).
    """

    since: float
    now: float
    submitted: int = 0
    entered: int = 0
    begun: int = 0
    left: int = 0
    late: int = 0  # finished after their time limit; the result was thrown away
    peak: int = 0  # most jobs ever queued at once
    fates: Counter[Status] = field(default_factory=Counter)
    job_seconds: float = 0.0
    queue_seconds: float = 0.0
    busy_seconds: float = 0.0
    worker_seconds: float = 0.0
    stayed: float = 0.0
    waited: float = 0.0

    def pass_time(self, now: float, *, inside: int, queued: int, busy: int, workers: int) -> None:
        """Count the time since the last call, in which the pool held these numbers of jobs and workers."""
        passed = now - self.now
        self.now = now
        self.job_seconds += passed * inside
        self.queue_seconds += passed * queued
        self.busy_seconds += passed * busy
        self.worker_seconds += passed * workers

    @property
    def arrival_rate(self) -> float:
        """lambda: jobs let in, a second."""
        return _ratio(self.entered, self.now - self.since)

    @property
    def mean_inside(self) -> float:
        """L: jobs in the pool, held back, queued or running, on average over time."""
        return _ratio(self.job_seconds, self.now - self.since)

    @property
    def mean_stay(self) -> float:
        """W: seconds from a job's arrival to its fate, on average over the jobs that have left."""
        return _ratio(self.stayed, self.left)

    @property
    def mean_queued(self) -> float:
        """Lq: jobs in the queue, on average over time."""
        return _ratio(self.queue_seconds, self.now - self.since)

    @property
    def mean_wait(self) -> float:
        """Wq: seconds from a job's arrival to its beginning, on average over the jobs that began."""
        return _ratio(self.waited, self.begun)

    @property
    def utilisation(self) -> float:
        """The part of the workers' time in which they had a job."""
        return _ratio(self.busy_seconds, self.worker_seconds)


def _ratio(total: float, over: float) -> float:
    return total / over if over else 0.0
