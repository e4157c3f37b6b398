"""The folder of a cluster on this machine: where its nodes are, its secret, and what each node keeps.

    cluster.toml   chapter, and the address of each node
    secret         32 random bytes as text, for the owner's eyes only
    n1/            the disk of n1, and so on
    records/       what each process has put on record
    logs/          what each process has said
"""

from __future__ import annotations

import json
import os
import socket
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from lessons.net.clusters import Cluster, find, full_name
from lessons.net.errors import BadAddress, UnknownCluster
from lessons.net.handshake import Identity
from lessons.net.setup import Address, Setup

CONFIG, SECRET, RECORDS, LOGS = "cluster.toml", "secret", "records", "logs"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Folder:
    """A cluster's folder, as ``cluster.toml`` describes it. ``addresses`` has its servers, in order."""

    path: Path
    chapter: str
    addresses: Mapping[str, Address]
    secret: bytes

    @classmethod
    def make(cls, path: Path, chapter: str, names: Sequence[str], first_port: int = 0) -> Folder:
        """A new folder for servers of these names, on this machine; on free ports, or from ``first_port`` on.

        Raises UnknownCluster, FileExistsError.
        """
        chapter = full_name(chapter)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        ports = range(first_port, first_port + len(names)) if first_port else free_ports(len(names))
        where = {name: f"{LOOPBACK}:{port}" for name, port in zip(names, ports, strict=True)}
        lines = [f"{json.dumps(name)} = {json.dumps(address)}" for name, address in where.items()]
        text = "\n".join([f"chapter = {json.dumps(chapter)}", "", "[nodes]", *lines, ""])
        with open(path / CONFIG, "x", encoding="utf8") as config:
            config.write(text)
        with open(os.open(path / SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
            secret.write(token_hex(32))
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Folder:
        """The folder that is there. Raises UnknownCluster when none is, or it makes no sense; BadAddress."""
        try:
            config = tomllib.loads((path / CONFIG).read_text(encoding="utf8"))
            chapter, nodes = config["chapter"], config["nodes"]
            addresses = {str(name): Address.of(str(where)) for name, where in nodes.items()}
            return cls(path, full_name(str(chapter)), addresses, (path / SECRET).read_text().strip().encode())
        except (UnknownCluster, BadAddress):
            raise
        except (OSError, ValueError, LookupError, AttributeError) as error:
            raise UnknownCluster(
                f"{path} has no cluster ({error}): python -m lessons.net cluster CHAPTER --at {path} makes one"
            ) from None

    @property
    def cluster(self) -> Cluster:
        """What the chapter offers."""
        return find(self.chapter)

    def setup(self, name: str, dial: Mapping[str, Address] | None = None, exposed: bool = False) -> Setup:
        """The setup of a server, or of a client for any other name.

        ``dial`` says where others are reached if not where they listen, behind proxies say.
        """
        return Setup(
            cluster=self.chapter,
            name=name,
            vocabulary=self.cluster.vocabulary,
            dial={**self.addresses, **(dial or {})},
            bind=self.addresses.get(name),
            folder=self.path / name if name in self.addresses else None,
            secret=self.secret,
            exposed=exposed,
        )

    def operator(self) -> Identity:
        """Who asks nodes for their state."""
        return Identity(self.chapter, "operator", self.cluster.vocabulary.digest, self.secret)


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nobody uses at this moment."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(number)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
