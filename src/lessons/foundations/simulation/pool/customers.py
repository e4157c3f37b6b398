"""Who uses a pool in the simulated world: customers with random jobs, and the owner who closes it."""

from __future__ import annotations

from math import isfinite, log
from random import Random

from lessons.foundations.simulation.pool.orders import KILLS, RAISES, WELL, Cancel, Close, Ended, Submit, check_seconds
from lessons.foundations.simulation.pool.tickets import Status
from lessons.node import Client, TimedOut


def exponential(rng: Random, mean: float) -> float:
    """A memoryless time of ``mean`` seconds on average."""
    # Rounded to nanoseconds, for the last bit of log() may differ between platforms.
    return round(-mean * log(1.0 - rng.random()), 9)


class Customer(Client):
    """Submits ``jobs`` jobs, ``rate`` of them a second on average, whether or not others are answered.

    The times between them and their work (``work`` seconds on average) are exponential. ``bad``,
    ``deadly``, ``nested`` and ``fickle`` are the parts of the jobs that raise, that kill their worker,
    that submit up to ``depth`` jobs below them, and that the customer takes back after a while;
    ``priorities`` is how many priorities there are. Jobs that are handed back it does itself, one
    after the other, and submits none meanwhile. Raises ValueError for parameters out of range.
    """

    watched = ("sent", "answered")

    def __init__(
        self,
        pool: str = "pool",
        *,
        rate: float = 1.0,
        work: float = 1.0,
        jobs: int = 10,
        limit: float | None = None,
        bad: float = 0.0,
        deadly: float = 0.0,
        nested: float = 0.0,
        fickle: float = 0.0,
        depth: int = 1,
        priorities: int = 1,
    ) -> None:
        for name, value in (("rate", rate), ("work", work)):
            if not (isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value!r}: it must be a finite number over 0")
        for name, part in (("bad", bad), ("deadly", deadly), ("nested", nested), ("fickle", fickle)):
            if not 0 <= part <= 1:
                raise ValueError(f"{name} is {part!r}: it must be a part of the jobs, from 0 to 1")
        for name, number, least in (("jobs", jobs, 0), ("depth", depth, 1), ("priorities", priorities, 1)):
            if not (isinstance(number, int) and number >= least):
                raise ValueError(f"{name} is {number!r}: it must be a whole number of {least} or more")
        self.pool, self.rate, self.work, self.jobs, self.limit = pool, rate, work, jobs, limit
        self.bad, self.deadly, self.nested, self.fickle = bad, deadly, nested, fickle
        self.depth, self.priorities = depth, priorities
        self.sent = self.answered = 0
        self.occupied_until = 0.0

    async def session(self) -> None:
        """Submit one job after the other at random moments."""
        for number in range(1, self.jobs + 1):
            await self.sleep(exponential(self.rng, 1 / self.rate))
            while self.now < self.occupied_until:
                await self.sleep(self.occupied_until - self.now)
            self.spawn(self.order(self.draw(number)))

    def draw(self, number: int) -> Submit:
        """A random job."""
        rng = self.rng
        work = exponential(rng, self.work)
        priority = rng.randrange(self.priorities)
        depth = rng.randint(1, self.depth) if rng.random() < self.nested else 0
        dice = rng.random()
        ends = KILLS if dice < self.deadly else RAISES if dice < self.deadly + self.bad else WELL
        return Submit(number, work, priority, self.limit, depth, ends)

    async def order(self, submit: Submit) -> None:
        """Submit a job and wait for its end."""
        self.sent += 1
        if self.rng.random() < self.fickle:
            self.after(exponential(self.rng, self.work), self.send, self.pool, Cancel(submit.job))
        operation = self.begin("job", submit.job)
        ended: Ended = await self.call(self.pool, submit)
        operation.ok(ended.fate)
        self.answered += 1
        if ended.fate == Status.HANDED_BACK.value:
            self.occupied_until = max(self.now, self.occupied_until) + submit.work


class Owner(Client):
    """Closes the pool ``at`` seconds, with ``limit`` seconds for what is left, and insists on it.

    ``kept_waiting`` is set when there is no answer ``slack`` seconds after the limit.
    """

    watched = ("kept_waiting", "left")

    def __init__(
        self, pool: str = "pool", *, at: float = 10.0, limit: float = 1.0, cancel: bool = False, slack: float = 0.1
    ) -> None:
        for name, time in (("at", at), ("limit", limit), ("slack", slack)):
            check_seconds(name, time)
        self.pool, self.at, self.slack = pool, at, slack
        self.close = Close(cancel, limit)
        self.limit = limit
        self.kept_waiting = False
        self.left: int | None = None

    async def session(self) -> None:
        """Close the pool, and see when the answer comes."""
        await self.sleep(self.at)
        try:
            closed = await self.request(self.pool, self.close, timeout=self.limit + self.slack)
        except TimedOut:
            self.kept_waiting = True
        else:
            self.left = len(closed.left)
