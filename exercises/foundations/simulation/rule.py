"""Write the rule that catches all three.

A colleague has 3 counters, and each of them is wrong in some runs: one adds twice what was sent twice, one confirms
before its disk has the write, one forgets in a crash what it has done. Write one invariant that every wrong run breaks
and no right run does.

It is a function of the state. `state["counter"]` has `up` and `total`; `state["ann"]` and `state["bob"]` have `begun`
and `confirmed`, their additions so far. Return None while all is well, and a text that says what is wrong otherwise.
A counter that is not `up` shows what it had last.
"""

from collections.abc import Callable, Iterator

from lessons.foundations.simulation import Counter
from lessons.foundations.simulation.drafts import Forgetful, Hasty, Trusting
from lessons.foundations.simulation.runs import LOSSY, TROUBLE, counter_run
from lessons.sim import State
from lessons.trace import Trace

LEVEL = 2
MINUTES = 20
HINTS = [
    "An addition that is begun and not confirmed may be in the total or not. So the total has a least and a greatest "
    "right value.",
    "The total is at least what was confirmed and at most what was begun, but only while the counter is up.",
]

Rule = Callable[[State], str | None]


def rule(state: State) -> str | None: ...


def between(state: State) -> str | None:
    clerks, counter = (state["ann"], state["bob"]), state["counter"]
    least, most = sum(clerk.confirmed for clerk in clerks), sum(clerk.begun for clerk in clerks)
    if counter.up and not least <= counter.total <= most:
        return f"the total is {counter.total}: {least} confirmed, {most} begun"
    return None


def only_upwards(state: State) -> str | None:
    most = sum(state[name].begun for name in ("ann", "bob"))
    return f"{state['counter'].total} is over {most}" if state["counter"].total > most else None


def only_downwards(state: State) -> str | None:
    least = sum(state[name].confirmed for name in ("ann", "bob"))
    return f"{state['counter'].total} is under {least}" if state["counter"].total < least else None


def exactly(state: State) -> str | None:
    confirmed = sum(state[name].confirmed for name in ("ann", "bob"))
    return None if state["counter"].total == confirmed else f"{state['counter'].total} is not {confirmed}"


stub = rule
solution = between
BUGS = {"sees additions that count twice": only_upwards, "sees lost additions": only_downwards, "too strict": exactly}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def judged(attempt: Rule, counter: type[Counter], seed: int) -> Trace:
    """A run under the attempt alone."""
    return counter_run(seed, counter, network=LOSSY, trouble=TROUBLE, rules=[attempt]).run(until=30)


def samples(attempt: Rule) -> Iterator[Callable[[], None]]:
    def the_right_counter_never_breaks_it() -> None:
        for seed in range(60):
            trace = judged(attempt, Counter, seed)
            if trace.violation:
                raise Shown(f"nothing is wrong with seed {seed}, but the rule says: {trace.violation.why}", trace)

    def catches(counter: type[Counter], seeds: list[int]) -> None:
        for seed in seeds:
            if judged(attempt, counter, seed).violation is None:
                wrong = counter_run(seed, counter, network=LOSSY, trouble=TROUBLE).run(until=30)
                raise Shown(f"the run of seed {seed} is wrong, and the rule does not say so", wrong)

    def additions_that_count_twice_are_seen() -> None:
        catches(Trusting, TWICE)

    def additions_that_are_lost_are_seen() -> None:
        catches(Hasty, LOST)

    def additions_that_count_again_after_a_crash_are_seen() -> None:
        catches(Forgetful, AGAIN)

    return iter(
        [
            the_right_counter_never_breaks_it,
            additions_that_count_twice_are_seen,
            additions_that_are_lost_are_seen,
            additions_that_count_again_after_a_crash_are_seen,
        ]
    )


# Seeds whose runs are wrong, found by sweeping; the tests of the chapter prove that they still are.
TWICE, LOST, AGAIN = [1, 3, 4], [2, 4, 5], [7, 14, 28]
