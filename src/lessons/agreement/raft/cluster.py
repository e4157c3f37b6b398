"""Raft as processes: python -m lessons.net cluster raft --nodes 5"""

from __future__ import annotations

from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.user import Proposer
from lessons.net import Cluster
from lessons.node import Node

COMMANDS = tuple(f"x={number}" for number in range(1, 11))


def server(name: str, names: tuple[str, ...]) -> Node:
    """One of the founders."""
    return Raft(voters=names)


def client(name: str, names: tuple[str, ...]) -> Node:
    """Somebody who proposes ten commands."""
    return Proposer(servers=names, commands=COMMANDS)


CLUSTER = Cluster(server, client, kinds=(Raft, Proposer))
