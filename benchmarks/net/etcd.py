"""Three servers of etcd, and a client of their JSON gateway that keeps its connections and is no slower than need be.

The gateway is the way for those who have no gRPC: it costs etcd a translation for each request. A connection has one
request under way at a time, so at most ``CONNECTIONS`` are under way, however large the window.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import deque

from benchmarks.net.bouts import Bout, Watch
from lessons.real import etcd

CONNECTIONS = 512


class Caller(asyncio.Protocol):
    """A connection that does one request after the other. It looks at the length of an answer, and at nothing else."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, number: int) -> None:
        """Send the request with this number."""
        self.number = number
        self._transport.write(self._client.requests[number])

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        assert head.startswith(b"HTTP/1.1 200"), self._buffer
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._buffer = b""
            self._client.answered(self)


class Client:
    """Gives each command to a connection that is free, or lets it wait for one."""

    def __init__(self, total: int, window: int) -> None:
        self.watch = Watch(total, window, self.begin)
        self.requests = [*map(request, self.watch.commands)]
        self.free: list[Caller] = []
        self._waiting: deque[int] = deque()

    def begin(self, number: int) -> None:
        """One more is to be under way."""
        if self.free:
            self.free.pop().ask(number)
        else:
            self._waiting.append(number)

    def answered(self, caller: Caller) -> None:
        """A connection has its answer."""
        number = caller.number
        if self._waiting:
            caller.ask(self._waiting.popleft())
        else:
            self.free.append(caller)
        self.watch.done(number)


def request(command: str) -> bytes:
    """A put, whole."""
    body = json.dumps({"key": "eA==", "value": b64encode(command.encode()).decode()}).encode()
    return f"POST /v3/kv/put HTTP/1.1\r\nHost: etcd\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def in_processes(total: int, window: int) -> Bout:
    """Commands to the leader."""
    with etcd(members=3) as cluster:
        return asyncio.run(run(cluster.leader().port, total, window))


async def run(port: int, total: int, window: int) -> Bout:
    """Keep commands under way until all are done."""
    loop = asyncio.get_running_loop()
    client = Client(total, window)
    for _ in range(min(window, CONNECTIONS)):
        _, caller = await loop.create_connection(lambda: Caller(client), "127.0.0.1", port)
        client.free.append(caller)
    client.watch.start()
    while not client.watch.over:
        await asyncio.sleep(0.02)
    return client.watch.bout
