"""Runs for the tests of what is shown: small traces written by hand, and one with everything in it."""

from __future__ import annotations

from typing import Any

from lessons.node import message
from lessons.trace import (
    Changed,
    Delivered,
    Dropped,
    Event,
    Faulted,
    Fired,
    Invoked,
    Noted,
    Returned,
    Rule,
    Sent,
    Started,
    Trace,
    Violated,
)

NO_LOST_UPDATE = Rule("NoLostUpdate", "The total is the number of additions that returned.", "herlihy1990")
SAME = Rule("SameEverywhere", "Nodes agree.")


@message
class Read:
    pass


@message
class Total:
    value: int


@message
class Text:
    text: str


class Script:
    """Writes events down one by one; ``add`` returns the number of the event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, kind: type[Event], time: float, node: str, *rest: Any) -> int:
        self.events.append(kind(len(self.events), time, node, *rest))
        return len(self.events) - 1

    def send(self, time: float, node: str, to: str, what: Any, arrives: float | None = None) -> int:
        return self.add(Sent, time, node, to, what, arrives, None)

    def deliver(self, number: int, time: float, copy: bool = False) -> int:
        sent = self.events[number]
        assert isinstance(sent, Sent)
        return self.add(Delivered, time, sent.to, sent.node, sent.message, number, copy)

    def drop(self, number: int, time: float, why: str) -> int:
        sent = self.events[number]
        assert isinstance(sent, Sent)
        return self.add(Dropped, time, sent.to, sent.node, sent.message, number, why)


def lost_update(broken: bool = True) -> Trace:
    """Two clerks read 0 and write 1 (``broken``), or the counter adds itself."""
    script = Script()
    for name in ("ann", "bob", "counter"):
        script.add(Started, 0.0, name)
    script.add(Changed, 0.0, "counter", {}, {"total": 0})
    script.add(Invoked, 0.01, "ann", 0, "add", (1,))
    ask = script.send(0.01, "ann", "counter", Read(), 0.031)
    script.deliver(ask, 0.031)
    answer = script.send(0.031, "counter", "ann", Total(0), 0.06)
    script.deliver(answer, 0.06)
    write = script.send(0.06, "ann", "counter", Total(1 if broken else 2), 0.09)
    script.deliver(write, 0.09)
    script.add(Changed, 0.09, "counter", {"total": 0}, {"total": 1 if broken else 2})
    script.add(Returned, 0.1, "ann", 0, "ok", 1)
    if broken:
        script.add(Violated, 0.1, "", "NoLostUpdate", "2 additions returned, but the total is 1")
    return Trace.of(
        script.events,
        nodes={"ann": "Clerk", "bob": "Clerk", "counter": "Counter"},
        clients=frozenset({"ann", "bob"}),
        watched={"counter": ("total",)},
        seed=31,
        end=script.events[-1].time,
        invariants=(NO_LOST_UPDATE,),
        title="Lost update",
    )


def everything() -> Trace:
    """Every kind of event, every kind of fault, a duplicate, a loss, a message in flight, a message to oneself."""
    script = Script()
    for name in ("a", "b", "c"):
        script.add(Started, 0.0, name)
    script.add(Changed, 0.0, "a", {}, {"role": "leader", "seen": frozenset({2, 1})})
    script.add(Fired, 0.1, "a", "tick")
    first = script.send(0.1, "a", "b", Text("hello"), 0.2)
    lost = script.send(0.1, "a", "c", Text("hello"))
    script.drop(lost, 0.1, "loss")
    script.deliver(first, 0.2)
    script.deliver(first, 0.25, copy=True)
    own = script.send(0.25, "b", "b", Text("to myself"), 0.3)
    script.deliver(own, 0.3)
    script.add(Noted, 0.3, "b", "has seen it", {"times": 2})
    late = script.send(0.3, "b", "c", Text("late"), 0.4)
    script.add(Faulted, 0.35, "c", "crash", {"node": "c"}, {"down": ["c"]})
    script.drop(late, 0.4, "down")
    script.add(Faulted, 0.5, "", "partition", {"groups": [["a"], ["b"]]}, {"cut": [["a", "b"], ["b", "a"]]})
    script.add(Faulted, 0.6, "", "heal", {}, {"heal": [["a", "b"], ["b", "a"]]})
    script.add(Faulted, 0.6, "c", "restart", {"node": "c"}, {"up": ["c"]})
    script.add(Started, 0.6, "c")
    script.add(Faulted, 0.7, "b", "pause", {"node": "b"}, {"pause": ["b"]})
    script.add(Faulted, 0.8, "b", "resume", {"node": "b"}, {"resume": ["b"]})
    script.add(Changed, 0.8, "a", {"role": "leader"}, {"role": "follower"})
    script.add(Invoked, 0.8, "a", 0, "read", ("x",))
    script.add(Returned, 0.85, "a", 0, "unknown", None)
    script.send(0.9, "a", "b", Text("still travelling"), 1.5)
    return Trace.of(
        script.events,
        nodes={"a": "Node", "b": "Node", "c": "Node"},
        clients=frozenset({"a"}),
        watched=dict.fromkeys("abc", ("role", "seen")),
        seed=7,
        end=1.0,
        invariants=(SAME,),
    )


def spoken(text: str) -> Trace:
    """A run in which ``text`` stands wherever text of an author or of a message can stand."""
    script = Script()
    script.add(Started, 0.0, text)
    script.add(Changed, 0.0, text, {}, {text: text})
    script.deliver(script.send(0.1, text, text, Text(text), 0.2), 0.2)
    script.add(Noted, 0.2, text, text, {text: text})
    script.add(Faulted, 0.3, "", text, {text: text}, {})
    script.add(Fired, 0.3, text, text)
    script.add(Invoked, 0.3, text, 0, text, (text,))
    script.add(Returned, 0.4, text, 0, "ok", text)
    script.add(Violated, 0.4, "", text, text)
    rules = (Rule(text, text, text),)
    return Trace.of(script.events, nodes={text: text}, watched={text: (text,)}, seed=text, end=0.4, invariants=rules)


def chatter(pairs: int, nodes: int = 3) -> Trace:
    """A long run: ``pairs`` messages, each received, around a circle of nodes."""
    script = Script()
    names = [f"n{number}" for number in range(nodes)]
    for name in names:
        script.add(Started, 0.0, name)
    for number in range(pairs):
        now = 0.1 + number / 100
        sender, to = names[number % nodes], names[(number + 1) % nodes]
        script.deliver(script.send(now, sender, to, Total(number), now + 0.005), now + 0.005)
        script.add(Changed, now + 0.005, to, {}, {"total": number})
    watched = dict.fromkeys(names, ("total",))
    return Trace.of(script.events, nodes=dict.fromkeys(names, "Talker"), watched=watched, seed=1, end=now + 1)
