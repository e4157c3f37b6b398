"""What an author of a protocol can do wrong is caught where it happens, with a text that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lessons.node import (
    AuthorError,
    BadDelay,
    HandlerMissing,
    MessageChanged,
    Node,
    OutsideWorld,
    UnknownMessage,
    UnknownNode,
    Unwatchable,
    message,
)
from lessons.sim import Constant, Link, Simulation, State
from lessons.trace import Fired, Sent
from tests.sim.worlds import Bag, Ear, Echo, Idle, Ping, Pong


class Doing(Node):
    """Does at its start what the test wants it to do."""

    def __init__(self, deed: Callable[[Any], object]) -> None:
        self.deed = deed

    def start(self) -> None:
        self.deed(self)


def doing(deed: Callable[[Any], object], *others: type[Node], loss: float = 0.0) -> Simulation:
    """Node "a" does ``deed``; others are "b", "c" ..."""
    sim = Simulation("some seed", network=Link(Constant(0.5), loss))
    sim.add("a", Doing, deed=deed)
    for name, kind in zip("bcd", others, strict=False):
        sim.add(name, kind)
    return sim


def refused(error: type[Exception], text: str, deed: Callable[[Any], object], *others: type[Node]) -> Exception:
    """The deed ends the run with this error."""
    with pytest.raises(error, match=text) as caught:
        doing(deed, *others).run(10.0)
    return caught.value


# Sending


def test_an_unknown_receiver() -> None:
    refused(UnknownNode, "there is no node 'z'; known nodes: a, b", lambda a: a.send("z", Ping()), Idle)


def test_an_unknown_receiver_where_the_network_is_not_plain() -> None:
    with pytest.raises(UnknownNode, match="there is no node 'z'; known nodes: a"):
        doing(lambda a: a.send("z", Ping()), loss=0.5).run()


@pytest.mark.parametrize("sent", ["hello", 42, None, {"type": "Ping"}, Ping])
def test_what_is_no_message(sent: object) -> None:
    text = f"a sent {re.escape(repr(sent))} of type {type(sent).__name__}, which is no message: mark class"
    refused(UnknownMessage, text, lambda a: a.send("b", sent), Echo)


def test_a_class_without_the_decorator() -> None:
    class Bare:
        pass

    refused(UnknownMessage, "mark class Bare with @message and send an instance of it", lambda a: a.send("a", Bare()))


def test_a_refused_send_leaves_nothing_on_record() -> None:
    def deed(node: Node) -> None:
        for to, what in [("z", Ping()), ("b", "no message")]:
            with pytest.raises(AuthorError):
                node.send(to, what)

    assert not doing(deed, Echo).run().only(Sent)


def test_a_missing_handler() -> None:
    text = r"b received a Ping, but Idle has no handler for it: write Idle\.on_ping\(self, sender, message\)"
    refused(HandlerMissing, text, lambda a: a.send("b", Ping()), Idle)


def test_a_reply_that_nobody_awaits_needs_a_handler() -> None:
    refused(HandlerMissing, r"a received a Pong, but Doing has no handler", lambda a: a.send("b", Ping()), Echo)


def test_a_reply_with_nothing_to_reply_to() -> None:
    text = r"a replies with Pong\(number=0\), but no message is being handled: reply in a message handler"
    refused(AuthorError, text, lambda a: a.reply(Pong()))


def test_a_reply_in_a_timer_even_if_a_message_came_before() -> None:
    class Late(Node):
        def on_ping(self, sender: str, ping: Ping) -> None:
            self.after(1.0, self.reply, Pong())

    refused(AuthorError, "b replies with", lambda a: a.send("b", Ping()), Late)


# Messages that change


@message
class Box:
    bag: Bag


CHANGED = (
    r"a message of a changed after it was sent: it was Bag\(items=\[1\]\), it is now Bag\(items=\[1, 2\]\)\. "
    r"Send a copy: a tuple for a list"
)


class Sink(Node):
    def on_bag(self, sender: str, bag: Bag) -> None:
        pass

    def on_box(self, sender: str, box: Box) -> None:
        pass


@pytest.mark.parametrize(
    ("when", "noticed"),
    [(0.0, "0.500000"), (0.2, "0.500000"), (0.9, "10.000000")],
    ids=["at once", "on its way", "after its delivery"],
)
def test_a_message_that_changes_after_it_was_sent(when: float, noticed: str) -> None:
    def deed(node: Node) -> None:
        items = [1]
        node.send("b", Bag(items))
        node.after(when, items.append, 2)

    error = refused(MessageChanged, CHANGED, deed, Sink)
    assert error.__notes__[-1].endswith(f"virtual time {noticed} s)"), "at its delivery, or else when the run ends"


def test_a_message_that_its_receiver_changes() -> None:
    class Meddler(Node):
        def on_bag(self, sender: str, bag: Bag) -> None:
            bag.items.append(2)

    refused(MessageChanged, CHANGED, lambda a: a.send("b", Bag([1])), Meddler)


def test_a_lost_message_that_changes() -> None:
    def deed(node: Node) -> None:
        items = [1]
        node.send("b", Bag(items))
        items.append(2)

    with pytest.raises(MessageChanged, match=CHANGED):
        doing(deed, Sink, loss=1.0).run()


def test_a_message_within_a_message_that_changes() -> None:
    def deed(node: Node) -> None:
        items = [1]
        node.send("b", Box(Bag(items)))
        items.append(2)

    refused(MessageChanged, r"it was Box\(bag=Bag\(items=\[1\]\)\)", deed, Sink)


def test_a_message_of_a_class_that_inherits_what_can_change() -> None:
    @message
    class Numbered(Bag):
        number: int = 0

    class Receiver(Node):
        def on_numbered(self, sender: str, numbered: Numbered) -> None:
            pass

    def deed(node: Node) -> None:
        items = [1]
        node.send("b", Numbered(items))
        items.append(2)

    refused(MessageChanged, r"Numbered\(items=\[1\], number=0\)", deed, Receiver)


def test_a_change_in_the_seventh_digit() -> None:
    def deed(node: Node) -> None:
        items = [1234567.0]
        node.send("b", Bag(items))
        items[0] += 1

    refused(MessageChanged, "a message of a changed", deed, Sink)


def test_a_message_that_does_not_change_may_be_sent_often() -> None:
    bag = Bag([1])

    def deed(node: Node) -> None:
        for _ in range(3):
            node.send("b", bag)

    assert len(doing(deed, Sink).run().only(Sent)) == 3


def test_a_message_that_holds_what_no_network_could_carry() -> None:
    text = "<object object at .* of type object is no plain data"
    refused(TypeError, text, lambda a: a.send("b", Bag([object()])), Sink)


# Timers


@pytest.mark.parametrize("delay", ["1", None, [1.0], 10**400, Decimal("NaN"), 1j])
@pytest.mark.parametrize("deed", ["after", "every", "sleep", "call"])
def test_a_delay_that_is_no_number(deed: str, delay: Any) -> None:
    if (deed, delay) == ("call", None):
        return  # no timeout
    deeds: dict[str, Callable[[Any], object]] = {
        "after": lambda a: a.after(delay, a.start),
        "every": lambda a: a.every(delay, a.start),
        "sleep": lambda a: a.spawn(a.sleep(delay)),
        "call": lambda a: a.spawn(a.call("b", Ping(), timeout=delay)),
    }
    sim = doing(deeds[deed], Idle)
    with pytest.raises(BadDelay, match=rf" is {re.escape(repr(delay))}: it must be a finite number of seconds"):
        sim.run()
    assert sim.trace.only(Sent) == [], "a call that is refused sends nothing"


@pytest.mark.parametrize("delay", [1, True, Fraction(1), Decimal(1)])
def test_a_delay_may_be_any_kind_of_number(delay: Any) -> None:
    sim = doing(lambda a: [a.after(delay, print), a.every(delay, print), a.spawn(a.sleep(delay))])
    assert [event.time for event in sim.run(1.5).only(Fired)] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("deed", [lambda a: a.after(1.0, None), lambda a: a.every(1.0, None)])
def test_an_action_that_was_called_and_not_handed_over(deed: Callable[[Any], object]) -> None:
    refused(TypeError, "action is None: give the method itself, self.tick, and not a call of it", deed)


def test_what_is_due_after_all_times_never_comes() -> None:
    sim = doing(lambda a: a.after(0.5, lambda: a.after(1e300, a.note, "never") and None))
    sim.at(0.1).drift_clock("a", 1e-300)
    sim.at(0.2).drift_clock("a", 1.0)
    sim.at(0.3).drift_clock("a", 1e-300)
    assert sim.run().end == 0.5
    assert not sim.step()


@pytest.mark.parametrize("delay", [-0.1, float("nan"), float("inf")])
def test_a_delay_of_no_real_length(delay: float) -> None:
    text = f"the delay of after.* is {delay!r}: it must be a finite number of seconds, 0 or more"
    refused(BadDelay, text, lambda a: a.after(delay, a.start))


@pytest.mark.parametrize("interval", [0, 0.0, -1.0, float("nan"), float("inf")])
def test_an_interval_of_no_real_length(interval: float) -> None:
    refused(BadDelay, f"is {interval!r}: it must be a finite number", lambda a: a.every(interval, a.start))


# Fields and lives


class Watching(Node):
    """Watches ``field`` and sets it to what the test wants."""

    watched = ("field",)

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def start(self) -> None:
        self.__dict__.update(self.fields)


def test_a_watched_field_that_is_not_there() -> None:
    sim = Simulation(1)
    sim.add("a", Watching)
    with pytest.raises(AuthorError, match=r"Watching\.watched names 'field', which a does not have: set it in start"):
        sim.run()


@pytest.mark.parametrize("value", [object(), lambda: 1, iter([1])])
def test_a_watched_field_that_is_no_plain_data(value: object) -> None:
    sim = Simulation(1)
    sim.add("a", Watching, field=[value])
    with pytest.raises(Unwatchable, match=r"a\.field is watched, but holds a list: watch numbers, texts, enums"):
        sim.run()


def test_an_error_inside_a_watched_property_is_its_own() -> None:
    class Computed(Node):
        watched = ("field",)

        @property
        def field(self) -> int:
            return self.missing  # type: ignore[attr-defined, no-any-return]

    sim = Simulation(1)
    sim.add("a", Computed)
    with pytest.raises(AttributeError, match="no attribute 'missing'") as caught:
        sim.run()
    assert not isinstance(caught.value, AuthorError)


@pytest.mark.parametrize("name", ["name", "peers", "rng", "disk", "send"])
def test_a_node_that_is_used_in_init(name: str) -> None:
    class Early(Node):
        def __init__(self) -> None:
            getattr(self, name)

    sim = Simulation(1)
    sim.add("a", Early)
    text = f"this Early is in no world yet, so it has no '{name}': use it in start.., not in __init__"
    with pytest.raises(OutsideWorld, match=text):
        sim.run()


@pytest.mark.parametrize("use", [lambda node: node.now, lambda node: node.note("x"), lambda node: node.after(1, print)])
def test_a_node_whose_clock_timers_or_notes_are_used_in_init(use: Callable[[Node], object]) -> None:
    class Early(Node):
        def __init__(self) -> None:
            use(self)

    sim = Simulation(1)
    sim.add("a", Early)
    with pytest.raises(OutsideWorld, match="this Early is in no world yet, so it has no clock, timers or workflows:"):
        sim.run()


def test_an_attribute_error_of_its_own_in_init_stays_one() -> None:
    class Buggy(Node):
        def __init__(self) -> None:
            self.missing  # type: ignore[attr-defined]  # noqa: B018

    sim = Simulation(1)
    sim.add("a", Buggy)
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        sim.run()


def test_a_node_that_can_not_be_made() -> None:
    class Broken(Node):
        def __init__(self) -> None:
            raise TypeError("no such speed")

    sim = Simulation(1)
    sim.add("a", Broken)
    with pytest.raises(TypeError, match=r"no such speed") as caught:
        sim.run()
    assert "(in an event of node a)" in caught.value.__notes__


@pytest.mark.parametrize("name", ["name", "peers", "rng", "disk", "send"])
def test_a_name_that_its_world_gives_to_every_node(name: str) -> None:
    text = f"sets {name}, which its world gives to every node: use another name"
    with pytest.raises(AuthorError, match=f"Mine {text}"):
        type("Mine", (Node,), {name: lambda self: None})
    refused(AuthorError, f"Doing {text}", lambda a: None, making(name))


def making(name: str) -> type[Node]:
    """A node that sets this name in __init__."""

    class Doing(Node):
        def __init__(self) -> None:
            setattr(self, name, "mine")

    return Doing


def test_a_text_in_the_place_of_the_names_of_fields() -> None:
    with pytest.raises(AuthorError, match=r"Mine.watched is 'total': write a tuple, \('total',\)"):
        type("Mine", (Node,), {"watched": "total"})


def test_a_field_of_a_message_that_its_json_form_has_no_place_for() -> None:
    with pytest.raises(AuthorError, match=r"Kind has a field type, where its JSON form has the class"):
        message(type("Kind", (), {"__annotations__": {"type": str}}))


# Handlers that nobody would hear of


def test_a_handler_that_is_a_generator() -> None:
    class Yielding(Node):
        def on_ping(self, sender: str, ping: Ping) -> Any:
            yield self.reply(Pong())

    text = "on_ping of b is a generator, which nobody runs: write async def, and await in it"
    refused(AuthorError, text, lambda a: a.send("b", Ping()), Yielding)


def test_a_handler_that_returns_its_answer() -> None:
    class Returning(Node):
        def on_ping(self, sender: str, ping: Ping) -> Pong:
            return Pong(3)

    text = r"b returns Pong\(number=3\), which nobody gets: hand it to self.reply or self.send"
    refused(AuthorError, text, lambda a: a.send("b", Ping()), Returning)


# The run inside the run


@pytest.mark.parametrize("deed", [lambda sim: sim.faults.crash("a"), lambda sim: sim.run(9.0), lambda sim: sim.step()])
def test_a_node_that_drives_its_own_run(deed: Callable[[Simulation], object]) -> None:
    sim = Simulation(1)
    sim.add("a", Doing, deed=lambda a: a.after(1.0, lambda: deed(sim) and None))
    with pytest.raises(AuthorError, match=r"the run is under way: plan faults inside it with sim.at"):
        sim.run(5.0)
    assert sim.run(5.0).end == 5.0, "it goes on from there"


def test_a_node_that_plans_faults_for_its_own_run() -> None:
    sim = Simulation(1)
    sim.add("a", Doing, deed=lambda a: sim.at(2.0).crash("a"))
    assert sim.run(5.0).lines()[-1] == "    2.000  a      fault: crash(node='a')"


# Notes and the history are what they were at their time


def test_a_note_keeps_its_facts_as_they_were() -> None:
    def deed(node: Node) -> None:
        items = [1]
        node.note("mine", items=items)
        items.append(2)

    (event,) = (event for event in doing(deed).run() if type(event).__name__ == "Noted")
    assert event.sentence() == "notes: mine (items=[1])"


def test_a_note_of_what_is_no_plain_data() -> None:
    refused(TypeError, "is no plain data", lambda a: a.note("mine", thing=object()))


# Where it happened


def explode(*args: object) -> None:
    raise ZeroDivisionError("oops")


class Handling(Node):
    def on_ping(self, sender: str, ping: Ping) -> None:
        explode()


@pytest.mark.parametrize(
    ("deed", "node", "time"),
    [
        (explode, "a", "0.000000"),
        (lambda a: a.after(1.25, explode), "a", "1.250000"),
        (lambda a: a.every(1.0, explode), "a", "1.000000"),
        (lambda a: a.send("b", Ping()), "b", "0.500000"),
    ],
    ids=["start", "timer", "repeating timer", "handler"],
)
def test_an_error_says_on_which_node_at_which_time_and_with_which_seed(deed: Any, node: str, time: str) -> None:
    error = refused(ZeroDivisionError, "oops", deed, Handling)
    assert error.__notes__ == [f"(in an event of node {node})", f"(seed 'some seed', virtual time {time} s)"]


def test_an_error_says_so_in_a_single_step_too() -> None:
    sim = doing(explode)
    with pytest.raises(ZeroDivisionError) as caught:
        sim.step()
    assert caught.value.__notes__ == ["(in an event of node a)", "(seed 'some seed', virtual time 0.000000 s)"]


def test_an_error_says_so_in_a_restart_and_after_a_pause_too() -> None:
    class SecondLife(Node):
        def start(self) -> None:
            if self.disk.get("lived"):
                explode()
            self.disk.put("lived", True)
            self.disk.sync()
            self.after(1.0, explode)

    for faults in (["restart"], ["pause", "resume"]):
        sim = Simulation(3)
        sim.add("a", SecondLife)
        for time, name in enumerate(faults):
            getattr(sim.at(0.5 + time), name)("a")
        with pytest.raises(ZeroDivisionError) as caught:
            sim.run()
        assert caught.value.__notes__[0] == "(in an event of node a)"


# Looking at a run


def test_an_unknown_node_in_the_state() -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Ear)
    sim.run()
    with pytest.raises(UnknownNode, match="there is no node 'z'; known nodes: a, b"):
        sim.state["z"]
    assert "z" not in sim.state and sim.state.get("z") is None and sim.state.get("a") is sim.state["a"]


def test_an_unknown_node_asked_for() -> None:
    with pytest.raises(UnknownNode, match="there is no node 'z'; known nodes: none yet"):
        Simulation(1).node("z")


def test_a_field_that_is_not_watched() -> None:
    def Rule(state: State) -> bool:
        return bool(state["a"].secret)

    sim = Simulation(1, invariants=[Rule])
    sim.add("a", Ear)
    with pytest.raises(AuthorError, match=r"a\.secret is not watched, .* to Ear\.watched \(it has heard\)"):
        sim.run()
