"""Maelstrom's protocol: lines, requests, errors, and a process that speaks it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lessons.net import Malformed
from lessons.net.maelstrom import Code, Envelope, Post, Service, UnknownService, find, parsed, services
from lessons.net.maelstrom.envelope import LONGEST
from lessons.node import AuthorError, Node, message

WORKLOADS = {
    *("echo", "unique-ids", "broadcast", "g-set", "g-counter", "pn-counter"),
    *("lin-kv", "txn-rw-register", "txn-list-append"),
}
INIT = {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}


def line(source: str, to: str, /, **body: Any) -> str:
    return json.dumps({"src": source, "dest": to, "body": body})


async def said(service: Service, bodies: Sequence[Mapping[str, Any]], answers: int) -> list[dict[str, Any]]:
    """What n1 says to these bodies of c1, once there are so many lines."""
    lines: list[str] = []
    post = Post(service, lines.append)
    for body in bodies:
        post.take(line("c1", "n1", **body))
    async with asyncio.timeout(20):
        while len(lines) < answers and not post.ended.done():
            await asyncio.sleep(0.01)
    if post.ended.done():
        post.ended.result()
    return [json.loads(each)["body"] for each in lines]


def answers(name: str, *bodies: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the service says to requests that come one after the other, without the numbers of its messages."""
    found = asyncio.run(said(find(name), [INIT, *bodies], 1 + len(bodies)))
    assert found[0] == {"type": "init_ok", "in_reply_to": 1}
    return [{key: value for key, value in body.items() if key != "msg_id"} for body in found[1:]]


# Lines


def test_a_message_is_read_as_it_was_written() -> None:
    envelope = Envelope("n1", "c1", "read_ok", {"value": [1, {"a": None}]}, 5, 3)
    assert parsed(envelope.line()) == parsed(envelope.line().encode()) == envelope
    assert "\n" not in Envelope("n1", "c1", "echo_ok", {"echo": "a\nb"}).line()


