"""Which pause between two messages serves PySyncObj best: python -m benchmarks.net.periods tries them, in turn.

What it finds stands in benchmarks.net.pysyncobj as PERIODS, by hand: a race has its settings before it begins.
"""

from __future__ import annotations

from functools import partial

from benchmarks.net import pysyncobj
from benchmarks.net.bouts import Contest, in_turn, rows_and_ratios
from benchmarks.report import grid
from lessons.net.memory import look_seldom

CANDIDATES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)  # seconds
TOTALS = {1: 200, 64: 5_000, 5000: 30_000}  # commands, by how many are under way
REPETITIONS = 3


def main() -> None:
    """Print a table for each number of commands under way."""
    look_seldom()
    for window, total in TOTALS.items():
        contests: dict[str, Contest] = {
            f"{where}, {1000 * period:g} ms": partial(place, batch=window > 1, synced=True, period=period)
            for where, place in pysyncobj.PLACES.items()
            for period in CANDIDATES
        }
        bouts = in_turn(contests, total, window, REPETITIONS)
        rows, _ = rows_and_ratios(bouts, {name: name for name in contests})
        print(f"{window:,} under way\n\n{grid(rows)}\n")


if __name__ == "__main__":
    main()
