"""The nemesis: random faults, drawn from the seed, that overlap, and are all repaired in the end."""

from __future__ import annotations

from collections import Counter as Tally
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.sim import KINDS, Action, DiskModel, Link, Nemesis, Simulation
from lessons.trace import Delivered, Faulted
from tests.sim.worlds import LAWS, NODES, Caller, Counter, Ear, Gossip, Talker, fates

REPAIRS = {
    "crash": "restart", "pause": "resume", "partition": "heal", "cut": "heal", "bridge": "heal", "weather": "weather",
    "step_clock": "step_clock", "drift_clock": "drift_clock", "slow_disk": "slow_disk", "limit_disk": "limit_disk",
}  # fmt: skip
ANY = Nemesis(kinds=tuple(KINDS), every=0.5, lasting=1.0)
SECONDS = st.sampled_from([1e-8, 1e-6, 0.01, 0.3, 5.0])


def plan(nemesis: Nemesis = ANY, seed: int = 1, start: float = 0.0, until: float = 60.0) -> list[Action]:
    return nemesis.plan(Random(seed), NODES, start, until)


@given(st.integers(0, 1000), SECONDS, st.sampled_from([0.3, 2.0, 7.0]), SECONDS)
@LAWS
def test_a_plan_stays_between_its_times_and_in_order(seed: int, start: float, every: float, lasting: float) -> None:
    actions = plan(Nemesis(tuple(KINDS), every, lasting), seed, start, start + 20.0)
    times = [action.at for action in actions]
    assert times == sorted(times)
    assert all(start <= time <= start + 20.0 for time in times)


@given(st.integers(0, 1000), SECONDS)
@LAWS
def test_every_fault_has_its_repair_and_not_before_it(seed: int, lasting: float) -> None:
    actions = plan(Nemesis(("crash", "pause", "partition", "slow_disk"), 0.5, lasting), seed)
    open_ = Tally[str]()
    for action in actions:
        if action.name in ("crash", "pause", "partition") or action.args.get("factor") == 20.0:
            open_[REPAIRS[action.name]] += 1
        else:
            open_[action.name] -= 1
            assert open_[action.name] >= 0, f"{action} repairs nothing"
    assert not +open_


def test_the_shortest_faults_are_not_repaired_before_they_begin() -> None:
    for seed in range(200):
        first, second = plan(Nemesis(("crash",), every=4.0, lasting=1e-9), seed, until=6.1)[:2]
        assert (first.name, second.name) == ("crash", "restart")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_draws_its_own_faults_and_their_repairs(kind: str) -> None:
    actions = plan(Nemesis((kind,)))
    fault = actions[0].name
    assert {action.name for action in actions} == {fault, REPAIRS[fault]}
    assert len({str(action.args) for action in actions}) > 1 or kind == "storm", "it does not always draw the same"


def test_all_kinds_come_up_and_faults_overlap() -> None:
    actions = plan(until=200.0)
    assert {action.name for action in actions} == set(REPAIRS) | set(REPAIRS.values())
    begins = [action.name in {"crash", "pause", "partition", "cut", "bridge"} for action in actions]
    assert any(one and other for one, other in pairwise(begins)), "two faults with no repair between them"


def test_faults_come_as_often_as_asked_and_last_as_long() -> None:
    actions = plan(Nemesis(("pause",), every=2.0, lasting=0.5), until=2000.0)
    begins = [action.at for action in actions if action.name == "pause"]
    ends = [action.at for action in actions if action.name == "resume"]
    assert len(begins) == pytest.approx(1000, rel=0.05)
    lasted = [end - begin for begin, end in zip(begins, ends, strict=True)]
    assert sum(lasted) / len(lasted) == pytest.approx(0.5, rel=0.05)
    assert min(lasted) >= 0.25 - 1e-6 and max(lasted) <= 0.75 + 1e-6


def test_the_same_stream_draws_the_same_plan() -> None:
    assert plan(seed=1) == plan(seed=1) != plan(seed=2)


def test_kinds_that_need_more_nodes_are_left_out() -> None:
    actions = Nemesis(("bridge", "partition", "pause")).plan(Random(1), ["a", "b"], 0.0, 60.0)
    assert {action.name for action in actions} == {"partition", "heal", "pause", "resume"}


def test_a_plan_can_be_written_down_and_read_again() -> None:
    actions = plan()
    assert [Action.from_json(action.to_json()) for action in actions] == actions


def test_clients_are_left_in_peace() -> None:
    sim = Simulation(1)
    sim.add(["s1", "s2"], Counter)
    sim.add("client", Caller)
    sim.unleash(ANY, until=50.0)
    assert sim.actions and not any("client" in str(action.args) for action in sim.actions)


@pytest.mark.parametrize("seed", range(5))
def test_after_the_end_of_the_plan_the_world_is_as_before(seed: int) -> None:
    sim = Simulation(seed, disk=DiskModel(sync=0.001))
    sim.add(NODES, Gossip)
    sim.unleash(Nemesis(tuple(KINDS), every=0.3, lasting=1.0), until=8.0)
    sim.run(8.0)
    world = sim._world
    assert not world.traffic.cuts and world.traffic.default == Link()
    for name in NODES:
        machine = world.machines[name]
        assert sim.state[name].up and not machine.paused
        assert (machine.clock.rate, machine.disk.slowness, machine.disk.capacity) == (1.0, 1.0, None)


def test_steps_of_clocks_are_taken_back() -> None:
    sim = Simulation(1)
    sim.add(NODES, Ear)
    sim.unleash(Nemesis(("clock_step",)), until=30.0)
    sim.run(30.0)
    assert [sim.node(name).now for name in NODES] == pytest.approx([30.0] * 4)


def test_a_full_disk_has_its_own_capacity_again() -> None:
    sim = Simulation(1, disk=DiskModel(capacity=1000))
    sim.add("a", Ear)
    sim.unleash(Nemesis(("full_disk",)), until=10.0)
    sim.run(10.0)
    assert sim._world.machines["a"].disk.capacity == 1000


def test_a_nemesis_does_harm() -> None:
    sim = Simulation(1)
    sim.add(NODES, Talker, every=0.05)
    sim.unleash(ANY, until=10.0)
    trace = sim.run(10.0)
    whys = {why for fate in fates(trace).values() for why in fate}
    assert whys == {"delivered", "partition", "down", "loss"}
    assert any(event.copy for event in trace.only(Delivered))
    assert len(trace.only(Faulted)) == len(sim.actions)
