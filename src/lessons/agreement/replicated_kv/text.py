"""Commands and answers as text: JSON that names the class and those fields that differ from their default.

A command is its operation, with session, number and time beside the operation's own fields:
``{"type":"Put","key":"x","value":"1","session":4,"number":1,"time":0.25}``.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import MISSING, fields
from typing import Any

from lessons.agreement.replicated_kv import answers, commands
from lessons.agreement.replicated_kv.commands import Command
from lessons.agreement.replicated_kv.rules import MOST_TEXT, BadCommand, require

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *commands.OPERATIONS, commands.LeaseStatus, commands.Compare,
        *answers.ANSWERS, answers.Record, answers.Event,
    )
}  # fmt: skip
_DEFAULTS = {kind: tuple((field.name, field.default) for field in fields(kind)) for kind in KINDS.values()}
_NEEDED = {kind: {name for name, value in _DEFAULTS[kind] if value is MISSING} for kind in _DEFAULTS}
_AROUND = ("session", "number", "first", "time")  # what a command adds to its operation
_encoder = json.JSONEncoder(separators=(",", ":"))


def to_text(message: Any) -> str:
    """A command or an answer as text."""
    return _encoder.encode(plain(message))


def from_text(text: str, *kinds: type) -> Any:
    """What ``to_text`` has written, of one of these classes; raises BadCommand for anything else."""
    require(isinstance(text, str) and len(text) <= MOST_TEXT, "text", text, f"at most {MOST_TEXT:,} characters")
    try:
        data = json.loads(text)
        made = command_of(data) if kinds == (Command,) else made_of(data)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadCommand):
            raise
        raise BadCommand(f"text is no JSON that can be read: {error}") from None
    known = ", ".join(kind.__name__ for kind in kinds)
    require(isinstance(made, kinds), "type", type(made).__name__, f"one of {known}")
    return made


def command_of(data: Any) -> Command:
    """The command in ``data``; raises BadCommand if there is none."""
    if not isinstance(data, dict):
        raise BadCommand(f"text is {str(data)[:40]!r}: it must be an object of JSON")
    inside = {name: item for name, item in data.items() if name not in _AROUND}
    return Command(made_of(inside), **{name: data[name] for name in _AROUND if name in data})


def plain(value: Any) -> Any:
    """Messages as dictionaries, tuples as lists, bytes as base64; all else as it is."""
    if isinstance(value, Command):
        around = ((name, getattr(value, name)) for name in _AROUND)
        return plain(value.do) | {name: item for name, item in around if item}
    if type(value) in _DEFAULTS:
        named = {"type": type(value).__name__}
        for name, default in _DEFAULTS[type(value)]:
            item = getattr(value, name)
            if item is not default and item != default:
                named[name] = plain(item)
        return named
    if isinstance(value, tuple):
        return list(map(plain, value))
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else value


def made_of(data: Any) -> Any:
    """The inverse of ``plain``; raises BadCommand for what it can't have written."""
    if isinstance(data, list):
        return tuple(map(made_of, data))
    if not isinstance(data, dict):
        return data
    if set(data) == {"base64"}:
        return _bytes_of(data["base64"])
    kind = KINDS.get(str(data.get("type")))
    if kind is None:
        raise BadCommand(f"type is {str(data.get('type'))[:40]!r}: it must be one of {', '.join(KINDS)}")
    given = {name: made_of(item) for name, item in data.items() if name != "type"}
    _check_names(kind, set(given))
    return kind(**given)


def _check_names(kind: type, given: set[str]) -> None:
    known = {name for name, _ in _DEFAULTS[kind]}
    if given - known or _NEEDED[kind] - given:
        names = ", ".join(sorted(given)[:10])[:100] or "nothing"
        can, needs = (", ".join(sorted(group)) or "none" for group in (known, _NEEDED[kind]))
        raise BadCommand(f"fields of {kind.__name__} are {names}: it can have {can}, and needs {needs}")


def _bytes_of(text: Any) -> bytes:
    require(isinstance(text, str), "base64", text, "a text")
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        raise BadCommand(f"base64 is {text[:40]!r}: it must be base64") from None
