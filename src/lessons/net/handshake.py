"""The handshake: both sides show that they know the cluster's secret, without saying it, before anything else is said.

1. The dialler says hello: version, cluster, names, the digest of its vocabulary, and a number used once.
2. The listener says the same of itself, with a number of its own, and proves that it knows the secret.
3. The dialler proves it too, and the listener welcomes it.

A proof is the HMAC (RFC 2104) of the bytes of both hellos and of the side that makes it. So a proof of an old
connection fits no other, that of one side is none for the other, and who changes a hello on its way, to an older
version say, spoils both proofs. Without TLS nothing protects what is said afterwards from somebody on the way.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

from lessons.net.errors import Malformed, Refused
from lessons.node.compact import compact

VERSION = 2
MOST = 4096  # bytes in a frame of the handshake
LEAST_SECRET = 16  # bytes


@dataclass(frozen=True)
class Identity:
    """Who we are: our name in which cluster, the digest of our vocabulary, and the cluster's secret."""

    cluster: str
    name: str
    words: str
    secret: bytes = b""

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) < LEAST_SECRET:
            raise ValueError(f"secret has {len(self.secret)} bytes: it must have {LEAST_SECRET} or more, or none")


@dataclass(frozen=True)
class Hello:
    """What a side says first. ``role`` is "node", or "operator" for who asks for the state or the end of a node."""

    version: int
    cluster: str
    name: str
    to: str
    role: str
    words: str
    nonce: str


def hello(us: Identity, to: str, role: str) -> str:
    """Our hello to ``to``, as text."""
    return compact(asdict(Hello(VERSION, us.cluster, us.name, to, role, us.words, token_hex(16))))


def read(text: str) -> Hello:
    """The hello in a text; raises Malformed."""
    data = _object(text)
    kinds = {name: type(value) for name, value in data.items()}
    if kinds != {name: int if name == "version" else str for name in Hello.__dataclass_fields__}:
        raise Malformed(f"{text!r} is no hello")
    return Hello(**data)


def objection(us: Identity, them: Hello) -> str | None:
    """Why we can't talk with them whatever their secret; None when we can."""
    if them.version != VERSION:
        return f"{them.name} speaks version {them.version} of the protocol, {us.name} version {VERSION}"
    if them.cluster != us.cluster:
        return f"{them.name} is of cluster {them.cluster!r}, {us.name} of {us.cluster!r}"
    if them.to != us.name:
        return f"{them.name} wants to talk with {them.to!r}, and this is {us.name!r}"
    if them.role == "node" and them.words != us.words:
        return f"{them.name} knows other messages than {us.name}: run the same version of the code on both"
    return None


def proof(us: Identity, side: str, dialler: str, listener: str) -> str:
    """The proof of one side ("dialler" or "listener") that it knows the secret, for these two hellos."""
    said = compact([side, dialler, listener])
    return hmac.new(us.secret, said.encode(), sha256).hexdigest()


class Dialling:
    """The dialler's side: ``first`` is to be sent, and the answer to what ``step`` is told; ``done`` in the end."""

    def __init__(self, us: Identity, to: str, role: str = "node") -> None:
        self._us, self.to = us, to
        self.first = hello(us, to, role)
        self._proved = self.done = False

    def step(self, text: str) -> str | None:
        """Take what the listener says and return what to say, if anything. Raises Malformed, Refused."""
        data = _object(text)
        if "refused" in data:
            raise Refused(f"{self.to} refuses {self._us.name}: {data['refused']}")
        if self._proved:
            if data != {"welcome": True}:
                raise Malformed(f"{text!r} is no welcome")
            self.done = True
            return None
        theirs, shown = _pair(data, "hello", "proof")
        why = objection(self._us, read(theirs))
        if why is not None:
            raise Refused(why)
        if not hmac.compare_digest(shown.encode(), proof(self._us, "listener", self.first, theirs).encode()):
            raise Refused(f"{self.to} does not know the secret of cluster {self._us.cluster!r}")
        self._proved = True
        return compact({"proof": proof(self._us, "dialler", self.first, theirs)})


class Listening:
    """The listener's side: answers what ``step`` is told; ``peer`` is who it was, once ``done``."""

    def __init__(self, us: Identity) -> None:
        self._us = us
        self._hello = self._own = ""
        self.peer: Hello | None = None
        self.done = False

    def step(self, text: str) -> str:
        """Take what the dialler says and return what to say. Raises Malformed, Refused."""
        if self.peer is None:
            return self._greet(text)
        (shown,) = _pair(_object(text), "proof")
        if not hmac.compare_digest(shown.encode(), proof(self._us, "dialler", self._hello, self._own).encode()):
            raise Refused(f"{self.peer.name} does not know the secret of cluster {self._us.cluster!r}")
        self.done = True
        return compact({"welcome": True})

    def _greet(self, text: str) -> str:
        them = read(text)
        why = objection(self._us, them)
        if why is not None:
            raise Refused(why)
        self.peer, self._hello = them, text
        self._own = hello(self._us, them.name, them.role)
        return compact({"hello": self._own, "proof": proof(self._us, "listener", text, self._own)})


def refusal(why: object) -> str:
    """What to say to somebody we do not want to talk with."""
    return compact({"refused": str(why)[:200]})


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"{text[:200]!r} is no JSON") from None
    if type(data) is not dict:
        raise Malformed(f"{text[:200]!r} is no JSON object")
    return data


def _pair(data: Mapping[str, Any], *names: str) -> list[str]:
    """The texts under these names, which must be all there is."""
    if sorted(data) != sorted(names) or not all(type(value) is str for value in data.values()):
        raise Malformed(f"{dict(data)!r} must have {' and '.join(names)}, and nothing else")
    return [data[name] for name in names]
