"""Maelstrom's protocol: nodes of the book answer its workloads, as processes that read and write lines of JSON.

    python -m lessons.net maelstrom lin-kv

A chapter says in its module ``maelstrom`` what it can answer::

    class Counter(Answering, DeltaGossip):
        def answer_read(self, fields):
            return {"value": self.value}

    SERVICES = {"g-counter": Service(lambda name, names: Counter(of="g-counter"), (Counter,))}

The protocol is that of Maelstrom's doc/protocol.md, the requests are those of its doc/workloads.md.
"""

from lessons.net.maelstrom.answering import Answering, Fields, field
from lessons.net.maelstrom.envelope import Envelope, parsed
from lessons.net.maelstrom.messages import Ask, Code, Fail, Failure, Tell
from lessons.net.maelstrom.post import Post
from lessons.net.maelstrom.services import Service, UnknownService, find, services

__all__ = [
    "Answering",
    "Ask",
    "Code",
    "Envelope",
    "Fail",
    "Failure",
    "Fields",
    "Post",
    "Service",
    "Tell",
    "UnknownService",
    "field",
    "find",
    "parsed",
    "services",
]
