"""A link: what waits to be sent to one node, and the connection that it goes out by, when there is one.

What waits is bounded, and what has waited longest is dropped: a node that is slow or away costs the others nothing
but that, and protocols count on loss.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections import Counter, deque
from typing import Protocol

from lessons.net.frames import MOST, framed

ROOM = 8 * 1024 * 1024  # bytes that may wait for one node


class Way(Protocol):
    """A connection that is ready for messages."""

    clogged: bool

    def write(self, data: bytes) -> None:
        """Send bytes; it is ``clogged`` when it would rather have no more for now."""


class Link:
    """Messages for one node, as texts; all of one turn of the loop go out in one frame, if it holds them."""

    __slots__ = ("_loop", "_most", "_room", "_scheduled", "_size", "_waiting", "counts", "way")

    def __init__(self, loop: AbstractEventLoop, counts: Counter[str], room: int = ROOM, most: int = MOST) -> None:
        self._loop, self.counts, self._room, self._most = loop, counts, room, most
        self._waiting: deque[str] = deque()
        self._size = 0
        self._scheduled = False
        self.way: Way | None = None

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def push(self, text: str) -> None:
        """Send a message, in this turn of the loop or as soon as there is a connection."""
        self._waiting.append(text)
        self._size += len(text) + 1
        if self._size > self._room:
            self._shed()
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def _shed(self) -> None:
        """Drop what has waited longest, until the rest has room."""
        while self._size > self._room:
            self._size -= len(self._waiting.popleft()) + 1
            self.counts["dropped, no room"] += 1

    def flush(self) -> None:
        """Send what waits, if the connection takes it."""
        self._scheduled = False
        way = self.way
        while way is not None and not way.clogged and self._waiting:
            way.write(self._frame())

    def _frame(self) -> bytes:
        """The next frame: everything, or as much as fits."""
        waiting = self._waiting
        if self._size + 2 <= self._most:
            texts, self._size = [*waiting], 0
            waiting.clear()
        else:
            texts = self._some()
        self.counts["sent"] += len(texts)
        return framed(f"[{','.join(texts)}]".encode())

    def _some(self) -> list[str]:
        """The messages that fit into a frame, one at least: longer ones were never let in."""
        texts = [self._waiting.popleft()]
        size = len(texts[0]) + 1
        while self._waiting and size + len(self._waiting[0]) + 3 <= self._most:
            texts.append(self._waiting.popleft())
            size += len(texts[-1]) + 1
        self._size -= size
        return texts

    def close(self) -> None:
        """Nothing of what waits will go out."""
        if self._waiting:
            self.counts["dropped, gone"] += len(self._waiting)
        self._waiting.clear()
        self._size, self.way = 0, None
