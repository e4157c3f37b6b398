"""Measure what Little's law says.

Little's law, L = lambda W, says: on average over time, as many operations are under way (L) as begin in a second
(lambda) times the seconds that each one takes (W). It holds for every system, if nothing is lost on the way.

Write `measure(history, end)`: the history is a list of operations with `called` and `returned`, in seconds; `returned`
is None where an operation was still under way at `end`. Return the three numbers L, lambda and W. Get L from time,
not from the law: add up how long each number of operations was under way, and divide by `end`. W is the mean over the
operations that have returned.
"""

from collections.abc import Callable, Iterator, Sequence

from lessons.foundations.simulation.runs import LOSSY, counter_run
from lessons.trace import Operation

LEVEL = 2
MINUTES = 25
HINTS = [
    "An operation adds 1 to the number under way from `called` to `returned`, or to `end`. So what it adds to the sum "
    "over time is just that length.",
    "L is the sum of all those lengths divided by `end`; lambda is the number of operations divided by `end`.",
]

Numbers = tuple[float, float, float]


def measure(history: Sequence[Operation], end: float) -> Numbers: ...


def measured(history: Sequence[Operation], end: float) -> Numbers:
    under_way = sum((end if op.returned is None else op.returned) - op.called for op in history)
    times = [op.returned - op.called for op in history if op.returned is not None]
    return under_way / end, len(history) / end, sum(times) / len(times) if times else 0.0


def without_the_open(history: Sequence[Operation], end: float) -> Numbers:
    done = [op for op in history if op.returned is not None]
    return measured(done, end)


def over_the_last_return(history: Sequence[Operation], end: float) -> Numbers:
    return measured(history, max([op.returned for op in history if op.returned is not None], default=end))


def by_the_law(history: Sequence[Operation], end: float) -> Numbers:
    _, rate, time = measured(history, end)
    return rate * time, rate, time


stub = measure
solution = measured
BUGS = {
    "leaves out what is still under way": without_the_open,
    "ends with the last return": over_the_last_return,
    "takes L from the law": by_the_law,
}


def _op(number: int, called: float, returned: float | None) -> Operation:
    return Operation("ann", number, "add", (1,), called, returned, "ok" if returned is not None else "unknown")


def _near(name: str, got: float, expected: float) -> None:
    assert abs(got - expected) < 1e-9 * max(1.0, abs(expected)), f"{name} is {got:.6g}, not {expected:.6g}"


def samples(attempt: Callable[[Sequence[Operation], float], Numbers]) -> Iterator[Callable[[], None]]:
    def two_operations_side_by_side() -> None:
        level, rate, time = attempt([_op(1, 0.0, 4.0), _op(2, 2.0, 4.0)], 10.0)
        _near("L", level, 0.6)
        _near("lambda", rate, 0.2)
        _near("W", time, 3.0)

    def one_that_is_still_under_way_counts_in_the_level() -> None:
        level, rate, time = attempt([_op(1, 0.0, 1.0), _op(2, 5.0, None)], 10.0)
        _near("L", level, 0.6)
        _near("lambda", rate, 0.2)
        _near("W", time, 1.0)

    def an_empty_history_has_three_zeros() -> None:
        assert tuple(attempt([], 10.0)) == (0.0, 0.0, 0.0), "an empty history must give 0, 0, 0"

    def the_law_holds_for_recorded_runs() -> None:
        for seed in range(20):
            trace = counter_run(seed, network=LOSSY).run(until=30)
            level, rate, time = attempt(trace.history(), trace.end)
            assert level > 0, f"nothing was under way with seed {seed}"
            _near(f"L with seed {seed}", level, rate * time)

    return iter(
        [
            two_operations_side_by_side,
            one_that_is_still_under_way_counts_in_the_level,
            an_empty_history_has_three_zeros,
            the_law_holds_for_recorded_runs,
        ]
    )
