"""Three servers of etcd, and a client of their JSON gateway that keeps its connections and is no slower than need be.

The gateway is the way for those who have no gRPC: it costs etcd a translation for each request. A connection has one
request under way at a time, so at most ``CONNECTIONS`` are under way, however large the window.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode

from benchmarks.net.bouts import Bout, Watch
from lessons.real import etcd

VALUE = 20
CONNECTIONS = 512


class Caller(asyncio.Protocol):
    """A connection that does one request after the other. It looks at the length of an answer, and at nothing else."""

    def __init__(self, watch: Watch, waiting: list[int]) -> None:
        self._watch, self._waiting = watch, waiting
        self._buffer = b""
        self.number = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def put(self, number: int) -> None:
        """Ask for a command."""
        self.number = number
        value = b64encode(f"{number:0{VALUE}}".encode()).decode()
        body = json.dumps({"key": "eA==", "value": value}).encode()
        head = f"POST /v3/kv/put HTTP/1.1\r\nHost: etcd\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)

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
            done, self.number = self.number, -1
            if self._waiting:
                self.put(self._waiting.pop(0))
            self._watch.done(done)


def in_processes(total: int, window: int) -> Bout:
    """Commands to the leader."""
    with etcd(members=3) as cluster:
        return asyncio.run(run(cluster.leader().port, total, window))


async def run(port: int, total: int, window: int) -> Bout:
    """Keep commands under way until all are done."""
    loop = asyncio.get_running_loop()
    waiting: list[int] = []

    def begin(number: int) -> None:
        free = next((caller for caller in callers if caller.number < 0), None)
        if free is None:
            waiting.append(number)
        else:
            free.put(number)

    watch = Watch(total, window, begin)
    callers: list[Caller] = []
    for _ in range(min(window, CONNECTIONS)):
        _, caller = await loop.create_connection(lambda: Caller(watch, waiting), "127.0.0.1", port)
        callers.append(caller)
    watch.start()
    while not watch.over:
        await asyncio.sleep(0.02)
    return watch.bout
