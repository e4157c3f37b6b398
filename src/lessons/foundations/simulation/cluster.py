"""The counter as a process: python -m lessons.net cluster simulation"""

from __future__ import annotations

from lessons.foundations.simulation.counter import Clerk, Counter
from lessons.net import Cluster
from lessons.node import Node


def server(name: str, names: tuple[str, ...]) -> Node:
    """The counter; there is one."""
    return Counter()


def client(name: str, names: tuple[str, ...]) -> Node:
    """A clerk, who adds 1 ten times."""
    return Clerk(additions=10)


CLUSTER = Cluster(server, client, kinds=(Counter, Clerk), names=("counter",))
