"""Workflows: coroutines that run on a node's messages and timers, in every world alike.

A workflow is an ``async def`` that awaits ``sleep``, ``call``, ``gather``, a ``Future`` or another
workflow. It is resumed by the node's own events only, one at a time: between two awaits nothing else
runs on that node.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from inspect import isawaitable
from types import CoroutineType, GeneratorType
from typing import Any, Generic, Protocol, TypeVar

from lessons.node.errors import AuthorError, Cancelled

T = TypeVar("T")


class Future(Generic[T]):
    """A value that is not there yet; workflows await it, anyone sets it, once."""

    __slots__ = ("_callbacks", "_error", "_value", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._callbacks: tuple[Callable[[], None], ...] = ()

    def set(self, value: T) -> None:
        """Give the value; whoever waits goes on. Later calls change nothing."""
        if not self.done:
            self.done, self._value = True, value
            self._tell()

    def fail(self, error: BaseException) -> None:
        """Make whoever waits see ``error`` instead of a value. Later calls change nothing."""
        if not self.done:
            self.done, self._error = True, error
            self._tell()

    def _tell(self) -> None:
        callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            callback()

    def then(self, callback: Callable[[], None]) -> None:
        """Call back once the value is there: at once, if it is there already."""
        if self.done:
            callback()
        else:
            self._callbacks += (callback,)

    def forget(self, callback: Callable[[], None]) -> None:
        """Call back no more; harmless when it was called already."""
        self._callbacks = tuple(each for each in self._callbacks if each != callback)

    def result(self) -> T:
        """The value; raises the error if it failed, AuthorError if it is not there yet."""
        if not self.done:
            raise AuthorError("this future has no value yet: await it")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            yield self
        return self.result()


class Runner(Protocol):
    """What a task needs from its host."""

    name: str

    def run(self, task: Task) -> None:
        """Resume ``task`` within the event that is being handled, and again when it has slept."""

    def ended(self, task: Task) -> None:
        """Let go of ``task``: it will not run again."""


class Task(Future[Any]):
    """A running workflow; awaiting it gives what it returns."""

    __slots__ = ("_coroutine", "_waiting_for", "cancelled", "context", "host", "name", "plain", "step")

    def __init__(self, host: Runner, coroutine: Coroutine[Any, Any, Any], context: Any) -> None:
        if not isinstance(coroutine, CoroutineType | GeneratorType) or not isawaitable(coroutine):
            raise AuthorError(f"{host.name} spawns {coroutine!r}: hand over the call of an async method, self.work()")
        super().__init__()
        self.host = host
        self._coroutine = coroutine
        self.step: Callable[[None], Any] = coroutine.send  # runs to the next await, and returns what is awaited there
        self._waiting_for: Future[Any] | None = None
        self.cancelled = False
        self.plain = False  # set by a host that need look at nothing between two steps, until this is over
        self.name = getattr(coroutine, "__name__", "workflow")
        self.context = context  # the message whose handler began this workflow: replies go there

    def resume(self) -> float | None:
        """Run to the next await; return the seconds to sleep there, None for any other wait or the end.

        That is ``step``, and then ``stopped`` or ``settle``: a host may do the three by itself, to save a call.
        """
        try:
            wanted = self.step(None)
        except Exception as error:
            self.stopped(error)
            return None
        return self.settle(wanted)

    def stopped(self, error: Exception) -> None:
        """What a step raised is the end: of a workflow that returns, or of one that failed."""
        if isinstance(error, StopIteration):
            self.set(error.value)
        else:
            self._failed(error)

    def settle(self, wanted: Any) -> float | None:
        """Wait for what a step returned; if that is sleep, return the seconds."""
        if self.done:
            return None  # the step has ended what was cancelled
        if self.cancelled:
            self._unwind()  # it was cancelled while it ran, perhaps by itself
            return None
        if type(wanted) is float:
            return wanted
        self._wait_for(wanted)
        return None

    def _failed(self, error: Exception) -> None:
        awaited = bool(self._callbacks)
        self.fail(error)
        if not awaited:  # nobody will ever see it: don't lose it
            raise error

    def _tell(self) -> None:
        self.plain = False
        self.host.ended(self)
        super()._tell()

    def _wait_for(self, future: Any) -> None:
        if not isinstance(future, Future):
            raise AuthorError(
                f"workflow {self.name} awaits {future!r}: await self.sleep, self.call, self.gather, "
                "a Future or another workflow (asyncio's awaitables need a real clock)"
            )
        if future is self:
            raise AuthorError(f"workflow {self.name} awaits its own task: it would wait for ever")
        self._waiting_for = future
        future.then(self._arrived)

    def _arrived(self) -> None:
        if self._waiting_for is not None:  # else one that the same future woke before it has cancelled it
            self._waiting_for = None
            self.host.run(self)

    def cancel(self) -> None:
        """Raise ``Cancelled`` inside the workflow at its await; it may clean up, not go on waiting.

        If it is running, because it cancels itself, say, that is at its next await.
        """
        if self.done:
            return
        if self._waiting_for is not None:
            self._waiting_for.forget(self._arrived)
            self._waiting_for = None
        self.cancelled, self.plain, self.step = True, False, self._unwind
        if not _is_running(self._coroutine):
            self.host.run(self)

    def _unwind(self, _: None = None) -> None:
        error = Cancelled(f"workflow {self.name} was cancelled")
        try:
            self._coroutine.throw(error)
        except (Cancelled, StopIteration):
            pass
        except Exception as failure:
            self._failed(failure)
        else:
            self._coroutine.close()
        self.fail(error)

    def abandon(self) -> None:
        """End with the process: not resumed any more, whoever waits is not told."""
        self.done = True
        self._callbacks, self._waiting_for = (), None
        with suppress(Exception):  # what it does to clean up is of no consequence
            self._coroutine.close()


def _is_running(coroutine: Any) -> bool:
    """Whether it is being resumed at this moment; what ``sleep`` returns is a generator that can be awaited."""
    return bool(coroutine.cr_running if isinstance(coroutine, CoroutineType) else coroutine.gi_running)
