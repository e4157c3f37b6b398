"""Commands a second of Raft with one under way: what a round of agreement costs."""

from __future__ import annotations

from benchmarks.raft.throughput import report
from benchmarks.report import Report


def measure(repetitions: int, long: bool, total: int = 1000) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    return report("raft_one_by_one", total, 1, repetitions)
