"""Memory of a trace: bytes that a run keeps for each delivery, as recorded and once decoded into events."""

from __future__ import annotations

import gc
import tracemalloc
from statistics import median

from benchmarks.report import Goal, Report, Row, rounded
from benchmarks.sim import relay
from lessons.trace import Delivered

DELIVERIES = 100_000
LIMIT = 400
MOST_REPETITIONS = 3  # allocations are nearly the same each time


def held() -> int:
    """Bytes that Python objects hold now, without garbage."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def bytes_per_delivery(deliveries: int) -> tuple[float, float]:
    """What a run adds for each delivery, and what decoding its trace into events adds to that."""
    tracemalloc.start()
    try:
        simulation, _ = relay.world()
        before = held()
        trace = simulation.run(until=relay.until(deliveries))
        recorded = held()
        trace.events  # noqa: B018  (the first look decodes the record)
        decoded = held()
    finally:
        tracemalloc.stop()
    delivered = len(trace.only(Delivered))
    return (recorded - before) / delivered, (decoded - recorded) / delivered


def measure(repetitions: int, long: bool, deliveries: int = DELIVERIES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    measured = [bytes_per_delivery(deliveries) for _ in range(min(repetitions, MOST_REPETITIONS))]
    recorded, decoded = (rounded(median(each)) for each in zip(*measured, strict=True))
    rows: list[Row] = [
        {"what": "the run, as recorded", "bytes a delivery": recorded},
        {"what": "its events, once decoded", "bytes a delivery": decoded},
        {"what": "both", "bytes a delivery": rounded(recorded + decoded)},
    ]
    return Report(
        name="memory",
        title="memory of a trace",
        workload=f"{relay.WORKLOAD} About {deliveries:,} deliveries; each is two events, the send and the arrival.",
        unit="bytes of Python objects, counted by tracemalloc",
        rows=rows,
        goals=[Goal("bytes a delivery, as recorded", recorded, LIMIT, at_least=False)],
        conclusion=(
            f"A run keeps {recorded:g} bytes for each delivery. Whoever looks at its events pays {decoded:g} more; "
            "a run that is only checked against invariants does not."
        ),
        repetitions=len(measured),
    )
