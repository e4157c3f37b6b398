"""A station: one node of a cluster in this process, with its listener, its links, its disk and its life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from secrets import randbits
from time import time_ns
from typing import Any

from lessons.net.commits import Commits
from lessons.net.connection import Connection
from lessons.net.control import Control
from lessons.net.errors import Malformed
from lessons.net.handshake import Identity, Listening
from lessons.net.host import LiveHost, Witness
from lessons.net.logs import log
from lessons.net.setup import Address, Setup
from lessons.net.storage import FileDisk, MemoryDisk
from lessons.net.switchboard import Outgoing, Switchboard
from lessons.node import Node

MOST_STRANGERS = 256  # connections that have not shown yet that they know the secret


class Station:
    """Runs the node that ``make`` makes; ``ended`` is done when it has stopped, with the error that stopped it if any.

    ``beside`` flushes the disk in a thread, for nodes that share a process (see ``Commits``). ``seed`` fixes the node's
    chance, together with its name and life; without one it is the system's.
    """

    def __init__(
        self,
        setup: Setup,
        make: Callable[[], Node],
        *,
        witness: Witness | None = None,
        beside: bool = False,
        seed: int | str | None = None,
    ) -> None:
        self.setup, self._make, self._witness, self._seed = setup, make, witness, seed
        self._thread = ThreadPoolExecutor(1, f"disk of {setup.name}") if beside and setup.folder else None
        self._identity = Identity(setup.cluster, setup.name, setup.vocabulary.digest, setup.secret)
        self._unpack = setup.vocabulary.unpack
        self._server: asyncio.Server | None = None
        self._accepted: set[Connection] = set()
        self._disk: FileDisk | MemoryDisk | None = None
        self._commits: Commits | None = None
        self._host: LiveHost | None = None
        self.address: Address | None = None  # where it listens

    @property
    def node(self) -> Node:
        """The node, which has been started."""
        assert self._host is not None, "start() comes first"
        return self._host.node

    @property
    def busy(self) -> bool:
        """Whether a workflow of the node goes on: a client that is not has come to the end of its session."""
        return self._host is not None and bool(self._host.tasks)

    # From start to stop

    async def start(self) -> None:
        """Open the disk, listen, connect, start the node. Raises OSError, StorageLocked, StorageFailed."""
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.switchboard = Switchboard(self.setup, self._identity, self)
        self._control = Control(self)
        try:
            self._host = self._begin_life(loop)
            await self._listen(loop)
        except BaseException:
            self._close_disk()
            raise
        self.switchboard.begin()
        log.info("starts", extra={"address": str(self.address), "life": self._lives})
        self._host.begin()

    def _begin_life(self, loop: asyncio.AbstractEventLoop) -> LiveHost:
        name, board = self.setup.name, self.switchboard
        if self.setup.folder is None:
            self._disk = MemoryDisk(name)
            self._lives, born = 1, time_ns()
        else:
            disk = FileDisk(name, self.setup.folder, self.setup.vocabulary.values, lambda: held.ask())
            self._disk, self._lives, born = disk, disk.lives, disk.lives << 32
            held = self._commits = Commits(loop, disk, board.ship, self._failed, self._thread)
        chance = randbits(64) if self._seed is None else self._seed
        rng = Random(f"{chance}/{name}, life {self._lives}")
        node, peers = self._make(), self.setup.peers
        return LiveHost(node, name, peers, rng, self._disk, born, board, self._failed, self._commits, self._witness)

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        bind = self.setup.bind
        if bind is not None:
            secure = self.setup.tls[0] if self.setup.tls else None
            self._server = await loop.create_server(self._accept, bind.host, bind.port, ssl=secure)
            self.address = Address(bind.host, self._server.sockets[0].getsockname()[1])

    def _accept(self) -> Connection:
        connection = Connection(self, Listening(self._identity))
        self._accepted.add(connection)
        too_many = sum(not each.ready for each in self._accepted) > MOST_STRANGERS
        if too_many:
            self.switchboard.counts["refused, too many strangers"] += 1
        if too_many or self.ended.done():  # nobody would talk to one that came while the node ended
            asyncio.get_running_loop().call_soon(connection.close)
        return connection

    def _failed(self, error: Exception) -> None:
        """The node's code, or its disk, has failed: a node that is not sound must be silent."""
        log.critical("the node has failed", extra={"why": str(error)}, exc_info=error)
        self.finish(error)

    def finish(self, error: Exception | None = None) -> None:
        """End the node; ``stop`` then closes what it had."""
        if self._host is not None:
            self._host.die()
        if not self.ended.done():
            if error is None:
                self.ended.set_result(None)
            else:
                self.ended.set_exception(error)

    async def stop(self) -> None:
        """End the node, make its disk durable, say what was still to be said, and close everything."""
        self.finish()
        if self._commits is not None:
            if self.ended.exception() is None:
                await self._commits.settle()
            self._commits.close()
        await self.switchboard.end()
        if self._server is not None:
            self._server.close()
        for connection in list(self._accepted):
            connection.close()
        self._close_disk()
        log.info("stops", extra={"counts": dict(self.switchboard.counts)})

    def _close_disk(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
        if isinstance(self._disk, FileDisk):
            self._disk.close()

    # The end of connections

    def opened(self, connection: Connection) -> None:
        """See ``End.opened``."""
        if isinstance(connection, Outgoing):
            connection.open_for_messages()
        elif connection.peer is not None and connection.peer.role == "node":
            self.switchboard.join(connection, connection.peer.name)

    def arrived(self, connection: Connection, payload: bytes) -> None:
        """See ``End.arrived``."""
        if connection.peer is not None and connection.peer.role == "operator":
            connection.say(self._control.answer(payload))
            return
        sender = connection.sender
        host, unpack = self._host, self._unpack
        for item in parsed(payload):
            if type(item) is not list or len(item) != 4:
                raise Malformed(f"{item!r} is no message with number, answers, class and fields")
            number, answers, index, fields = item
            if type(number) is not int or not (answers is None or type(answers) is int):
                raise Malformed(f"{number!r} and {answers!r} are no numbers of messages")
            message = unpack(index, fields)
            host.receive(sender, number, message, answers)  # type: ignore[union-attr]

    def closed(self, connection: Connection, why: Exception | None) -> None:
        """See ``End.closed``."""
        if isinstance(why, Malformed):
            self.switchboard.counts["malformed"] += 1
            log.warning("a connection had malformed bytes", extra={"peer": connection.sender, "why": str(why)[:500]})
        if not isinstance(connection, Outgoing):
            if not connection.ready:
                self.switchboard.counts["refused"] += 1
            self._accepted.discard(connection)
            if connection.peer is not None:
                self.switchboard.leave(connection, connection.peer.name)


def parsed(payload: bytes) -> list[Any]:
    """The list in a frame. Raises Malformed."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{payload[:100]!r} is no JSON: {error}") from None
    if type(found) is not list:
        raise Malformed(f"{payload[:100]!r} is no list of messages")
    return found
