"""Counters to run and to judge: the invariants of the chapter, and the worlds that test them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lessons.check import Sweep, invariant
from lessons.foundations.simulation.counter import Clerk, Counter
from lessons.node import Node
from lessons.sim import DiskModel, Link, Nemesis, NodeState, Simulation, State

LOSSY = Link(loss=0.1, duplicate=0.05)
TROUBLE = Nemesis(("crash", "pause", "partition", "storm"), every=0.2, lasting=0.1)


def _clerks(state: State) -> Iterable[NodeState]:
    return [node for node in state.values() if "confirmed" in node]


@invariant("Every addition that was confirmed is in the total.")
def Kept(state: State) -> str | None:
    """I1: what a clerk was told is true, also after a crash."""
    counter, confirmed = state["counter"], sum(clerk.confirmed for clerk in _clerks(state))
    if counter.up and counter.total < confirmed:
        return f"{confirmed} additions were confirmed, the total is {counter.total}"
    return None


@invariant("No addition counts twice.")
def Once(state: State) -> str | None:
    """I2: the total is never more than what the clerks have begun to add."""
    counter, begun = state["counter"], sum(clerk.begun for clerk in _clerks(state))
    if counter.up and counter.total > begun:
        return f"{begun} additions were begun, the total is {counter.total}"
    return None


def counter_run(
    seed: int,
    counter: type[Node] = Counter,
    clerk: type[Clerk] = Clerk,
    *,
    network: Link | None = None,
    trouble: Nemesis | None = None,
    until: float = 1.0,
    rules: Iterable[Callable[..., object]] = (Kept, Once),
    **parameters: float,
) -> Simulation:
    """A counter and two clerks, ann and bob; ``parameters`` are those of the clerks, ``rules`` I1 and I2.

    ``trouble`` strikes until the virtual second ``until``. A sync takes 2 ms, and a crash keeps a
    write that was not synced with probability 1/2.
    """
    sim = Simulation(seed, network=network, disk=DiskModel(sync=0.002), invariants=rules)
    sim.add("counter", counter)
    sim.add(["ann", "bob"], clerk, **parameters)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim


def trial(
    seed: int,
    counter: type[Node] = Counter,
    clerk: type[Clerk] = Clerk,
    additions: tuple[str, ...] = ("ann", "bob") * 3,
) -> Simulation:
    """A counter on a bad network, in trouble for a second; ``additions`` says who makes each addition."""
    sim = Simulation(seed, network=LOSSY, disk=DiskModel(sync=0.002), invariants=(Kept, Once))
    sim.add("counter", counter)
    for name in dict.fromkeys(additions):
        sim.add(name, clerk, additions=additions.count(name))
    sim.unleash(TROUBLE, until=1.0)
    return sim


def Served(sim: Simulation) -> Iterator[str]:
    """Every addition is confirmed, half a minute after all faults are repaired."""
    for clerk in _clerks(sim.state):
        wanted = sim.node(clerk.name).additions  # type: ignore[attr-defined]
        if clerk.confirmed < wanted:
            yield f"{clerk.name} has confirmed {clerk.confirmed} of {wanted}"


#: What ``python -m lessons.check sweep foundations/simulation`` runs.
SWEEPS = {"counter": Sweep(trial, until=30.0, complaints=Served, operations=("additions",))}
