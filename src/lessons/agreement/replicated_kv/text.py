"""Commands and answers as text: JSON that names the class and those fields that differ from their default.

A command is its operation, with session, number and time beside the operation's own fields:
``{"type":"Put","key":"x","value":"1","session":4,"number":1,"time":0.25}``.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from itertools import accumulate
from typing import Any

from lessons.agreement.replicated_kv import answers, commands
from lessons.agreement.replicated_kv.answers import Event, Record
from lessons.agreement.replicated_kv.commands import Command
from lessons.agreement.replicated_kv.rules import MOST_ANSWER, MOST_TEXT, BadCommand, refuse

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *commands.OPERATIONS, commands.LeaseStatus, commands.Compare,
        *answers.ANSWERS, answers.Record, answers.Event,
    )
}  # fmt: skip
_DEFAULTS = {kind: tuple((field.name, field.default) for field in fields(kind)) for kind in KINDS.values()}
_KNOWN = {kind: {name for name, _ in _DEFAULTS[kind]} for kind in _DEFAULTS}
_NEEDED = {kind: {name for name, value in _DEFAULTS[kind] if value is MISSING} for kind in _DEFAULTS}
_PLAIN = {str, int, float, bool, type(None)}
_AROUND = ("session", "number", "first", "time")  # what a command adds to its operation
LONGEST_ESCAPE = 12  # characters that JSON may need for one
AROUND_ITEM = 400  # characters of an event beside its key and its value, at most
_encoder = json.JSONEncoder(separators=(",", ":"))


def to_text(message: Any) -> str:
    """A command or an answer as text."""
    return _encoder.encode(plain(message))


def fitting(items: Sequence[Record | Event | str]) -> int:
    """How many of these, from the first on, one answer can hold; the first in any case."""
    if LONGEST_ESCAPE * sum(map(weight, items)) + AROUND_ITEM * len(items) <= MOST_ANSWER:
        return len(items)
    ends = [*accumulate(len(to_text(item)) + 1 for item in items)]
    return max(1, bisect_right(ends, MOST_ANSWER))


def weight(item: Record | Event | str) -> int:
    """Characters and bytes of the keys and values in an item."""
    match item:
        case Record(key, value):
            return len(key) + len(value)
        case Event(_, key, record):
            return len(key) + (weight(record) if record else 0)
    return len(item)


def from_text(text: str, *kinds: type) -> Any:
    """What ``to_text`` has written, of one of these classes; raises BadCommand for anything else."""
    if not (isinstance(text, str) and len(text) <= MOST_TEXT):
        refuse("text", text, f"at most {MOST_TEXT:,} characters")
    try:
        data = json.loads(text)
        made = command_of(data) if kinds == (Command,) else made_of(data)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadCommand):
            raise
        raise BadCommand(f"text is no JSON that can be read: {error}") from None
    if not isinstance(made, kinds):
        refuse("type", type(made).__name__, f"one of {', '.join(kind.__name__ for kind in kinds)}")
    return made


def command_of(data: Any) -> Command:
    """The command in ``data``; raises BadCommand if there is none."""
    if not isinstance(data, dict):
        raise BadCommand(f"text is {str(data)[:40]!r}: it must be an object of JSON")
    around = {name: data.pop(name) for name in _AROUND if name in data}
    return Command(made_of(data), **around)


def plain(value: Any) -> Any:
    """Messages as dictionaries, tuples as lists, bytes as base64; all else as it is."""
    kind = type(value)
    if kind is Command:
        around = ((name, getattr(value, name)) for name in _AROUND)
        return plain(value.do) | {name: item for name, item in around if item}
    if kind in _DEFAULTS:
        named = {"type": kind.__name__}
        for name, default in _DEFAULTS[kind]:
            item = getattr(value, name)
            if item != default:
                named[name] = item if type(item) in _PLAIN else plain(item)
        return named
    if kind is tuple:
        return list(map(plain, value))
    return {"base64": b64encode(value).decode()} if kind is bytes else value


def made_of(data: Any) -> Any:
    """The inverse of ``plain``; raises BadCommand for what it can't have written."""
    if isinstance(data, list):
        return tuple(map(made_of, data))
    if not isinstance(data, dict):
        return data
    if "base64" in data:
        return _bytes_of(data)
    kind = KINDS.get(str(data.get("type")))
    if kind is None:
        raise BadCommand(f"type is {str(data.get('type'))[:40]!r}: it must be one of {', '.join(KINDS)}")
    given = {name: item if type(item) in _PLAIN else made_of(item) for name, item in data.items() if name != "type"}
    if not _NEEDED[kind] <= given.keys() <= _KNOWN[kind]:
        raise _misfit(kind, given)
    return kind(**given)


def _misfit(kind: type, given: Iterable[str]) -> BadCommand:
    """What to say of fields that a class does not have, or lacks."""
    names = ", ".join(sorted(given)[:10])[:100] or "nothing"
    can, needs = (", ".join(sorted(group)) or "none" for group in (_KNOWN[kind], _NEEDED[kind]))
    return BadCommand(f"fields of {kind.__name__} are {names}: it can have {can}, and needs {needs}")


def _bytes_of(data: dict[str, Any]) -> bytes:
    text = data["base64"]
    try:
        if len(data) == 1 and isinstance(text, str):
            return b64decode(text, validate=True)
    except (Error, ValueError):
        pass
    refuse("base64", text, "base64, and alone")
