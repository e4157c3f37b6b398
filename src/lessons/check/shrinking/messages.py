"""Messages of a run by sender, receiver and number, and the fault that lets only some of them through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lessons.sim import Action
from lessons.trace import Delivered, Sent, Trace

Message = tuple[str, str, int]


def delivered(trace: Trace) -> list[Message]:
    """The messages that arrived, in the order of their sends."""
    numbers: Counter[tuple[str, str]] = Counter()
    arrived = {event.sent for event in trace.only(Delivered)}
    found: list[Message] = []
    for event in trace.only(Sent):
        numbers[event.node, event.to] += 1
        if event.index in arrived:
            found.append((event.node, event.to, numbers[event.node, event.to]))
    return found


def only(messages: Iterable[Message], at: float) -> Action:
    """The fault that lets nothing through but these messages, from time ``at`` on."""
    links: dict[tuple[str, str], list[int]] = {}
    for sender, to, number in messages:
        links.setdefault((sender, to), []).append(number)
    return Action(at, "deliver_only", {"messages": [[*link, sorted(numbers)] for link, numbers in links.items()]})


def is_choice(action: Action) -> bool:
    """Whether an action is such a fault."""
    return action.name == "deliver_only"
