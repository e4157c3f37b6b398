"""The relay in simloop: once with datagrams between its hosts, once with bare timers of its event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.race import Work
from benchmarks.sim.relay import HIGH, LOW, NODES, until

PORT = 9000


class Relay(asyncio.DatagramProtocol):
    """A host that sends every datagram on to a random other host."""

    def __init__(self, random: Callable[[], float], peers: list[tuple[str, int]]) -> None:
        self.random, self.peers, self.seen = random, peers, 0

    def connection_made(self, transport: Any) -> None:
        """Keep the transport."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Count it and send it on."""
        self.seen += 1
        peers = self.peers
        self.transport.sendto(data, peers[int(self.random() * len(peers))])


def datagrams(deliveries: int) -> Work:
    """A node is a host with a datagram socket; the network delays, and keeps simloop's own trace."""
    from simloop import SimLoop

    loop, random = SimLoop(1), Random(1).random
    loop.net.set_defaults(latency=(LOW, HIGH))
    addresses = [(f"n{number}", PORT) for number in range(NODES)]
    relays = [Relay(random, [each for each in addresses if each != own]) for own in addresses]

    async def open_all() -> None:
        for (host, port), relay in zip(addresses, relays, strict=True):
            endpoint = loop.create_datagram_endpoint(lambda relay=relay: relay, local_addr=(host, port))
            await loop.net.host(host).create_task(endpoint)
        for relay in relays:
            relay.transport.sendto(b"token", relay.peers[0])
        await asyncio.sleep(until(deliveries))

    return Work(lambda: loop.run_until_complete(open_all()), lambda: sum(relay.seen for relay in relays))


def timers(deliveries: int) -> Work:
    """A node is a function, and a message is a ``call_later`` of it: no network, no hosts."""
    from simloop import SimLoop

    loop, counts = SimLoop(1), [0] * NODES
    random, span, later = Random(1).random, HIGH - LOW, loop.call_later

    def receive(number: int, token: object) -> None:
        counts[number] += 1
        to = int(random() * (NODES - 1))
        later(LOW + span * random(), receive, to + (to >= number), token)

    async def start() -> None:
        for number in range(NODES):
            later(LOW + span * random(), receive, (number + 1) % NODES, object())
        await asyncio.sleep(until(deliveries))

    return Work(lambda: loop.run_until_complete(start()), lambda: sum(counts))
