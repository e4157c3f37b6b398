"""A pool of workers in the simulated world: the same decisions, with workers as workflows in virtual time.

    sim.add("pool", Pool, size=2, capacity=4, policy="reject")
    sim.add("shop", Customer, rate=3.0, work=0.5, jobs=100)

A job is what its ``Submit`` says: so many seconds of work, then perhaps a job of its own that it submits
to the same pool and waits for, then an end. Every ``Submit`` is answered by an ``Ended`` with the job's
fate. Pool and customers are parts of one process: what a crash does to jobs is for other chapters.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from math import inf
from typing import ClassVar

from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.orders import (
    KILLS,
    RAISES,
    BadJob,
    Cancel,
    Close,
    Closed,
    Ended,
    Order,
    Submit,
    WorkerKilled,
    check_seconds,
)
from lessons.foundations.simulation.pool.tickets import Overflow, Phase, Status, Ticket
from lessons.node import Future, Node, Timer


class Pool(Node):
    """A pool of ``size`` workers with room for ``capacity`` queued jobs.

    ``policy`` is a value of ``Overflow``. A worker that was killed is replaced after ``restart``
    seconds. Raises ValueError or TypeError for parameters that break a rule.
    """

    watched: ClassVar[tuple[str, ...]] = (
        "phase", "size", "capacity", "submitted", "waiting", "queued", "running", "fates",
        "workers", "idle", "helped", "starting", "stuck",
    )  # fmt: skip

    def __init__(self, size: int = 2, capacity: int = 8, policy: str = "block", restart: float = 0.1) -> None:
        check_seconds("restart", restart)
        self.size, self.capacity, self.policy, self.restart = size, capacity, Overflow(policy), restart
        self.dispatcher = self.make_dispatcher()
        self.starting = 0  # workers that are about to replace others
        self.orders: dict[tuple[str, int], Ticket[Order]] = {}  # those without a fate
        self.awaited: dict[int, Ticket[Order]] = {}  # by worker: the job for which its own job waits
        self.closed: Future[Closed] = Future()
        self._bells: dict[int, Future[None]] = {}
        self._alarm: tuple[float, Timer | None] = (inf, None)
        self._latest = 0.0
        self._children = count(1)

    def make_dispatcher(self) -> Dispatcher[Order]:
        """The one who decides."""
        return Dispatcher(self.size, self.capacity, self.policy)

    def start(self) -> None:
        """Hire the workers."""
        for _ in range(self.size):
            self.hire()

    def clock(self) -> float:
        """This node's clock, which may be set back, made to stand still until it has caught up."""
        self._latest = max(self._latest, self.now)
        return self._latest

    # Messages

    async def on_submit(self, sender: str, submit: Submit) -> None:
        """Take in a job; the answer comes when it has a fate."""
        ticket = self.take_in(sender, submit)
        self.reply(await ticket.job.answer)

    def take_in(self, sender: str, submit: Submit, nested: bool = False) -> Ticket[Order]:
        """Submit a job to the dispatcher."""
        ticket = self.dispatcher.submit(
            Order(sender, submit), self.clock(), priority=submit.priority, limit=submit.limit, nested=nested
        )
        self.orders[sender, submit.job] = ticket
        self.settle()
        return ticket

    def on_cancel(self, sender: str, cancel: Cancel) -> None:
        """Take back a job, if there is one of this number that has not begun."""
        if (sender, cancel.job) in self.orders:
            self.dispatcher.cancel(self.orders[sender, cancel.job], self.clock())
            self.settle()

    async def on_close(self, sender: str, close: Close) -> None:
        """Close the pool; the answer comes when it is closed."""
        self.dispatcher.close(self.clock(), close.cancel)
        if close.limit is not None:
            self.after(close.limit, self.time_to_close_is_over)
        self.settle()
        self.reply(await self.closed)

    def time_to_close_is_over(self) -> None:
        """Give a fate to whatever is left."""
        self.dispatcher.end(self.clock())
        self.settle()

    # Workers

    def hire(self) -> None:
        """Start a worker."""
        worker = self.dispatcher.hire(self.clock())
        self.spawn(self.serve(worker))
        self.settle()

    async def serve(self, worker: int) -> None:
        """A worker's life: one job after the other, until something kills it."""
        try:
            while True:
                await self.perform(worker, await self.next_job(worker))
                self.dispatcher.free(worker, self.clock())
                self.settle()
        except WorkerKilled:
            self.lose(worker)

    async def next_job(self, worker: int) -> Ticket[Order]:
        """Wait until the worker is given a job."""
        stack = self.dispatcher.workers[worker]
        if not stack:
            self._bells[worker] = Future()
            await self._bells[worker]
        return stack[-1]

    async def perform(self, worker: int, ticket: Ticket[Order]) -> None:
        """Do a job and tell the dispatcher how it ended."""
        try:
            await self.do(worker, ticket.job.submit)
        except BadJob as error:
            self.raised(worker, error)
        else:
            self.finish(worker)

    def raised(self, worker: int, error: BadJob) -> None:
        """A job's error is the job's own: its worker goes on."""
        self.finish(worker, str(error))

    def finish(self, worker: int, error: str | None = None) -> None:
        """The worker's job is done, or has failed."""
        self.dispatcher.finish(worker, self.clock(), error)
        self.settle()

    async def do(self, worker: int, submit: Submit) -> None:
        """Do the work of a job, and what else it does."""
        await self.sleep(submit.work)
        if submit.depth:
            child = replace(submit, job=next(self._children), depth=submit.depth - 1, limit=None)
            await self.join(worker, self.take_in(self.name, child, nested=True))
        if submit.ends == KILLS:
            raise WorkerKilled
        if submit.ends == RAISES:
            raise BadJob(f"job {submit.job} is a bad job")

    async def join(self, worker: int, child: Ticket[Order]) -> None:
        """Wait, in a job, for the job that it submitted; raises BadJob if that is not done in the end."""
        if child.status is Status.HANDED_BACK:
            return await self.do(worker, child.job.submit)
        if self.help(worker, child):
            await self.perform(worker, child)
        else:
            await self.wait_for(worker, child)
        if child.status is not Status.DONE:
            raise BadJob(f"the job that it waited for was {child.status.value}")

    def help(self, worker: int, child: Ticket[Order]) -> bool:
        """Begin the awaited job on the worker that waits for it; False if another worker has begun it."""
        helps = self.dispatcher.help(child, worker, self.clock())
        self.settle()
        return helps

    async def wait_for(self, worker: int, child: Ticket[Order]) -> None:
        """Wait, in a job, until another job has a fate; the worker does nothing meanwhile."""
        self.awaited[worker] = child
        self.settle()
        await child.job.answer
        del self.awaited[worker]

    def lose(self, worker: int) -> None:
        """A worker was killed: its jobs fail, and another one is started in its place."""
        self.dispatcher.lose(worker, self.clock())
        self.starting += 1
        self.after(self.restart, self.replace_worker)
        self.settle()

    def replace_worker(self) -> None:
        """Start a worker in place of one that was lost, unless the pool has closed since."""
        self.starting -= 1
        if self.dispatcher.missing:
            self.hire()

    # Decisions

    def settle(self) -> None:
        """Carry out what the dispatcher has decided, and show where the jobs are."""
        for ticket in self.dispatcher.news():
            if ticket.status is Status.RUNNING and ticket.worker in self._bells:
                self._bells.pop(ticket.worker).set(None)
            elif ticket.status.is_fate:
                self.answer(ticket.job, ticket)
        if self.dispatcher.phase is Phase.CLOSED:
            left = [(ticket.job.sender, ticket.job.submit.job) for ticket in self.dispatcher.left]
            self.closed.set(Closed(tuple(left)))
        self.set_alarm()
        self.show()

    def answer(self, order: Order, ticket: Ticket[Order]) -> None:
        """Tell whoever waits for a job what became of it."""
        self.orders.pop((order.sender, order.submit.job), None)
        order.answer.set(Ended(order.submit.job, ticket.status.value, ticket.why))

    def show(self) -> None:
        """Set the watched fields."""
        vars(self).update(self.dispatcher.gauges())
        self.stuck = sum(ticket.status is Status.QUEUED for ticket in self.awaited.values())

    def set_alarm(self) -> None:
        """Be woken when the next time limit is over."""
        due, timer = self.dispatcher.next_deadline, self._alarm[1]
        if due == self._alarm[0]:
            return
        if timer is not None:
            timer.cancel()
        timer = None if due == inf else self.after(max(0.0, due - self.clock()), self.limit_is_over, due)
        self._alarm = due, timer

    def limit_is_over(self, due: float) -> None:
        """A time limit is over; the clock may be a rounding error short of it."""
        self._latest = max(self.clock(), due)
        self.dispatcher.tick(self._latest)
        self.settle()
