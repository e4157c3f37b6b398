"""One life of a node in the simulated world: what a crash ends (memory, timers, workflows)."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappush
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any

from lessons.node import Node, Task, UnknownMessage, UnknownNode, snapshot
from lessons.node.life import Alarm, Life, Send
from lessons.node.message import IMMUTABLE, is_message
from lessons.sim.kernel import Deed, Entry

if TYPE_CHECKING:
    from lessons.sim.machine import Machine


class Process(Life):
    """The ``Host`` of a node in the simulator, from one start to the next crash."""

    __slots__ = ("_kernel", "_world", "attentive", "lag", "machine")

    def __init__(self, machine: Machine, node: Node, peers: tuple[str, ...], rng: Random) -> None:
        super().__init__(node, machine.name, peers, rng, machine.disk, next(machine.world.kernel.numbers))
        self.machine = machine
        self._world, self._kernel = machine.world, machine.world.kernel
        self.lag = 0.0  # seconds that the handler has spent waiting for its disk
        self.attentive = bool(machine.watched) or machine.clock.rate != 1.0  # see heed
        self.send = self._fast_send()

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
        numbers, agenda, record = kernel.numbers, kernel.agenda, kernel.log.extend

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
            record(entry)
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

    # Timers and workflows

    def wake(self, delay: float, sleeper: Task | Alarm) -> None:
        """See ``Life.wake``."""
        if not self.dead:
            kernel = self._kernel
            time = kernel.now + self.lag + delay / self.machine.clock.rate
            heappush(kernel.agenda, (time, next(kernel.numbers), self.awake, sleeper))

    def awake(self, event: Entry) -> Entry | None:
        """Run what is due, a timer or a workflow, unless it was cancelled, the process died or the machine is busy.

        Returns when it is due again, if it is and if that is all there is to do.
        """
        time, _, _, sleeper = event
        if self.dead or sleeper.done:
            return None
        if self.machine.stalled:
            self.machine.backlog.append(event)
            return None
        self._kernel.log.extend((sleeper, time))
        self.current = sleeper.context
        nap = sleeper.resume()
        if nap is not None and not self.attentive:
            return time + nap, next(self._kernel.numbers), self._fast_awake(sleeper), sleeper
        self._rest(nap, sleeper)
        return None

    def _rest(self, nap: float | None, sleeper: Task | Alarm) -> None:
        """Let ``sleeper`` sleep for ``nap`` seconds, if it wants to, and see what has changed."""
        if nap is not None:
            self.wake(nap, sleeper)
        if self.attentive:
            self.machine.leave()

    def _fast_awake(self, task: Task) -> Deed:
        """``awake`` for a workflow that sleeps again and again, with all that it needs at hand."""
        numbers, record, step, context = self._kernel.numbers, self._kernel.log.append, task.step, task.context
        task.plain = True

        def awake(event: Entry) -> Entry | None:
            if not task.plain:
                return self.awake(event)
            time = event[0]
            record(task)
            record(time)
            self.current = context
            try:
                wanted = step(None)
            except Exception as error:
                task.stopped(error)
                nap = None
            else:
                if type(wanted) is float and task.plain:
                    return time + wanted, next(numbers), event[2], task
                nap = task.settle(wanted)
            self._rest(nap, task)
            return None

        return awake

    def heed(self) -> None:
        """From now on look at the machine after each event: there is more to do than what the node does itself."""
        if self.attentive:
            return
        self.attentive = True
        for task in self.tasks:
            task.plain = False

    def die(self) -> None:
        """See ``Life.die``."""
        self.lag = inf
        self.heed()
        super().die()

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
