"""Commands a second of clusters of processes with 5,000 under way: what batches and pipelines save."""

from __future__ import annotations

from benchmarks.net.throughput import report
from benchmarks.report import Report


def measure(repetitions: int, long: bool, total: int = 30_000, only: str = "") -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    return report("net_pipelined", total, 5000, repetitions, only)
