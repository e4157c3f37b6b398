"""What a node needs to know to take part in a cluster: names, addresses, secret, folder."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from lessons.net.errors import BadAddress
from lessons.net.vocabulary import Vocabulary


@dataclass(frozen=True)
class Address:
    """A host, as a name or a number, and a TCP port; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """The address that is written so: ``127.0.0.1:7001``, ``[::1]:7001``. Raises BadAddress."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise BadAddress(f"address is {text!r}: write host:port, as 127.0.0.1:7001")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Setup:
    """One node's place in a cluster.

    ``dial`` says where the nodes of the cluster are reached: they are the node's peers. ``bind`` is where it listens;
    None for a client, which is answered over the connections that it makes. ``folder`` is where its disk is kept; None
    for a disk that lasts as long as the process. ``secret`` is known to all of the cluster. ``exposed`` allows others
    than this machine to connect. ``tls`` is the context for what is accepted, and the one for what is dialled.

    Raises BadAddress for an address that others can reach unless ``exposed``, and then without a secret.
    """

    cluster: str
    name: str
    vocabulary: Vocabulary
    dial: Mapping[str, Address] = field(default_factory=dict)
    bind: Address | None = None
    folder: Path | None = None
    secret: bytes = field(default=b"", repr=False)
    exposed: bool = False
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None

    def __post_init__(self) -> None:
        if self.bind is None or self.bind.is_loopback:
            return
        if not self.exposed:
            raise BadAddress(
                f"bind is {self.bind}: other machines can connect there. Say --exposed if they may, or use 127.0.0.1"
            )
        if not self.secret:
            raise BadAddress(f"bind is {self.bind}: where other machines can connect, the cluster needs a secret")

    @property
    def peers(self) -> tuple[str, ...]:
        """The nodes that this one works with, sorted."""
        return tuple(sorted(set(self.dial) - {self.name}))
