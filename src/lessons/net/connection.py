"""One TCP connection: frames, the handshake, and then whatever its ends have to say."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

from lessons.net import handshake
from lessons.net.errors import Malformed, Refused
from lessons.net.frames import MOST, Frames, framed
from lessons.net.handshake import Dialling, Hello, Listening

PATIENCE = 5.0  # seconds that a handshake may take
HIGH_WATER = 256 * 1024  # bytes that the system has not taken yet, above which a connection is clogged


class End(Protocol):
    """Who has connections."""

    def opened(self, connection: Connection) -> None:
        """The handshake is done."""

    def arrived(self, connection: Connection, payload: bytes) -> None:
        """A frame has come. Raises Malformed for one that makes no sense."""

    def closed(self, connection: Connection, why: Exception | None) -> None:
        """It is over, because of an error or because the other side has closed it."""


class Connection(asyncio.Protocol):
    """A connection of ``end``, dialled or accepted, as ``talk`` has it. ``peer`` is the hello of a dialler."""

    def __init__(self, end: End, talk: Dialling | Listening) -> None:
        self._end, self._talk = end, talk
        self._frames = Frames(handshake.MOST)
        self._why: Exception | None = None
        self._ended = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._limit: asyncio.TimerHandle | None = None
        self._resumed: Callable[[], None] = lambda: None
        self._write: Callable[[bytes], None] = lambda data: None
        self.clogged = False
        self.ready = False  # the handshake is done

    @property
    def peer(self) -> Hello | None:
        """Who has dialled us; None if we have dialled."""
        return self._talk.peer if isinstance(self._talk, Listening) else None

    @property
    def sender(self) -> str:
        """Who is at the other end; empty as long as nobody knows."""
        if isinstance(self._talk, Dialling):
            return self._talk.to
        return self._talk.peer.name if self._talk.peer else ""

    def when_resumed(self, call: Callable[[], None]) -> None:
        """Call back when it is clogged no more."""
        self._resumed = call

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._write(data)

    def say(self, text: str) -> None:
        """Send a frame."""
        self._write(framed(text.encode()))

    def close(self, why: Exception | None = None) -> None:
        """End it: what was written still goes out, unless there is an error."""
        self._why, self._ended = self._why or why, True
        if self._transport is None:
            return  # as soon as it is made
        if why is None or isinstance(why, Refused):
            self._transport.close()
        else:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)
        if self._ended:
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        self._write = self._transport.write
        bare = transport.get_extra_info("socket")
        if bare is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._limit = self._loop.call_later(PATIENCE, self.close, Refused("the handshake took too long"))
        if isinstance(self._talk, Dialling):
            self.say(self._talk.first)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self._why is not None:
            return
        try:
            for payload in self._frames.feed(data):
                if self.ready:
                    self._end.arrived(self, payload)
                else:
                    self._shake(payload)
        except Malformed as error:
            self.close(error)
        except Refused as refused:
            if isinstance(self._talk, Listening):
                self.say(handshake.refusal(refused))
            self.close(refused)

    def _shake(self, payload: bytes) -> None:
        try:
            text = payload.decode("ascii")
        except UnicodeDecodeError:
            raise Malformed("a handshake has bytes that are no text") from None
        answer = self._talk.step(text)
        if answer is not None:
            self.say(answer)
        if self._talk.done:
            self.ready, self._frames.most = True, MOST
            if self._limit is not None:
                self._limit.cancel()
            self._end.opened(self)

    def pause_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self.clogged = True

    def resume_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self.clogged = False
        self._resumed()

    def connection_lost(self, error: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        if self._limit is not None:
            self._limit.cancel()
        self._end.closed(self, self._why or error)
