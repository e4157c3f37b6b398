"""One message is lost or late by hand: it and no other, wherever it waits, and in a replay too."""

from __future__ import annotations

import json
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import UnknownNode
from lessons.sim import Constant, Link, Simulation
from lessons.trace import Delivered, Dropped, Trace
from tests.sim.worlds import END, LAWS, Plan, Talker, plans


def talking(link: Link | None = None) -> Simulation:
    """Two Talkers: each sends Ping(n) at n tenths of a second, and it arrives 0.05 s later."""
    sim = Simulation(3, network=link or Link(Constant(0.05)))
    sim.add(["a", "b"], Talker)
    return sim


def heard(trace: Trace, node: str = "b") -> list[tuple[float, int]]:
    return [(round(event.time, 6), event.message.number) for event in trace.only(Delivered, node=node)]


def test_the_message_is_dropped_and_no_other() -> None:
    sim = talking()
    sim.at(0.22).drop("a", "b", 2)
    trace = sim.run(0.48)
    assert heard(trace) == [(0.15, 1), (0.35, 3), (0.45, 4)]
    assert [(event.time, event.sender, event.why) for event in trace.only(Dropped)] == [(0.22, "a", "dropped")]
    assert len(heard(trace, "a")) == 4


def test_the_message_is_late_by_so_many_seconds_and_no_other() -> None:
    sim = talking()
    sim.at(0.22).delay("a", "b", 2, 0.13)
    trace = sim.run(0.48)
    assert heard(trace) == [(0.15, 1), (0.35, 3), (0.38, 2), (0.45, 4)]
    assert not trace.only(Dropped) and not any(event.copy for event in trace.only(Delivered))


def test_copies_share_the_fate_of_their_message() -> None:
    twice = Link(Constant(0.05), duplicate=1.0)
    sim = talking(twice)
    sim.at(0.22).drop("a", "b", 2)
    trace = sim.run(0.48)
    assert [number for _, number in heard(trace)] == [1, 1, 3, 3, 4, 4] and len(trace.only(Dropped)) == 1
    sim = talking(twice)
    sim.at(0.22).delay("a", "b", 2, 0.13)
    assert [number for _, number in heard(sim.run(0.48))] == [1, 1, 3, 3, 2, 2, 4, 4]


def test_a_message_that_waits_at_a_paused_node_can_be_lost_and_late() -> None:
    sim = talking()
    sim.at(0.2).pause("b")
    sim.at(0.27).drop("a", "b", 2)
    sim.at(0.37).delay("a", "b", 3, 0.05)
    sim.at(0.4).resume("b")
    assert heard(sim.run(0.48)) == [(0.15, 1), (0.42, 3), (0.45, 4)]


def test_a_late_message_meets_what_is_there_when_it_comes() -> None:
    sim = talking()
    sim.at(0.22).delay("a", "b", 2, 0.13)
    sim.at(0.36).cut("a", "b")
    sim.at(0.39).heal()
    assert [event.why for event in sim.run(0.48).only(Dropped)] == ["partition"]


@pytest.mark.parametrize("number", [1, 9])
def test_nothing_happens_to_a_message_that_has_arrived_or_was_not_sent(number: int) -> None:
    sim, same = talking(), talking()
    sim.at(0.22).drop("a", "b", number)
    sim.at(0.23).delay("a", "b", number, 0.1)
    assert heard(sim.run(0.48)) == heard(same.run(0.48))


def test_a_message_can_be_late_again_and_then_lost() -> None:
    sim = talking()
    sim.at(0.22).delay("a", "b", 2, 0.1)
    sim.at(0.3).delay("a", "b", 2, 0.1)
    sim.at(0.44).drop("a", "b", 2)
    assert [number for _, number in heard(sim.run(0.6))] == [1, 3, 4, 5]


@given(plans(), st.data())
@LAWS
def test_by_hand_or_planned_the_run_is_the_same(plan: Plan, data: st.DataObject) -> None:
    time = data.draw(st.floats(0.1, END - 0.1))
    sim = plan.build()
    sender, to = data.draw(st.permutations(sorted(sim.state)))[:2]
    sim.run(time)
    number = data.draw(st.integers(1, 30))
    if data.draw(st.booleans()):
        sim.faults.drop(sender, to, number)
    else:
        sim.faults.delay(sender, to, number, data.draw(st.floats(0.001, 2.0)))
    again = plan.build()
    again.replan(json.loads(json.dumps([action.to_json() for action in sim.actions])))
    assert sim.run(END).diff(again.run(END)) is None


@pytest.mark.parametrize("seconds", [0, -1.0, inf, nan])
def test_a_delay_is_some_time(seconds: float) -> None:
    sim = talking()
    with pytest.raises(ValueError, match=r"seconds is .*: it must be a finite number over 0"):
        sim.faults.delay("a", "b", 1, seconds)


@pytest.mark.parametrize(
    ("sender", "to", "number", "error", "text"),
    [
        ("a", "b", 0, ValueError, "numbers from a to b has 0: messages are numbered 1, 2, 3"),
        ("a", "b", "1", ValueError, "numbers from a to b has '1'"),
        ("a", "z", 1, UnknownNode, "z"),
        ("z", "a", 1, UnknownNode, "z"),
    ],
)
def test_a_message_that_can_not_be_is_refused(
    sender: str, to: str, number: int, error: type[Exception], text: str
) -> None:
    sim = talking()
    with pytest.raises(error, match=text):
        sim.faults.drop(sender, to, number)
    assert sim.actions == []
