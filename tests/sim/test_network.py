"""What links do to messages: loss, duplication, order, bandwidth, delay; and who is cut off from whom."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import Node, message
from lessons.sim import Constant, Exponential, Latency, Link, LogNormal, Network, Simulation, Uniform
from lessons.trace import Delivered, Dropped, Sent, Trace
from tests.sim.worlds import LAWS, NODES, Ear, Ping, Talker


class Deaf(Node):
    """Takes what comes and does nothing with it."""

    def on_ping(self, sender: str, ping: Ping) -> None:
        pass


class Once(Deaf):
    """Sends ``count`` numbered Pings to ``to`` when it starts."""

    def __init__(self, to: str, count: int) -> None:
        self.to, self.count = to, count

    def start(self) -> None:
        for number in range(self.count):
            self.send(self.to, Ping(number))


def burst(link: Link, count: int = 1000, seed: int = 1) -> Trace:
    """One node sends ``count`` messages at once to another over ``link``."""
    sim = Simulation(seed, network=link)
    sim.add("a", Once, to="b", count=count)
    sim.add("b", Deaf)
    return sim.run()


@pytest.mark.parametrize("odds", [0.05, 0.3, 0.9])
def test_the_share_of_lost_messages_is_the_probability_of_loss(odds: float) -> None:
    trace = burst(Link(loss=odds), 4000)
    lost = [event for event in trace.only(Dropped) if event.why == "loss"]
    spread = (4000 * odds * (1 - odds)) ** 0.5
    assert abs(len(lost) - 4000 * odds) < 4 * spread
    assert len(trace.only(Delivered)) == 4000 - len(lost)


@pytest.mark.parametrize("odds", [0.05, 0.5])
def test_the_share_of_duplicates_is_the_probability_of_duplication(odds: float) -> None:
    copies = [event for event in burst(Link(duplicate=odds), 4000).only(Delivered) if event.copy]
    spread = (4000 * odds * (1 - odds)) ** 0.5
    assert abs(len(copies) - 4000 * odds) < 4 * spread


def test_loss_of_1_loses_everything_and_duplication_of_1_doubles_everything() -> None:
    assert not burst(Link(loss=1.0)).only(Delivered)
    twice = burst(Link(duplicate=1.0), 100).only(Delivered)
    assert [event.copy for event in twice].count(True) == [event.copy for event in twice].count(False) == 100


def test_a_lost_message_never_arrives_and_says_so_at_once() -> None:
    trace = burst(Link(loss=1.0), 1)
    (sent,), (dropped,) = trace.only(Sent), trace.only(Dropped)
    assert (sent.arrives, dropped.why, dropped.time) == (None, "loss", sent.time)


@pytest.mark.parametrize("seed", range(20))
def test_without_reordering_messages_sent_at_different_times_keep_their_order(seed: int) -> None:
    sim = Simulation(seed, network=Link(Exponential(0.1), reorder=0.0))
    sim.add("a", Talker, every=0.0137, most=700)
    sim.add("b", Deaf)
    order = [event.message.number for event in sim.run().only(Delivered)]
    assert len(order) == 700 and order == sorted(order)


def test_with_reordering_messages_overtake_each_other() -> None:
    order = [event.message.number for event in burst(Link(reorder=1.0), 100).only(Delivered)]
    assert order != sorted(order)


def test_some_reordering_lets_some_messages_overtake() -> None:
    def overtakers(reorder: float) -> int:
        order = [event.message.number for event in burst(Link(reorder=reorder), 500).only(Delivered)]
        return sum(one > other for one, other in pairwise(order))

    assert 0 == overtakers(0.0) < overtakers(0.1) < overtakers(0.9)


@message
class Blob:
    text: str


class Sender(Node):
    """Sends three Blobs of 100 bytes each, as JSON, at once."""

    def start(self) -> None:
        for _ in range(3):
            self.send("b", Blob("x" * (100 - len('{"type":"Blob","text":""}'))))


class Sink(Node):
    def on_blob(self, sender: str, blob: Blob) -> None:
        pass


def test_bandwidth_sends_one_message_after_the_other_each_as_long_as_its_json_takes() -> None:
    sim = Simulation(1, network=Link(Constant(0.5), bandwidth=1000.0))
    sim.add("a", Sender)
    sim.add("b", Sink)
    assert [event.time for event in sim.run().only(Delivered)] == pytest.approx([0.6, 0.7, 0.8])


def test_directions_do_not_share_their_bandwidth() -> None:
    sim = Simulation(1, network=Link(Constant(0.0), bandwidth=1000.0))
    sim.add("a", Once, to="c", count=1)
    sim.add("b", Once, to="c", count=1)
    sim.add("c", Ear)
    first, second = sim.run().only(Delivered)
    assert first.time == second.time


def test_a_link_of_one_direction_overrides_the_default_in_that_direction_only() -> None:
    network = Network(Link(Constant(0.1)), {("a", "b"): Link(Constant(0.7))})
    sim = Simulation(1, network=network)
    sim.add(["a", "b"], Talker, most=1)
    arrived = {event.node: event.time for event in sim.run().only(Delivered)}
    assert arrived == {"b": pytest.approx(0.8), "a": pytest.approx(0.2)}


def test_between_sets_both_directions_of_every_pair_and_leaves_the_network_it_came_from() -> None:
    slow = Link(Constant(1.0))
    first = Network()
    second = first.between(["a", "b"], ["b", "c"], slow)
    assert set(second.links) == {("a", "b"), ("a", "c"), ("b", "c"), ("b", "a"), ("c", "a"), ("c", "b")}
    assert set(second.links.values()) == {slow} and first.links == {}


# Cuts

GROUPS = st.lists(st.sets(st.sampled_from(NODES)), max_size=3).filter(
    lambda groups: sum(map(len, groups)) == len(set().union(*groups))
)


def heard_by_all(**fault: Any) -> set[tuple[str, str]]:
    """Who hears whom of four nodes that all send to all, after a fault at the start."""
    sim = Simulation(1)
    sim.add(NODES, Talker, most=1)
    for name, args in fault.items():
        getattr(sim.at(0.05), name)(*args)
    return {(event.sender, event.node) for event in sim.run().only(Delivered)}


EVERY_PAIR = {(a, b) for a in NODES for b in NODES if a != b}


@given(GROUPS)
@LAWS
def test_a_partition_lets_through_what_stays_within_a_group_and_nothing_else(groups: list[set[str]]) -> None:
    rest = set(NODES) - set().union(*groups)
    within = {(a, b) for group in [*groups, rest] for a in group for b in group if a != b}
    assert heard_by_all(partition=groups) == within


def test_a_cut_has_one_direction() -> None:
    assert heard_by_all(cut=("n1", "n2")) == EVERY_PAIR - {("n1", "n2")}


def test_an_isolated_node_neither_hears_nor_is_heard() -> None:
    assert heard_by_all(isolate=("n2",)) == {pair for pair in EVERY_PAIR if "n2" not in pair}


def test_a_bridge_is_the_only_way_between_two_sides() -> None:
    crossing = {(a, b) for a, b in EVERY_PAIR if {a, b} in ({"n2", "n3"}, {"n2", "n4"})}
    assert heard_by_all(bridge=("n1", ["n2"], ["n3", "n4"])) == EVERY_PAIR - crossing


def test_a_node_hears_itself_through_every_cut() -> None:
    sim = Simulation(1)
    sim.add("a", Once, to="a", count=1)
    sim.add("b", Ear)
    sim.at(0.0).isolate("a")
    assert [event.node for event in sim.run().only(Delivered)] == ["a"]


def test_a_cut_catches_what_is_on_its_way_and_healing_lets_it_through_again() -> None:
    def run(heal: float) -> list[str]:
        sim = Simulation(1, network=Link(Constant(1.0)))
        sim.add("a", Once, to="b", count=1)
        sim.add("b", Ear)
        sim.at(0.2).cut("a", "b")
        sim.at(heal).heal()
        return [type(event).__name__ for event in sim.run() if isinstance(event, Delivered | Dropped)]

    assert run(heal=0.9) == ["Delivered"]
    assert run(heal=1.1) == ["Dropped"]


def test_after_healing_everybody_hears_everybody() -> None:
    sim = Simulation(1)
    sim.add(NODES, Talker, every=1.0, most=2)
    sim.at(0.5).partition(["n1"], ["n2"])
    sim.at(0.6).cut("n3", "n4")
    sim.at(1.5).heal()
    later = {(event.sender, event.node) for event in sim.run().only(Delivered) if event.time > 1.5}
    assert later == EVERY_PAIR


def test_the_effect_of_a_cut_names_each_direction_once_and_that_of_healing_all_of_them() -> None:
    sim = Simulation(1)
    sim.add(["a", "b", "c"], Ear)
    sim.at(1.0).cut("a", "b")
    sim.at(2.0).isolate("a")
    sim.at(3.0).heal()
    sim.at(4.0).heal()
    effects = [event.effect for event in sim.run() if type(event).__name__ == "Faulted"]
    both = [("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")]
    assert effects == [{"cut": [("a", "b")]}, {"cut": both[1:]}, {"heal": both}, {}]


# Delays

SHAPES: list[tuple[Latency, float, float]] = [  # with the least and the mean of each
    (Constant(0.25), 0.25, 0.25),
    (Uniform(1.0, 3.0), 1.0, 2.0),
    (Exponential(0.5, least=2.0), 2.0, 2.5),
    (LogNormal(1.0, spread=0.0), 1.0, 1.0),
]


@pytest.mark.parametrize(("shape", "least", "mean"), SHAPES, ids=lambda value: type(value).__name__)
def test_delays_have_the_least_value_and_the_mean_that_their_shape_says(
    shape: Latency, least: float, mean: float
) -> None:
    draw = shape.sampler(Random(1))
    drawn = [draw() for _ in range(5000)]
    assert min(drawn) >= least
    assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.03)


def test_half_of_log_normal_delays_are_under_the_median_and_1_percent_over_3_2_of_it() -> None:
    draw = LogNormal(2.0).sampler(Random(1))
    drawn = sorted(draw() for _ in range(20_000))
    assert drawn[10_000] == pytest.approx(2.0, rel=0.02)
    assert drawn[19_800] == pytest.approx(6.4, rel=0.05)


def test_weather_changes_default_links_only_and_without_arguments_brings_the_first_back() -> None:
    sim = Simulation(1, network=Network(Link(Constant(0.1)), {("a", "c"): Link(Constant(0.1))}))
    sim.add("a", Talker, every=1.0, most=4)
    sim.add(["b", "c"], Ear)
    sim.at(1.5).weather(loss=1.0)
    sim.at(2.5).weather(latency=Constant(0.3))
    sim.at(3.5).weather()
    arrived = [(event.node, round(event.time, 3)) for event in sim.run().only(Delivered)]
    assert [time for node, time in arrived if node == "b"] == [1.1, 4.1], "the loss stays while the delay changes"
    assert [time for node, time in arrived if node == "c"] == [1.1, 2.1, 3.1, 4.1]
