"""Runs to be judged by the specification: all that can go wrong, but that nobody joins or leaves."""

from __future__ import annotations

from random import Random

from lessons.agreement.raft.crowd import Administrator, Hurried
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import some_faults, some_links, some_options
from lessons.sim import DiskModel, Simulation

END = 1.5  # virtual seconds


def stormy(seed: int, size: int = 3, kind: type[Raft] = Raft) -> Simulation:
    """A cluster of ``size`` servers, ann, who proposes and does not wait, and eve, who wants other leaders.

    Options, links, disks and faults are drawn from the seed, as in the chapter's trials; every second one asks around
    before it campaigns.
    """
    rng = Random(f"{seed}/{size}")
    steady, narrow = rng.random() < 0.5, rng.random() < 0.3
    names = tuple(f"n{number}" for number in range(1, size + 1))
    options = some_options(rng, changes=False, steady=steady, narrow=narrow)
    disk = DiskModel(sync=rng.choice((0.001, 0.02)), keep=0.5, tear=0.25)
    network = some_links(rng, names, narrow)
    sim = Simulation(f"{seed}/{size}", network=network, disk=disk, invariants=SAFETY)
    sim.add(names, kind, voters=names, options=options)
    sim.add("ann", Hurried, servers=names, pause=0.2, end=END)
    sim.add("eve", Administrator, servers=names, voters=names, changes=False, end=END)
    sim.apply(some_faults(rng, names, steady))
    return sim
