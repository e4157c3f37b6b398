"""The events of a run: small frozen records, one class a kind, each knowing its own sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lessons.node import render


@dataclass(frozen=True, slots=True)
class Event:
    """What every event has: its position in the run, its time, the node where it happened.

    ``time`` is virtual time in seconds since the start of the run; ``node`` is "" where an event
    belongs to the world and not to one node (a partition, say).
    """

    index: int
    time: float
    node: str

    def sentence(self) -> str:
        """The event in words, without time and node."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A node's process began: at the start of the run, or after a restart."""

    def sentence(self) -> str:
        return "starts"


@dataclass(frozen=True, slots=True)
class Sent(Event):
    """``node`` sent ``message`` to ``to``. ``arrives`` is the time of its first delivery, or None.

    ``answers`` is the index of the send that this one replies to, if it is a reply.
    """

    to: str
    message: Any
    arrives: float | None
    answers: int | None

    def sentence(self) -> str:
        return f"sends #{self.index} {render(self.message)} to {self.to}"


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """``node`` received the message that was sent at event ``sent``; ``copy`` marks a duplicate."""

    sender: str
    message: Any
    sent: int
    copy: bool

    def sentence(self) -> str:
        again = " again" if self.copy else ""
        return f"receives #{self.sent} {render(self.message)} from {self.sender}{again}"


@dataclass(frozen=True, slots=True)
class Dropped(Event):
    """The message sent at event ``sent`` (or one copy of it) never reaches ``node``: ``why``."""

    sender: str
    message: Any
    sent: int
    why: str

    def sentence(self) -> str:
        return f"never gets #{self.sent} {render(self.message)} from {self.sender}: {self.why}"


@dataclass(frozen=True, slots=True)
class Fired(Event):
    """A timer named ``name`` fired, or the sleeping workflow of that name woke up."""

    name: str

    def sentence(self) -> str:
        return f"timer {self.name}"


@dataclass(frozen=True, slots=True)
class Changed(Event):
    """Watched fields changed: their values before (absent at first sight) and after."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def sentence(self) -> str:
        return ", ".join(self._change(field) for field in self.after)

    def _change(self, field: str) -> str:
        new = render(self.after[field])
        return f"{field}: {render(self.before[field])} -> {new}" if field in self.before else f"{field} = {new}"


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """The protocol's author wanted this to be seen: a text and facts by name."""

    text: str
    facts: Mapping[str, Any]

    def sentence(self) -> str:
        facts = ", ".join(f"{name}={render(value)}" for name, value in self.facts.items())
        return f"notes: {self.text} ({facts})" if facts else f"notes: {self.text}"


@dataclass(frozen=True, slots=True)
class Faulted(Event):
    """The world did something to the nodes: a fault or its repair, with the arguments it was given.

    ``effect`` says what changed, in node names: any of ``down``, ``up``, ``pause``, ``resume``
    (lists of nodes) and ``cut``, ``heal`` (lists of directed pairs); and in ``writes`` how many
    writes that were not synced a crash kept, lost and tore.
    """

    name: str
    args: Mapping[str, Any]
    effect: Mapping[str, Any]

    def sentence(self) -> str:
        args = ", ".join(f"{name}={render(value)}" for name, value in self.args.items())
        writes = self.effect.get("writes", {})
        fates = ", ".join(f"{n} {fate}" for fate, n in writes.items())
        return f"fault: {self.name}({args})" + (f", unsynced writes: {fates}" if fates else "")


@dataclass(frozen=True, slots=True)
class Invoked(Event):
    """A client began operation number ``op`` of the run: its name and its arguments."""

    op: int
    name: str
    args: tuple[Any, ...]

    def sentence(self) -> str:
        return f"invokes {self.name}({', '.join(map(render, self.args))}) as operation {self.op}"


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """Operation ``op`` ended for its client: ``outcome`` is "ok", "fail" or "unknown"."""

    op: int
    outcome: str
    value: Any

    def sentence(self) -> str:
        value = "" if self.value is None else f": {render(self.value)}"
        return f"returns from operation {self.op}, {self.outcome}{value}"


@dataclass(frozen=True, slots=True)
class Violated(Event):
    """The invariant ``invariant`` does not hold any more, and why; always the last event of a run."""

    invariant: str
    why: str

    def sentence(self) -> str:
        return f"INVARIANT {self.invariant} is broken: {self.why}"
