"""Node: the state machine that a protocol's author writes, and all that it can do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterable
from math import inf
from random import Random
from types import coroutine
from typing import Any, ClassVar

from lessons.node.bounds import LEAST, seconds
from lessons.node.errors import AuthorError, TimedOut
from lessons.node.host import Disk, Host, Timer
from lessons.node.workflow import Future, Task


class Node:
    """A participant of a protocol: handlers for messages and timers, run one at a time.

    A subclass handles a message class ``Add`` in ``on_add(self, sender, add)``; a handler may be a
    coroutine. It does no I/O and reads no clock and no chance but its own: ``now``, ``rng``,
    ``disk``. ``watched`` names the fields whose changes enter the trace.

    A world sets ``name``, ``peers`` (the other nodes, sorted; clients are not among them), ``rng``
    and ``disk`` before ``start`` is called. After a crash a world makes a new instance with the same
    arguments: memory is gone, ``disk`` holds what was synced.
    """

    watched: ClassVar[tuple[str, ...]] = ()
    _given: ClassVar = frozenset({"name", "peers", "rng", "disk", "send"})  # by the world, in the place of all else

    name: str
    peers: tuple[str, ...]
    rng: Random
    disk: Disk
    _host: Host
    send: Callable[[str, Any], Any]

    def __init_subclass__(cls) -> None:
        if isinstance(cls.watched, str):
            raise AuthorError(f"{cls.__name__}.watched is {cls.watched!r}: write a tuple, ({cls.watched!r},)")
        cls._refuse_given(vars(cls).keys())

    @classmethod
    def _refuse_given(cls, names: Iterable[str]) -> None:
        for name in sorted(cls._given.intersection(names)):
            raise AuthorError(f"{cls.__name__} sets {name}, which its world gives to every node: use another name")

    def start(self) -> object:
        """Called once when the node's process begins, also after a crash; it may be a coroutine."""

    def enter(self, host: Host) -> None:
        """Join a world: called by the world, once, before ``start``. Raises AuthorError for a name that is taken."""
        self._refuse_given(name for name in self._given if hasattr(self, name))  # vars(self) would make it slow
        self._host = host
        self.name, self.peers, self.rng, self.disk = host.name, host.peers, host.rng, host.disk
        self.send = host.send

    @property
    def now(self) -> float:
        """This node's time of day, in seconds. It may be wrong, drift, and jump forward or back."""
        return self._host.now

    @property
    def monotonic(self) -> float:
        """Seconds on this node's clock for durations: it may drift, but never jumps; its zero means nothing."""
        return self._host.monotonic

    # Messages

    def reply(self, message: Any) -> None:
        """Answer the message being handled; the sender's ``call`` returns it, if it made one."""
        self._host.reply(message)

    def broadcast(self, message: Any, to: Iterable[str] | None = None) -> None:
        """Send ``message`` to each of ``to`` (all peers unless given), in that order."""
        for name in self.peers if to is None else to:
            self._host.send(name, message)

    # Timers

    def after(self, delay: float, action: Callable[..., object], *args: Any) -> Timer:
        """Call ``action(*args)`` once, ``delay`` seconds from now on this node's clock.

        Raises BadDelay, TypeError for an action that can't be called. The timer dies with the node's process.
        """
        return self._host.after(delay, action, args)

    def every(self, interval: float, action: Callable[..., object], *args: Any) -> Timer:
        """Call ``action(*args)`` every ``interval`` seconds, first one interval from now.

        Raises BadDelay, also for an interval of 0, TypeError for an action that can't be called.
        """
        return Repeating(self._host, seconds("the interval of every()", interval, LEAST), action, args)

    # Workflows

    def spawn(self, workflow: Coroutine[Any, Any, Any]) -> Task:
        """Begin ``workflow`` beside the handlers; it runs to its first await before this returns."""
        return self._host.spawn(workflow)

    @coroutine
    def sleep(self, delay: float) -> Generator[float, None, None]:
        """Wait ``delay`` seconds on this node's clock (``await self.sleep(0.5)``). Raises BadDelay."""
        if type(delay) is float and 0.0 <= delay < inf:
            yield delay
        else:
            yield seconds("the delay of sleep()", delay)

    async def call(self, to: str, message: Any, timeout: float | None = None) -> Any:
        """Send ``message`` and wait for its reply, at most ``timeout`` seconds; raises TimedOut.

        Without a timeout it waits for ever if the message or its reply is lost.
        """
        answers = await self.gather([to], message, first=1, timeout=timeout)
        return answers[to]

    async def gather(
        self,
        to: Iterable[str],
        message: Any,
        first: int | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Send ``message`` to each of ``to`` and wait for the ``first`` answers (all unless given).

        Returns the answers by sender, in order of arrival. Raises TimedOut, which carries the
        answers so far, when fewer came within ``timeout`` seconds; ValueError when ``first`` is
        more than there are nodes to ask, or a node is named twice.
        """
        asked = list(to)
        if len(set(asked)) < len(asked):
            raise ValueError(f"to is {asked!r}: name each node once")
        wanted = len(asked) if first is None else first
        if not 0 <= wanted <= len(asked):
            raise ValueError(f"first is {first!r}: it must be 0 to {len(asked)}, the nodes asked")
        limit = None if timeout is None else seconds("the timeout", timeout)
        poll = Poll(self._host, asked, message, wanted)
        if limit is not None:
            what = f"{type(message).__name__} to {', '.join(asked)}"
            poll.limit(limit, what)
        try:
            return await poll.answers
        finally:
            poll.close()

    # The record

    def note(self, text: str, **facts: Any) -> None:
        """Put a remark into the trace: a text and facts by name, for the reader of the run."""
        self._host.note(text, facts)


def check_action(action: object) -> None:
    """Raise TypeError for what can't be called, such as the result of a call."""
    if not callable(action):
        raise TypeError(f"action is {action!r}: give the method itself, self.tick, and not a call of it, self.tick()")


class Repeating:
    """A timer that starts itself anew each time it fires."""

    def __init__(
        self, host: Host, interval: float, action: Callable[..., object], args: tuple[Any, ...]
    ) -> None:
        check_action(action)
        self._host, self._interval = host, interval
        self._action, self._args = action, args
        self.__name__ = getattr(action, "__name__", type(action).__name__)
        self._next = host.after(interval, self, ())

    def __call__(self) -> object:
        self._next = self._host.after(self._interval, self, ())
        return self._action(*self._args)

    def cancel(self) -> None:
        """Stop firing."""
        self._next.cancel()

    @property
    def active(self) -> bool:
        """Whether it fires again."""
        return self._next.active


class Poll:
    """One question to several nodes, and the answers to it as they come in."""

    def __init__(self, host: Host, asked: list[str], message: Any, wanted: int) -> None:
        self.answers: Future[dict[str, Any]] = Future()
        self._host, self._wanted = host, wanted
        self._came: dict[str, Any] = {}
        self._timer: Timer | None = None
        self._numbers = [host.send(name, message) for name in asked]
        for number in self._numbers:
            host.expect(number, self._take)
        self._look()

    def limit(self, timeout: float, what: str) -> None:
        """Give up after ``timeout`` seconds."""
        self._timer = self._host.after(timeout, self._give_up, (what, timeout))

    def _take(self, sender: str, message: Any) -> None:
        self._came[sender] = message
        self._look()

    def _look(self) -> None:
        if len(self._came) >= self._wanted:
            self.answers.set(self._came)

    def _give_up(self, what: str, timeout: float) -> None:
        self.answers.fail(TimedOut(what, timeout, self._came))

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        for number in self._numbers:
            self._host.forget(number)
