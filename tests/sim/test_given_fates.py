"""Crashes whose writes have given fates, clocks that stand still, and chance that begins anew."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from lessons.node import Node
from lessons.sim import Action, DiskModel, SimDisk, Simulation
from lessons.sim.clock import Clock, StoppedClock
from lessons.trace import Faulted
from tests.sim.worlds import Idle


class Still:
    """Time that does not pass."""

    def time(self) -> float:
        return 0.0

    def spend(self, seconds: float) -> float:
        return 0.0


def doubtful(model: DiskModel) -> SimDisk:
    """A disk with three changes that are not synced: a put and two writes to files."""
    disk = SimDisk("n1", model, Random(1), Still())
    disk.put("a", 0)
    disk.sync()
    disk.put("a", 1)
    disk.write("x", 0, b"1234")
    disk.write("y", 0, b"5678")
    return disk


@pytest.mark.parametrize("fates", list(product(["kept", "lost"], repeat=3)))
def test_a_crash_does_to_each_write_what_it_is_told(fates: tuple[str, ...]) -> None:
    disk = doubtful(DiskModel())
    counts = disk.crash(fates)
    assert counts == {"kept": fates.count("kept"), "lost": fates.count("lost"), "torn": 0}
    assert disk.get("a") == (1 if fates[0] == "kept" else 0)
    assert disk.read("x") == (b"1234" if fates[1] == "kept" else b"")
    assert disk.read("y") == (b"5678" if fates[2] == "kept" else b"")


def test_a_torn_write_is_cut_short() -> None:
    disk = doubtful(DiskModel())
    assert disk.crash(("lost", "torn", "kept")) == {"kept": 1, "lost": 1, "torn": 1}
    assert b"1234".startswith(disk.read("x")) and disk.read("x") != b"1234"


@pytest.mark.parametrize("fates", [(), ("lost",), ("lost",) * 4, ("torn", "lost", "lost"), ("lost", "lost", "gone")])
def test_fates_that_a_crash_cannot_bring_are_refused(fates: tuple[str, ...]) -> None:
    disk = doubtful(DiskModel())
    with pytest.raises(ValueError, match=r"writes is .*: say for each of put, write, write"):
        disk.crash(fates)
    assert disk.get("a") == 1


@pytest.mark.parametrize(
    ("model", "table", "file"),
    [
        (DiskModel(keep=0.0), {"lost"}, {"lost"}),
        (DiskModel(keep=1.0, tear=0.0), {"kept"}, {"kept"}),
        (DiskModel(keep=1.0, tear=1.0), {"kept"}, {"torn"}),
        (DiskModel(), {"lost", "kept"}, {"lost", "kept", "torn"}),
    ],
)
def test_the_possible_fates_are_those_that_chance_may_bring(model: DiskModel, table: set[str], file: set[str]) -> None:
    assert [set(fates) for fates in doubtful(model).possible_fates()] == [table, file, file]
    synced = doubtful(model)
    synced.sync()
    assert synced.possible_fates() == []


def test_a_crash_with_given_fates_can_be_planned_and_kept_as_json() -> None:
    class Writer(Node):
        watched = ("value",)

        def start(self) -> None:
            self.value = self.disk.get("value", 0)
            self.disk.put("value", 1)

    for fate, value in (("kept", 1), ("lost", 0)):
        sim = Simulation(1)
        sim.add("w", Writer)
        sim.at(1.0).crash("w", [fate])
        sim.at(2.0).restart("w")
        assert [Action.from_json(action.to_json()) for action in sim.actions] == sim.actions
        assert sim.run().only(Faulted)[0].effect["writes"] == {fate: 1}
        assert sim.state["w"].value == value


def test_a_stopped_clock_shows_what_the_other_one_showed() -> None:
    clock = Clock()
    clock.drift(1.0, 2.0)
    clock.step(10.0)
    stopped = StoppedClock(clock, 3.0)
    assert (stopped.monotonic(99.0), stopped.read(99.0)) == (clock.monotonic(3.0), clock.read(3.0)) == (5.0, 15.0)
    stopped.step(1.0)
    assert stopped.read(0.0) == 16.0 and stopped.rate == 1.0


def test_after_reseeding_the_same_is_drawn_whatever_was_drawn_before() -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Idle)
    sim.run()
    drawn = []
    for _ in range(2):
        for name in ("a", "b"):
            sim.world.machine(name).reseed()
        drawn.append([sim.node(name).rng.random() for name in ("a", "b")])
        sim.node("a").rng.random()
    assert drawn[0] == drawn[1] and drawn[0][0] != drawn[0][1]
