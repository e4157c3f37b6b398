"""Commands that Raft executes: one after the other, and thousands under way."""

from __future__ import annotations

from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.raft import pysyncobj
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.agreement.raft.measure import busy_run, load_run, until_busy_done, until_done

OURS, SERVED = "lessons.agreement.raft, simulated", "lessons.agreement.raft, simulated, a client that sends messages"
EAGER, PATIENT = "PySyncObj, a message a command", "PySyncObj, a message a millisecond"
GOAL = 5.0


def called(total: int, window: int) -> Work:
    """Three servers in the simulator, with trace, disks and a network; the leader is called as an object."""
    sim, leader = busy_run(pysyncobj.SERVERS, window, total)
    return Work(lambda: until_busy_done(sim, leader), lambda: leader.done)


def served(total: int, window: int) -> Work:
    """The same, with a client that sends a message for each command and gets one back."""
    sim = load_run(pysyncobj.SERVERS, window, total)
    return Work(lambda: until_done(sim), lambda: sim.node("load").done)  # type: ignore[attr-defined]


def report(name: str, total: int, window: int, repetitions: int) -> Report:
    """A race over ``total`` commands, ``window`` of them under way."""
    everybody = [
        Contestant(OURS, lambda: called(total, window)),
        Contestant(EAGER, lambda: pysyncobj.work(total, window, 0.001, batch=False), "pysyncobj"),
        Contestant(PATIENT, lambda: pysyncobj.work(total, window, 0.001, batch=True), "pysyncobj"),
        Contestant(SERVED, lambda: served(total, window)),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "commands")
    peers = {peer: ratio for peer, ratio in ratios.items() if peer != SERVED}
    under_way = "one under way" if window == 1 else f"{window:,} under way"
    return Report(
        name=name,
        title=f"Raft, {under_way}",
        workload=f"{pysyncobj.SERVERS} servers in one process execute {total:,} commands of {pysyncobj.VALUE} "
        f"characters that a program in that process gives to the leader, with {under_way}.",
        unit="commands a second of processor time",
        rows=rows,
        ratios=peers,
        goals=[Goal("times PySyncObj at its fastest here", min(peers.values()), GOAL)] if peers else [],
        skipped=absent(everybody),
        conclusion=f"The book's Raft is {spoken(peers)}. The work is not the same throughout. Ours runs in the "
        "simulator: no sockets, but every event is on record, and each server writes every command to a disk with a "
        "checksum and syncs it. PySyncObj's servers talk over loopback TCP and keep no disk; they are driven without "
        "a pause, so that none of their timers counts. The last row is what a client costs that sends each command as "
        "a message.",
        repetitions=repetitions,
    )
