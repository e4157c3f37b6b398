"""Small clusters for tests: nodes in this process, on free ports, in folders that pytest removes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lessons.net import Address, Setup, Station, Vocabulary
from lessons.net.folder import free_ports
from lessons.node import Node, message

SECRET = b"a secret of 16 b"
PATIENCE = 20.0  # seconds after which a test gives up waiting


@message
class Ping:
    number: int = 0


@message
class Pong:
    number: int = 0


@message
class Text:
    text: str


class Echo(Node):
    """Answers each Ping, and keeps what it got."""

    def start(self) -> None:
        self.got: list[Any] = []

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.got.append((sender, ping.number))
        self.reply(Pong(ping.number))

    def on_pong(self, sender: str, pong: Pong) -> None:
        self.got.append((sender, pong.number))

    def on_text(self, sender: str, text: Text) -> None:
        self.got.append((sender, text.text))


VOCABULARY = Vocabulary([Ping, Pong, Text])


def setups(*names: str, folder: Path | None = None, **options: Any) -> dict[str, Setup]:
    """Setups of servers of these names."""
    dial = {name: Address("127.0.0.1", port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    common = {"cluster": "test", "vocabulary": VOCABULARY, "secret": SECRET, **options}
    return {
        name: Setup(name=name, dial=dial, bind=dial[name], folder=folder / name if folder else None, **common)
        for name in names
    }


def client_of(setup: Setup, name: str, **options: Any) -> Setup:
    """The setup of a client of the cluster of a server."""
    return replace(setup, name=name, bind=None, folder=None, **options)


@asynccontextmanager
async def running(
    places: Mapping[str, Setup], make: Mapping[str, Callable[[], Node]] | Callable[[], Node] = Echo, **options: Any
) -> AsyncIterator[dict[str, Station]]:
    """Stations for these setups, which run until the end of the block."""
    makers = make if isinstance(make, Mapping) else dict.fromkeys(places, make)
    stations = {name: Station(setup, makers[name], **options) for name, setup in places.items()}
    try:
        for station in stations.values():
            await station.start()
        yield stations
    finally:
        for station in stations.values():
            await station.stop()


async def until(what: Callable[[], Any], why: str = "") -> None:
    """Wait until something is so; fails when it is not in time."""
    limit = asyncio.get_running_loop().time() + PATIENCE
    while not what():
        assert asyncio.get_running_loop().time() < limit, f"waited in vain {why}"
        await asyncio.sleep(0.005)
