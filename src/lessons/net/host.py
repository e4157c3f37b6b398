"""The host of a node in a real process: asyncio's clock, a network behind an outlet, a disk behind group commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from random import Random
from time import time
from typing import Any, Protocol

from lessons.net.commits import Commits
from lessons.node import Disk, Node, Task, UnknownMessage
from lessons.node.life import Alarm, Life, Send
from lessons.node.message import is_message


class Outlet(Protocol):
    """Where a node's messages go."""

    def pack(self, to: str, number: int, message: Any, answers: int | None) -> Any:
        """Make a parcel of a message, as it is now. Raises AuthorError."""

    def ship(self, parcel: Any) -> None:
        """Put a parcel on its way; it may get lost."""


class Witness(Protocol):
    """Who puts on record what a node does; the methods are named as the events of a trace."""

    def started(self, node: Node) -> None:
        """The node begins."""

    def sent(self, number: int, to: str, message: Any, answers: int | None) -> None:
        """A message was sent."""

    def delivered(self, number: int, sender: str, message: Any) -> None:
        """A message is handled."""

    def fired(self, name: str) -> None:
        """A timer fired."""

    def noted(self, text: str, facts: Mapping[str, Any]) -> None:
        """The author has remarked something."""

    def invoked(self, op: int, name: str, args: tuple[Any, ...]) -> None:
        """A client has begun an operation."""

    def returned(self, op: int, outcome: str, value: Any) -> None:
        """An operation has ended."""

    def looked(self, node: Node) -> None:
        """An event of the node is over: its watched fields may have changed."""


class LiveHost(Life):
    """The ``Host`` of a node in a running asyncio loop, from its start to its end.

    ``commits`` is None for a disk whose syncs take no time. ``witness`` is None for a run of which there is no record.
    An error of the node's code goes to ``failed``: the node has ended then.
    """

    __slots__ = ("_commits", "_failed", "_loop", "_numbers", "_operations", "_outlet", "_witness")

    def __init__(
        self,
        node: Node,
        name: str,
        peers: tuple[str, ...],
        rng: Random,
        disk: Disk,
        born: int,
        outlet: Outlet,
        failed: Callable[[Exception], None],
        commits: Commits | None = None,
        witness: Witness | None = None,
    ) -> None:
        super().__init__(node, name, peers, rng, disk, born)
        self._loop = asyncio.get_running_loop()
        self._outlet, self._failed, self._commits, self._witness = outlet, failed, commits, witness
        self._numbers: Iterator[int] = count(born + 1)
        self._operations: Iterator[int] = count(1)
        self.send = self._make_send()

    @property
    def now(self) -> float:
        """See ``Host.now``."""
        return time()

    @property
    def monotonic(self) -> float:
        """See ``Host.monotonic``."""
        return self._loop.time()

    def begin(self) -> None:
        """Start the node."""
        if self._witness is not None:
            self._witness.started(self.node)
        self._run(self._start, ())

    def _start(self) -> None:
        self.node.enter(self)
        self.go_on(self.node.start())

    # Messages

    def _make_send(self) -> Send:
        """``Host.send``, with all that it needs at hand."""
        pack, ship = self._outlet.pack, self._outlet.ship
        numbers, commits, witness = self._numbers, self._commits, self._witness

        def send(to: str, message: Any, answers: int | None = None) -> int:
            if self.dead:
                return 0
            if not is_message(message):
                raise UnknownMessage(self.name, message)
            number = next(numbers)
            parcel = pack(to, number, message, answers)
            if witness is not None:
                witness.sent(number, to, message, answers)
            if commits is None or commits.open:
                ship(parcel)
            else:
                commits.hold(parcel)
            return number

        return send

    def receive(self, sender: str, number: int, message: Any, answers: int | None) -> None:
        """Handle a message that has arrived: ``number`` is the sender's, ``answers`` one of ours or None."""
        if self.dead:
            return
        witness = self._witness
        if witness is not None:
            witness.delivered(number, sender, message)
        try:
            self.current = event = (None, number, None, sender, message, answers)
            if answers is None or not self.answered(event):
                handler = self.handlers.get(type(message)) or self.find_handler(type(message))
                result = handler(sender, message)
                if result is not None:
                    self.go_on(result)
            if witness is not None:
                witness.looked(self.node)
        except Exception as error:
            self._fail(error)

    # Timers and workflows

    def wake(self, delay: float, sleeper: Task | Alarm) -> None:
        """See ``Life.wake``."""
        if self.dead:
            return
        if delay:
            handle = self._loop.call_later(delay, self._awake, sleeper)
            if isinstance(sleeper, Alarm):
                sleeper.withdraw = handle.cancel  # or the loop would keep each of a follower's timeouts to its end
        else:
            self._loop.call_soon(self._awake, sleeper)

    def _awake(self, sleeper: Task | Alarm) -> None:
        if isinstance(sleeper, Alarm):
            sleeper.withdraw = None  # it and the loop's handle need not keep each other
        if self.dead or sleeper.done:
            return
        if self._witness is not None:
            self._witness.fired(sleeper.name)
        self._run(self._resume, (sleeper,))

    def _resume(self, sleeper: Task | Alarm) -> None:
        self.current = sleeper.context
        nap = sleeper.resume()
        if nap is not None and isinstance(sleeper, Task):
            self.wake(nap, sleeper)

    def _run(self, event: Callable[..., None], args: tuple[Any, ...]) -> None:
        """Run one event of the node to its end; an error of the node's code ends the node."""
        try:
            event(*args)
            if self._witness is not None and not self.dead:
                self._witness.looked(self.node)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        error.add_note(f"(in an event of node {self.name})")
        self.die()
        self._failed(error)

    # The record

    def note(self, text: str, facts: Mapping[str, Any]) -> None:
        """See ``Host.note``."""
        if self._witness is not None and not self.dead:
            self._witness.noted(text, facts)

    def invoke(self, name: str, args: tuple[Any, ...]) -> int:
        """See ``Host.invoke``."""
        number = next(self._operations)
        if self._witness is not None and not self.dead:
            self._witness.invoked(number, name, args)
        return number

    def complete(self, op: int, outcome: str, value: Any) -> None:
        """See ``Host.complete``."""
        if self._witness is not None and not self.dead:
            self._witness.returned(op, outcome, value)
