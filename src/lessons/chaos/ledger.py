"""The ledger of clients: what they asked for and what they were told, with the times, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from time import monotonic
from typing import Any

from lessons.node import Node
from lessons.trace import Event, Invoked, Operation, Returned
from lessons.trace.history import history


class Ledger:
    """What the clients of one process have done; ``page`` gives each of them the witness that it needs."""

    def __init__(self) -> None:
        self._zero = monotonic()
        self._events: list[Event] = []
        self._numbers: Iterator[int] = count(1)
        self.ended: dict[str, float] = {}  # when the last operation of each client that ended well had begun

    def now(self) -> float:
        """Seconds since the ledger was begun."""
        return monotonic() - self._zero

    def page(self, client: str) -> Page:
        """The witness of a client."""
        return Page(self, client)

    def put(self, kind: type[Event], client: str, *facts: Any) -> None:
        """Write an event."""
        self._events.append(kind(len(self._events), self.now(), client, *facts))

    def number(self) -> int:
        """A number for an operation."""
        return next(self._numbers)

    def history(self) -> tuple[Operation, ...]:
        """All operations, in the order of their calls."""
        return history(self._events)


class Page:
    """The ``Witness`` of a client: it looks at operations alone."""

    def __init__(self, ledger: Ledger, client: str) -> None:
        self._ledger, self._client = ledger, client
        self._open: dict[int, tuple[int, float]] = {}

    def invoked(self, op: int, name: str, args: tuple[Any, ...]) -> None:
        """See ``Witness``."""
        number = self._ledger.number()
        self._open[op] = number, self._ledger.now()
        self._ledger.put(Invoked, self._client, number, name, args)

    def returned(self, op: int, outcome: str, value: Any) -> None:
        """See ``Witness``."""
        number, began = self._open.pop(op)
        self._ledger.put(Returned, self._client, number, outcome, value)
        if outcome == "ok":
            self._ledger.ended[self._client] = began

    def started(self, node: Node) -> None:
        """See ``Witness``."""

    def sent(self, number: int, to: str, message: Any, answers: int | None) -> None:
        """See ``Witness``."""

    def delivered(self, number: int, sender: str, message: Any) -> None:
        """See ``Witness``."""

    def fired(self, name: str) -> None:
        """See ``Witness``."""

    def noted(self, text: str, facts: Mapping[str, Any]) -> None:
        """See ``Witness``."""

    def looked(self, node: Node) -> None:
        """See ``Witness``."""
