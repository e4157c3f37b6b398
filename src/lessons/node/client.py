"""Client: a node that stands for the users of a system and keeps the history of what they saw."""

from __future__ import annotations

from typing import Any

from lessons.node.errors import AuthorError, TimedOut
from lessons.node.host import Host
from lessons.node.message import message_fields
from lessons.node.node import Node


class Client(Node):
    """A node outside the system: its operations, with their calls and returns, enter the history.

    A subclass writes ``async def session(self)``, which begins when the client starts. Checks such
    as linearizability judge the system by the history of its clients alone.
    """

    def start(self) -> None:
        """Begin the session."""
        self.spawn(self.session())

    async def session(self) -> None:
        """What this client does; nothing unless a subclass says so."""

    def begin(self, name: str, *args: Any) -> Operation:
        """Begin an operation; end it with ``ok``, ``fail`` or ``unknown`` on what this returns."""
        return Operation(self._host, name, args)

    async def request(self, to: str, message: Any, timeout: float | None = None) -> Any:
        """One operation made of one call: returns the answer; raises TimedOut, outcome unknown."""
        operation = self.begin(type(message).__name__, *message_fields(message).values())
        try:
            answer = await self.call(to, message, timeout)
        except TimedOut:
            operation.unknown("timeout")
            raise
        operation.ok(answer)
        return answer


class Operation:
    """An operation that a client has begun; it ends once. A second end raises AuthorError."""

    def __init__(self, host: Host, name: str, args: tuple[Any, ...]) -> None:
        self._host, self._name, self._ended = host, name, False
        self._number = host.invoke(name, args)

    def ok(self, value: Any = None) -> None:
        """It took effect, once, and gave ``value``."""
        self._end("ok", value)

    def fail(self, why: Any = None) -> None:
        """It certainly took no effect."""
        self._end("fail", why)

    def unknown(self, why: Any = None) -> None:
        """It may have taken effect, may still take effect, or never will."""
        self._end("unknown", why)

    def _end(self, outcome: str, value: Any) -> None:
        if self._ended:
            raise AuthorError(f"operation {self._number}, {self._name}, has ended already: it has one outcome")
        self._ended = True
        self._host.complete(self._number, outcome, value)
