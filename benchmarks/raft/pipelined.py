"""Commands a second of Raft with 5,000 under way: what batches and pipelines save."""

from __future__ import annotations

from benchmarks.raft.throughput import report
from benchmarks.report import Report


def measure(repetitions: int, long: bool, total: int = 20_000) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    return report("raft_pipelined", total, 5000, repetitions)
