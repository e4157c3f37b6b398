"""What an operator may ask of a running node: its state, and its end."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from lessons.net.connection import Connection
from lessons.net.errors import Malformed, Refused, Unreachable
from lessons.net.handshake import Dialling, Identity
from lessons.net.setup import Address
from lessons.node import render
from lessons.node.compact import compact

if TYPE_CHECKING:
    import ssl

    from lessons.net.station import Station


FEW, MOST = 8, 200  # items of a row that is shown whole; characters of a value


class Control:
    """Answers operators of one station."""

    def __init__(self, station: Station) -> None:
        self._station, self._since = station, monotonic()

    def answer(self, payload: bytes) -> str:
        """The answer to a request, ``{"ask": "status"}`` or ``{"ask": "stop"}``. Raises Malformed."""
        try:
            asked = json.loads(payload)["ask"]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise Malformed(f"{payload[:100]!r} asks for nothing") from None
        if asked == "status":
            return compact(self.status())
        if asked == "stop":
            asyncio.get_running_loop().call_soon(self._station.finish)
            return compact({"stops": True})
        raise Malformed(f"ask is {asked!r}: it must be status or stop")

    def status(self) -> dict[str, Any]:
        """What the node is at: its watched fields as a reader would see them, links, counts."""
        station, node = self._station, self._station.node
        shown = {field: brief(getattr(node, field, None)) for field in type(node).watched}
        return {
            "name": station.setup.name,
            "kind": type(node).__name__,
            "cluster": station.setup.cluster,
            "address": str(station.address),
            "process": os.getpid(),
            "uptime": round(monotonic() - self._since, 3),
            "fields": shown,
            "links": {
                name: {"connected": link.way is not None, "waiting": link.waiting}
                for name, link in sorted(station.switchboard.links.items())
            },
            "counts": dict(sorted(station.switchboard.counts.items())),
        }


def brief(value: object) -> str:
    """A value as a reader sees it; of a long row, its length and its last item."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) > FEW:
        return f"{len(value)} items, the last {render(value[-1])[:MOST]}"
    return render(value)[:MOST]


async def ask(
    identity: Identity,
    to: str,
    where: Address,
    request: str,
    timeout: float = 2.0,
    tls: ssl.SSLContext | None = None,
) -> dict[str, Any]:
    """Ask a node for something, within ``timeout`` seconds; returns its answer. Raises Unreachable, Refused."""
    asking = Asking(request)
    loop = asyncio.get_running_loop()
    talk = Dialling(identity, to, role="operator")
    try:
        async with asyncio.timeout(timeout):
            name = where.host if tls else None
            await loop.create_connection(
                lambda: Connection(asking, talk), where.host, where.port, ssl=tls, server_hostname=name
            )
            return await asking.answer
    except Refused:
        raise
    except (OSError, TimeoutError) as error:
        raise Unreachable(f"{to} at {where} does not answer: {error or 'no answer in time'}") from None


class Asking:
    """The end of a connection for one question."""

    def __init__(self, request: str) -> None:
        self._request = request
        self.answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def opened(self, connection: Connection) -> None:
        """See ``End.opened``."""
        connection.say(compact({"ask": self._request}))

    def arrived(self, connection: Connection, payload: bytes) -> None:
        """See ``End.arrived``."""
        if not self.answer.done():
            self.answer.set_result(json.loads(payload))
        connection.close()

    def closed(self, connection: Connection, why: Exception | None) -> None:
        """See ``End.closed``."""
        if not self.answer.done():
            self.answer.set_exception(why or ConnectionResetError("it has closed the connection"))
