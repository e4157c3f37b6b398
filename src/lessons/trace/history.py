"""The client history of a run: each operation with its call, its return, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from lessons.trace.events import Event, Invoked, Returned


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a client.

    ``outcome`` is "ok" (took effect, gave ``value``), "fail" (took none) or "unknown" (may take
    effect at any time after the call, or never); ``returned`` is the time of its end, None while
    it is open. Times are virtual seconds.
    """

    client: str
    op: int
    name: str
    args: tuple[Any, ...]
    called: float
    returned: float | None = None
    outcome: str = "unknown"
    value: Any = None


def history(events: Iterable[Event]) -> tuple[Operation, ...]:
    """All operations of a run, in the order of their calls."""
    operations: dict[int, Operation] = {}
    for event in events:
        if isinstance(event, Invoked):
            operations[event.op] = Operation(event.node, event.op, event.name, event.args, event.time)
        elif isinstance(event, Returned):
            operations[event.op] = replace(
                operations[event.op], returned=event.time, outcome=event.outcome, value=event.value
            )
    return tuple(operations.values())
