"""One life of a node in the simulated world: what a crash ends (memory, timers, workflows)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from heapq import heappush
from math import inf
from random import Random
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from lessons.node import AuthorError, BadDelay, HandlerMissing, Node, Task, UnknownMessage, UnknownNode, snapshot
from lessons.node.message import IMMUTABLE, handler_name, is_message
from lessons.sim.kernel import Entry

if TYPE_CHECKING:
    from lessons.sim.machine import Machine


Handler = Callable[[str, Any], object]
Send = Callable[..., int]


class SimTimer:
    """A call that waits on the agenda; it comes due as a sleeping workflow does."""

    __slots__ = ("action", "args", "done", "host")
    context = None  # no message is being handled when it fires

    def __init__(self, host: Process, action: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.host, self.action, self.args, self.done = host, action, args, False

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

    def resume(self) -> None:
        """Make the call."""
        self.done = True
        result = self.action(*self.args)
        if result is not None:
            self.host.go_on(result)


class Process:
    """The ``Host`` of a node in the simulator, from one start to the next crash."""

    __slots__ = (
        "_awake", "_kernel", "_world", "attentive", "born", "current", "dead", "disk", "handlers", "lag", "machine",
        "name", "node", "peers", "rng", "send", "tasks", "waiting",
    )  # fmt: skip

    def __init__(self, machine: Machine, node: Node, peers: tuple[str, ...], rng: Random) -> None:
        self.machine, self.node = machine, node
        self.name, self.disk, self.peers, self.rng = machine.name, machine.disk, peers, rng
        self._world, self._kernel = machine.world, machine.world.kernel
        self.born = next(self._kernel.numbers)  # messages of this life have higher numbers
        self.handlers: dict[type, Handler] = {}
        self.waiting: dict[int, Callable[[str, Any], None] | None] = {}
        self.current: Entry | None = None  # the delivery that is being handled
        self.lag = 0.0  # seconds that the handler has spent waiting for its disk
        self.dead = False
        self.attentive = bool(machine.watched)
        self.tasks: dict[Task, None] = {}
        self.send = self._fast_send()
        self._awake = self._fast_awake()

    @property
    def now(self) -> float:
        """See ``Host.now``."""
        return self.machine.clock.read(self._kernel.now + self.lag)

    @property
    def monotonic(self) -> float:
        """See ``Host.monotonic``."""
        return self.machine.clock.monotonic(self._kernel.now + self.lag)

    # Messages

    def _fast_send(self) -> Send:
        """``Host.send``, with all that it needs at hand: half of a run's time is spent here."""
        world, name = self._world, self.name
        traffic, kernel, ports = world.traffic, world.kernel, world.ports
        numbers, agenda, record_all = kernel.numbers, kernel.agenda, kernel.record_all

        def send(to: str, message: Any, answers: int | None = None) -> int:
            quick = traffic.quick
            if quick is None or self.lag or type(message) not in IMMUTABLE:
                return self._send_with_care(to, message, answers)
            try:
                receive = ports[to]
            except KeyError:
                raise UnknownNode(to, list(ports)) from None
            now, number = kernel.now, next(numbers)
            entry = (now + quick(), number, receive, name, message, answers, now)
            heappush(agenda, entry)
            record_all(entry)
            return number

        return send

    def _send_with_care(self, to: str, message: Any, answers: int | None) -> int:
        """Send where the network may do harm, the message may change, or the disk is still busy."""
        if self.dead:
            return 0  # a workflow cleaning up after the crash: nobody hears it
        if not is_message(message):
            raise UnknownMessage(self.name, message)
        port = self._world.port(to)
        number = next(self._kernel.numbers)
        if self.lag:
            time = self._kernel.now + self.lag
            self._kernel.schedule(time, self._depart, number, port, message, answers)
        else:
            self._world.transmit(number, self.name, port, message, answers)
        return number

    def _depart(self, event: Entry) -> None:
        """Put a message on the network that had to wait for the disk, unless a crash came first."""
        if not self.dead and not self.machine.hold(event):
            self._world.transmit(event[3], self.name, *event[4:])

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
        self.waiting[number] = None

    def find_handler(self, kind: type) -> Handler:
        """The node's handler for a class of messages; raises HandlerMissing."""
        name = handler_name(kind)
        if not hasattr(type(self.node), name):
            raise HandlerMissing(self.name, type(self.node).__name__, kind.__name__, name)
        handler: Handler = getattr(self.node, name)
        self.handlers[kind] = handler
        return handler

    def answered(self, event: Entry) -> bool:
        """Give a reply to whoever waits for it; False when it is for a handler.

        The answer to a call of an earlier life comes to a process that never asked: it is ignored.
        """
        asked = event[5]
        if asked not in self.waiting:
            return asked < self.born and not hasattr(self.node, handler_name(type(event[4])))
        answer = self.waiting[asked]
        if answer is not None:
            answer(event[3], event[4])
        return True

    def go_on(self, result: object) -> None:
        """A handler that is a coroutine has begun a workflow."""
        if isinstance(result, CoroutineType):
            self.spawn(result)

    # Timers and workflows

    def after(self, delay: float, action: Callable[..., object], args: tuple[Any, ...]) -> SimTimer:
        """See ``Host.after``."""
        if not 0 <= delay < inf:
            raise BadDelay("the delay of after()", delay)
        timer = SimTimer(self, action, args)
        self.wake(delay, timer)
        return timer

    def wake(self, delay: float, sleeper: Task | SimTimer) -> None:
        """Resume ``sleeper`` after ``delay`` seconds of the node's clock."""
        if not self.dead:
            kernel = self._kernel
            time = kernel.now + self.lag + delay / self.machine.clock.rate
            heappush(kernel.agenda, (time, next(kernel.numbers), self._awake, sleeper))

    def _fast_awake(self) -> Callable[[Entry], None]:
        """What runs a sleeper when it is due, with all that it needs at hand."""
        machine, kernel = self.machine, self._kernel
        clock, numbers, agenda, record_all = machine.clock, kernel.numbers, kernel.agenda, kernel.record_all

        def awake(event: Entry) -> None:
            """Run what is due, a timer or a workflow, unless it was cancelled or the process died."""
            time, _, _, sleeper = event
            if self.dead or sleeper.done:
                return
            if machine.stalled:
                machine.backlog.append(event)
                return
            record_all((sleeper, time))
            self.current = sleeper.context
            nap = sleeper.resume()
            if nap is not None and not self.dead:
                heappush(agenda, (time + self.lag + nap / clock.rate, next(numbers), awake, sleeper))
            if self.attentive:
                machine.leave()

        return awake

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """See ``Host.spawn``."""
        task = Task(self, coroutine, self.current)
        self.tasks[task] = None
        self.run(task)
        return task

    def run(self, task: Task) -> None:
        """See ``Host.run``."""
        before, self.current = self.current, task.context
        try:
            nap = task.resume()
            if nap is not None:
                self.wake(nap, task)
        finally:
            self.current = before

    def ended(self, task: Task) -> None:
        """See ``Runner.ended``."""
        self.tasks.pop(task, None)

    def die(self) -> None:
        """End this life: nothing of it runs any more, and nothing it still says is heard."""
        self.dead, self.lag = True, inf
        for task in list(self.tasks):  # cleaning up may end or begin others
            task.abandon()
        self.tasks.clear()
        self.waiting.clear()

    # The record

    def note(self, text: str, facts: Mapping[str, Any]) -> None:
        """See ``Host.note``."""
        if not self.dead:
            self._world.put("note", self.name, text, snapshot(facts))

    def invoke(self, name: str, args: tuple[Any, ...]) -> int:
        """See ``Host.invoke``."""
        number = next(self._world.operations)
        if not self.dead:
            self._world.put("invoke", self.name, number, name, snapshot(args))
        return number

    def complete(self, op: int, outcome: str, value: Any) -> None:
        """See ``Host.complete``."""
        if not self.dead:
            self._world.put("return", self.name, op, outcome, snapshot(value))
