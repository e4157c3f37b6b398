"""The store as processes: python -m lessons.net cluster replicated_kv --nodes 5"""

from __future__ import annotations

from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.users import Shopper
from lessons.net import Cluster
from lessons.node import Node


def server(name: str, names: tuple[str, ...]) -> Node:
    """One of the founders."""
    return KVServer(voters=names)


def client(name: str, names: tuple[str, ...]) -> Node:
    """Somebody who reads and writes twenty times."""
    return Shopper(names, steps=tuple(f"{name}{number}" for number in range(1, 21)), salt=name)


CLUSTER = Cluster(server, client, kinds=(KVServer, Shopper))
