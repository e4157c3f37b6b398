"""Answering: a part of a node class that answers each type of request with a method of its own."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from lessons.net.maelstrom.messages import Ask, Code, Fail, Failure, Tell
from lessons.node import Node

Fields = Mapping[str, Any]


class Answering(Node):
    """Answers a request of the type ``read`` with what ``answer_read(fields)`` returns: the fields of ``read_ok``.

    The method may be a coroutine. What it can't do it says by raising Failure.
    """

    async def on_ask(self, client: str, ask: Ask) -> None:
        """Find the method, and send what it returns or raises."""
        try:
            method = getattr(self, f"answer_{ask.what}", None)
            if method is None:
                raise Failure(Code.NOT_SUPPORTED, f"type is {ask.what!r}: {type(self).__name__} can't do that")
            answer = method(ask.fields)
            self.reply(Tell(f"{ask.what}_ok", await answer if isawaitable(answer) else answer))
        except Failure as failure:
            self.reply(Fail(failure.code, str(failure)))


def field(fields: Fields, name: str, *kinds: type) -> Any:
    """A field of a request; raises Failure when it is not there, or of none of these kinds, if any are given."""
    if name not in fields:
        raise Failure(Code.MALFORMED_REQUEST, f"{name} is missing: the request must have it")
    value = fields[name]
    if kinds and type(value) not in kinds:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise Failure(Code.MALFORMED_REQUEST, f"{name} is {value!r}: it must be of type {wanted}")
    return value
