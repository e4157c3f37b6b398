"""What a world offers to a node: the only way from a protocol to time, network, disk and chance."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, Protocol

from lessons.node.workflow import Task


class Disk(Protocol):
    """A node's durable storage: a table of values and byte files, with the semantics of fsync.

    What was written is there for this process at once; it survives a crash for certain only once a
    ``sync`` that came after it has returned. Before that a crash may keep, lose, reorder or tear it.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """The value last put under ``key``, or ``default``."""

    def put(self, key: str, value: Any) -> None:
        """Store plain data (numbers, texts, bytes, lists, dicts, messages) under ``key``."""

    def delete(self, key: str) -> None:
        """Forget ``key``; nothing happens when it is not there."""

    def keys(self) -> list[str]:
        """All keys, sorted."""

    def read(self, name: str) -> bytes:
        """The content of file ``name``; empty when there is no such file."""

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Overwrite or extend file ``name`` from byte ``offset`` on, creating it if need be."""

    def append(self, name: str, data: bytes) -> None:
        """Write at the end of file ``name``."""

    def truncate(self, name: str, size: int) -> None:
        """Cut file ``name`` to ``size`` bytes."""

    def rename(self, old: str, new: str) -> None:
        """Give file ``old`` the name ``new``, replacing what was there; atomic, durable after sync."""

    def remove(self, name: str) -> None:
        """Delete file ``name``; nothing happens when it is not there."""

    def files(self) -> list[str]:
        """Names of all files, sorted."""

    def sync(self) -> None:
        """Make everything written so far durable; takes the time that the disk needs."""


class Timer(Protocol):
    """A pending call, made by ``Node.after`` or ``Node.every``."""

    def cancel(self) -> None:
        """Make sure that it does not fire (any more); harmless when it already did."""

    @property
    def active(self) -> bool:
        """Whether it may still fire."""


class Host(Protocol):
    """One life of a node, as its world sees it: from a start to the next crash."""

    name: str
    peers: tuple[str, ...]
    rng: Random

    @property
    def disk(self) -> Disk:
        """This node's durable storage."""

    @property
    def now(self) -> float:
        """This node's own time of day, in seconds; it may be wrong, drift, and jump."""

    @property
    def monotonic(self) -> float:
        """Seconds on this node's clock for durations; it may drift, but never jumps."""

    def send(self, to: str, message: Any, answers: int | None = None) -> int:
        """Hand a message to the network and return its number."""

    def reply(self, message: Any) -> None:
        """Send ``message`` to whoever sent the message that is being handled."""

    def after(self, delay: float, action: Callable[..., object], args: tuple[Any, ...]) -> Timer:
        """Call ``action(*args)`` after ``delay`` seconds of this node's clock."""

    def run(self, task: Task) -> None:
        """Resume a workflow within the event that is being handled; if it sleeps then, again after that."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """Begin a workflow; it runs to its first await before this returns."""

    def expect(self, number: int, answer: Callable[[str, Any], None]) -> None:
        """Give answers to message ``number`` to ``answer(sender, message)``, not to a handler."""

    def forget(self, number: int) -> None:
        """Expect no answer to message ``number`` any more; a late one is received, and goes to nobody."""

    def note(self, text: str, facts: Mapping[str, Any]) -> None:
        """Put a remark of the protocol's author on record."""

    def invoke(self, name: str, args: tuple[Any, ...]) -> int:
        """Put on record that a client begins an operation; returns the operation's number."""

    def complete(self, op: int, outcome: str, value: Any) -> None:
        """Put on record how operation ``op`` ended for its client."""
