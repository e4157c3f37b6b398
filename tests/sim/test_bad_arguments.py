"""Bad arguments of a simulation are refused with their name, their value and the rule, and change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf, nan
from random import Random
from typing import Any

import pytest

from lessons.node import BadDelay, Node, UnknownNode
from lessons.sim import (
    Action,
    Constant,
    DiskModel,
    EndlessRun,
    Exponential,
    Link,
    LogNormal,
    Nemesis,
    RunIsOver,
    Simulation,
    State,
    Uniform,
)
from lessons.trace import Delivered
from tests.sim.worlds import Ear, Gossip, Idle, Talker


def refuses(error: type[Exception], text: str, deed: Callable[[], object]) -> None:
    """The deed raises this error, and its text begins with this."""
    with pytest.raises(error) as caught:
        deed()
    assert str(caught.value).startswith(text), str(caught.value)


def sim_at(time: float = 5.0) -> Simulation:
    """A world of nodes "a" and "b" that has come to ``time``."""
    sim = Simulation(1)
    sim.add(["a", "b"], Idle)
    sim.run(time)
    return sim


# Building


@pytest.mark.parametrize("seed", [1.5, None, b"seed", (1, 2)])
def test_a_seed_is_a_number_or_a_text(seed: Any) -> None:
    refuses(TypeError, f"seed is {seed!r}: it must be a whole number or a text", lambda: Simulation(seed))


@pytest.mark.parametrize("limit", [0, -1, 1.5, "10"])
def test_a_limit_is_one_event_at_least(limit: Any) -> None:
    refuses(ValueError, f"limit is {limit!r}: it must be at least 1 event", lambda: Simulation(1, limit=limit))


@pytest.mark.parametrize(
    ("names", "wrong"), [("", ""), (7, 7), ([""], ""), ("a", "a"), (["c", "a"], "a"), (["c", "c"], "c"), (["c", 7], 7)]
)
def test_a_name_is_a_text_that_no_other_node_has(names: Any, wrong: object) -> None:
    sim = sim_at()
    refuses(ValueError, f"name is {wrong!r}: it must be a text that no other node has", lambda: sim.add(names, Idle))
    assert list(sim.state) == ["a", "b"], "none of them was added"


@pytest.mark.parametrize("kind", [Idle(), "Idle", object, 3])
def test_a_kind_is_a_class_of_nodes(kind: Any) -> None:
    refuses(TypeError, f"kind is {kind!r}: it must be a subclass of Node", lambda: Simulation(1).add("a", kind))


def test_a_disk_is_a_model() -> None:
    refuses(TypeError, "disk is 5: it must be a DiskModel", lambda: Simulation(1, disk=5))  # type: ignore[arg-type]


def test_an_invariant_is_a_function() -> None:
    text = "invariant is 5: it must be a function of the state, or a class of such"
    refuses(TypeError, text, lambda: Simulation(1, invariants=[5]))  # type: ignore[list-item]


def test_parameters_that_a_node_can_not_have_are_refused_when_it_is_added() -> None:
    sim = sim_at()
    text = "parameters of Idle are {'speed': 3}: got an unexpected keyword argument 'speed'"
    refuses(TypeError, text, lambda: sim.add("c", Idle, speed=3))
    assert list(sim.state) == ["a", "b"], "it was not added"


@pytest.mark.parametrize("network", [0.1, Uniform(0.01, 0.1), "fast"])
def test_a_network_is_made_of_links(network: Any) -> None:
    text = f"network is {network!r}: it must be a Network or a Link"
    refuses(TypeError, text, lambda: Simulation(1, network=network))


class Backwards:
    """A distribution by an author, which draws what is no delay."""

    def __init__(self, drawn: Any) -> None:
        self.drawn = drawn

    def sampler(self, rng: Random) -> Callable[[], float]:
        return lambda: self.drawn

    def __repr__(self) -> str:
        return "Backwards"


@pytest.mark.parametrize("drawn", [-0.001, nan, inf, None])
@pytest.mark.parametrize("loss", [0.0, 0.5])
def test_a_delay_that_an_authors_distribution_draws_is_checked(drawn: Any, loss: float) -> None:
    sim = Simulation(1, network=Link(Backwards(drawn), loss=loss))
    sim.add(["a", "b"], Talker)
    text = f"a delay drawn from Backwards is {drawn!r}: it must be a finite number of seconds, 0 or more"
    refuses(BadDelay, text, lambda: sim.run(5.0))


def test_a_distribution_by_an_author_may_draw_any_delay() -> None:
    sim = Simulation(1, network=Link(Backwards(2)))
    sim.add(["a", "b"], Talker, most=1)
    assert {event.time for event in sim.run().only(Delivered)} == {2.1}


@pytest.mark.parametrize("latency", [0.1, None, "fast"])
def test_the_latency_of_a_link_is_a_distribution(latency: Any) -> None:
    text = f"latency is {latency!r}: it must be a distribution, such as Constant(0.01)"
    refuses(TypeError, text, lambda: Link(latency))


@pytest.mark.parametrize("name", ["loss", "duplicate", "reorder"])
@pytest.mark.parametrize("odds", [-0.1, 1.1, nan, "0.5"])
def test_a_probability_of_a_link_is_from_0_to_1(name: str, odds: Any) -> None:
    refuses(ValueError, f"{name} is {odds!r}: a probability is from 0 to 1", lambda: Link(**{name: odds}))


@pytest.mark.parametrize("bandwidth", [0, -1.0, nan])
def test_bandwidth_is_over_0(bandwidth: float) -> None:
    text = f"bandwidth is {bandwidth!r}: it must be over 0 bytes a second"
    refuses(ValueError, text, lambda: Link(bandwidth=bandwidth))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda bad: Constant(bad), "delay"),
        (lambda bad: Uniform(bad, 1.0), "low"),
        (lambda bad: Uniform(0.0, bad), "high"),
        (lambda bad: Exponential(bad), "mean"),
        (lambda bad: Exponential(1.0, least=bad), "least"),
        (lambda bad: LogNormal(bad), "median"),
        (lambda bad: LogNormal(1.0, spread=bad), "spread"),
    ],
)
@pytest.mark.parametrize("bad", [-1.0, nan, inf, "1", None, [1.0]])
def test_delays_are_finite_and_not_negative(make: Callable[[Any], object], what: str, bad: Any) -> None:
    refuses(BadDelay, f"{what} is {bad!r}: it must be a finite number of seconds, 0 or more", lambda: make(bad))


def test_the_high_end_is_not_under_the_low_one() -> None:
    refuses(BadDelay, "high - low is -1.0", lambda: Uniform(2.0, 1.0))


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"sync": -1.0}, BadDelay, "sync is -1.0: it must be a finite number of seconds"),
        ({"sync": inf}, BadDelay, "sync is inf"),
        ({"keep": 1.5}, ValueError, "keep is 1.5: a probability is from 0 to 1"),
        ({"tear": nan}, ValueError, "tear is nan: a probability is from 0 to 1"),
        ({"capacity": -1}, ValueError, "capacity is -1: it must be 0 bytes or more"),
    ],
)
def test_a_disk_model_is_refused(given: dict[str, Any], error: type[Exception], text: str) -> None:
    refuses(error, text, lambda: DiskModel(**given))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"kinds": ("crash", "meteor")}, "kinds is ('crash', 'meteor'): choose from crash, pause, partition"),
        ({"kinds": ()}, "kinds is (): choose from crash"),
        ({"kinds": "crash"}, "kinds is 'crash': choose from crash"),
        ({"every": 0.0}, "every is 0.0: it must be over 0 seconds"),
        ({"every": nan}, "every is nan: it must be over 0 seconds"),
        ({"lasting": -1.0}, "lasting is -1.0: it must be over 0 seconds"),
    ],
)
def test_a_nemesis_is_refused(given: dict[str, Any], text: str) -> None:
    refuses(ValueError, text, lambda: Nemesis(**given))


@pytest.mark.parametrize("until", [nan, inf, 4.9])
def test_a_nemesis_needs_an_end(until: float) -> None:
    sim = sim_at(5.0)
    text = f"until is {until!r}: it must be a time from now (5 s) on"
    refuses(ValueError, text, lambda: sim.unleash(Nemesis(), until=until))
    assert sim.actions == []


def test_a_nemesis_needs_enough_nodes() -> None:
    sim = Simulation(1)
    sim.add("a", Idle)
    text = "nodes is ['a']: too few for any of partition, bridge"
    refuses(ValueError, text, lambda: sim.unleash(Nemesis(kinds=("partition", "bridge")), until=5.0))


# Faults


def test_an_unknown_fault_is_refused_at_once_with_the_faults_there_are() -> None:
    sim = sim_at()
    text = "name is 'explode': the faults are ask, bridge, crash, cut, delay, deliver_only, drift_clock, drop, heal"
    refuses(ValueError, text, lambda: sim.at(6.0).explode("a"))
    refuses(ValueError, text, lambda: sim.faults.explode("a"))
    refuses(ValueError, text, lambda: sim.apply([{"at": 6.0, "do": "explode"}]))
    assert sim.actions == []


@pytest.mark.parametrize("private", ["perform", "follow_up", "_cut", "__init__"])
def test_the_inner_methods_of_faults_are_no_faults(private: str) -> None:
    sim = sim_at()
    refuses(ValueError, f"name is '{private}': the faults are", lambda: sim.apply([Action(6.0, private)]))


@pytest.mark.parametrize("private", ["_cut", "_repr_html_", "__deepcopy__"])
def test_what_plans_faults_has_nothing_that_is_private(private: str) -> None:
    sim = sim_at()
    assert not hasattr(sim.faults, private) and not hasattr(sim.at(6.0), private) and sim.actions == []


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("crash", {}),
        ("crash", {"node": "a", "hard": True}),
        ("heal", {"node": "a"}),
        ("bridge", {"node": "a"}),
        ("crash", {"groups": ["a", "b"]}),
    ],
)
def test_wrong_arguments_of_a_fault_are_refused_at_once(name: str, args: dict[str, Any]) -> None:
    sim = sim_at()
    refuses(TypeError, f"arguments of {name} are {args}: ", lambda: sim.apply([{"at": 6.0, "do": name, **args}]))
    assert sim.actions == []


def test_wrong_arguments_of_a_planned_fault_are_refused_at_once() -> None:
    sim = sim_at()
    for wrong in (lambda: sim.at(6.0).crash(), lambda: sim.faults.heal("a"), lambda: sim.at(6.0).crash("a", (), "b")):
        with pytest.raises(TypeError, match="argument"):
            wrong()  # type: ignore[no-untyped-call]
    assert sim.actions == []


@pytest.mark.parametrize("time", [4.9, -1.0, nan, inf])
def test_a_fault_is_not_for_the_past_or_for_never(time: float) -> None:
    sim = sim_at(5.0)
    text = f"at is {time!r}: it must be a time from now (5 s) on"
    refuses(ValueError, text, lambda: sim.at(time).heal())
    assert sim.actions == []


def test_an_action_lacks_something() -> None:
    refuses(ValueError, "action is {'do': 'heal'}: it lacks at", lambda: Action.from_json({"do": "heal"}))
    refuses(ValueError, "action is {}: it lacks at, do", lambda: Action.from_json({}))


def test_an_action_names_an_unknown_distribution() -> None:
    data = {"at": 1.0, "do": "weather", "latency": {"type": "Cauchy"}}
    refuses(ValueError, "type is 'Cauchy': the distributions are Constant, Uniform", lambda: Action.from_json(data))


UNKNOWN = "there is no node 'z'; known nodes: a, b"
BAD_FAULTS: list[tuple[str, tuple[Any, ...], type[Exception], str]] = [
    ("crash", ("z",), UnknownNode, UNKNOWN),
    ("restart", ("z",), UnknownNode, UNKNOWN),
    ("pause", ("z",), UnknownNode, UNKNOWN),
    ("resume", ("z",), UnknownNode, UNKNOWN),
    ("cut", ("a", "z"), UnknownNode, UNKNOWN),
    ("cut", ("z", "a"), UnknownNode, UNKNOWN),
    ("partition", (["a"], ["z"]), UnknownNode, UNKNOWN),
    ("partition", (["a"], ["a", "b"]), ValueError, "groups are [['a'], ['a', 'b']]: 'a' must be in one group only"),
    ("isolate", ("z",), UnknownNode, UNKNOWN),
    ("bridge", ("z", ["a"], ["b"]), UnknownNode, UNKNOWN),
    ("bridge", ("a", ["a"], ["b"]), ValueError, "node is 'a': the bridge must be in neither group"),
    ("bridge", ("a", ["b"], ["b"]), ValueError, "left and right are ['b'] and ['b']: 'b' must be in one group only"),
    ("weather", (1.5,), ValueError, "loss is 1.5: a probability is from 0 to 1"),
    ("step_clock", ("z", 1.0), UnknownNode, UNKNOWN),
    ("step_clock", ("a", nan), ValueError, "seconds is nan: it must be a finite number"),
    ("step_clock", ("a", inf), ValueError, "seconds is inf: it must be a finite number"),
    ("drift_clock", ("a", 0.0), ValueError, "rate is 0.0: a clock must go on, at a finite rate over 0"),
    ("drift_clock", ("a", nan), ValueError, "rate is nan: a clock must go on"),
    ("drift_clock", ("a", inf), ValueError, "rate is inf: a clock must go on"),
    ("slow_disk", ("a", -1.0), ValueError, "factor is -1.0: it must be a finite number, 0 or more"),
    ("slow_disk", ("a", inf), ValueError, "factor is inf: it must be a finite number, 0 or more"),
    ("limit_disk", ("a", -1), ValueError, "capacity is -1: it must be 0 bytes or more, or None"),
]


@pytest.mark.parametrize(("name", "args", "error", "text"), BAD_FAULTS)
def test_a_fault_that_can_not_be_done_is_refused_and_changes_nothing(
    name: str, args: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    sim = sim_at()
    before = sim.trace.transcript()
    refuses(error, text, lambda: getattr(sim.faults, name)(*args))
    assert sim.trace.transcript() == before
    assert sim.actions == [], "so that the actions still replay"
    assert not sim._world.traffic.cuts


@pytest.mark.parametrize(("name", "args", "error", "text"), BAD_FAULTS)
def test_a_planned_fault_that_can_not_be_done_ends_the_run_with_its_error(
    name: str, args: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    sim = sim_at()
    getattr(sim.at(6.0), name)(*args)
    with pytest.raises(error, match="^" + re.escape(text)) as caught:
        sim.run()
    assert caught.value.__notes__ == ["(seed 1, virtual time 6.000000 s)"]


# Running


@pytest.mark.parametrize("until", [4.9, -1.0, nan, "6"])
def test_a_run_does_not_end_in_the_past(until: Any) -> None:
    sim = sim_at(5.0)
    text = f"until is {until!r}: it must be a time, and the run is already at 5 s"
    refuses(ValueError, text, lambda: sim.run(until))


def test_a_run_that_does_not_end_by_itself_is_stopped_and_says_what_to_do() -> None:
    sim = Simulation(1, limit=100)
    sim.add("a", Talker, every=0.5)
    sim.add("b", Ear)
    with pytest.raises(EndlessRun) as caught:
        sim.run()
    text = str(caught.value)
    assert text.startswith("the run was stopped after 100 events at 24.5065 s")
    assert "give run() a time until=..., or Simulation a higher limit=..." in text
    assert text.endswith("Most of what happened last: 49 x timer talk of a, 49 x Ping from a")
    assert caught.value.trace.end == sim.now and len(caught.value.trace) >= 100


def test_a_run_of_messages_that_beget_messages_is_stopped_too() -> None:
    sim = Simulation(1, limit=50, network=Link(Constant(0.0)))
    sim.add(["a", "b"], Gossip)
    with pytest.raises(EndlessRun, match=r"stopped after 50 events"):
        sim.run()


class Sleeper(Node):
    """Sleeps again and again, one time longer than the other, and nobody watches it."""

    async def doze(self) -> None:
        while True:
            await self.sleep(self.rng.random())

    def start(self) -> None:
        self.spawn(self.doze())


@pytest.mark.parametrize("kind", [Talker, Sleeper])
def test_a_stopped_run_can_go_on_and_has_lost_nothing(kind: type[Node]) -> None:
    def world(limit: int) -> Simulation:
        sim = Simulation(1, limit=limit)
        sim.add(["a", "b", "c"], kind)
        return sim

    for limit in (1, 2, 7, 30):
        sim = world(limit)
        for _ in range(5):
            with pytest.raises(EndlessRun):
                sim.run()
        assert sim.step()
        whole = world(10_000).run(sim.now)
        assert whole.lines()[: len(sim.trace)] == sim.trace.lines()


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_limit_that_is_just_enough_stops_nobody(limit: int) -> None:
    sim = Simulation(1, limit=limit)
    sim.add("a", Talker, every=1.0)
    sim.run(limit - 1 + 0.5)
    assert sim.now == limit - 1 + 0.5


def test_a_limit_that_is_just_enough_for_all_there_is_stops_nobody() -> None:
    sim = Simulation(1, limit=1)
    sim.add("a", Idle)
    assert sim.run(5.0).end == 5.0


def test_a_run_that_broke_an_invariant_is_over() -> None:
    def NeverBusy(state: State) -> bool:
        return not state["a"].heard

    sim = Simulation(1, invariants=[NeverBusy])
    sim.add(["a", "b"], Talker)
    trace = sim.run()
    for going_on in (sim.run, lambda: sim.run(50.0), lambda: sim.faults.crash("a")):
        with pytest.raises(RunIsOver, match=r"this run ended at .* NeverBusy was broken: build a new one") as no:
            going_on()
        assert no.value.trace.diff(trace) is None
    assert sim.step() is False
    assert sim.actions == [], "a fault that did not happen is none of its actions"
