"""Commands that Raft executes: one after the other, and thousands under way."""

from __future__ import annotations

from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.raft import pysyncobj
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.agreement.raft.measure import load_run, until_done

EAGER, PATIENT = "PySyncObj, a message a command", "PySyncObj, a message a millisecond"
GOAL = 5.0


def ours(total: int, window: int) -> Work:
    """Three servers and a client in the simulator, with trace, disks and a network that takes half a millisecond."""
    sim = load_run(pysyncobj.SERVERS, window, total)
    return Work(lambda: until_done(sim), lambda: sim.node("load").done)  # type: ignore[attr-defined]


def report(name: str, total: int, window: int, repetitions: int) -> Report:
    """A race over ``total`` commands, ``window`` of them under way."""
    everybody = [
        Contestant("lessons.agreement.raft, simulated", lambda: ours(total, window)),
        Contestant(EAGER, lambda: pysyncobj.work(total, window, 0.001, batch=False), "pysyncobj"),
        Contestant(PATIENT, lambda: pysyncobj.work(total, window, 0.001, batch=True), "pysyncobj"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "commands")
    under_way = "one under way" if window == 1 else f"{window:,} under way"
    return Report(
        name=name,
        title=f"Raft, {under_way}",
        workload=f"{pysyncobj.SERVERS} servers in one process execute {total:,} commands of {pysyncobj.VALUE} "
        f"characters for one client, with {under_way}.",
        unit="commands a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal("times the best of PySyncObj", min(ratios.values()), GOAL)] if ratios else [],
        skipped=absent(everybody),
        conclusion=f"The book's Raft is {spoken(ratios)}. Ours runs in the simulator: its client sends a message for "
        "each command and gets an answer, every event is on record, and what is written is synced to a disk. "
        "PySyncObj's servers talk over loopback TCP, keep no disk, and are called as objects.",
        repetitions=repetitions,
    )
