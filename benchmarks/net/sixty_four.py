"""Commands a second of clusters of processes with 64 under way: clients enough to share a sync."""

from __future__ import annotations

from benchmarks.net.throughput import report
from benchmarks.report import Report


def measure(repetitions: int, long: bool, total: int = 5000, only: str = "") -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    return report("net_64", total, 64, repetitions, only)
