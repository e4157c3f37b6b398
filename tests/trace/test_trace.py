"""A trace answers what happened: selections, lines, the first difference, and every kind of event by its sentence."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given

from lessons.node import Client, Node
from lessons.sim import Constant, DiskModel, Link, Simulation, State
from lessons.trace import (
    Changed,
    Delivered,
    Difference,
    Dropped,
    Event,
    Faulted,
    Fired,
    Invoked,
    Noted,
    Returned,
    Sent,
    Started,
    Trace,
    Violated,
)
from tests.sim.worlds import LAWS, Add, Bag, Echo, Ping, Plan, Pong, Talker, Total, plans

KINDS = [Started, Sent, Delivered, Dropped, Fired, Changed, Noted, Faulted, Invoked, Returned, Violated]


class Teller(Node):
    """A server in whose short life everything happens."""

    watched = ("total", "seen")

    def start(self) -> None:
        self.total, self.seen = 0, frozenset[str]()
        self.after(0.35, self.tell)

    def on_add(self, sender: str, add: Add) -> None:
        self.total += add.amount
        self.seen |= {sender}
        self.disk.append("log", b"x")
        self.reply(Total(self.total))

    def tell(self) -> None:
        self.note("so far", total=self.total)
        self.note("two\nlines")
        self.send("echo", Bag([1, 2]))


class Customer(Client):
    """Adds 5, and does something the system never answers."""

    async def session(self) -> None:
        await self.sleep(0.1)
        await self.request("s", Add(5))
        self.begin("wait", "for", 1.5)


class Ear(Echo):
    def on_bag(self, sender: str, bag: Bag) -> None:
        self.send("s", Ping())

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.send("gone", Pong(ping.number))


def StaysSmall(state: State) -> str | None:
    """The total stays under 6."""
    return "too much" if state["s"].total > 5 else None


def eventful() -> Trace:
    """A run with an event of every kind but a violation."""
    sim = Simulation(3, network=Link(Constant(0.1)), invariants=[StaysSmall], disk=DiskModel(keep=1.0, tear=0.0))
    sim.add("s", Teller)
    sim.add("echo", Ear)
    sim.add("c", Customer)
    sim.at(0.4).cut("s", "echo")
    sim.at(0.5).heal()
    sim.at(0.6).crash("s")
    return sim.run(0.7)


def violated() -> Trace:
    """The same end for another reason."""
    sim = Simulation(3, network=Link(Constant(0.1)), invariants=[StaysSmall])
    sim.add("s", Teller)
    sim.add(["c", "d"], Customer)
    return sim.run()


TOLD = """\
    0.000  s      starts
    0.000  s      total = 0, seen = {}
    0.000  echo   starts
    0.000  c      starts
    0.100  c      timer session
    0.100  c      invokes Add(5) as operation 1
    0.100  c      sends #6 Add(amount=5) to s
    0.200  s      receives #6 Add(amount=5) from c
    0.200  s      sends #8 Total(value=5) to c
    0.200  s      total: 0 -> 5, seen: {} -> {'c'}
    0.300  c      receives #8 Total(value=5) from s
    0.300  c      returns from operation 1, ok: Total(value=5)
    0.300  c      invokes wait('for', 1.5) as operation 2
    0.350  s      timer tell
    0.350  s      notes: so far (total=5)
    0.350  s      notes: two\\nlines
    0.350  s      sends #16 Bag(items=[1, 2]) to echo
    0.400  -      fault: cut(sender='s', to='echo')
    0.450  echo   never gets #16 Bag(items=[1, 2]) from s: partition
    0.500  -      fault: heal()
    0.600  s      fault: crash(node='s'), unsynced writes: 1 kept"""


def test_the_transcript_tells_every_event_in_a_line() -> None:
    assert eventful().transcript() == TOLD


def test_the_last_line_of_a_broken_run_says_what_broke() -> None:
    trace = violated()
    assert trace.lines()[-1] == "    0.200  -      INVARIANT StaysSmall is broken: too much"
    assert repr(trace) == f"<Trace of seed 3: {len(trace)} events in 0.2 s, StaysSmall broken>"
    assert repr(eventful()) == "<Trace of seed 3: 21 events in 0.7 s>"


def test_every_kind_of_event_was_there() -> None:
    kinds = {type(event) for event in [*eventful(), *violated()]}
    assert kinds == set(KINDS)


def test_a_trace_knows_the_world_it_comes_from() -> None:
    trace = eventful()
    assert trace.nodes == {"s": "Teller", "echo": "Ear", "c": "Customer"}
    assert (trace.clients, trace.watched["s"]) == ({"c"}, ("total", "seen"))
    assert (trace.seed, trace.end, len(trace), trace[6].node) == (3, 0.7, 21, "c")


# Selections


def test_only_selects_by_class_and_by_node_and_keeps_the_order() -> None:
    trace = eventful()
    assert [event.index for event in trace.only(Started, Noted)] == [0, 2, 3, 14, 15]
    assert [event.index for event in trace.only(Started, Noted, node="s")] == [0, 14, 15]
    assert [event.index for event in trace.only(node="")] == [17, 19]
    assert trace.only() == list(trace)
    assert trace.only(Event) == list(trace)


def test_a_transcript_of_some_kinds_has_the_same_lines() -> None:
    trace = eventful()
    lines = TOLD.splitlines()
    assert trace.transcript(Faulted, Dropped).splitlines() == [lines[17], lines[18], lines[19], lines[20]]
    assert trace.transcript(Violated) == ""


@given(plans())
@LAWS
def test_the_kinds_of_a_run_make_up_the_run(plan: Plan) -> None:
    trace = plan.run()
    parts = [event for kind in KINDS for event in trace.only(kind)]
    assert sorted(parts, key=lambda event: event.index) == list(trace)


def test_long_names_keep_the_columns_straight() -> None:
    sim = Simulation(1)
    sim.add(["a", "a_long_name"], Talker)
    lines = sim.run(0.15).lines()
    assert {line[9:11] for line in lines} == {"  "} and {line[22:24] for line in lines} == {"  "}
    assert all(line[24] != " " for line in lines)


# What the decoder works out


def test_a_send_knows_when_it_arrived_first() -> None:
    sim = Simulation(5, network=Link(Constant(0.1)))
    sim.add(["a", "b"], Talker, every=1.0)
    sim.at(1.05).pause("b")
    sim.at(1.5).resume("b")
    sim.at(2.05).crash("b")
    trace = sim.run(3.05)
    arrivals = [event.arrives for event in trace.only(Sent, node="a")]
    assert arrivals == [1.5, None, pytest.approx(3.1)], "held up by a pause, dropped, still on its way"


def test_a_duplicate_that_comes_first_sets_the_arrival() -> None:
    sim = Simulation(5, network=Link(duplicate=1.0))
    sim.add(["a", "b"], Talker, every=0.1)
    trace = sim.run(2.0)
    first = {event.sent: event.time for event in reversed(trace.only(Delivered))}
    for sent in trace.only(Sent):
        assert sent.index not in first or sent.arrives == first[sent.index]


def test_a_copy_that_arrives_after_the_first_was_dropped_is_no_copy_and_sets_the_arrival() -> None:
    class Slow:
        """Takes 1 s, then 2 s, in turn."""

        def sampler(self, rng: object) -> object:
            times = iter([1.0, 2.0] * 100)
            return lambda: next(times)

    sim = Simulation(5, network=Link(Slow(), duplicate=1.0))  # type: ignore[arg-type]
    sim.add("a", Talker, most=1)
    sim.add("b", Talker, most=0)
    sim.at(1.0).crash("b")
    sim.at(1.5).restart("b")
    trace = sim.run(2.3)
    (sent,) = trace.only(Sent, node="a")
    (delivered,) = trace.only(Delivered, node="b")
    assert [event.why for event in trace.only(Dropped)] == ["down"]
    assert (sent.arrives, delivered.copy) == (pytest.approx(2.1), False)


def test_a_reply_points_at_what_it_answers() -> None:
    trace = eventful()
    assert [(event.index, event.answers) for event in trace.only(Sent)] == [(6, None), (8, 6), (16, None)]


def test_a_change_knows_the_value_before_and_a_restart_forgets_it() -> None:
    sim = Simulation(1, network=Link(Constant(0.1)))
    sim.add(["a", "b"], Talker, every=0.5)
    sim.at(0.7).restart("a")
    changes = [(dict(event.before), dict(event.after)) for event in sim.run(1.4).only(Changed, node="a")]
    empty: tuple[int, ...] = ()
    assert changes == [
        ({}, {"heard": empty}),
        ({"heard": empty}, {"heard": (1,)}),
        ({}, {"heard": empty}),
        ({"heard": empty}, {"heard": (2,)}),
    ]


# Differences


def test_a_run_does_not_differ_from_itself() -> None:
    assert eventful().diff(eventful()) is None


@given(plans())
@LAWS
def test_the_first_difference_is_the_first_event_that_is_not_the_same(plan: Plan) -> None:
    one, other = plan.run(), Plan(plan.seed + 1, plan.kind).run()
    difference = one.diff(other)
    equal = 0
    while equal < min(len(one), len(other)) and one[equal] == other[equal]:
        equal += 1
    if difference is None:
        assert equal == len(one) == len(other)
        return
    assert difference.index == equal
    assert difference.mine == (one[equal] if equal < len(one) else None)
    assert difference.theirs == (other[equal] if equal < len(other) else None)


def test_a_shorter_run_differs_where_it_ends() -> None:
    whole = eventful()
    part = Trace.of(whole.events[:4], nodes=whole.nodes)
    assert whole.diff(part) == Difference(4, whole[4], None)
    assert str(part.diff(whole)) == (
        "the runs differ at event 4: (the run has ended) |     0.100  c      timer session"
    )


# Copies


def test_a_trace_can_be_sent_to_another_process() -> None:
    trace = violated()
    copy = pickle.loads(pickle.dumps(trace))
    assert copy.diff(trace) is None and copy.to_json() == trace.to_json() and repr(copy) == repr(trace)
