"""Nodes on TCP: messages, answers and clients; what is refused, dropped, and counted."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
import ssl
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme

from lessons.net import BadAddress, Setup, Station
from lessons.net import link as links
from lessons.net.connection import Connection
from lessons.net.control import ask
from lessons.net.errors import Refused, Unreachable
from lessons.net.frames import MOST, framed
from lessons.net.handshake import Dialling, Identity
from lessons.net.link import Link
from lessons.net.setup import Address
from lessons.net.switchboard import Outgoing
from lessons.node import Client, Node, TimedOut
from tests.net.places import SECRET, VOCABULARY, Echo, Ping, Pong, Text, client_of, running, setups, until


class Caller(Client):
    """Calls n1, and keeps the answers."""

    def __init__(self, times: int = 1) -> None:
        self.times = times

    async def session(self) -> None:
        self.answers = [await self.call("n1", Ping(number)) for number in range(self.times)]


def test_messages_go_both_ways_between_servers() -> None:
    async def run() -> None:
        async with running(setups("n1", "n2")) as at:
            at["n1"].node.send("n2", Ping(7))
            await until(lambda: at["n2"].node.got == [("n1", 7)] and at["n1"].node.got == [("n2", 7)])

    asyncio.run(run())


def test_a_node_can_send_to_itself() -> None:
    async def run() -> None:
        async with running(setups("n1")) as at:
            at["n1"].node.send("n1", Ping(1))
            await until(lambda: at["n1"].node.got == [("n1", 1), ("n1", 1)])

    asyncio.run(run())


def test_a_client_without_an_address_is_answered_over_its_own_connection() -> None:
    async def run() -> None:
        places = setups("n1")
        ann = Station(client_of(places["n1"], "ann"), lambda: Caller(50))
        async with running(places):
            await ann.start()
            await until(lambda: not ann.busy)
            assert ann.node.answers == [Pong(number) for number in range(50)]
            await ann.stop()

    asyncio.run(run())


def test_messages_arrive_in_order_and_none_is_lost_while_all_is_well() -> None:
    async def run() -> None:
        async with running(setups("n1", "n2")) as at:
            for number in range(5000):
                at["n1"].node.send("n2", Text(str(number) * (number % 50)))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            await until(lambda: len(at["n2"].node.got) == 5000)
            assert at["n2"].node.got == [("n1", str(number) * (number % 50)) for number in range(5000)]

    asyncio.run(run())


def test_what_is_said_to_somebody_who_is_not_connected_is_dropped_and_counted() -> None:
    """A client that a node remembers from its disk, or from another node, may not be back yet."""

    async def run() -> None:
        async with running(setups("n1", "n2")) as at:
            at["n1"].node.send("ann", Ping())
            assert at["n1"].switchboard.counts["dropped, not connected"] == 1 and not at["n1"].ended.done()

    asyncio.run(run())


def test_an_error_of_the_authors_code_ends_the_node_and_says_where() -> None:
    class Faulty(Echo):
        def on_ping(self, sender: str, ping: Ping) -> None:
            raise ZeroDivisionError("nobody can divide by this")

    async def run() -> None:
        async with running(setups("n1", "n2"), {"n1": Echo, "n2": Faulty}) as at:
            at["n1"].node.send("n2", Ping())
            await until(at["n2"].ended.done)
            error = at["n2"].ended.exception()
            assert isinstance(error, ZeroDivisionError) and error.__notes__ == ["(in an event of node n2)"]

    asyncio.run(run())


def test_a_connection_is_made_again_after_the_other_was_away() -> None:
    async def run() -> None:
        places = setups("n1", "n2")
        async with running({"n1": places["n1"]}) as at:
            at["n1"].node.send("n2", Ping(1))  # nobody is there yet: it waits
            async with running({"n2": places["n2"]}) as first:
                await until(lambda: first["n2"].node.got == [("n1", 1)])
            await until(lambda: at["n1"].switchboard.links["n2"].way is None)
            async with running({"n2": places["n2"]}) as second:
                at["n1"].node.send("n2", Ping(2))
                await until(lambda: second["n2"].node.got == [("n1", 2)])
            assert at["n1"].switchboard.counts["connections lost"] >= 1

    asyncio.run(run())


def test_what_waits_for_a_node_that_is_away_is_bounded_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links.Link.__init__, "__defaults__", (1000, MOST))

    async def run() -> None:
        places = setups("n1", "n2", "n3")
        async with running({name: places[name] for name in ("n1", "n3")}) as at:
            for number in range(1000):
                at["n1"].node.send("n2", Ping(number))
            dropped = at["n1"].switchboard.counts["dropped, no room"]
            assert dropped + at["n1"].switchboard.links["n2"].waiting == 1000 and 0 < dropped < 1000
            at["n1"].node.send("n3", Ping(0))  # and nobody else has to wait for that
            await until(lambda: at["n3"].node.got == [("n1", 0)])
            async with running({"n2": places["n2"]}) as late:
                await until(lambda: len(late["n2"].node.got) == 1000 - dropped)
                assert [number for _, number in late["n2"].node.got] == [*range(dropped, 1000)]

    asyncio.run(run())


def test_a_peer_that_does_not_read_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links.Link.__init__, "__defaults__", (100_000, MOST))

    async def run() -> None:
        places = setups("n1", "n2", "n3")
        async with running({name: places[name] for name in ("n1", "n3")}) as at, running({"n2": places["n2"]}) as slow:
            await until(lambda: at["n1"].switchboard.links["n2"].way is not None)
            for connection in slow["n2"]._accepted:
                connection._transport.pause_reading()
            for number in range(3000):
                at["n1"].node.send("n2", Text("x" * 5000))
                if number % 20 == 0:
                    await asyncio.sleep(0)
            assert at["n1"].switchboard.links["n2"].way.clogged
            assert at["n1"].switchboard.counts["dropped, no room"] > 0
            at["n1"].node.send("n3", Ping(0))
            await until(lambda: at["n3"].node.got == [("n1", 0)])
            for connection in slow["n2"]._accepted:
                connection._transport.resume_reading()
            at["n1"].node.send("n2", Ping(1))
            await until(lambda: slow["n2"].node.got and slow["n2"].node.got[-1] == ("n1", 1))

    asyncio.run(run())


def test_a_message_that_no_frame_can_hold_is_dropped_and_counted() -> None:
    async def run() -> None:
        async with running(setups("n1", "n2")) as at:
            at["n1"].node.send("n2", Text("x" * MOST))
            at["n1"].node.send("n2", Ping(1))
            await until(lambda: at["n2"].node.got == [("n1", 1)])
            assert at["n1"].switchboard.counts["dropped, too long"] == 1

    asyncio.run(run())


# Those who should not get in


def counted(station: Station, what: str) -> Any:
    return lambda: station.switchboard.counts[what] > 0


@pytest.mark.parametrize(
    "change",
    [{"secret": b"another of 16 by"}, {"secret": b""}, {"cluster": "other"}],
    ids=["wrong secret", "no secret", "wrong cluster"],
)
def test_a_stranger_is_refused_and_counted(change: dict[str, Any]) -> None:
    async def run() -> None:
        places = setups("n1")
        async with running(places) as at:
            stranger = Station(client_of(places["n1"], "eve", **change), Caller)
            await stranger.start()
            await until(counted(at["n1"], "refused"))
            await until(counted(stranger, "refused by others"))
            assert stranger.busy  # no answer has come
            await stranger.stop()
            assert at["n1"].node.got == []

    asyncio.run(run())


class Raw(asyncio.Protocol):
    """A connection on which a test says whatever it wants, after a handshake if ``us`` is given."""

    def __init__(self, us: Identity | None = None) -> None:
        self.talk = Dialling(us, "n1") if us else None
        self.closed = asyncio.get_running_loop().create_future()
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        if self.talk:
            transport.write(framed(self.talk.first.encode()))

    def data_received(self, data: bytes) -> None:
        if self.talk and not self.talk.done:
            answer = self.talk.step(data[4:].decode())
            if answer:
                self.transport.write(framed(answer.encode()))
            elif self.talk.done:
                self.ready.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(None)


async def raw(where: Address | None, us: Identity | None = None) -> Raw:
    assert where is not None
    _, made = await asyncio.get_running_loop().create_connection(lambda: Raw(us), where.host, where.port)
    if us:
        await made.ready
    return made


EVE = Identity("test", "eve", VOCABULARY.digest, SECRET)

BAD_FRAMES = [
    b"\xff\xff\xff\xff",
    framed(b"no json"),
    framed(b"{}"),
    framed(b"[1]"),
    framed(b"[[1, null, 0]]"),
    framed(b"[[1, null, 0, [1], 5]]"),
    framed(b'[["1", null, 0, [1]]]'),
    framed(b"[[1, true, 0, [1]]]"),
    framed(b"[[1, null, 99, [1]]]"),
    framed(b'[[1, null, 0, ["1"]]]'),
    framed(b"[" * 100_000),
    framed(b"\x00" * 50),
]


@pytest.mark.parametrize("bad", BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_malformed_and_oversized_frames_end_the_connection_and_are_counted(bad: bytes) -> None:
    async def run() -> None:
        async with running(setups("n1")) as at:
            eve = await raw(at["n1"].address, EVE)
            eve.transport.write(framed(b"[[1, null, 0, [5]]]") + bad)
            await eve.closed
            await until(counted(at["n1"], "malformed"))
            assert at["n1"].node.got == [("eve", 5)]  # what was whole before it counts
            assert not at["n1"].ended.done()

    asyncio.run(run())


def test_noise_from_strangers_never_reaches_the_node() -> None:
    async def run() -> None:
        chance = Random(1)
        async with running(setups("n1")) as at:
            for _ in range(40):
                eve = await raw(at["n1"].address)
                noise = chance.randbytes(chance.randint(5, 300))
                eve.transport.write(noise if chance.random() < 0.5 else framed(noise))
                eve.transport.write_eof()
                await eve.closed
            assert at["n1"].node.got == [] and not at["n1"].ended.done()
            assert at["n1"].switchboard.counts["refused"] == 40

    asyncio.run(run())


def test_who_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.net.connection.PATIENCE", 0.01)

    async def run() -> None:
        async with running(setups("n1")) as at:
            eve = await raw(at["n1"].address)
            await eve.closed
            await until(counted(at["n1"], "refused"))

    asyncio.run(run())


def test_strangers_are_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.net.station.MOST_STRANGERS", 3)

    async def run() -> None:
        places = setups("n1")
        async with running(places) as at:
            crowd = [await raw(at["n1"].address) for _ in range(6)]
            await until(counted(at["n1"], "refused, too many strangers"))
            for stranger in crowd:
                stranger.transport.close()

    asyncio.run(run())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_only_this_machine_can_connect_unless_somebody_says_so(host: str) -> None:
    with pytest.raises(BadAddress, match="Say --exposed"):
        Setup("test", "n1", VOCABULARY, bind=Address(host, 7001), secret=SECRET)
    with pytest.raises(BadAddress, match="needs a secret"):
        Setup("test", "n1", VOCABULARY, bind=Address(host, 7001), exposed=True)
    assert Setup("test", "n1", VOCABULARY, bind=Address(host, 7001), exposed=True, secret=SECRET).bind


@pytest.mark.parametrize("text", ["", "7001", ":7001", "host:", "host:x", "host:65536", "host:-1", "host:²"])
def test_an_address_is_a_host_and_a_port(text: str) -> None:
    with pytest.raises(BadAddress, match="write host:port"):
        Address.of(text)


@pytest.mark.parametrize("text", ["127.0.0.1:7001", "[::1]:7001", "localhost:0"])
def test_addresses_are_written_as_they_are_read(text: str) -> None:
    assert str(Address.of(text)) == text and Address.of(text).is_loopback


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def contexts(authority: trustme.CA, trusted: trustme.CA | None = None) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For accepting and for dialling, both with a certificate that they show and an authority that they trust."""
    made = []
    for purpose in (ssl.Purpose.CLIENT_AUTH, ssl.Purpose.SERVER_AUTH):
        context = ssl.create_default_context(purpose)
        context.verify_mode = ssl.CERT_REQUIRED
        authority.issue_cert("127.0.0.1").configure_cert(context)
        (trusted or authority).configure_trust(context)
        made.append(context)
    return made[0], made[1]


