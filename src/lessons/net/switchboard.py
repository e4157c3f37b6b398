"""The switchboard of a node: which link a message goes out by, and who is connected."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import SystemRandom
from typing import Any

from lessons.net.connection import Connection, End
from lessons.net.errors import Malformed, Refused
from lessons.net.frames import MOST
from lessons.net.handshake import Dialling, Identity
from lessons.net.link import Link
from lessons.net.logs import log
from lessons.net.setup import Address, Setup
from lessons.node.compact import compact
from lessons.node.message import IMMUTABLE

LONG = 500  # characters of a text that is worth to be kept
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0  # seconds between two attempts to connect

_chance = SystemRandom()


class Switchboard:
    """Links to the nodes that are dialled, and back to those that have dialled us and have no address (clients).

    It is the ``Outlet`` of a node. ``counts`` says what became of messages and connections.
    """

    def __init__(self, setup: Setup, identity: Identity, end: End) -> None:
        self._setup, self._identity, self._end = setup, identity, end
        self._loop = asyncio.get_running_loop()
        self._pack = setup.vocabulary.pack
        self.counts: Counter[str] = Counter()
        self.links: dict[str, Link] = {name: Link(self._loop, self.counts) for name in setup.dial}
        self._last: tuple[Any, str] = None, ""
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Connect to all nodes that have an address, for ever."""
        self._tasks = [self._loop.create_task(self._keep(name, where)) for name, where in self._setup.dial.items()]

    # The outlet

    def pack(self, to: str, number: int, message: Any, answers: int | None) -> tuple[Link, str] | None:
        """See ``Outlet.pack``; None for somebody who has no address and is not connected.

        That is no error of the author: a client that the node remembers may come back at any moment, or never.
        """
        link = self.links.get(to)
        if link is None:
            self.counts["dropped, not connected"] += 1
            log.debug("nobody of that name is connected", extra={"to": to, "known": sorted(self.links)})
            return None
        text = f"[{number},{'null' if answers is None else answers},{self._text(message)}]"
        if len(text) + 2 > MOST:
            self.counts["dropped, too long"] += 1
            log.warning("a message is too long", extra={"to": to, "bytes": len(text), "most": MOST})
            return None
        return link, text

    def _text(self, message: Any) -> str:
        """A message as text. What is long is often said to several: the last of that kind is kept."""
        last, text = self._last
        if message is last or (type(message) is type(last) and message == last):
            return text
        text = compact(self._pack(message))[1:-1]
        if len(text) > LONG and type(message) in IMMUTABLE:
            self._last = message, text
        return text

    def ship(self, parcel: tuple[Link, str] | None) -> None:
        """See ``Outlet.ship``."""
        if parcel is not None:
            link, text = parcel
            link.push(text)

    # Connections

    async def _keep(self, name: str, where: Address) -> None:
        """Keep up a connection: one that is soon over doubles the pause before the next, and chance shortens it."""
        pause = FIRST_PAUSE
        while True:
            began = self._loop.time()
            try:
                await self._connection(name, where)
            except Refused as refused:
                self.counts["refused by others"] += 1
                log.warning("refused", extra={"peer": name, "why": str(refused)})
            except (OSError, Malformed) as error:
                log.debug("no connection", extra={"peer": name, "why": str(error)})
            if self._loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause * (0.5 + 0.5 * _chance.random()))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _connection(self, name: str, where: Address) -> None:
        """One connection, from the attempt to its end; raises OSError, Refused unless it came to a handshake."""
        way = Outgoing(self._end, Dialling(self._identity, name), self.links[name])
        secure = self._setup.tls[1] if self._setup.tls else None
        await self._loop.create_connection(
            lambda: way, where.host, where.port, ssl=secure, server_hostname=where.host if secure else None
        )
        try:
            await way.over
        finally:
            way.close()
        self.counts["connections lost"] += 1

    def join(self, connection: Connection, name: str) -> None:
        """Somebody has dialled us: if we can't dial them, what we have to say to them goes back this way."""
        if name in self._setup.dial:
            return
        link = self.links.get(name)
        if link is None:
            link = self.links[name] = Link(self._loop, self.counts)
        link.way = connection
        connection.when_resumed(link.flush)
        link.flush()

    def leave(self, connection: Connection, name: str) -> None:
        """A connection to us is over."""
        link = self.links.get(name)
        if name not in self._setup.dial and link is not None and link.way is connection:
            self.links.pop(name).close()

    async def end(self) -> None:
        """Send what waits, as far as connections take it, and end them."""
        for link in self.links.values():
            link.flush()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Outgoing(Connection):
    """A connection that we have made for a link; ``over`` is done when it has ended."""

    def __init__(self, end: End, talk: Dialling, link: Link) -> None:
        super().__init__(end, talk)
        self._link = link
        self.over: asyncio.Future[None] = self._loop.create_future()
        self.over.add_done_callback(_seen)
        self.when_resumed(link.flush)

    def open_for_messages(self) -> None:
        """The handshake is done: what has waited goes out."""
        self._link.way = self
        self._link.flush()

    def connection_lost(self, error: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        if self._link.way is self:
            self._link.way = None
        super().connection_lost(error)
        if self.over.done():
            return
        if self.ready:
            self.over.set_result(None)
        else:
            self.over.set_exception(self._why or error or ConnectionResetError("closed before the handshake was done"))


def _seen(over: asyncio.Future[None]) -> None:
    """Look at its error, if any: who dialled may have heard of it before, and does not wait for it then."""
    if not over.cancelled():
        over.exception()
