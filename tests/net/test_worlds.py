"""The same node in the simulator and on TCP: it sees the same, says the same and keeps the same, event by event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lessons.net import Recorder, Station, Vocabulary
from lessons.net.merge import read_trace
from lessons.node import AuthorError, Cancelled, Client, Future, HandlerMissing, Node, TimedOut, UnknownMessage
from lessons.sim import Constant, DiskModel, Link, Simulation
from lessons.trace import Delivered, Event, Fired, Sent, Trace
from tests.net.places import Ping, Pong, Text, client_of, setups, until

WORDS = Vocabulary([Ping, Pong, Text])


class Server(Node):
    """Uses everything that a node can use."""

    watched = ("count", "life")

    def start(self) -> None:
        self.count = self.disk.get("count", 0)
        self.life = self.disk.get("life", 0) + 1
        self.disk.put("life", self.life)
        self.disk.append("lives", b"%d" % self.life)
        self.disk.sync()

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.count += ping.number
        self.disk.put("count", self.count)
        self.note("counts", total=self.count)
        self.disk.sync()
        self.reply(Pong(self.count))

    async def on_text(self, sender: str, text: Text) -> None:
        """Answers after a while, as a workflow, when a helper and a timer are through."""
        steps: list[str] = []
        helper = self.spawn(self.help_out(steps))
        done: Future[str] = Future()
        self.after(0.002, done.set, text.text)
        doomed = self.spawn(self.wait_for_ever(steps))
        await helper
        doomed.cancel()
        self.reply(Text(f"{await done}: {', '.join(steps)}"))

    async def help_out(self, steps: list[str]) -> None:
        steps.append("first")
        await self.sleep(0.001)
        steps.append("second")

    async def wait_for_ever(self, steps: list[str]) -> None:
        try:
            await Future()
        except Cancelled:
            steps.append("cancelled")
            raise


class Asker(Client):
    """Calls, gathers, waits in vain, sends and is answered by a handler."""

    watched = ("told",)

    def start(self) -> None:
        self.told: tuple[Any, ...] = ()
        super().start()

    async def session(self) -> None:
        self.told += ((await self.call("n1", Ping(2))).number,)
        both = await self.gather(["n1", "n2"], Ping(3))
        self.told += (sorted((name, pong.number) for name, pong in both.items()),)
        self.told += ((await self.call("n2", Text("late"))).text,)
        operation = self.begin("wait", "in vain")
        try:
            await self.call("n2", Pong(1), timeout=0.05)
        except TimedOut as late:
            operation.unknown(str(late))
        self.send("n1", Ping(10))

    def on_pong(self, server: str, pong: Pong) -> None:
        self.told += (pong.number,)


class Patient(Server):
    """Hears of a pong, and does nothing about it."""

    def on_pong(self, sender: str, pong: Pong) -> None:
        pass


def simulated() -> Trace:
    sim = Simulation(1, network=Link(Constant(0.001)), disk=DiskModel(sync=0.001))
    sim.add(["n1", "n2"], Patient)
    sim.add("ann", Asker)
    return sim.run(until=1.0)


def real(folder: Path) -> Trace:
    async def run() -> None:
        places = setups("n1", "n2", folder=folder, vocabulary=WORDS)
        records = {name: Recorder(folder / "records", name, WORDS.values) for name in ("n1", "n2", "ann")}
        stations = {name: Station(place, Patient, witness=records[name]) for name, place in places.items()}
        stations["ann"] = Station(client_of(places["n1"], "ann"), Asker, witness=records["ann"])
        for station in stations.values():
            await station.start()
        await until(lambda: not stations["ann"].busy and 15 in stations["ann"].node.told)
        for station in stations.values():
            await station.stop()
        for record in records.values():
            record.close()

    asyncio.run(run())
    return read_trace(folder / "records", WORDS.values)


def story(trace: Trace, node: str) -> list[str]:
    """What a node saw, without times, numbers of messages, and timers, whose order with messages is chance's."""
    return [told(event) for event in trace.events if event.node == node and not isinstance(event, Fired)]


def told(event: Event) -> str:
    match event:
        case Sent():
            return f"sends {event.message} to {event.to}"
        case Delivered():
            return f"receives {event.message} from {event.sender}"
    return event.sentence()


