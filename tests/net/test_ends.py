"""The end of a connection, also of one that is closed before it is made."""

from __future__ import annotations

import asyncio

import pytest

from lessons.net.connection import Connection
from lessons.net.handshake import Identity, Listening


class End:
    """Tells when its connection is over."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def opened(self, connection: Connection) -> None: ...

    def arrived(self, connection: Connection, payload: bytes) -> None: ...

    def closed(self, connection: Connection, why: Exception | None) -> None:
        self.over.set()


@pytest.mark.parametrize("is_early", [True, False])
def test_a_connection_ends_when_it_is_closed_however_early_that_is(is_early: bool) -> None:
    async def run() -> None:
        loop, end = asyncio.get_running_loop(), End()
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        connection = Connection(end, Listening(Identity("test", "n1", "digest")))
        if is_early:
            connection.close()
        await loop.create_connection(lambda: connection, *server.sockets[0].getsockname())
        if not is_early:
            connection.close()
        await asyncio.wait_for(end.over.wait(), 4)  # a handshake may take longer
        server.close()

    asyncio.run(run())
