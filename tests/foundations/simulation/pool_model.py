"""A job pool as a list of jobs that is searched anew each time: slow, plain, and the judge of the fast one."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from lessons.foundations.simulation.pool.tickets import Overflow


@dataclass
class Job:
    """A job of the model."""

    number: int
    priority: int
    due: float
    state: str = "new"


class Model:
    """What a ``Dispatcher`` should do, said in another way."""

    def __init__(self, size: int, capacity: int, policy: Overflow) -> None:
        self.size, self.capacity, self.policy = size, capacity, policy
        self.jobs: list[Job] = []
        self.stacks: dict[int, list[Job]] = {}
        self.idle: list[int] = []
        self.phase = "open"

    def line(self, state: str) -> list[Job]:
        return sorted((job for job in self.jobs if job.state == state), key=lambda job: (-job.priority, job.number))

    def full(self) -> bool:
        return not self.idle and len(self.line("queued")) >= self.capacity

    def balance(self) -> None:
        """Begin and let in whatever can be, one after the other."""
        while True:
            queued, waiting = self.line("queued"), self.line("waiting")
            if queued and self.idle:
                self.begin(queued[0], self.idle.pop(0))
            elif waiting and not self.full():
                waiting[0].state = "queued"
            else:
                break
        if self.phase == "closing" and not self.alive() and len(self.idle) == len(self.stacks):
            self.phase = "closed"

    def alive(self) -> list[Job]:
        return [job for job in self.jobs if job.state in ("waiting", "queued", "running")]

    def begin(self, job: Job, worker: int) -> None:
        job.state = "running"
        self.stacks[worker].append(job)

    def tick(self, now: float) -> None:
        for job in sorted(self.alive(), key=lambda job: (job.due, job.number)):
            if job.due <= now and job.state in ("waiting", "queued", "running"):
                job.state = "timed out"
                self.balance()

    def submit(self, now: float, priority: int, limit: float | None, nested: bool) -> None:
        self.tick(now)
        job = Job(len(self.jobs) + 1, priority, inf if limit is None else now + limit)
        self.jobs.append(job)
        if self.phase != "open":
            job.state = "rejected"
        elif not self.full():
            job.state = "queued"
        elif self.policy in (Overflow.DROP_OLDEST, Overflow.DROP_NEWEST):
            job.state = "queued"
            lowest = min(other.priority for other in self.line("queued"))
            rivals = [other for other in self.line("queued") if other.priority == lowest]
            (rivals[0] if self.policy is Overflow.DROP_OLDEST else rivals[-1]).state = "dropped"
        else:
            nested_block = "handed back" if nested else "waiting"
            fates = {Overflow.BLOCK: nested_block, Overflow.REJECT: "rejected", Overflow.CALLER_RUNS: "handed back"}
            job.state = fates[self.policy]
        self.balance()

    def cancel(self, now: float, job: Job) -> None:
        self.tick(now)
        if job.state in ("waiting", "queued"):
            job.state = "cancelled"
        self.balance()

    def help(self, now: float, job: Job, worker: int) -> None:
        self.tick(now)
        if job.state in ("waiting", "queued"):
            self.begin(job, worker)
        self.balance()

    def hire(self, now: float, worker: int) -> None:
        self.tick(now)
        self.stacks[worker] = []
        self.idle.append(worker)
        self.balance()

    def finish(self, now: float, worker: int, error: str | None) -> None:
        self.tick(now)
        job = self.stacks[worker].pop()
        if job.state == "running":
            job.state = "failed" if error else "done"
        self.balance()

    def free(self, now: float, worker: int) -> None:
        self.tick(now)
        self.idle.append(worker)
        self.balance()

    def lose(self, now: float, worker: int) -> None:
        self.tick(now)
        for job in self.stacks.pop(worker):
            job.state = "failed" if job.state == "running" else job.state
        self.idle = [other for other in self.idle if other != worker]
        self.balance()

    def close(self, now: float, cancel: bool) -> None:
        self.tick(now)
        self.phase = "closing" if self.phase == "open" else self.phase
        for job in self.jobs:
            job.state = {"waiting": "rejected", "queued": "cancelled" if cancel else "queued"}.get(job.state, job.state)
        self.balance()

    def end(self, now: float) -> None:
        if self.phase != "closed":
            self.close(now, cancel=True)
            for job in self.alive():
                job.state = "timed out"
            self.phase = "closed"
