"""The lab: by hand each draft is broken and the counter is not; clerks may crash, and may be asked for more."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from lessons.foundations.simulation.lab import CLERKS, DESIGNS, LAB
from lessons.sim import Nemesis, Simulation
from lessons.trace import Delivered, Sent

COUNTER, REGISTER, TRUSTING, HASTY, FORGETFUL = DESIGNS


def moment(sim: Simulation, kind: type[Sent] | type[Delivered], name: str, node: str) -> float:
    """When this node first sends or receives a message of this class, run alone."""
    return next(e.time for e in sim.run(1.0).only(kind, node=node) if type(e.message).__name__ == name)


def overlap(sim: Simulation, design: str) -> None:
    """The last message of the clerk that began comes late, and the other is done meanwhile."""
    slow = first_asked(design)
    kind, number = ("Write", 2) if design == REGISTER else ("Add", 1)
    sim.at(moment(world(design), Sent, kind, slow)).delay(slow, "counter", number, 0.5)


def lose_an_answer(sim: Simulation, design: str) -> None:
    """The counter's first answer gets lost."""
    sim.at(moment(world(design), Sent, "Total", "counter")).drop("counter", first_asked(design), 1)


def first_asked(design: str) -> str:
    """To whom the counter answers first."""
    return next(event.to for event in world(design).run(1.0).only(Sent, node="counter"))


def crash_after_an_answer(sim: Simulation, design: str) -> None:
    """The counter answers, crashes, and comes back."""
    answered = moment(world(design), Delivered, "Total", first_asked(design))
    sim.at(answered + 0.001).crash("counter")
    sim.at(answered + 0.002).restart("counter")


def both(sim: Simulation, design: str) -> None:
    """An answer gets lost, and the counter crashes before the clerk asks again."""
    lose_an_answer(sim, design)
    crash_after_an_answer(sim, design)


def world(design: str) -> Simulation:
    """The lab's world with a disk that keeps nothing for luck."""
    sim: Simulation = LAB.make(1, design=design, keep=0.0)
    return sim


Accident = Callable[[Simulation, str], None]
ACCIDENTS: list[tuple[str, Accident, str]] = [
    (REGISTER, overlap, "Kept"),
    (TRUSTING, lose_an_answer, "Once"),
    (HASTY, crash_after_an_answer, "Kept"),
    (FORGETFUL, both, "Once"),
]


@pytest.mark.parametrize(("design", "accident", "rule"), ACCIDENTS, ids=[design for design, *_ in ACCIDENTS])
def test_each_draft_is_broken_by_an_accident_that_the_counter_survives(
    design: str, accident: Accident, rule: str
) -> None:
    sim = world(design)
    accident(sim, design)
    broken = sim.run(5.0).violation
    assert broken is not None and broken.invariant == rule
    right = world(COUNTER)
    accident(right, COUNTER)
    assert right.run(5.0).violation is None
    assert [right.state[name].confirmed for name in ("ann", "bob")] == [1, 1]


@pytest.mark.parametrize("design", DESIGNS)
def test_left_alone_every_design_counts(design: str) -> None:
    sim: Simulation = LAB.make(1, design=design, clerks=1, additions=5)
    assert sim.run(5.0).violation is None
    assert sim.state["counter"].total == 5


@pytest.mark.parametrize("times", [1, 3, 0, -2])
def test_a_clerk_adds_more_when_it_is_asked_to(times: int) -> None:
    sim: Simulation = LAB.make(1)
    sim.run(0.02)
    sim.faults.ask("ann", "add", [times])
    sim.run(2.0)
    sim.faults.ask("ann", "add")
    sim.run(4.0)
    assert sim.state["ann"].confirmed == sim.state["ann"].begun == 2 + max(0, times)
    assert sim.state["counter"].total == 3 + max(0, times)


@pytest.mark.parametrize("seed", range(40))
def test_the_counter_keeps_its_promises_when_clerks_crash_too(seed: int) -> None:
    sim: Simulation = LAB.make(seed, additions=4, clerks=3, loss=0.1, duplicate=0.1)
    faults = Nemesis(("crash", "pause", "partition"), every=0.05, lasting=0.1)
    sim.apply(faults.plan(Random(seed), ["counter", *CLERKS[:3]], 0.0, 1.0))
    assert sim.run(60.0).violation is None
    assert {sim.state[name].confirmed for name in CLERKS[:3]} == {4}
    assert sim.state["counter"].total == 12


def test_the_first_run_is_short_and_confirms_what_both_clerks_add() -> None:
    trace = LAB.run()
    assert [(op.name, op.outcome, op.value) for op in trace.history()] == [("add", "ok", 1), ("add", "ok", 2)]
    assert trace.violation is None and len(LAB.html()) < 50_000
