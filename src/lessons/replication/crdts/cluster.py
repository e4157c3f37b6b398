"""Replicas of a set as processes: python -m lessons.net cluster crdts"""

from __future__ import annotations

from lessons.net import Cluster
from lessons.node import Client, Node, TimedOut
from lessons.replication.crdts.gossip import DeltaGossip
from lessons.replication.crdts.replica import Do


class Shopper(Client):
    """Puts so many things into the set, each at another replica, and notes what became of it."""

    def __init__(self, servers: tuple[str, ...], things: tuple[str, ...], patience: float = 1.0) -> None:
        self.servers, self.things, self.patience = servers, things, patience

    async def session(self) -> None:
        """One thing after the other; to add a thing twice is to add it."""
        for number, thing in enumerate(self.things):
            replica = self.servers[number % len(self.servers)]
            answer = None
            while answer is None:
                try:
                    answer = await self.request(replica, Do("add", (thing,)), self.patience)
                except TimedOut:
                    continue


def server(name: str, names: tuple[str, ...]) -> Node:
    """A replica that sends deltas."""
    return DeltaGossip(of="or-set")


def client(name: str, names: tuple[str, ...]) -> Node:
    """Somebody who adds six things."""
    return Shopper(names, tuple(f"{name}{number}" for number in range(1, 7)))


CLUSTER = Cluster(server, client, kinds=(DeltaGossip, Shopper))