def test_with_certificates_all_is_encrypted(authority: trustme.CA) -> None:
    async def run() -> None:
        async with running(setups("n1", "n2", tls=contexts(authority))) as at:
            at["n1"].node.send("n2", Ping(7))
            await until(lambda: at["n1"].node.got == [("n2", 7)])
            (way,) = [each for each in at["n2"]._accepted if each.sender == "n1"]
            assert way._transport.get_extra_info("cipher") is not None

    asyncio.run(run())


def test_who_has_a_certificate_of_another_authority_is_not_heard(authority: trustme.CA) -> None:
    async def run() -> None:
        places = setups("n1", tls=contexts(authority))
        async with running(places) as at:
            other = contexts(trustme.CA(), trusted=authority)
            stranger = Station(client_of(places["n1"], "eve", tls=other), Caller)
            await stranger.start()
            with pytest.raises((OSError, Unreachable)):
                await ask(EVE, "n1", at["n1"].address, "status", tls=other[1])
            await stranger.stop()
            assert at["n1"].node.got == []

    asyncio.run(run())


# Operators


def test_an_operator_is_told_the_state_and_can_stop_a_node() -> None:
    class Watched(Echo):
        watched = ("got",)

    async def run() -> None:
        async with running(setups("n1", "n2"), Watched) as at:
            at["n1"].node.send("n2", Ping(7))
            await until(lambda: at["n2"].node.got)
            status = await ask(EVE, "n2", at["n2"].address, "status")
            assert status["name"] == "n2" and status["kind"] == "Watched" and status["fields"] == {"got": "[('n1', 7)]"}
            assert status["process"] == os.getpid()
            at["n2"].node.got += [("n1", number) for number in range(100)]
            status = await ask(EVE, "n2", at["n2"].address, "status")
            assert status["fields"] == {"got": "101 items, the last ('n1', 99)"}
            assert await ask(EVE, "n2", at["n2"].address, "stop") == {"stops": True}
            await until(at["n2"].ended.done)

    asyncio.run(run())


