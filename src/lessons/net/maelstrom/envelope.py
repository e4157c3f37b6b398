"""One line of JSON a message: ``{"src": ..., "dest": ..., "body": {"type": ..., "msg_id": ..., ...}}``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lessons.net.errors import Malformed

LONGEST = 1 << 20  # bytes in a line
RESERVED = ("type", "msg_id", "in_reply_to")


@dataclass(frozen=True)
class Envelope:
    """A message from ``source`` to ``to``; ``number`` is its msg_id, ``answers`` what it replies to, None without."""

    source: str
    to: str
    what: str
    fields: Mapping[str, Any]
    number: int | None = None
    answers: int | None = None

    def line(self) -> str:
        """The message as a line, without its end."""
        numbers = {"msg_id": self.number, "in_reply_to": self.answers}
        known = {name: number for name, number in numbers.items() if number is not None}
        body = {**self.fields, "type": self.what, **known}
        return json.dumps({"src": self.source, "dest": self.to, "body": body})


def parsed(line: str | bytes) -> Envelope:
    """The message of a line; raises Malformed for anything else."""
    if len(line) > LONGEST:
        raise Malformed(f"a line has {len(line):,} bytes: at most {LONGEST:,} are read")
    try:
        data = json.loads(line)
        source, to, body = data["src"], data["dest"], dict(data["body"])
        what, number, answers = (body.pop(name, None) for name in RESERVED)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"a line is no message: {error!r} in {line[:80]!r}") from None
    texts, numbers = (source, to, what), (number, answers)
    if not all(type(each) is str for each in texts) or not all(type(each) in (int, type(None)) for each in numbers):
        raise Malformed(f"src, dest and type must be texts, msg_id and in_reply_to whole numbers: {line[:80]!r}")
    return Envelope(source, to, what, body, number, answers)
