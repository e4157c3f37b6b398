"""Sweeps: seeds a second on one core, on two, and through a Dask cluster of two processes on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from statistics import median

from benchmarks.race import check_equal
from benchmarks.report import Goal, Report, Row, rounded
from lessons.agreement.raft.runs import SWEEPS
from lessons.check import Swept, sweep
from lessons.check.sweeps.engines import cores

ONE, TWO, CLUSTER = "this process", "2 processes", "Dask, 2 processes"
ENGINES = {ONE: "serial", TWO: "processes", CLUSTER: "dask"}
GOAL = 1.7
MOST_REPETITIONS = 5


def measure(repetitions: int, long: bool, seeds: int = 400) -> Report:
    """See ``benchmarks.catalogue.Benchmark``; ``long`` takes ten times as many seeds."""
    count = seeds * (10 if long else 1)
    turns = min(repetitions, MOST_REPETITIONS)
    results = race(count, turns)
    best = {name: max(each.rate for each in done) for name, done in results.items()}
    ratios = {name: rounded(best[name] / best[ONE]) for name in results if name != ONE}
    return Report(
        name="sweep",
        title="sweeping seeds over cores",
        workload=f"{count:,} seeds of Raft's trial with three servers, under all faults, in chunks of 20; time on the "
        f"wall, with starting and ending the processes. {cores()} cores.",
        unit="seeds a second",
        rows=[row(name, results) for name in results],
        goals=[Goal("two processes to one, best", ratios[TWO], GOAL)] if cores() > 1 else [],
        skipped={} if CLUSTER in results else {CLUSTER: "the package distributed is not installed"},
        conclusion=f"On two cores two processes are {ratios[TWO]:g} times as fast as one. All engines find the same.",
        repetitions=turns,
    )


def race(seeds: int, repetitions: int) -> Mapping[str, list[Swept]]:
    """The results of every engine that is here, in turn; raises UnequalWork when they differ."""
    present = [name for name in ENGINES if name != CLUSTER or find_spec("distributed")]
    results: dict[str, list[Swept]] = {name: [] for name in present}
    for _ in range(repetitions):
        for name in present:
            results[name].append(sweep(SWEEPS["three"], range(seeds), engine=ENGINES[name], workers=2))
    check_equal({name: [len(each.seeds) for each in done] for name, done in results.items()}, 0.0)
    return results


def row(name: str, results: Mapping[str, list[Swept]]) -> Row:
    """A row of the table."""
    rates, ours = ([each.rate for each in results[which]] for which in (name, ONE))
    return {
        "engine": f"{name} (distributed {version('distributed')})" if name == CLUSTER else name,
        "seeds a second, median": rounded(median(rates)),
        "best": rounded(max(rates)),
        "times one process": rounded(median(rates) / median(ours)),
        "times one process, best": rounded(max(rates) / max(ours)),
    }