def test_numbers_may_be_left_out() -> None:
    assert parsed(line("c1", "n1", type="x")) == Envelope("c1", "n1", "x", {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "3",
        "{}",
        '{"src": "c1", "dest": "n1"}',
        '{"src": "c1", "dest": "n1", "body": []}',
        '{"src": "c1", "dest": "n1", "body": {}}',
        '{"src": 1, "dest": "n1", "body": {"type": "x"}}',
        '{"src": "c1", "dest": null, "body": {"type": "x"}}',
        '{"src": "c1", "dest": "n1", "body": {"type": 3}}',
        '{"src": "c1", "dest": "n1", "body": {"type": "x", "msg_id": "1"}}',
        '{"src": "c1", "dest": "n1", "body": {"type": "x", "in_reply_to": 1.5}}',
        '{"src": "c1", "dest": "n1", "body": {"type": "x", "msg_id": true}}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parsed(text)


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="at most 1,048,576 are read"):
        parsed(line("c1", "n1", type="x", a="a" * LONGEST))


def test_a_process_counts_what_it_refuses_and_goes_on() -> None:
    async def run() -> None:
        lines: list[str] = []
        post = Post(find("echo"), lines.append)
        for text in ("hello", line("c1", "n1", **INIT), '{"src": 1}', line("c1", "n1", type="echo", msg_id=2, echo=3)):
            post.take(text)
        assert post.refused == 2
        assert [json.loads(each)["body"]["type"] for each in lines] == ["init_ok", "echo_ok"]

    asyncio.run(run())


# Requests


def test_every_workload_has_a_service() -> None:
    assert {name for name, _ in services()} == WORKLOADS


def test_an_unknown_service_names_those_that_there_are() -> None:
    with pytest.raises(UnknownService, match="kafka is no service: there are broadcast, echo, "):
        find("kafka")


def test_errors_are_definite_but_for_two() -> None:
    assert [code for code in Code if not code.definite] == [Code.TIMEOUT, Code.CRASH]


def test_echo() -> None:
    assert answers("echo", {"type": "echo", "msg_id": 2, "echo": {"a": [1]}}) == [
        {"type": "echo_ok", "in_reply_to": 2, "echo": {"a": [1]}}
    ]


def test_what_is_not_supported_and_what_is_malformed_have_their_codes() -> None:
    adds = [{"type": "add", "msg_id": 3}, *({"type": "add", "msg_id": 4, "delta": delta} for delta in ("1", True))]
    found = answers("g-counter", {"type": "cas", "msg_id": 2}, *adds)
    assert [(body["type"], body["code"]) for body in found] == [("error", 10), *[("error", 12)] * 3]
    assert found[1]["text"] == "delta is missing: the request must have it"
    assert found[2]["text"] == "delta is '1': it must be of type int"


def test_unique_ids_are_unique() -> None:
    found = answers("unique-ids", *({"type": "generate", "msg_id": number} for number in range(2, 9)))
    assert len({body["id"] for body in found}) == 7


def test_a_set_and_a_broadcast_have_what_was_added() -> None:
    found = answers("g-set", {"type": "add", "msg_id": 2, "element": 7}, {"type": "read", "msg_id": 3})
    assert found[1]["value"] == [7]
    found = answers("broadcast", {"type": "topology", "msg_id": 2, "topology": {"n1": []}},
                    {"type": "broadcast", "msg_id": 3, "message": 7}, {"type": "read", "msg_id": 4})  # fmt: skip
    assert [body["type"] for body in found] == ["topology_ok", "broadcast_ok", "read_ok"]
    assert found[2]["messages"] == [7]


def test_an_element_that_no_set_can_have_is_refused() -> None:
    assert answers("g-set", {"type": "add", "msg_id": 2, "element": {"a": 1}})[0]["code"] == 12


def test_counters_count() -> None:
    adds = [{"type": "add", "msg_id": 2 + place, "delta": delta} for place, delta in enumerate((3, 0, -5))]
    read = {"type": "read", "msg_id": 9}
    assert answers("pn-counter", *adds, read)[-1]["value"] == -2
    assert answers("g-counter", *adds, read)[-2]["code"] == 12  # it can't go down
    assert answers("g-counter", *adds, read)[-1]["value"] == 3


def one_after_the_other(name: str, *bodies: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers to requests each of which is sent when the one before has been answered."""

    async def run() -> list[dict[str, Any]]:
        lines: list[str] = []
        post = Post(find(name), lines.append)
        async with asyncio.timeout(30):
            for number, body in enumerate([INIT, *bodies], start=1):
                post.take(line("c1", "n1", **{**body, "msg_id": number}))
                while len(lines) < number:
                    await asyncio.sleep(0.01)
        return [json.loads(each)["body"] for each in lines[1:]]

    return asyncio.run(run())


def test_the_store_compares_and_sets() -> None:
    found = one_after_the_other(
        "lin-kv",
        {"type": "read", "key": 1},
        {"type": "cas", "key": 1, "from": 1, "to": 2},
        {"type": "write", "key": 1, "value": [1]},
        {"type": "cas", "key": 1, "from": 2, "to": 3},
        {"type": "cas", "key": 1, "from": [1], "to": {"b": None}},
        {"type": "read", "key": 1},
        {"type": "read", "key": "1"},
    )
    assert [body.get("code") for body in found] == [20, 20, None, 22, None, None, 20]
    assert found[5]["value"] == {"b": None}


def test_a_transaction_reads_its_own_writes_and_none_that_come_later() -> None:
    txn = [["r", 1, None], ["w", 1, 5], ["r", 1, None], ["w", 1, 6], ["r", 2, None]]
    found = one_after_the_other(
        "txn-rw-register", {"type": "txn", "txn": txn}, {"type": "txn", "txn": [["r", 1, None]]},
        {"type": "txn", "txn": [["append", 1, 2]]}, {"type": "txn", "txn": []},
    )  # fmt: skip
    assert found[0]["txn"] == [["r", 1, None], ["w", 1, 5], ["r", 1, 5], ["w", 1, 6], ["r", 2, None]]
    assert found[1]["txn"] == [["r", 1, 6]]
    assert found[2]["code"] == 10
    assert found[3]["txn"] == []


def test_what_the_store_can_not_have_is_refused_and_the_node_lives_on() -> None:
    long = "k" * 100_000
    found = one_after_the_other(
        "lin-kv", {"type": "write", "key": long, "value": 1}, {"type": "read", "key": long},
        {"type": "cas", "key": long, "from": 1, "to": 2}, {"type": "write", "key": 1, "value": 2},
    )  # fmt: skip
    assert [body.get("code") for body in found] == [12, 12, 12, None]


def test_a_transaction_reads_lists_with_its_own_appends() -> None:
    txn = [["r", 1, None], ["append", 1, 5], ["r", 1, None], ["append", 1, "a\nb"], ["append", 2, 6], ["r", 1, None]]
    found = one_after_the_other(
        "txn-list-append", {"type": "txn", "txn": txn}, {"type": "txn", "txn": [["r", 2, None], ["r", 1, None]]},
        {"type": "txn", "txn": [["w", 1, 2]]},
    )  # fmt: skip
    assert [step[2] for step in found[0]["txn"]] == [None, 5, [5], "a\nb", 6, [5, "a\nb"]]
    assert found[1]["txn"] == [["r", 2, [6]], ["r", 1, [5, "a\nb"]]]
    assert found[2]["code"] == 10


# Processes


def test_requests_before_init_and_a_second_init_are_refused() -> None:
    found = asyncio.run(said(find("echo"), [{"type": "echo", "msg_id": 1, "echo": 1}, INIT, INIT], 3))
    assert [body.get("code") for body in found] == [11, None, 12]


@pytest.mark.parametrize("bad", [{"node_id": 3}, {"node_ids": []}, {"node_ids": None}, {"node_id": "n7"}])
def test_an_init_that_makes_no_sense_is_refused(bad: dict[str, Any]) -> None:
    found = asyncio.run(said(find("echo"), [{**INIT, **bad}], 1))
    assert found[0]["code"] == 12


@message
class Whisper:
    """Something between nodes."""

    text: str


class Gossip(Node):
    """Says one thing to n2, and fails when it hears of it."""

    def start(self) -> None:
        """Speak."""
        self.send("n2", Whisper("psst"))

    def on_whisper(self, sender: str, whisper: Whisper) -> None:
        """Fail."""
        raise RuntimeError(whisper.text + sender)


def test_messages_between_nodes_travel_as_lines_and_a_node_that_fails_ends_the_process() -> None:
    async def run() -> None:
        lines: list[str] = []
        service = Service(lambda name, names: Gossip(), (Gossip,))
        post = Post(service, lines.append)
        post.take(line("c1", "n1", **{**INIT, "node_ids": ["n1", "n2"]}))
        whisper = json.loads(lines[0])
        assert (whisper["src"], whisper["dest"], whisper["body"]["type"]) == ("n1", "n2", "lessons")
        body = {**whisper["body"], "to": "n1", "from": "n2"}
        for bad in (
            {"to": "n9"},
            {"from": 3},
            {"message": [99, []]},
            {"message": []},
            {"message": None},
            {"to": [1]},
            {"msg_id": None},
        ):
            post.take(line("n2", "n1", **{**body, **bad}))
        assert post.refused == 7 and not post.ended.done()
        post.take(line("n2", "n1", **body))
        with pytest.raises(RuntimeError, match="psstn2"):
            await post.ended

    asyncio.run(run())


def test_a_node_can_speak_to_nobody_that_is_not_there() -> None:
    async def run() -> None:
        post = Post(Service(lambda name, names: Gossip(), (Gossip,)), lambda line: None)
        post.take(line("c1", "n1", **INIT))
        with pytest.raises(AuthorError, match="no node 'n2'"):
            await post.ended

    asyncio.run(run())


def test_the_command_ends_with_its_input() -> None:
    lines = [line("c1", "n1", **INIT), line("c1", "n1", type="echo", msg_id=2, echo="é")]
    done = subprocess.run(
        [sys.executable, "-m", "lessons.net", "maelstrom", "echo"],
        input="\n".join(lines), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""
    assert [json.loads(each)["body"]["type"] for each in done.stdout.splitlines()] == ["init_ok", "echo_ok"]


def test_the_command_names_the_services_that_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lessons.net", "maelstrom", "kafka"],
        input="",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2 and done.stderr.startswith("kafka is no service: there are broadcast, ")
