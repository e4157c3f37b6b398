"""All benchmarks by name. A module of a benchmark has a ``measure`` and a docstring that says what it measures."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from benchmarks.report import Report

#: Name on the command line and of the JSON file: module.
CATALOGUE = {
    "kernel": "benchmarks.sim.kernel",
    "sleepers": "benchmarks.sim.sleepers",
    "memory": "benchmarks.sim.memory",
    "growth": "benchmarks.sim.growth",
    "player": "benchmarks.sim.player",
    "boot": "benchmarks.page.boot",
    "lab": "benchmarks.lab.actions",
    "crdt_text": "benchmarks.crdts.text",
    "crdt_branches": "benchmarks.crdts.branches",
    "crdt_counter": "benchmarks.crdts.counter",
    "crdt_set": "benchmarks.crdts.sets",
    "crdt_merge": "benchmarks.crdts.merging",
    "ring": "benchmarks.ring.ring",
    "placements": "benchmarks.ring.placements",
    "raft_one_by_one": "benchmarks.raft.one_by_one",
    "raft_pipelined": "benchmarks.raft.pipelined",
    "net_one_by_one": "benchmarks.net.one_by_one",
    "net_64": "benchmarks.net.sixty_four",
    "net_pipelined": "benchmarks.net.pipelined",
    "isolation": "benchmarks.check.isolation",
    "linearizable": "benchmarks.check.linearizable",
    "sweep": "benchmarks.check.sweep",
    "explore": "benchmarks.check.explore",
}


class Benchmark(Protocol):
    """What a module of a benchmark offers."""

    __doc__: str | None

    def measure(self, repetitions: int, long: bool) -> Report:
        """Do the work ``repetitions`` times; with ``long`` also what takes minutes."""


def load(name: str) -> Benchmark:
    """Import the benchmark of that name; raises KeyError."""
    return cast(Benchmark, import_module(CATALOGUE[name]))
