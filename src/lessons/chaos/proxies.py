"""Proxies: TCP between every two nodes goes through us, so that links can lose, delay, copy and be cut.

What becomes of a frame, the simulator's ``Traffic`` decides, as it does of a message in a simulated world. A frame is
taken whole or not at all, so a stream that has lost some is still one of frames. A connection can't be made across a
cut, and the frames of a handshake pass as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import cast

from lessons.net import Address
from lessons.net.folder import LOOPBACK
from lessons.net.frames import Frames, framed
from lessons.sim.network import Pair, Traffic

HANDSHAKE = 2  # frames of a handshake in each direction


class Proxies:
    """Proxies for a world's links. ``traffic`` says what becomes of frames; its time is that of the loop."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._servers: list[asyncio.Server] = []
        self._open: set[Half] = set()

    async def between(self, dialler: str, listener: str, where: Address) -> Address:
        """Begin a proxy for the connections that ``dialler`` makes to ``listener``; returns what to dial instead."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Front(self, (dialler, listener), where), LOOPBACK, 0)
        self._servers.append(server)
        return Address(LOOPBACK, server.sockets[0].getsockname()[1])

    def is_cut(self, pair: Pair) -> bool:
        """Whether the link is cut in one direction or the other."""
        return pair in self.traffic.cuts or pair[::-1] in self.traffic.cuts

    def joined(self, half: Half) -> None:
        """A connection has begun."""
        self._open.add(half)

    def left(self, half: Half) -> None:
        """A connection is over."""
        self._open.discard(half)

    def close(self) -> None:
        """End all proxies and their connections."""
        for server in self._servers:
            server.close()
        for half in list(self._open):
            half.end()


class Half(asyncio.Protocol):
    """One side of a proxied connection; ``pair`` is the direction of what it receives."""

    def __init__(self, proxies: Proxies, pair: Pair) -> None:
        self._proxies, self.pair = proxies, pair
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._seen = 0
        self._late: list[tuple[float, int, bytes]] = []  # frames by arrival, and those of one moment in their order
        self._transport: asyncio.Transport | None = None
        self.other: Half | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)
        self._proxies.joined(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``: each frame meets its fate."""
        for payload in self._frames.feed(data):
            self._seen += 1
            if self._seen <= HANDSHAKE:
                self._pass(payload)
                continue
            fate = self._proxies.traffic.fate(self.pair, payload, self._loop.time())
            for arrival in () if isinstance(fate, str) else fate:
                heappush(self._late, (arrival, self._seen, payload))
                self._loop.call_at(arrival, self._pass_next)

    def _pass_next(self) -> None:
        """Pass the frame that is due; asyncio may call in any order what is due at one time."""
        self._pass(heappop(self._late)[2])

    def _pass(self, payload: bytes) -> None:
        if self.other is not None:
            self.other.write(framed(payload))

    def write(self, data: bytes) -> None:
        """Send bytes to this side."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def pause_writing(self) -> None:
        """See ``asyncio.Protocol``: whoever sends to this side must wait."""
        self._each_reading(lambda transport: transport.pause_reading())

    def resume_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self._each_reading(lambda transport: transport.resume_reading())

    def _each_reading(self, do: Callable[[asyncio.Transport], None]) -> None:
        transport = self.other._transport if self.other is not None else None
        if transport is not None and not transport.is_closing():
            do(transport)

    def end(self) -> None:
        """Close this side, and nothing else."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """See ``asyncio.Protocol``: the other side is over, too."""
        self._proxies.left(self)
        if self.other is not None:
            self.other.end()


class Front(Half):
    """The side of the dialler: it connects to the listener as soon as it is there."""

    def __init__(self, proxies: Proxies, pair: Pair, where: Address) -> None:
        super().__init__(proxies, pair)
        self._where = where
        self._early: list[bytes] = []
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        super().connection_made(transport)
        if self._proxies.is_cut(self.pair):
            self.end()
        else:
            self._task = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        back = Half(self._proxies, self.pair[::-1])
        back.other = self
        try:
            await self._loop.create_connection(lambda: back, self._where.host, self._where.port)
        except OSError:
            self.end()
            return
        if self._transport is None or self._transport.is_closing():  # the dialler has hung up meanwhile
            back.end()
            return
        self.other = back
        for data in self._early:
            super().data_received(data)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``; what comes before the listener is there waits for it."""
        if self.other is None:
            self._early.append(data)
        else:
            super().data_received(data)
