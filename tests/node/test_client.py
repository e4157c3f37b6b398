"""Clients stand outside the system, and their history is what checks judge the system by."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.node import AuthorError, Client, Node, TimedOut
from lessons.sim import Constant, Link, Simulation
from lessons.trace import Invoked, Operation, Returned, Trace
from tests.sim.worlds import Add, Counter, Idle, Ping, Total


class Once(Client):
    """Adds 3 to the counter "s", and waits half a second for the answer."""

    async def session(self) -> None:
        try:
            await self.request("s", Add(3), timeout=0.5)
        except TimedOut:
            self.note("gave up")


def world(client: type[Client], server: type[Node] = Counter, **link: Any) -> Simulation:
    sim = Simulation(1, network=Link(Constant(0.1), **link))
    sim.add("s", server)
    sim.add("c", client)
    return sim


def run(client: type[Client], server: type[Node] = Counter, **link: Any) -> Trace:
    return world(client, server, **link).run()


def test_a_request_that_is_answered_is_an_operation_with_its_value() -> None:
    (operation,) = run(Once).history()
    assert operation == Operation("c", 1, "Add", (3,), 0.0, 0.2, "ok", Total(3))


def test_a_request_that_times_out_is_an_operation_of_which_nothing_is_known() -> None:
    (operation,) = run(Once, loss=1.0).history()
    assert operation == Operation("c", 1, "Add", (3,), 0.0, 0.5, "unknown", "timeout")


def test_an_operation_that_has_not_ended_is_open() -> None:
    (operation,) = world(Once).run(0.1).history()
    assert (operation.returned, operation.outcome, operation.value) == (None, "unknown", None)


def test_an_operation_of_a_client_that_crashed_stays_open() -> None:
    sim = world(Once)
    sim.at(0.05).restart("c")
    first, second = sim.run().history()
    assert (first.outcome, first.returned, second.outcome) == ("unknown", None, "ok")
    assert (first.op, second.op, second.value) == (1, 2, Total(6))


def test_a_request_of_what_is_no_message_is_refused() -> None:
    class Confused(Client):
        async def session(self) -> None:
            await self.request("s", 5)

    with pytest.raises(TypeError, match="5 of type int is no message: mark its class with @message"):
        run(Confused)


class Manual(Client):
    """Begins operations and ends them by hand."""

    async def session(self) -> None:
        write, read, check = self.begin("write", "x", 1), self.begin("read", "x"), self.begin("check")
        await self.sleep(1.0)
        read.ok(0)
        await self.sleep(1.0)
        write.fail("refused")
        check.unknown()


def test_operations_end_in_any_order_and_the_history_keeps_that_of_their_calls() -> None:
    history = run(Manual, Idle).history()
    assert [(each.name, each.args, each.returned, each.outcome, each.value) for each in history] == [
        ("write", ("x", 1), 2.0, "fail", "refused"),
        ("read", ("x",), 1.0, "ok", 0),
        ("check", (), 2.0, "unknown", None),
    ]


@pytest.mark.parametrize("again", ["ok", "fail", "unknown"])
def test_an_operation_ends_once(again: str) -> None:
    class Twice(Client):
        async def session(self) -> None:
            operation = self.begin("write", 1)
            operation.unknown("timeout")
            getattr(operation, again)()

    with pytest.raises(AuthorError, match="operation 1, write, has ended already: it has one outcome"):
        run(Twice, Idle)


def test_the_transcript_tells_calls_and_returns() -> None:
    lines = [event.sentence() for event in run(Manual, Idle) if isinstance(event, Invoked | Returned)]
    assert lines == [
        "invokes write('x', 1) as operation 1",
        "invokes read('x') as operation 2",
        "invokes check() as operation 3",
        "returns from operation 2, ok: 0",
        "returns from operation 1, fail: 'refused'",
        "returns from operation 3, unknown",
    ]


def test_the_history_keeps_arguments_and_values_as_they_were() -> None:
    class Sloppy(Client):
        async def session(self) -> None:
            items = [1]
            operation = self.begin("write", items)
            items.append(2)
            operation.ok(items)
            items.append(3)

    (operation,) = run(Sloppy, Idle).history()
    assert (operation.args, operation.value) == (([1],), [1, 2])


def test_clients_are_nobodys_peers_and_have_all_servers_as_theirs() -> None:
    sim = Simulation(1)
    sim.add(["s2", "s1"], Idle)
    sim.add(["c2", "c1"], Client)
    trace = sim.run()
    assert trace.clients == {"c1", "c2"}
    assert {name: sim.node(name).peers for name in trace.nodes} == {
        "s1": ("s2",), "s2": ("s1",), "c1": ("s1", "s2"), "c2": ("s1", "s2"),
    }  # fmt: skip


def test_a_broadcast_goes_to_the_peers_in_order_or_to_those_named() -> None:
    class Crier(Client):
        def start(self) -> None:
            self.broadcast(Ping(1))
            self.broadcast(Ping(2), to=["c", "s2"])

        def on_ping(self, sender: str, ping: Ping) -> None:
            pass

    class Taker(Idle):
        def on_ping(self, sender: str, ping: Ping) -> None:
            pass

    sim = Simulation(1)
    sim.add(["s2", "s1"], Taker)
    sim.add("c", Crier)
    sent = [(event.message.number, event.to) for event in sim.run() if type(event).__name__ == "Sent"]
    assert sent == [(1, "s1"), (1, "s2"), (2, "c"), (2, "s2")]
