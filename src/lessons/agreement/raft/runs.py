"""Worlds that put Raft to the test, with chance and without."""

from __future__ import annotations

from collections.abc import Mapping

from lessons.agreement.raft.invariants import PROMISES, SAFETY, Persistence
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Options
from lessons.agreement.raft.user import Proposer, Reader
from lessons.sim import Constant, DiskModel, Link, LogNormal, Nemesis, Simulation

NETWORK = Link(LogNormal(0.003, 0.5), loss=0.02, duplicate=0.02)
DISK = DiskModel(sync=0.001)
TROUBLE = Nemesis(every=0.4, lasting=0.5)


def raft_run(
    seed: int,
    size: int = 3,
    kind: type[Raft] = Raft,
    *,
    commands: int = 10,
    reads: int = 0,
    options: Options | None = None,
    network: Link = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 4.0,
    spares: int = 0,
) -> Simulation:
    """A cluster n1, n2, ... of ``size`` servers under all of these invariants, and ann, who proposes.

    With ``reads`` there is bob, too, who reads. ``spares`` more servers wait to be asked in. ``trouble`` strikes
    until the virtual second ``until``.
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=network, disk=DISK, invariants=(*SAFETY, *PROMISES))
    sim.add(names, kind, voters=names, options=options or Options())
    sim.add([f"n{number}" for number in range(size + 1, size + spares + 1)], kind, options=options or Options())
    sim.add("ann", Proposer, servers=names, commands=tuple(f"a{number}" for number in range(1, commands + 1)))
    if reads:
        sim.add("bob", Reader, servers=names, times=reads)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim


def staged(kind: type[Raft], timeouts: Mapping[str, float], seed: int = 1) -> Simulation:
    """A cluster without chance: each server has its own election timeout, in seconds, which does not vary.

    A message takes 10 ms, a sync 1 ms, a crash loses whatever was not synced. There is neither pre-vote nor
    check-quorum, and a message carries one entry: Raft as in the paper's figures. It is judged by all these
    invariants but Persistence: that is a means, and a run would end before it shows what it is good for.
    """
    rules = [rule for rule in (*SAFETY, *PROMISES) if rule is not Persistence]
    sim = Simulation(seed, network=Link(Constant(0.010)), disk=DiskModel(sync=0.001, keep=0.0), invariants=rules)
    for name, timeout in timeouts.items():
        options = Options(0.100, (timeout, timeout), batch=1, pre_vote=False, check_quorum=False)
        sim.add(name, kind, voters=tuple(timeouts), options=options)
    return sim
