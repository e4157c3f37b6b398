"""Growth: whether a delivery costs the same in a run of ten thousand and in one of millions."""

from __future__ import annotations

from functools import partial

from benchmarks.race import Contestant, race
from benchmarks.report import Goal, Report, Row, rounded
from benchmarks.sim import relay

SIZES = (10_000, 100_000, 1_000_000)
LONG = 10_000_000
YARDSTICK = 100_000
LIMIT = 1.5
MOST_REPETITIONS = 3  # of the longest runs


def costs(sizes: tuple[int, ...], repetitions: int) -> dict[int, float]:
    """Microseconds of processor time for each delivery, by the size of the run; the sizes take turns."""
    runs = [Contestant(str(size), partial(relay.work, size)) for size in sizes]
    # They are meant to do unequal work.
    timings = race(runs, repetitions, tolerance=1.0)
    return {size: 1e6 / timing.median for size, timing in zip(sizes, timings, strict=True)}


def measure(repetitions: int, long: bool, sizes: tuple[int, ...] = SIZES, yardstick: int = YARDSTICK) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    repetitions = min(repetitions, MOST_REPETITIONS)
    cost = costs(sizes, repetitions)
    if long:
        cost |= costs((LONG,), 1)
    shares = {size: rounded(each / cost[yardstick]) for size, each in cost.items()}
    rows: list[Row] = [
        {"deliveries": size, "microseconds a delivery": rounded(each), f"to that of {yardstick:,}": shares[size]}
        for size, each in cost.items()
    ]
    largest = max(cost)
    return Report(
        name="growth",
        title="cost of a delivery as runs grow",
        workload=f"{relay.WORKLOAD} Runs of {', '.join(f'{size:,}' for size in cost)} deliveries.",
        unit="microseconds of processor time a delivery",
        rows=rows,
        goals=[Goal(f"cost at {largest:,}, to that at {yardstick:,}", shares[largest], LIMIT, at_least=False)],
        conclusion=(
            f"A delivery in a run of {largest:,} costs {shares[largest]:g} times what it costs in one of "
            f"{yardstick:,}: time grows in proportion to the events, as long as the record fits into memory."
        ),
        repetitions=repetitions,
    )
