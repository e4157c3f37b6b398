"""One life of a node and the next: what a crash ends, what a pause keeps, and what is said of it in the trace."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from lessons.node import Node, TimedOut
from lessons.sim import Constant, DiskModel, Link, Simulation
from lessons.trace import Changed, Delivered, Dropped, Faulted, Fired, Noted, Started, Trace
from tests.sim.worlds import Ear, Echo, Idle, Ping, Pong, Talker


class Ticker(Node):
    """Counts its own ticks in memory, one a second."""

    watched = ("ticks",)

    def start(self) -> None:
        self.ticks = 0
        self.every(1.0, self.tick)

    def tick(self) -> None:
        self.ticks += 1


def world(kind: type[Node], *others: type[Node], **settings: Any) -> Simulation:
    """Node "a" of one kind and "b", "c" ... of others; messages take 0.1 s."""
    sim = Simulation(1, **{"network": Link(Constant(0.1)), **settings})
    for name, each in zip("abcd", (kind, *others), strict=False):
        sim.add(name, each)
    return sim


def times(trace: Trace, kind: type, node: str) -> list[float]:
    """When events of a kind happened at a node."""
    return [round(event.time, 6) for event in trace.only(kind, node=node)]


# Crash and restart


def test_a_crash_loses_memory_and_timers() -> None:
    sim = world(Ticker)
    sim.at(2.5).crash("a")
    sim.at(4.2).restart("a")
    trace = sim.run(6.5)
    assert times(trace, Fired, "a") == [1.0, 2.0, 5.2, 6.2]
    assert sim.state["a"].ticks == 2


def test_a_node_that_is_down_is_not_there() -> None:
    sim = world(Ticker)
    sim.at(1.5).crash("a")
    sim.run(2.0)
    assert not sim.state["a"].up
    assert sim.state["a"].ticks == 1, "it keeps showing what it had last"
    with pytest.raises(LookupError, match=r"a is not running now \(t = 2 s\)"):
        sim.node("a")


def test_the_parameters_of_a_node_are_the_same_in_every_life() -> None:
    class Hoarder(Node):
        watched = ("things",)

        def __init__(self, things: list[int]) -> None:
            self.things = things

        def start(self) -> None:
            self.things.append(1)

    mine = [0]
    sim = Simulation(1)
    sim.add("a", Hoarder, things=mine)
    sim.at(1.0).restart("a")
    sim.run()
    assert sim.state["a"].things == [0, 1] and mine == [0]


def test_messages_to_a_node_that_is_down_are_dropped_and_those_after_its_restart_arrive() -> None:
    sim = world(Talker, Talker)
    sim.at(0.25).crash("b")
    sim.at(0.45).restart("b")
    trace = sim.run(0.65)
    dropped = trace.only(Dropped, node="b")
    assert [(round(event.time, 6), event.why) for event in dropped] == [(0.3, "down"), (0.4, "down")]
    assert times(trace, Delivered, "b") == [0.2, 0.5, 0.6]


def test_a_message_on_its_way_to_a_node_reaches_its_next_life() -> None:
    sim = world(Talker, Talker)
    sim.at(0.12).restart("b")
    assert times(sim.run(0.25), Delivered, "b") == [0.2]


def test_a_restart_of_a_running_node_crashes_it_first() -> None:
    sim = world(Ticker)
    sim.at(1.5).restart("a")
    trace = sim.run(3.0)
    (fault,) = trace.only(Faulted)
    assert (fault.effect["down"], fault.effect["up"]) == (["a"], ["a"])
    assert times(trace, Fired, "a") == [1.0, 2.5], "no timer of the first life fires"


def test_a_fault_at_the_very_beginning_finds_every_node_started() -> None:
    for when in ("planned", "by hand"):
        sim = world(Ticker)
        (sim.at(0.0) if when == "planned" else sim.faults).restart("a")
        trace = sim.run(1.5)
        assert [type(event) for event in trace.only(node="a")[:4]] == [Started, Changed, Faulted, Started]
        assert times(trace, Fired, "a") == [1.0], "timers of the first life do not fire"


@pytest.mark.parametrize("name", ["crash", "pause", "resume"])
def test_a_fault_that_finds_nothing_to_do_says_so(name: str) -> None:
    sim = world(Ticker)
    sim.at(0.5).crash("a")
    getattr(sim.at(1.0), name)("a")
    assert sim.run(2.0).only(Faulted)[-1].effect == {}
    assert not sim.state["a"].up


class Asker(Node):
    """Asks "b" when it starts, for an answer within 10 s."""

    def start(self) -> None:
        self.spawn(self.ask())

    async def ask(self) -> None:
        try:
            answer = await self.call("b", Ping(7), timeout=10.0)
            self.note("answered", number=answer.number)
        except TimedOut:
            self.note("timed out")
        finally:
            self.note("over")


def test_workflows_die_with_their_process_without_a_word() -> None:
    sim = world(Asker, Echo)
    sim.at(0.05).crash("a")
    trace = sim.run(20.0)
    assert not trace.only(Noted) and not trace.only(Fired)


def test_a_reply_to_a_call_of_an_earlier_life_is_ignored() -> None:
    sim = world(Asker, Echo)
    sim.at(0.15).restart("a")
    trace = sim.run(20.0)
    replies = [event.message for event in trace.only(Delivered, node="a")]
    assert replies == [Pong(7), Pong(7)]
    assert [event.text for event in trace.only(Noted)] == ["answered", "over"], "the second life got its own answer"
    assert times(trace, Noted, "a") == [0.35, 0.35]


class Forgetful(Asker):
    """An Asker that also takes answers that nobody waits for."""

    def on_pong(self, sender: str, pong: Pong) -> None:
        self.note("unasked", number=pong.number)


def test_a_reply_to_a_call_of_an_earlier_life_goes_to_a_handler_if_there_is_one() -> None:
    sim = world(Forgetful, Echo)
    sim.at(0.15).restart("a")
    assert [event.text for event in sim.run(20.0).only(Noted)] == ["unasked", "answered", "over"]


def test_a_late_reply_goes_to_nobody_even_where_there_is_a_handler() -> None:
    class Hasty(Forgetful):
        async def ask(self) -> None:
            try:
                await self.call("b", Ping(1), timeout=0.15)
            except TimedOut:
                self.note("timed out")

    trace = world(Hasty, Echo).run()
    assert [event.text for event in trace.only(Noted)] == ["timed out"]
    assert times(trace, Delivered, "a") == [0.2], "it is on record that the answer came"


# Cleaning up at the end of a life


class Tidy(Node):
    """A workflow that ends another one, and tries to speak, when it is ended."""

    def start(self) -> None:
        self.spawn(self.parent())

    async def parent(self) -> None:
        child = self.spawn(self.child())
        try:
            await self.sleep(100.0)
        finally:
            child.cancel()
            self.spawn(self.child())
            self.send("b", Ping())
            self.note("last words")
            self.after(1.0, self.start)
            self.disk.put("will", 1)
            self.disk.sync()

    async def child(self) -> None:
        await self.sleep(100.0)


def test_what_a_workflow_does_to_clean_up_at_a_crash_has_no_effect() -> None:
    sim = world(Tidy, Idle, disk=DiskModel(keep=1.0))
    sim.at(1.0).crash("a")
    sim.at(2.0).restart("a")
    trace = sim.run(50.0)
    assert [type(event) for event in trace] == [Started, Started, Faulted, Faulted, Started]
    assert sim.node("a").disk.keys() == []
    sim.faults.crash("a")


def test_workflows_clean_up_in_the_moment_of_the_crash() -> None:
    cleaned: list[str] = []

    class Cleaning(Node):
        def start(self) -> None:
            for name in ("first", "second"):
                self.spawn(self.work(name))

        async def work(self, name: str) -> None:
            try:
                await self.sleep(100.0)
            finally:
                cleaned.append(name)

    sim = world(Cleaning)
    sim.run(1.0)
    assert cleaned == []
    sim.faults.crash("a")
    assert cleaned == ["first", "second"]


# Pause and resume


def test_a_pause_holds_timers_and_messages_and_they_catch_up_in_order() -> None:
    class Busy(Ear):
        def start(self) -> None:
            super().start()
            self.after(0.25, self.note, "timer")
            self.spawn(self.nap())

        async def nap(self) -> None:
            await self.sleep(0.35)

    sim = world(Talker, Busy)
    sim.at(0.15).pause("b")
    sim.at(0.55).resume("b")
    events = [event for event in sim.run(0.58).only(node="b") if isinstance(event, Delivered | Fired)]
    order = [event.message.number if isinstance(event, Delivered) else event.name for event in events]
    assert order == [1, "note", 2, "nap", 3, 4]
    assert {event.time for event in events} == {0.55}


def test_a_repeating_timer_fires_once_for_a_pause_and_not_once_for_each_turn_it_missed() -> None:
    sim = world(Ticker)
    sim.at(1.5).pause("a")
    sim.at(5.5).resume("a")
    assert times(sim.run(7.0), Fired, "a") == [1.0, 5.5, 6.5]


def test_a_cut_made_during_a_pause_does_not_lose_what_had_arrived() -> None:
    sim = world(Talker, Talker)
    sim.at(0.15).pause("b")
    sim.at(0.25).cut("a", "b")
    sim.at(0.5).resume("b")
    trace = sim.run(0.55)
    assert [event.message.number for event in trace.only(Delivered, node="b")] == [1]
    assert {event.message.number: event.why for event in trace.only(Dropped, node="b")} == dict.fromkeys(
        [2, 3, 4, 5], "partition"
    )


def test_a_cut_holds_again_for_what_comes_after_a_pause() -> None:
    sim = world(Talker, Talker)
    sim.at(0.15).pause("b")
    sim.at(0.25).resume("b")
    sim.at(0.45).cut("a", "b")
    trace = sim.run(0.55)
    assert times(trace, Delivered, "b") == [0.25, 0.3, 0.4]
    assert times(trace, Dropped, "b") == [0.5, 0.5]


def test_a_crash_during_a_pause_loses_what_waited_for_its_end() -> None:
    sim = world(Talker, Talker)
    sim.at(0.15).pause("b")
    sim.at(0.35).crash("b")
    sim.at(0.45).restart("b")
    trace = sim.run(0.55)
    dropped = trace.only(Dropped, node="b")
    assert [(round(event.time, 6), event.message.number, event.why) for event in dropped] == [
        (0.35, 1, "down"),
        (0.35, 2, "down"),
        (0.4, 3, "down"),
    ]
    assert times(trace, Delivered, "b") == [0.5]


def test_a_restart_during_a_pause_ends_it() -> None:
    sim = world(Ticker)
    sim.at(0.5).pause("a")
    sim.at(1.5).restart("a")
    assert times(sim.run(4.0), Fired, "a") == [2.5, 3.5]


def test_a_second_pause_changes_nothing_and_one_resume_ends_both() -> None:
    sim = world(Ticker)
    sim.at(0.5).pause("a")
    sim.at(0.6).pause("a")
    sim.at(1.5).resume("a")
    trace = sim.run(2.7)
    assert [event.effect for event in trace.only(Faulted)] == [{"pause": ["a"]}, {}, {"resume": ["a"]}]
    assert times(trace, Fired, "a") == [1.5, 2.5]


def test_a_timer_cancelled_while_it_waits_for_the_end_of_a_pause_does_not_fire() -> None:
    class Canceller(Node):
        def start(self) -> None:
            self.after(1.0, self.stop)
            self.victim = self.after(1.1, self.note, "too late")

        def stop(self) -> None:
            self.victim.cancel()

    sim = world(Canceller)
    sim.at(0.5).pause("a")
    sim.at(2.0).resume("a")
    trace = sim.run()
    assert [event.name for event in trace.only(Fired)] == ["stop"] and not trace.only(Noted)


def test_a_run_without_an_end_goes_on_to_what_was_planned_last_though_it_was_cancelled() -> None:
    class Hasty(Node):
        def start(self) -> None:
            self.after(5.0, self.note, "never").cancel()

    trace = world(Hasty).run()
    assert trace.end == 5.0 and trace.events[-1].time == 0.0


# The record


def test_a_fault_is_on_record_before_what_the_nodes_do_about_it() -> None:
    sim = world(Talker, Talker)
    sim.at(0.15).pause("b")
    sim.at(0.25).resume("b")
    sim.at(0.26).pause("b")
    sim.at(0.35).restart("b")
    kinds = [(type(event).__name__, getattr(event, "name", "")) for event in sim.run(0.36).only(node="b")]
    assert kinds[kinds.index(("Faulted", "resume")) :] == [
        ("Faulted", "resume"), ("Delivered", ""), ("Changed", ""), ("Fired", "talk"), ("Sent", ""),
        ("Faulted", "pause"), ("Faulted", "restart"), ("Dropped", ""), ("Started", ""), ("Changed", ""),
    ]  # fmt: skip


def test_the_number_of_a_life_changes_its_chance_and_nothing_else_does() -> None:
    class Dice(Node):
        watched = ("thrown",)

        def start(self) -> None:
            self.thrown = self.rng.random()

    sim = world(Dice, Dice)
    sim.run(1.0)
    first, other = sim.state["a"].thrown, sim.state["b"].thrown
    sim.faults.restart("a")
    second = sim.state["a"].thrown
    assert len({first, second, other}) == 3
    again = world(Dice)
    again.run()
    assert again.state["a"].thrown == first, "the other node and the faults do not touch its chance"


class Heart(Node):
    """A workflow that another one ends when it is ended itself."""

    def start(self) -> None:
        self.beat = self.spawn(self.sleeps())
        self.spawn(self.lives())

    async def lives(self) -> None:
        try:
            await self.sleep(100.0)
        finally:
            self.beat.cancel()
            self.note("last words")

    async def sleeps(self) -> None:
        await self.sleep(100.0)


def test_a_world_that_is_dropped_in_the_middle_of_workflows_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", said.append)
    sim = world(Heart, Heart)
    sim.at(50.0).crash("a")
    trace = sim.run(1.0)
    del sim
    gc.collect()
    assert len(trace) == 2
    del trace
    gc.collect()
    assert said == []


def test_a_simulation_that_nobody_holds_is_gone_at_once_whatever_was_planned() -> None:
    sim = world(Heart, Heart)
    sim.at(50.0).crash("a")
    sim.run(1.0)
    sim.faults.pause("b")
    gone = weakref.ref(sim)
    del sim
    assert gone() is None, "its workflows clean up now, and not in whatever order Python collects them"
