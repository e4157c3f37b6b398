"""Commands a second of clusters of processes with one under way: what a round of agreement costs between processes."""

from __future__ import annotations

from benchmarks.net.throughput import report
from benchmarks.report import Report


def measure(repetitions: int, long: bool, total: int = 200) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    return report("net_one_by_one", total, 1, repetitions)
