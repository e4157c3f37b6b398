"""The relay: nodes that send each token that they receive on to a random other node, in our kernel."""

from __future__ import annotations

from benchmarks.race import Work
from lessons.node import Node, message
from lessons.sim import Link, Simulation, Uniform

NODES = 100
LOW, HIGH = 1.0, 10.0
WORKLOAD = (
    f"{NODES} nodes with a token each. A message travels between {LOW:g} and {HIGH:g} virtual seconds, all equally "
    "likely. Who receives a token counts it and sends the same object on to one of the other nodes, at random."
)


@message
class Token:
    """What is passed on."""


class Relay(Node):
    """Sends every token on to a random other node."""

    def start(self) -> None:
        """Send the first token."""
        self.seen = 0
        self.send(self.peers[0], Token())

    def on_token(self, sender: str, token: Token) -> None:
        """Count it and send it on."""
        self.seen += 1
        peers = self.peers
        self.send(peers[int(self.rng.random() * len(peers))], token)


def until(deliveries: int) -> float:
    """Virtual seconds in which about so many tokens arrive."""
    return deliveries * (LOW + HIGH) / 2 / NODES


def world(seed: int = 1) -> tuple[Simulation, list[str]]:
    """A simulation of the relay that has not run yet, and the names of its nodes."""
    simulation = Simulation(seed, network=Link(Uniform(LOW, HIGH)), limit=10**9)
    names = [f"n{number}" for number in range(NODES)]
    simulation.add(names, Relay)
    return simulation, names


def seen(simulation: Simulation, names: list[str]) -> int:
    """How many tokens the nodes have counted."""
    nodes = (simulation.node(name) for name in names)
    return sum(node.seen for node in nodes if isinstance(node, Relay))


def work(deliveries: int) -> Work:
    """About so many deliveries, with the full kernel: every send and delivery is on record."""
    simulation, names = world()
    return Work(lambda: simulation.run(until=until(deliveries)), lambda: seen(simulation, names))