def test_who_does_not_know_the_secret_is_no_operator() -> None:
    async def run() -> None:
        async with running(setups("n1")) as at:
            with pytest.raises(Refused):
                await ask(replace(EVE, secret=b"another of 16 by"), "n1", at["n1"].address, "stop")
            assert not at["n1"].ended.done()

    asyncio.run(run())


def test_nobody_there_is_said_so() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = Address("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(Unreachable, match=f"n1 at {where} does not answer"):
            await ask(EVE, "n1", where, "status")

    asyncio.run(run())


def test_a_call_without_an_answer_times_out() -> None:
    class Hasty(Client):
        async def session(self) -> None:
            try:
                await self.call("n1", Text("no answer to this"), timeout=0.01)
            except TimedOut as late:
                self.late = str(late)

    async def run() -> None:
        places = setups("n1")
        ann = Station(client_of(places["n1"], "ann"), Hasty)
        async with running(places):
            await ann.start()
            await until(lambda: not ann.busy)
            assert ann.node.late == "Text to n1 had no answer within 0.01 s"
            await ann.stop()

    asyncio.run(run())


@pytest.mark.parametrize("text", [json.dumps({"ask": "everything"}), "[]", "no json"])
def test_what_an_operator_can_not_ask_ends_the_connection(text: str) -> None:
    class Odd:
        def __init__(self) -> None:
            self.over = asyncio.get_running_loop().create_future()

        def opened(self, connection: Connection) -> None:
            connection.say(text)

        def arrived(self, connection: Connection, payload: bytes) -> None:
            raise AssertionError(payload)

        def closed(self, connection: Connection, why: Exception | None) -> None:
            self.over.set_result(None)

    async def run() -> None:
        async with running(setups("n1")) as at:
            odd, where = Odd(), at["n1"].address
            assert where is not None
            talk = Dialling(EVE, "n1", role="operator")
            await asyncio.get_running_loop().create_connection(lambda: Connection(odd, talk), where.host, where.port)
            await odd.over
            await until(counted(at["n1"], "malformed"))

    asyncio.run(run())


def test_a_node_needs_no_disk_to_run() -> None:
    class Keeper(Node):
        def start(self) -> None:
            self.disk.put("a", 1)
            self.disk.sync()

    async def run() -> None:
        async with running(setups("n1"), Keeper) as at:
            assert at["n1"].node.disk.get("a") == 1

    asyncio.run(run())


def test_a_node_that_can_not_be_made_leaves_its_folder_to_the_next(tmp_path: Path) -> None:
    def fail() -> Node:
        raise ZeroDivisionError("no node")

    async def run() -> None:
        places = setups("n1", folder=tmp_path)
        with pytest.raises(ZeroDivisionError):
            await Station(places["n1"], fail).start()
        async with running(places) as at:
            assert at["n1"].node.disk.keys() == []

    asyncio.run(run())


def test_timers_that_were_cancelled_do_not_stay_in_the_loop_until_they_are_due() -> None:
    async def run() -> None:
        async with running(setups("n1")) as at:
            node, loop = at["n1"].node, asyncio.get_running_loop()
            for _ in range(5000):
                node.after(60.0, node.note, "too late").cancel()
            await until(lambda: len(loop._scheduled) < 1000)  # type: ignore[attr-defined]

    asyncio.run(run())


def test_a_connection_that_ends_when_nobody_waits_for_it_any_more_is_no_error_of_the_program() -> None:
    async def run() -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: said.append(context))
        async with running(setups("n1", "n2")) as at:
            talk = Dialling(Identity("c", "n1", "", SECRET), "n2")
            way = Outgoing(at["n1"], talk, Link(loop, Counter()))
            way.connection_lost(ConnectionResetError("cut"))
            await asyncio.sleep(0)
            del way
            gc.collect()
        return said

    assert asyncio.run(run()) == []
