"""Break the circle.

A pool deadlocks when each of its workers holds a job that waits for a job in the queue. Write `help` of a pool: it is
called when the job on `worker` is about to wait for the job `child`. It makes this worker begin `child` and returns
True, or returns False if another worker has begun it: then there is nothing left but to wait.

`self.dispatcher.help(child, worker, now)` decides just that. The pool's time is `self.clock()`. After each decision
`self.settle()` carries it out.
"""

from collections.abc import Callable, Iterator

from lessons.check import holds
from lessons.foundations.simulation.pool import Pool, Ticket
from lessons.foundations.simulation.pool.drafts import WaitingPool
from lessons.foundations.simulation.pool.runs import nested_jobs, turmoil
from lessons.trace import Trace

LEVEL = 2
MINUTES = 15
HINTS = [
    "Look at what `Pool.on_cancel` does after it has asked the dispatcher.",
    "Three lines: ask the dispatcher and keep its answer, settle, return the answer.",
]


class HelpingPool(WaitingPool):
    """A worker that waits for a job does it itself."""

    def help(self, worker: int, child: Ticket) -> bool: ...


class Solved(HelpingPool):
    def help(self, worker: int, child: Ticket) -> bool:
        helps = self.dispatcher.help(child, worker, self.clock())
        self.settle()
        return helps


class NeverHelps(HelpingPool):
    def help(self, worker: int, child: Ticket) -> bool:
        return False


class SaysSo(HelpingPool):
    def help(self, worker: int, child: Ticket) -> bool:
        self.settle()
        return True


class KeepsItQuiet(HelpingPool):
    def help(self, worker: int, child: Ticket) -> bool:
        self.dispatcher.help(child, worker, self.clock())
        self.settle()
        return False


stub = HelpingPool
solution = Solved
BUGS = {
    "waits for another worker": NeverHelps,
    "does a job that it has not begun": SaysSo,
    "begins the job and does not do it": KeepsItQuiet,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def samples(attempt: type[Pool]) -> Iterator[Callable[[], None]]:
    def jobs_that_wait_for_jobs_are_all_answered() -> None:
        for seed in range(40):
            sim = nested_jobs(seed, attempt)
            trace = holds(sim.run(until=60))
            customer = sim.state["customer"]
            if customer.answered != customer.sent:
                raise Shown(f"{customer.answered} of {customer.sent} jobs were answered with seed {seed}", trace)

    def every_rule_is_kept_in_turmoil() -> None:
        for seed in range(40):
            holds(turmoil(seed, attempt).run(until=60))

    return iter([jobs_that_wait_for_jobs_are_all_answered, every_rule_is_kept_in_turmoil])