def test_a_node_lives_the_same_life_in_both_worlds(tmp_path: Path) -> None:
    one, other = simulated(), real(tmp_path)
    for node in ("n1", "n2"):
        assert story(other, node) == story(one, node)
    assert {node: sorted(story(other, node)) for node in ("ann",)} == {"ann": sorted(story(one, "ann"))}
    assert [(op.name, op.args, op.outcome, op.value) for op in other.history()] == [
        (op.name, op.args, op.outcome, op.value) for op in one.history()
    ]
    assert one.nodes == other.nodes and one.clients == other.clients and one.watched == other.watched


def test_the_trace_of_a_real_run_has_every_cause_before_its_effect_and_can_be_played(tmp_path: Path) -> None:
    trace = real(tmp_path)
    for event in trace.only(Delivered):
        sent = trace[event.sent]
        assert isinstance(sent, Sent) and sent.index < event.index and sent.arrives == event.time >= sent.time
    answers = [trace[sent.answers] for sent in trace.only(Sent) if sent.answers is not None]
    assert len(answers) >= 5 and all(isinstance(asked, Sent) for asked in answers)
    assert sorted(json.loads(trace.to_json())["nodes"]) == ["ann", "n1", "n2"]


class Handlerless(Node):
    """Understands nothing."""


class SendsNonsense(Node):
    def start(self) -> None:
        self.send("n1", "hello")


class RepliesToNobody(Node):
    def start(self) -> None:
        self.reply(Pong(1))


class FailsLater(Node):
    async def start_soon(self) -> None:
        await self.sleep(0.001)
        raise ZeroDivisionError("later")

    def start(self) -> None:
        self.spawn(self.start_soon())


class Pinger(Node):
    def start(self) -> None:
        self.send("n1", Ping())


@pytest.mark.parametrize(
    ("makes", "error"),
    [
        ({"n1": Handlerless, "n2": Pinger}, HandlerMissing),
        ({"n1": SendsNonsense}, UnknownMessage),
        ({"n1": RepliesToNobody}, AuthorError),
        ({"n1": FailsLater}, ZeroDivisionError),
    ],
)
def test_errors_of_authors_are_the_same_in_both_worlds(
    makes: dict[str, Callable[[], Node]], error: type[Exception]
) -> None:
    sim = Simulation(1)
    for name, make in makes.items():
        sim.add(name, make)  # type: ignore[arg-type]
    with pytest.raises(error) as simulated:
        sim.run(until=1.0)

    async def run() -> BaseException | None:
        stations = {name: Station(place, makes[name]) for name, place in setups(*makes).items()}
        for station in stations.values():
            await station.start()
        await until(stations["n1"].ended.done)
        for station in stations.values():
            await station.stop()
        return stations["n1"].ended.exception()

    found = asyncio.run(run())
    assert type(found) is type(simulated.value) and str(found) == str(simulated.value)
    assert found is not None and found.__notes__ == simulated.value.__notes__[:1]


def test_the_answer_to_a_call_of_an_earlier_life_is_ignored(tmp_path: Path) -> None:
    """A node asks, dies, and comes back: the answer finds somebody who never asked."""

    class Late(Node):
        def start(self) -> None:
            self.asked: list[str] = []

        async def on_ping(self, sender: str, ping: Ping) -> None:
            self.asked.append(sender)
            while len(self.asked) < 2:
                await self.sleep(0.01)
            self.reply(Pong(len(self.asked)))

    class Asks(Node):
        def start(self) -> None:
            self.got: list[int] = []
            self.spawn(self.ask())

        async def ask(self) -> None:
            self.got.append((await self.call("n1", Ping(1))).number)

    async def run() -> None:
        places = setups("n1", "n2", folder=tmp_path)
        n1 = Station(places["n1"], Late)
        first, second = Station(places["n2"], Asks), Station(places["n2"], Asks)
        await n1.start()
        await first.start()
        await until(lambda: n1.node.asked == ["n2"])
        await first.stop()
        await second.start()
        await until(lambda: second.node.got == [2])
        await asyncio.sleep(0)
        assert not second.ended.done() and second.node.got == [2]
        for station in (n1, second):
            await station.stop()

    asyncio.run(run())
