"""Counter: increments of one replica."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.crdts.peers import Peer
from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.replication.crdts.counters import PNCounter

INCREMENTS = 50_000
CRDTS, LORO = "crdts PNCounter", "loro counter"


def ours(count: int) -> Work:
    """The counter of this book; each increment also makes its delta."""
    counter = PNCounter()

    def run() -> None:
        for _ in range(count):
            counter.increment("ann")

    return Work(run, lambda: counter.value)


def crdts(count: int) -> Work:
    """A counter in pure Python; each increment makes an update to be sent."""
    from crdts import PNCounter as Peers

    counter = Peers()

    def run() -> None:
        for _ in range(count):
            counter.increase()

    return Work(run, counter.read)


def loro(count: int) -> Work:
    """A counter in Rust, without a commit."""
    library: Any = import_module("loro")  # its stubs are not complete
    counter = library.LoroDoc().get_counter("counter")

    def run() -> None:
        for _ in range(count):
            counter.increment(1)

    return Work(run, lambda: int(counter.value))


def measure(repetitions: int, long: bool, count: int = INCREMENTS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = [
        Contestant("PNCounter", lambda: ours(count)),
        Peer(CRDTS, lambda: crdts(count), "crdts", module="crdts"),
        Contestant(LORO, lambda: loro(count), "loro"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "increments")
    return Report(
        name="crdt_counter",
        title="increments of a counter",
        workload=f"{count:,} increments by 1 at one replica.",
        unit="increments a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal(f"times {CRDTS}", ratios[CRDTS], 10.0)] if CRDTS in ratios else [],
        skipped=absent(everybody),
        conclusion=f"The counter of this book, which makes a delta for every increment, is {spoken(ratios)}.",
        repetitions=repetitions,
    )
