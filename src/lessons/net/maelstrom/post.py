"""A process of Maelstrom: it learns its name, runs the nodes of a service, and carries what they say and hear."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from random import Random
from time import time_ns
from typing import Any

from lessons.net.errors import Malformed
from lessons.net.host import LiveHost
from lessons.net.maelstrom.envelope import Envelope, parsed
from lessons.net.maelstrom.messages import Ask, Code, Fail, Tell
from lessons.net.maelstrom.services import Service
from lessons.net.storage import MemoryDisk
from lessons.node import Node, UnknownNode

BETWEEN = "lessons"  # the type of messages between our own nodes
FRONT = "/front"  # what the name of a node that answers clients ends with, where another node is behind it


class Post:
    """Between lines and nodes; ``write`` gets each line that is to go out. Disks are in memory: nothing restarts.

    ``ended`` is done when the code of a node has failed, with its error. ``refused`` counts lines that made no sense.
    """

    def __init__(self, service: Service, write: Callable[[str], None]) -> None:
        self.service, self.write = service, write
        self.hosts: dict[str, LiveHost] = {}
        self.front = self.name = ""
        self.refused = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take(self, line: str | bytes) -> None:
        """Do what a line says; one that says nothing is counted, and that is all."""
        try:
            envelope = parsed(line)
            if envelope.what == BETWEEN:
                self._pass_on(envelope)
            elif envelope.what == "init":
                self._begin(envelope)
            else:
                self._ask(envelope)
        except Malformed as error:
            self.refused += 1
            print(error, file=sys.stderr, flush=True)

    # The beginning

    def _begin(self, init: Envelope) -> None:
        """Learn who we are, and start our nodes."""
        name, names = init.fields.get("node_id"), init.fields.get("node_ids")
        if type(name) is not str or not isinstance(names, list) or name not in names or self.hosts:
            self._refuse(
                init, Code.MALFORMED_REQUEST, "init must come once, with node_id, and with node_ids that have it"
            )
            return
        self.name, servers = name, tuple(map(str, names))
        self.front = name + FRONT if self.service.behind else name
        if self.service.behind:
            self._start(name, servers, self.service.behind(name, servers))
        self._start(self.front, servers, self.service.front(name, servers))
        self.write(Envelope(name, init.source, "init_ok", {}, answers=init.number).line())

    def _start(self, name: str, servers: tuple[str, ...], node: Node) -> None:
        peers = tuple(each for each in servers if each != name)
        chance, disk = Random(f"{time_ns()}/{name}"), MemoryDisk(name)
        self.hosts[name] = LiveHost(node, name, peers, chance, disk, time_ns(), _Mouth(self, name), self._failed)
        self.hosts[name].begin()

    def _failed(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)

    # What comes in

    def _ask(self, asked: Envelope) -> None:
        """A client's request."""
        if not self.hosts:
            self._refuse(asked, Code.TEMPORARILY_UNAVAILABLE, "init has not come yet")
        elif asked.number is not None:  # else nobody would hear an answer
            self.hosts[self.front].receive(asked.source, asked.number, Ask(asked.what, asked.fields), None)

    def _refuse(self, asked: Envelope, code: Code, why: str) -> None:
        fields = {"code": int(code), "text": why}
        self.write(Envelope(asked.to, asked.source, "error", fields, answers=asked.number).line())

    def _pass_on(self, envelope: Envelope) -> None:
        """A message from one of our nodes to another: of this process, or of another one."""
        match envelope.fields:
            case {"to": str(to), "from": str(sender), "message": [kind, content]} if to in self.hosts:
                message = self.service.vocabulary.unpack(kind, content)
            case fields:
                raise Malformed(f"{fields!r} is no message for {', '.join(self.hosts) or 'a node before init'}")
        if envelope.number is None:
            raise Malformed(f"{envelope.fields!r} has no msg_id, so that nobody could answer")
        self.hosts[to].receive(sender, envelope.number, message, envelope.answers)


class _Mouth:
    """The outlet of one node."""

    def __init__(self, post: Post, name: str) -> None:
        self.post, self.name = post, name

    def pack(self, to: str, number: int, message: Any, answers: int | None) -> Envelope:
        """See ``Outlet.pack``."""
        if isinstance(message, Tell):
            return Envelope(self.post.name, to, message.what, message.fields, number, answers)
        if isinstance(message, Fail):
            fields = {"code": int(message.code), "text": message.text}
            return Envelope(self.post.name, to, "error", fields, number, answers)
        place = to.removesuffix(FRONT)
        known = [self.post.name, *self.post.hosts[self.name].peers]
        if place not in known:
            raise UnknownNode(to, known)
        packed = [*self.post.service.vocabulary.pack(message)]
        fields = {"from": self.name, "to": to, "message": packed}
        return Envelope(self.post.name, place, BETWEEN, fields, number, answers)

    def ship(self, parcel: Envelope) -> None:
        """See ``Outlet.ship``; what is for a node of this process takes no other way, but is not quicker."""
        line = parcel.line()
        if parcel.to == self.post.name:
            asyncio.get_running_loop().call_soon(self.post.take, line)
        else:
            self.post.write(line)
