"""One life of a node, alike in every world: its handlers, the answers that it waits for, its timers, its workflows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from math import inf
from random import Random
from types import CoroutineType, GeneratorType
from typing import Any

from lessons.node.bounds import seconds
from lessons.node.errors import AuthorError, HandlerMissing
from lessons.node.host import Disk
from lessons.node.message import handler_name, is_message
from lessons.node.node import Node, check_action
from lessons.node.workflow import Task

#: A message that arrives; places 1, 3, 4 and 5 are its number, sender, content, and the number that it answers or None.
Delivery = tuple[Any, ...]
Handler = Callable[[str, Any], object]
Send = Callable[..., int]


MOST_REMEMBERED = 10_000  # calls that are over
DEEPEST = 50  # workflows that resume each other within one event; the next goes on right after it


class Alarm:
    """A call that a host makes later; it comes due as a sleeping workflow does."""

    __slots__ = ("action", "args", "done", "host", "withdraw")
    context = None  # no message is being handled when it fires

    def __init__(self, host: Life, action: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.host, self.action, self.args, self.done = host, action, args, False
        self.withdraw: Callable[[], None] | None = None  # what a world does when it is cancelled, if anything

    @property
    def name(self) -> str:
        """What the transcript calls it: the name of the method it calls."""
        return getattr(self.action, "__name__", type(self.action).__name__).lstrip("_")

    @property
    def active(self) -> bool:
        """See ``Timer.active``."""
        return not self.done

    def cancel(self) -> None:
        """See ``Timer.cancel``."""
        self.done = True
        if self.withdraw is not None:
            self.withdraw()

    def resume(self) -> None:
        """Make the call."""
        self.done = True
        result = self.action(*self.args)
        if result is not None:
            self.host.go_on(result)


class Life(ABC):
    """What a ``Host`` does in every world; a world adds clocks, network, disk and record.

    ``born`` is a number below those of all messages of this life. A world sets ``send``, which is ``Host.send``.
    """

    __slots__ = (
        "born", "current", "dead", "depth", "disk", "handlers", "name", "node", "peers", "rng", "room", "send",
        "settled", "tasks", "waiting",
    )  # fmt: skip

    send: Send

    def __init__(self, node: Node, name: str, peers: tuple[str, ...], rng: Random, disk: Disk, born: int) -> None:
        self.node, self.name, self.peers, self.rng, self.disk = node, name, peers, rng, disk
        self.born = self.settled = born  # nobody waits for answers to messages up to here, but those in waiting
        self.room = MOST_REMEMBERED
        self.handlers: dict[type, Handler] = {}
        self.waiting: dict[int, Callable[[str, Any], None] | None] = {}
        self.current: Delivery | None = None  # the delivery that is being handled
        self.dead = False
        self.depth = 0  # of workflows that resume each other
        self.tasks: dict[Task, None] = {}

    @abstractmethod
    def wake(self, delay: float, sleeper: Task | Alarm) -> None:
        """Resume ``sleeper`` after ``delay`` seconds of the node's clock."""

    # Messages

    def reply(self, message: Any) -> None:
        """See ``Host.reply``."""
        asked = self.current
        if asked is None:
            raise AuthorError(
                f"{self.name} replies with {message!r}, but no message is being handled: reply in "
                "a message handler or in a workflow that it began, else send"
            )
        self.send(asked[3], message, asked[1])

    def expect(self, number: int, answer: Callable[[str, Any], None]) -> None:
        """See ``Host.expect``."""
        self.waiting[number] = answer

    def forget(self, number: int) -> None:
        """See ``Host.forget``."""
        self.waiting[number] = None  # so that an answer that comes late is no surprise
        if len(self.waiting) > self.room:
            self._settle()

    def _settle(self) -> None:
        """Remember the younger half of the calls that are over: who remembered all would never have enough memory."""
        over = [number for number, answer in self.waiting.items() if answer is None]
        older = over[: len(over) // 2]
        for number in older:
            del self.waiting[number]
        self.settled = max([self.settled, *older])
        self.room = len(self.waiting) + MOST_REMEMBERED // 2

    def find_handler(self, kind: type) -> Handler:
        """The node's handler for a class of messages; raises HandlerMissing."""
        name = handler_name(kind)
        if not hasattr(type(self.node), name):
            raise HandlerMissing(self.name, type(self.node).__name__, kind.__name__, name)
        handler: Handler = getattr(self.node, name)
        self.handlers[kind] = handler
        return handler

    def answered(self, event: Delivery) -> bool:
        """Give a reply to whoever waits for it; False when it is for a handler.

        The answer to a call of an earlier life comes to a process that never asked: it is ignored. So is one to a call
        that was over long ago.
        """
        asked = event[5]
        if asked not in self.waiting:
            return asked <= self.settled and not hasattr(self.node, handler_name(type(event[4])))
        answer = self.waiting[asked]
        if answer is not None:
            answer(event[3], event[4])
        return True

    def go_on(self, result: object) -> None:
        """A handler that is a coroutine has begun a workflow; raises AuthorError for what nobody would hear of."""
        if isinstance(result, CoroutineType):
            self.spawn(result)
        elif isinstance(result, GeneratorType):
            raise AuthorError(
                f"{result.__name__} of {self.name} is a generator, which nobody runs: write async def, and await in it"
            )
        elif is_message(result):
            raise AuthorError(f"{self.name} returns {result!r}, which nobody gets: hand it to self.reply or self.send")

    # Timers and workflows

    def after(self, delay: float, action: Callable[..., object], args: tuple[Any, ...]) -> Alarm:
        """See ``Host.after``."""
        if not (type(delay) is float and 0.0 <= delay < inf):
            delay = seconds("the delay of after()", delay)
        check_action(action)
        timer = Alarm(self, action, args)
        self.wake(delay, timer)
        return timer

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """See ``Host.spawn``."""
        task = Task(self, coroutine, self.current)
        if self.dead:
            task.abandon()
        else:
            self.tasks[task] = None
            self.run(task)
        return task

    def run(self, task: Task) -> None:
        """See ``Host.run``; what another does to clean up after the end of this life resumes nobody.

        Of workflows that resume each other in a chain, Python's stack bears only so many in one event.
        """
        if self.dead:
            return
        if self.depth == DEEPEST:
            self.wake(0.0, task)
            return
        before, self.current = self.current, task.context
        self.depth += 1
        try:
            nap = task.resume()
            if nap is not None:
                self.wake(nap, task)
        finally:
            self.depth -= 1
            self.current = before

    def ended(self, task: Task) -> None:
        """See ``Runner.ended``."""
        self.tasks.pop(task, None)

    def die(self) -> None:
        """End this life: nothing of it runs any more, and nothing it still says is heard."""
        self.dead = True
        for task in list(self.tasks):  # cleaning up may end others
            task.abandon()
        self.tasks.clear()
        self.waiting.clear()
