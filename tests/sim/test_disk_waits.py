"""A process waits for its disk: what it does after a sync happens after it, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lessons.node import Node
from lessons.sim import Constant, DiskModel, Link, Simulation, State
from lessons.trace import Changed, Delivered, Dropped, Fired, Noted, Sent, Trace
from tests.sim.worlds import Add, Counter, Ear, Idle, Ping


class Careful(Node):
    """At its first tick: says 1, syncs, says 2, syncs, says 3. Syncs take 1 s each."""

    def start(self) -> None:
        self.after(1.0, self.work)

    def work(self) -> None:
        self.send("ear", Ping(1))
        self.disk.put("said", 1)
        self.disk.sync()
        self.send("ear", Ping(2))
        self.disk.sync()
        self.send("ear", Ping(3))

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.note("hears", number=ping.number)


class Watched(Careful):
    """The same, with a field to watch."""

    watched = ("worked",)

    def start(self) -> None:
        super().start()
        self.worked = False

    def work(self) -> None:
        super().work()
        self.worked = True


def world(kind: type[Node] = Careful, **settings: Any) -> Simulation:
    sim = Simulation(1, **{"network": Link(Constant(0.0)), "disk": DiskModel(sync=1.0, keep=0.0), **settings})
    sim.add("a", kind)
    sim.add("ear", Ear)
    return sim


def said(trace: Trace) -> list[tuple[float, int]]:
    """When "a" sent which Ping."""
    return [(round(event.time, 6), event.message.number) for event in trace.only(Sent, node="a")]


both = pytest.mark.parametrize("kind", [Careful, Watched])


@both
def test_what_is_sent_after_a_sync_leaves_after_it(kind: type[Node]) -> None:
    assert said(world(kind).run()) == [(1.0, 1), (2.0, 2), (3.0, 3)]


@both
@pytest.mark.parametrize(("at", "left"), [(0.5, []), (1.5, [1]), (2.5, [1, 2]), (3.5, [1, 2, 3])])
def test_a_crash_during_a_sync_loses_what_was_to_be_sent_after_it(kind: type[Node], at: float, left: list[int]) -> None:
    sim = world(kind)
    sim.at(at).crash("a")
    assert [number for _, number in said(sim.run())] == left


@pytest.mark.parametrize(("at", "kept"), [(1.5, False), (2.0, True), (2.5, True)])
def test_a_write_is_safe_once_its_sync_is_over_and_not_before(at: float, kept: bool) -> None:
    sim = world()
    sim.at(at).restart("a")
    sim.run(at)
    assert sim.node("a").disk.get("said") == (1 if kept else None)


class Methodical(Node):
    """At its first tick: writes 1, syncs, writes 2, syncs, writes 3. Syncs take 1 s each."""

    def start(self) -> None:
        self.after(1.0, self.work)

    def work(self) -> None:
        for number in (1, 2, 3):
            self.disk.put(f"step {number}", number)
            self.disk.sync()


@pytest.mark.parametrize(("at", "kept"), [(1.5, 1), (2.5, 2), (3.5, 3)])
def test_a_crash_during_a_sync_comes_before_the_writes_after_it(at: float, kept: int) -> None:
    sim = world(Methodical, disk=DiskModel(sync=1.0, keep=1.0))
    sim.at(at).restart("a")
    sim.run(at)
    assert sim.node("a").disk.keys() == [f"step {number}" for number in range(1, kept + 1)]


@both
def test_a_pause_during_a_sync_holds_what_was_to_be_sent_after_it(kind: type[Node]) -> None:
    sim = world(kind)
    sim.at(1.5).pause("a")
    sim.at(4.0).resume("a")
    assert said(sim.run()) == [(1.0, 1), (4.0, 2), (4.0, 3)]


@both
def test_a_pause_that_ends_before_the_disk_is_done_lets_go_of_what_is_due(kind: type[Node]) -> None:
    sim = world(kind)
    sim.at(1.5).pause("a")
    sim.at(2.5).resume("a")
    assert said(sim.run()) == [(1.0, 1), (2.5, 2), (3.0, 3)]


@both
def test_a_crash_during_a_pause_loses_what_was_held(kind: type[Node]) -> None:
    sim = world(kind)
    sim.at(1.5).pause("a")
    sim.at(2.5).restart("a")
    sim.at(2.6).pause("a")
    sim.at(2.7).resume("a")
    assert said(sim.run(3.2)) == [(1.0, 1)]


def test_a_node_that_crashed_in_a_sync_can_be_paused_and_resumed_in_its_next_life() -> None:
    sim = world()
    sim.at(1.1).restart("a")
    sim.at(1.2).pause("a")
    sim.at(1.3).resume("a")
    assert said(sim.run()) == [(1.0, 1), (2.1, 1), (3.1, 2), (4.1, 3)]


@both
def test_messages_and_timers_wait_while_the_process_waits_for_its_disk(kind: type[Node]) -> None:
    class Sender(Node):
        def start(self) -> None:
            self.after(1.2, self.send, "a", Ping(9))

    sim = world(kind)
    sim.add("b", Sender)
    (event,) = sim.run().only(Delivered, node="a")
    assert (event.time, event.message) == (3.0, Ping(9))


def test_messages_that_wait_for_a_disk_are_lost_in_a_crash() -> None:
    class Sender(Node):
        def start(self) -> None:
            self.after(1.2, self.send, "a", Ping(9))

    sim = world()
    sim.add("b", Sender)
    sim.at(1.4).crash("a")
    (event,) = sim.run().only(Dropped, node="a")
    assert (event.time, event.why) == (1.4, "down")


class Queueing(Node):
    """Takes 1 s over every message; two at once must wait for each other."""

    watched = ("done",)

    def start(self) -> None:
        self.done = 0

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.disk.sync()
        self.done += 1
        self.send("ear", ping)


def test_what_queued_up_is_handled_one_by_one_each_waiting_for_its_own_sync() -> None:
    class Burst(Node):
        def start(self) -> None:
            for number in range(3):
                self.after(0.1 * number, self.send, "a", Ping(number))

    sim = world(Queueing)
    sim.add("b", Burst)
    trace = sim.run()
    assert [event.time for event in trace.only(Delivered, node="a")] == [0.0, 1.0, 2.0]
    assert said(trace) == [(1.0, 0), (2.0, 1), (3.0, 2)]
    assert [(event.time, event.after) for event in trace.only(Changed, node="a")] == [
        (0.0, {"done": 0}), (1.0, {"done": 1}), (2.0, {"done": 2}), (3.0, {"done": 3}),
    ]  # fmt: skip


def test_the_clock_and_the_timers_of_a_handler_go_on_from_the_end_of_its_sync() -> None:
    class Reader(Node):
        def start(self) -> None:
            self.note("before", now=self.now)
            self.disk.sync()
            self.note("after", now=self.now)
            self.after(0.5, self.nothing)

        def nothing(self) -> None:
            pass

    trace = world(Reader).run()
    assert [event.facts["now"] for event in trace.only(Noted)] == [0.0, 1.0]
    assert [event.time for event in trace.only(Fired)] == [1.5]


@pytest.mark.parametrize(("factor", "last"), [(0.0, 1.0), (0.5, 2.0), (3.0, 7.0)])
def test_a_slow_disk_takes_its_factor_longer(factor: float, last: float) -> None:
    sim = world()
    sim.at(0.5).slow_disk("a", factor)
    assert said(sim.run())[-1] == (last, 3)


def test_a_sync_that_takes_no_time_makes_nobody_wait() -> None:
    trace = world(disk=DiskModel(sync=0.0)).run()
    assert said(trace) == [(1.0, 1), (1.0, 2), (1.0, 3)]


# Invariants and a start that waits


class LateStarter(Node):
    """Has its fields only once its disk has read them, so to speak: its start takes a sync."""

    watched = ("ready",)

    def start(self) -> None:
        self.disk.sync()
        self.ready = True


def seeing(states: list[tuple[Any, ...]]) -> Callable[[State], None]:
    """A rule that holds, and keeps what it saw of the nodes that are up."""

    def rule(state: State) -> None:
        states.append(tuple((node.name, node.ready) for node in state.of("LateStarter") if node.up))

    return rule


def test_rules_see_a_node_only_once_its_start_has_ended() -> None:
    states: list[tuple[Any, ...]] = []
    sim = Simulation(1, disk=DiskModel(sync=1.0), invariants=[seeing(states)])
    sim.add("quick", Ear)
    sim.add(["a", "b"], LateStarter)
    sim.at(0.5).crash("quick")
    sim.at(2.0).restart("a")
    trace = sim.run()
    everyone = (("a", True), ("b", True))
    assert states == [everyone, everyone[1:], everyone]
    assert [event.time for event in trace.only(Changed, node="a")] == [1.0, 3.0]


def test_a_node_without_watched_fields_is_judged_too_when_it_comes_up() -> None:
    def NothingIsUp(state: State) -> bool:
        return not any(node.up for node in state.values())

    sim = Simulation(1, invariants=[NothingIsUp])
    sim.add("a", Idle)
    trace = sim.run()
    assert trace.violation is not None and trace.violation.time == 0.0


def test_a_total_is_on_record_only_when_it_is_on_disk() -> None:
    sim = Simulation(1, network=Link(Constant(0.0)), disk=DiskModel(sync=1.0, keep=0.0))
    sim.add("a", Counter)
    sim.run(0.0)
    class Adder(Node):
        def start(self) -> None:
            self.send("a", Add(5))

    sim.add("b", Adder)
    sim.at(0.5).crash("a")
    assert [event.after for event in sim.run().only(Changed, node="a")] == [{"total": 0}]
