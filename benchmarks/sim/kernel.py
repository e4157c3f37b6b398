"""Messages between 100 nodes: deliveries a second of the full kernel, of SimPy and of simloop."""

from __future__ import annotations

from functools import partial

from benchmarks.race import Contestant, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from benchmarks.sim import relay, relay_simloop, relay_simpy

DELIVERIES = 100_000
STORE, BARE = "SimPy with Store", "SimPy, bare callback"
DOCUMENTED = "SimPy with Store, as documented"
DATAGRAMS, TIMERS = "simloop with datagrams", "simloop, bare timer"
GOALS = {STORE: 5.0, BARE: 1.0, DATAGRAMS: 5.0}


def contestants(deliveries: int) -> list[Contestant]:
    """Ours, and the peers."""
    return [
        Contestant("lessons.sim, with trace", partial(relay.work, deliveries)),
        Contestant(STORE, partial(relay_simpy.store, deliveries), "simpy"),
        Contestant(DOCUMENTED, partial(relay_simpy.cable, deliveries), "simpy"),
        Contestant(BARE, partial(relay_simpy.bare, deliveries), "simpy"),
        Contestant(DATAGRAMS, partial(relay_simloop.datagrams, deliveries), "simloop", (3, 12)),
        Contestant(TIMERS, partial(relay_simloop.timers, deliveries), "simloop", (3, 12)),
    ]


def measure(repetitions: int, long: bool, deliveries: int = DELIVERIES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = contestants(deliveries)
    # Each draws its own random numbers, so the counts differ by some tenths of a per cent.
    timings = race(present(everybody), repetitions, tolerance=0.02)
    rows, ratios = comparison(timings, "deliveries")
    return Report(
        name="kernel",
        title="messages between nodes",
        workload=f"{relay.WORKLOAD} About {deliveries:,} deliveries.",
        unit="deliveries a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal(f"times {peer}", ratios[peer], goal) for peer, goal in GOALS.items() if peer in ratios],
        skipped=absent(everybody),
        conclusion=conclusion(ratios),
        repetitions=repetitions,
    )


def conclusion(ratios: dict[str, float]) -> str:
    """What the ratios say."""
    return (
        f"With every send and delivery on record, and faults possible at any time, the kernel is {spoken(ratios)}. "
        "SimPy keeps no record here. The bare ones have no nodes, no network and no faults: they show what an agenda "
        "of events costs by itself."
    )
