"""Sketches: histories drawn with letters, one line a client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lessons.trace import Operation

_BAR = re.compile(r"\s*\[(?P<said>[^\[\]]+?)(?:(?P<closed>\])|\.\.\.)")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_WORDS = {"None": None, "True": True, "False": False}


def sketch(drawing: str) -> tuple[Operation, ...]:
    """The history that ``drawing`` shows: a line a client, an operation in brackets, columns as times::

        sketch('''
            ann  [write 1]             [read = 1]
            bob      [cas 1 2 = False]
            cat          [write 3 ...
        ''')

    Behind the operation's name come its arguments, and its answer behind ``=``. Dots in place of the end say
    that there was no answer; ``failed`` behind the arguments, that it failed. Values are None, True, False, and
    numbers and texts as in JSON; a text of one word needs no quotation marks. Raises ValueError for anything
    else.
    """
    found = [operation for line in drawing.expandtabs().splitlines() if line.strip() for operation in _read(line)]
    found.sort(key=lambda operation: operation.called)
    return tuple(replace(operation, op=number) for number, operation in enumerate(found))


def _read(line: str) -> Iterator[Operation]:
    """The operations of one client."""
    client = line.split()[0]
    at = line.index(client) + len(client)
    while line[at:].strip():
        bar = _BAR.match(line, at)
        if bar is None or not bar["said"].strip():
            raise ValueError(f"{line.strip()!r}: what begins with {line[at:].strip()[:20]!r} is no [operation]")
        at = bar.end()
        yield _operation(client, bar)


def _operation(client: str, bar: re.Match[str]) -> Operation:
    """The operation in a bar; its place in the line is its time."""
    called, returned = bar.start("said") - 1, bar.end() - 1
    name, *tokens = _TOKEN.findall(bar["said"])
    failed = tokens[-1:] == ["failed"]
    outcome = "unknown" if not bar["closed"] else "fail" if failed else "ok"
    equals = tokens.index("=") if "=" in tokens else len(tokens) - failed
    args, answer = tokens[:equals], tokens[equals + 1 :]
    if len(answer) > 1 or (answer and outcome != "ok"):
        raise ValueError(f"[{bar['said']}: one value is expected behind =, and only where there is an answer")
    value = _value(answer[0]) if answer else None
    end = returned if bar["closed"] else None
    return Operation(client, 0, name, tuple(map(_value, args)), called, end, outcome, value)


def _value(token: str) -> Any:
    if token in _WORDS:
        return _WORDS[token]
    try:
        return json.loads(token)
    except ValueError:
        return token
