"""Worlds for the tests of sweeps: with seeds that break a rule, raise, end their process, or wait to be let on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from lessons.check import invariant
from lessons.node import Node, message
from lessons.sim import Link, Simulation, State


@message
class Ping:
    """Says how often it was passed on."""

    number: int


class Player(Node):
    """Passes a ball on, to anybody."""

    watched = ("count",)

    def start(self) -> None:
        self.count = 0
        if self.name == "a":
            self.after(0.1, self.serve)

    def serve(self) -> None:
        self.on_ping("", Ping(0))

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.count += 1
        self.send(self.rng.choice(self.peers), Ping(ping.number + 1))


@invariant("Nobody has the ball 9 times as often as anybody else.")
def Fair(state: State) -> str | None:
    """What some seeds break."""
    counts = [node.count for node in state.values() if node.up]
    return f"{counts}" if max(counts) > 8 + min(counts) else None


def ball(seed: int, loss: float = 0.02) -> Simulation:
    """Three players."""
    sim = Simulation(seed, network=Link(loss=loss), invariants=[Fair])
    sim.add(["a", "b", "c"], Player)
    return sim


def InPlay(sim: Simulation) -> Iterator[str]:
    """The ball is in play at the end."""
    if sum(node.count for node in sim.state.values()) < 50:
        yield f"the ball was lost after {sum(node.count for node in sim.state.values())} passes"


def raises(seed: int) -> Simulation:
    """A world that can't be built when its seed ends in 7, and has a bug when it ends in 9."""
    if seed % 10 == 7:
        raise ZeroDivisionError(f"seed {seed}")
    sim = ball(seed, loss=0.0)
    if seed % 10 == 9:
        sim.at(0.15).ask("a", "nothing")
    return sim


def kills(seed: int, at: tuple[int, ...] = (13,)) -> Simulation:
    """A world that ends its process, for some seeds."""
    if seed in at:
        os.kill(os.getpid(), signal.SIGKILL)
    return ball(seed)


def kills_once(seed: int, flag: str = "", at: int = 13) -> Simulation:
    """A world that ends its process the first time that it is built for a seed."""
    if seed == at and not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ball(seed)


def interrupts(seed: int) -> Simulation:
    """A world in which somebody presses Ctrl-C at seed 5."""
    if seed == 5:
        raise KeyboardInterrupt
    return ball(seed)
