"""Group commit: one flush of the disk makes durable what many events have written; what they say waits for it.

A node does not wait for its disk. It goes on with the next event, but nothing that it says after a ``sync`` leaves
before that sync is done: whoever listens can't tell it from a node that waits. Nightingale et al. 2006 ("Rethink the
Sync") call this external synchrony. After a crash the disk has a beginning of what was written, with all that
anybody was told of.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Protocol


class Flushed(Protocol):
    """A disk that can be made durable."""

    def flush(self) -> None:
        """Make durable what was written so far."""

    def tidy(self) -> None:
        """Do what a disk does now and then, when it has just been flushed."""


class Commits:
    """What waits for one disk. ``open`` says that nothing does, and what is said may leave at once.

    ``executor`` runs flushes beside the loop, for nodes that share a process; None: the loop itself waits, at the end
    of its turn, which is the quickest when the process has no other node. ``failed`` is told the error of a flush.
    """

    def __init__(
        self,
        loop: AbstractEventLoop,
        disk: Flushed,
        ship: Callable[[Any], None],
        failed: Callable[[Exception], None],
        executor: Executor | None = None,
    ) -> None:
        self._loop, self._disk, self._ship, self._failed = loop, disk, ship, failed
        self._executor = executor
        self._asked = self._done = 0
        self._busy = self._closed = False
        self._held: deque[tuple[int, Any]] = deque()
        self.open = True

    def ask(self) -> None:
        """A sync: have what was written made durable, soon."""
        self._asked += 1
        self.open = False
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._begin)

    def hold(self, parcel: Any) -> None:
        """Keep something that was said until all syncs before it are done."""
        self._held.append((self._asked, parcel))

    async def settle(self) -> None:
        """Flush for the last time, and let go of all that waits. Raises StorageFailed."""
        self._closed = True  # nothing that is under way lets go of anything
        if self._executor is None:
            self._disk.flush()
        else:
            await self._loop.run_in_executor(self._executor, self._disk.flush)
        while self._held:
            self._ship(self._held.popleft()[1])

    def close(self) -> None:
        """Let go of nothing any more: the disk has failed, or the node."""
        self._closed = True
        self._held.clear()

    def _begin(self) -> None:
        """Flush, for all who have asked by now."""
        if self._closed:
            return
        asked = self._asked
        if self._executor is None:
            try:
                self._disk.flush()
            except Exception as error:
                self._failed(error)
            else:
                self._end(asked)
            return
        flushing = self._loop.run_in_executor(self._executor, self._disk.flush)
        flushing.add_done_callback(lambda done: self._flushed(done, asked))

    def _flushed(self, done: Future[None], asked: int) -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, Exception):
            self._failed(error)
        elif not done.cancelled() and not self._closed:
            self._end(asked)

    def _end(self, asked: int) -> None:
        """Let go what waited for the syncs up to ``asked``; begin again if more were asked for meanwhile."""
        self._done = asked
        while self._held and self._held[0][0] <= asked:
            self._ship(self._held.popleft()[1])
        self._busy = self._asked > self._done
        self.open = not self._busy
        if self._busy:
            self._loop.call_soon(self._begin)
        else:
            self._disk.tidy()
