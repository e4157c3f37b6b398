"""Write the clerk that gets through.

The network loses messages. Write `add` of a clerk: it sends the addition to the node `"counter"` and returns the
total of the answer. It waits `self.patience` seconds for an answer before it sends the same addition again, as often
as need be.

The counter knows an addition by its `number`. `self.call(to, message, timeout)` raises `TimedOut`.
"""

from collections.abc import Callable, Iterator

from lessons.check import holds
from lessons.foundations.simulation import Add, Clerk
from lessons.foundations.simulation.runs import LOSSY, counter_run
from lessons.node import TimedOut
from lessons.sim import Link
from lessons.trace import Sent, Trace

LEVEL = 1
MINUTES = 15
HINTS = [
    "A loop that only a return leaves: what happens in it when `TimedOut` comes?",
    "Call the counter in a `try`; on `TimedOut` let the loop go on. The message is the same each time.",
]


class Stubborn(Clerk):
    """A clerk that gets through."""

    async def add(self, number: int) -> int: ...


class Solved(Stubborn):
    async def add(self, number: int) -> int:
        while True:
            try:
                answer = await self.call("counter", Add(1, number), timeout=self.patience)
            except TimedOut:
                continue
            return answer.value


class GivesUp(Stubborn):
    async def add(self, number: int) -> int:
        try:
            return (await self.call("counter", Add(1, number), timeout=self.patience)).value
        except TimedOut:
            return 0


class Renumbers(Stubborn):
    async def add(self, number: int) -> int:
        while True:
            try:
                return (await self.call("counter", Add(1, number), timeout=self.patience)).value
            except TimedOut:
                number += 1


class Floods(Solved):
    async def add(self, number: int) -> int:
        self.patience = 0.01
        return await super().add(number)


class Waits(Stubborn):
    async def add(self, number: int) -> int:
        return (await self.call("counter", Add(1, number))).value


stub = Stubborn
solution = Solved
BUGS = {
    "believes an addition that nobody answered": GivesUp,
    "takes a new number each time": Renumbers,
    "does not wait for the answer": Floods,
    "waits for ever": Waits,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def samples(attempt: type[Clerk]) -> Iterator[Callable[[], None]]:
    def every_addition_is_confirmed_and_counted_once() -> None:
        for seed in range(40):
            trace = holds(counter_run(seed, clerk=attempt, network=LOSSY).run(until=30))
            confirmed = sum(operation.outcome == "ok" for operation in trace.history())
            if confirmed < 6:
                raise Shown(f"{confirmed} of 6 additions were confirmed with seed {seed}", trace)

    def the_total_of_the_answer_is_returned() -> None:
        trace = counter_run(1, clerk=attempt, network=Link()).run(until=30)
        totals = sorted(operation.value for operation in trace.history() if operation.outcome == "ok")
        if totals != [1, 2, 3, 4, 5, 6]:
            raise Shown(f"six additions returned {totals}, not 1 to 6", trace)

    def a_dead_network_is_not_flooded() -> None:
        trace = counter_run(2, clerk=attempt, network=Link(loss=1.0), rest=0, patience=0.1).run(until=1.0)
        sent = len(trace.only(Sent, node="ann"))
        if not 9 <= sent <= 11:
            raise Shown(f"with a patience of 0.1 s the clerk sent {sent} messages in 1 s, not 10", trace)

    return iter(
        [
            every_addition_is_confirmed_and_counted_once,
            the_total_of_the_answer_is_returned,
            a_dead_network_is_not_flooded,
        ]
    )
