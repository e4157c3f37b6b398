"""Clocks of nodes: the time of day can jump, both clocks can drift, timers follow the clock that does not jump."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import Node
from lessons.sim import DiskModel, Simulation
from lessons.sim.clock import Clock
from lessons.trace import Fired, Noted
from tests.sim.worlds import LAWS


class Watch(Node):
    """Notes both its clocks once a second of its own time."""

    def start(self) -> None:
        self.every(1.0, self.look)

    def look(self) -> None:
        self.note("looks", now=round(self.now, 6), monotonic=round(self.monotonic, 6))


def looks(*faults: tuple[float, str, float], until: float = 4.5) -> list[tuple[float, float, float]]:
    """Virtual time, time of day and monotonic time at each look of a Watch that suffers these faults."""
    sim = Simulation(1)
    sim.add("a", Watch)
    for at, name, value in faults:
        getattr(sim.at(at), name)("a", value)
    events = sim.run(until).only(Noted)
    return [(round(event.time, 6), event.facts["now"], event.facts["monotonic"]) for event in events]


def test_clocks_are_right_at_first() -> None:
    assert looks() == [(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)]


@pytest.mark.parametrize("seconds", [5.0, -5.0])
def test_a_step_moves_the_time_of_day_and_no_timer(seconds: float) -> None:
    after = [(time, time + seconds, time) for time in (3, 4)]
    assert looks((2.5, "step_clock", seconds)) == [(1, 1, 1), (2, 2, 2), *after]


def test_a_drift_makes_the_timers_set_from_then_on_as_fast_as_the_clock() -> None:
    assert looks((1.5, "drift_clock", 2.0)) == [(1, 1, 1), (2, 2.5, 2.5), (2.5, 3.5, 3.5), (3, 4.5, 4.5),
                                                (3.5, 5.5, 5.5), (4, 6.5, 6.5), (4.5, 7.5, 7.5)]  # fmt: skip


def test_a_slow_clock_makes_slow_timers() -> None:
    assert looks((0.0, "drift_clock", 0.5)) == [(1, 0.5, 0.5), (3, 1.5, 1.5)]


def test_steps_and_drifts_add_up() -> None:
    faults = [(0.5, "step_clock", 10.0), (1.5, "drift_clock", 2.0), (2.2, "step_clock", -3.0)]
    assert looks(*faults, until=2.6) == [(1, 11, 1), (2, 12.5, 2.5), (2.5, 10.5, 3.5)]


def test_sleeps_and_timeouts_follow_the_drift_too() -> None:
    class Sleeper(Node):
        def start(self) -> None:
            self.spawn(self.sleeps())

        async def sleeps(self) -> None:
            while True:
                await self.sleep(1.0)

    sim = Simulation(1)
    sim.add("a", Sleeper)
    sim.at(0.0).drift_clock("a", 4.0)
    assert [event.time for event in sim.run(1.6).only(Fired)] == [1.0, 1.25, 1.5]


def test_a_clock_survives_a_crash() -> None:
    sim = Simulation(1)
    sim.add("a", Watch)
    sim.at(0.2).step_clock("a", 100.0)
    sim.at(0.5).restart("a")
    (event,) = sim.run(1.6).only(Noted)
    assert event.facts == {"now": 101.5, "monotonic": 1.5}


def test_a_clock_is_one_nodes_own() -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Watch)
    sim.at(0.2).step_clock("a", 100.0)
    sim.at(0.2).drift_clock("a", 3.0)
    assert [event.facts["now"] for event in sim.run(1.0).only(Noted, node="b")] == [1.0]


def test_the_clock_goes_on_while_a_handler_waits_for_its_disk() -> None:
    class Writer(Node):
        def start(self) -> None:
            self.disk.sync()
            self.note("synced", now=self.now, monotonic=self.monotonic)

    sim = Simulation(1, disk=DiskModel(sync=0.5))
    sim.add("a", Writer)
    (event,) = sim.run().only(Noted)
    assert event.facts == {"now": 0.5, "monotonic": 0.5}


CHANGES = st.lists(
    st.tuples(
        st.floats(0, 10),
        st.one_of(
            st.tuples(st.just("step"), st.floats(-100, 100)), st.tuples(st.just("drift"), st.floats(0.01, 100))
        ),
    ),
    max_size=10,
)


@given(CHANGES)
@LAWS
def test_the_monotonic_clock_never_goes_back_whatever_happens_to_it(changes: list[tuple[float, Any]]) -> None:
    clock, time, before = Clock(), 0.0, 0.0
    for after, (name, value) in changes:
        time += after
        reading = clock.monotonic(time)
        assert reading >= before - 1e-9
        if name == "step":
            clock.step(value)
        else:
            clock.drift(time, value)
        assert clock.monotonic(time) == pytest.approx(reading), "neither a step nor a drift makes it jump"
        before = reading


@given(CHANGES)
@LAWS
def test_the_time_of_day_is_the_monotonic_clock_and_all_steps(changes: list[tuple[float, Any]]) -> None:
    clock, time, steps = Clock(), 0.0, 0.0
    for after, (name, value) in changes:
        time += after
        if name == "step":
            clock.step(value)
            steps += value
        else:
            clock.drift(time, value)
        assert clock.read(time) - clock.monotonic(time) == pytest.approx(steps, abs=1e-6)
