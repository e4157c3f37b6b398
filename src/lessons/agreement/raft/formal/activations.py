"""A run, cut into what each server did at a time: what woke it, what it said, what it then was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lessons.trace import Changed, Delivered, Event, Faulted, Fired, Sent, Started, Trace

State = Mapping[str, Any]


@dataclass
class Activation:
    """One handler of one server: its ``cause``, what it ``sent``, and its watched fields ``before`` and at the ``end``.

    ``cut`` says that a crash ended it, or may have: a server that waits for its disk shows nothing. Then the end is
    what the server was after its restart, if there was one.
    """

    cause: Event
    before: State
    end: State
    sent: list[Sent] = field(default_factory=list)
    cut: bool = False

    @property
    def server(self) -> str:
        """Who did it."""
        return self.cause.node


def activations(trace: Trace, servers: frozenset[str]) -> list[Activation]:
    """The activations of these servers, in the order in which they began.

    In that order each comes after those whose messages it received, and a server's own are in theirs.
    """
    return sorted(_ended(trace, servers), key=lambda activation: activation.cause.index)


def _ended(trace: Trace, servers: frozenset[str]) -> Iterator[Activation]:
    running: dict[str, Activation] = {}
    cut: dict[str, Activation] = {}
    states: dict[str, State] = {}
    for event in trace:
        if isinstance(event, Faulted):
            cut |= {name: running.pop(name) for name in event.effect.get("down", ()) if name in running}
        elif event.node not in servers:
            continue
        elif isinstance(event, Delivered | Fired | Started):
            last = running.pop(event.node, None)
            if last is not None and isinstance(event, Started):
                cut[event.node] = last  # a process was killed, which nobody put on record
            elif last is not None:
                yield last
            state = states.get(event.node, {})
            running[event.node] = Activation(event, state, state)
        elif isinstance(event, Sent):
            running[event.node].sent.append(event)
        elif isinstance(event, Changed):
            states[event.node] = running[event.node].end = {**states.get(event.node, {}), **event.after}
            if event.node in cut:
                yield _cut(cut.pop(event.node), states[event.node])
    yield from (_cut(activation, activation.end) for activation in [*running.values(), *cut.values()])


def _cut(activation: Activation, restarted: State) -> Activation:
    """An activation that a crash, or the end of the run, came after or into: into it, if it had shown nothing yet."""
    if activation.end == activation.before:
        activation.cut, activation.end = True, restarted
    return activation
