"""Placements: look-ups a second, time to build, and memory, of all of the chapter's algorithms on the same nodes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial

from benchmarks.race import Contestant, Work, race
from benchmarks.report import Report, Row, rounded
from benchmarks.ring.ring import built, each, names, users
from lessons.partitioning.hash_ring import (
    BoundedLoad,
    HashRing,
    Jump,
    KetamaRing,
    Maglev,
    Modulo,
    Placement,
    Rendezvous,
)

NODES, KEYS = 100, 10_000
KINDS: dict[str, Callable[[list[str]], Placement]] = {
    "Modulo": Modulo,
    "HashRing": HashRing,
    "KetamaRing": KetamaRing,
    "Jump": Jump,
    "Rendezvous": Rendezvous,
    "Maglev": Maglev,
    "BoundedLoad over a ring": lambda nodes: BoundedLoad(HashRing(nodes)),
}


def kept(make: Callable[[list[str]], Placement], nodes: list[str]) -> int:
    """Bytes of Python objects that a placement keeps, the names left out."""
    make(nodes)  # what is made once for all of them is not counted
    gc.collect()
    tracemalloc.start()
    try:
        placement = make(nodes)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] * bool(placement.members)
    finally:
        tracemalloc.stop()


def measure(repetitions: int, long: bool, keys: int = KEYS, nodes: int = NODES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    lookers = [Contestant(name, partial(looking, make, keys, nodes)) for name, make in KINDS.items()]
    makers = [Contestant(name, partial(built, make, nodes)) for name, make in KINDS.items()]
    looked, made = race(lookers, repetitions), race(makers, repetitions)
    yardstick = next(timing.median for timing in looked if timing.contestant.name == "HashRing")
    rows: list[Row] = [
        {
            "placement": look.contestant.name,
            "look-ups a second, median": rounded(look.median),
            "to the ring": rounded(look.median / yardstick),
            "milliseconds to build": rounded(1000 * 160 * nodes / build.median),
            "kilobytes": rounded(kept(KINDS[look.contestant.name], names(nodes)) / 1000),
        }
        for look, build in zip(looked, made, strict=True)
    ]
    return Report(
        name="placements",
        title="what placements cost",
        workload=f"{nodes} nodes with names, {keys:,} keys such as user:17, one call each.",
        unit="seconds of processor time; bytes of Python objects, counted by tracemalloc",
        rows=rows,
        conclusion=(
            "The ring pays with memory for a look-up in logarithmic time, Maglev for one in a single step; rendezvous "
            "needs nothing but the names and pays with time for each node; jump hash needs neither."
        ),
        repetitions=repetitions,
    )


def looking(make: Callable[[list[str]], Placement], keys: int, nodes: int) -> Work:
    """Look all keys up, one at a time."""
    return each(make(names(nodes)).owner, users(keys))
