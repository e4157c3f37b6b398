"""What is true of a world after an event of a run, as far as a reader can act on it: read from the trace alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lessons.node import render
from lessons.trace import Delivered, Dropped, Faulted, Sent, Started, Trace

_STATUS = {"down": "down", "up": "up", "pause": "paused", "resume": "up"}  # what an effect makes of a node
#: Faults that change one setting of a node: where it is in the arguments, and what it is at first.
_SETTINGS = {"drift_clock": ("rate", 1.0), "slow_disk": ("factor", 1.0), "limit_disk": ("capacity", None)}


@dataclass(frozen=True)
class Message:
    """A message that was sent and not received yet: the ``number``-th from one node to another."""

    send: int  # the index of its event
    sender: str
    to: str
    number: int
    content: Any

    @property
    def text(self) -> str:
        """The message as the transcript has it."""
        return render(self.content)


@dataclass
class Moment:
    """The world after event ``index``, at ``time``.

    ``status`` says of each node that it is up, down, paused or not started. ``changed`` has the faults in ``_SETTINGS``
    that are in force, with their nodes; ``weather`` says whether links behave as at first.
    """

    index: int
    time: float
    status: dict[str, str]
    clients: frozenset[str]
    cuts: set[tuple[str, str]] = field(default_factory=set)
    changed: set[tuple[str, str]] = field(default_factory=set)
    weather: bool = False
    messages: dict[int, Message] = field(default_factory=dict)

    @classmethod
    def of(cls, trace: Trace, index: int) -> Moment:
        """The moment after event ``index`` of a run."""
        events = trace.events[: index + 1]
        moment = cls(index, events[-1].time, dict.fromkeys(trace.nodes, "not started"), trace.clients)
        sent: Counter[tuple[str, str]] = Counter()
        for event in events:
            if isinstance(event, Sent):
                sent[event.node, event.to] += 1
                moment._send(event, sent[event.node, event.to])
            elif isinstance(event, Delivered | Dropped):
                moment.messages.pop(event.sent, None)
            elif isinstance(event, Started):
                moment.status[event.node] = "up"
            elif isinstance(event, Faulted):
                moment._suffer(event.name, event.args, event.effect)
        return moment

    @property
    def servers(self) -> list[str]:
        """The nodes that are no clients."""
        return [name for name in self.status if name not in self.clients]

    def _send(self, event: Sent, number: int) -> None:
        self.messages[event.index] = Message(event.index, event.node, event.to, number, event.message)

    def _suffer(self, name: str, args: Mapping[str, Any], effect: Mapping[str, Any]) -> None:
        for what, word in _STATUS.items():
            self.status.update(dict.fromkeys(effect.get(what, ()), word))
        self.cuts.update(map(tuple, effect.get("cut", ())))
        self.cuts.difference_update(map(tuple, effect.get("heal", ())))
        if name == "weather":
            self.weather = bool(args)
        if name in _SETTINGS:
            where, normal = _SETTINGS[name]
            keep = self.changed.discard if args[where] == normal else self.changed.add
            keep((name, args["node"]))
