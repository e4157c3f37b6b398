"""etcd where this chapter's store stands: its clients' history, judged by the same checker, also without a majority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from threading import Thread
from time import monotonic, sleep
from typing import Any

from lessons.check import linearizable, models
from lessons.real import Etcd, EtcdMember, etcd, eventually, if_installed
from lessons.real.servers.etcd import encoded
from lessons.trace import Operation
from lessons.viz import table
from lessons.viz.table import Table

CLIENTS = ("ann", "bob", "cat")
OPERATIONS = 20  # of each of them, while the leader is killed and started again
PATIENCE = 1.0  # seconds, for one attempt
COLUMNS = ["members", "what clients ask for", "answer"]
CAPTION = "Three members of etcd on this machine, and this chapter's checker"
NO_ANSWER = "no answer"


class Witness:
    """Writes down what clients asked for and what they were told, with the times of one clock."""

    def __init__(self) -> None:
        self.history: list[Operation] = []

    def ask(self, client: str, member: EtcdMember, name: str, *args: Any, **how: Any) -> str:
        """What ``member`` tells a client, in words; if there is no answer nobody knows what has happened."""
        called = monotonic()
        try:
            value, outcome = CALLS[name](member, *args, **how), "ok"
        except OSError:
            value, outcome = None, "unknown"
        self.history.append(Operation(client, len(self.history), name, args, called, monotonic(), outcome, value))
        return NO_ANSWER if outcome == "unknown" else "done" if name == "put" else str(value)


def get(member: EtcdMember, key: str, *, serializable: bool = False) -> str | None:
    """Read a key; a serializable read is answered by this member alone."""
    return member.get(key, serializable=serializable, timeout=PATIENCE)


def put(member: EtcdMember, key: str, value: str) -> None:
    """Write a key."""
    member.put(key, value, PATIENCE)


def cas(member: EtcdMember, key: str, old: str, new: str) -> bool:
    """Write ``new`` if the value is ``old``, as a transaction of one condition; returns whether it was."""
    condition = {"key": encoded(key), "target": "VALUE", "result": "EQUAL", "value": encoded(old)}
    write = {"requestPut": {"key": encoded(key), "value": encoded(new)}}
    answer = member.call("kv/txn", {"compare": [condition], "success": [write]}, PATIENCE)
    return bool(answer.get("succeeded", False))


CALLS: dict[str, Callable[..., Any]] = {"get": get, "put": put, "cas": cas}


@if_installed
def etcd_judged() -> Table:
    """Let clients use three members of etcd while members are killed; what they are told, and whether that can be."""
    witness = Witness()
    with etcd(members=3) as cluster:
        rows = [[*busy(cluster, witness), verdict(witness)], *without_majority(cluster, witness)]
    return table([*rows, ["", f"all {len(witness.history)} operations together", verdict(witness)]], CAPTION, COLUMNS)


def verdict(witness: Witness) -> str:
    """What the checker says of all that was written down so far."""
    judgement = linearizable(witness.history, models.KeyValue(), seconds=10.0)
    return {True: "linearizable", False: "not linearizable", None: "not decided"}[judgement.holds]


def busy(cluster: Etcd, witness: Witness) -> tuple[str, str]:
    """Three clients at once, at three members, of which the leader is killed and started again."""
    threads = [Thread(target=work, args=(cluster, witness, client)) for client in CLIENTS]
    for thread in threads:
        thread.start()
    total, leader = len(CLIENTS) * OPERATIONS, cluster.leader()
    wait_for(witness, total // 4)
    leader.kill()
    wait_for(witness, total // 2)
    leader.start()
    for thread in threads:
        thread.join()
    return "the leader is killed, and started again", f"{total} reads, writes and swaps of three clients at once"


def wait_for(witness: Witness, operations: int) -> None:
    """Wait until so many operations are over."""
    while len(witness.history) < operations:
        sleep(0.01)


def work(cluster: Etcd, witness: Witness, client: str) -> None:
    """Do one operation after the other, at another member when one says nothing."""
    chance, seen = Random(client), {"x": "", "y": ""}
    at = CLIENTS.index(client)
    for number in range(OPERATIONS):
        key, value, name = chance.choice("xy"), f"{client} {number}", chance.choice(("get", "put", "cas"))
        args = {"get": (), "put": (value,), "cas": (seen[key], value)}[name]
        told = witness.ask(client, cluster.members[at], name, key, *args)
        if told == NO_ANSWER:
            at = (at + 1) % len(cluster.members)
            sleep(0.05)
        elif name != "cas" or told == "True":
            seen[key] = told if name == "get" else value


def without_majority(cluster: Etcd, witness: Witness) -> Iterator[list[str]]:
    """One client, and one member that is left in the end; it was told of every write, so it has seen them."""
    left = cluster.others(cluster.leader())[0]
    eventually(lambda: left.put("z", "1", PATIENCE))

    def row(members: str, words: str, name: str, *args: Any, **how: Any) -> list[str]:
        return [members, words, witness.ask("dan", left, name, *args, **how)]

    yield row("all are up", "write x = 1", "put", "x", "1")
    yield row("", "swap x: 1 for 2", "cas", "x", "1", "2")
    yield row("", "swap x: 1 for 3", "cas", "x", "1", "3")
    for member in cluster.others(left):
        member.kill()
    yield row("two are killed", "read x", "get", "x")
    yield row("", "read x, serializable", "get", "x", serializable=True)
    yield row("", "swap x: 2 for 4", "cas", "x", "2", "4")
    yield row("", "read x, serializable", "get", "x", serializable=True)
