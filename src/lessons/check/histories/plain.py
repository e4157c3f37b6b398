"""Histories as JSON, for any system: one object with a list of operations.

    {
      "model": "cas-register",
      "unit": "s",
      "operations": [
        {"client": "ann", "name": "write", "args": [1], "called": 0.0, "returned": 0.4},
        {"client": "bob", "name": "read", "called": 0.5, "returned": 0.9, "value": 1},
        {"client": "bob", "name": "cas", "args": [1, 2], "called": 1.0, "outcome": "unknown"}
      ]
    }

An operation has

- ``client``: who called it, a text or a number; ``name``: what was called, as the model names it;
- ``called`` and ``returned``: times, numbers on one clock in any unit; ``returned`` is null or missing when no
  answer came;
- ``args``: a list, empty if missing; ``value``: the answer, null if missing;
- ``outcome``: "ok" (it took effect and answered ``value``), "fail" (it certainly had no effect), "unknown" (it
  may have taken effect at any time after the call, or never). If missing, it is "ok" with ``returned`` and
  "unknown" without.

``model`` names the model to judge by and ``unit`` the unit of the times; both may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lessons.check.histories.recorded import Recorded, Unreadable, once, refuse
from lessons.node.plain import encode
from lessons.trace import Operation

FIELDS = ("client", "name", "args", "called", "returned", "outcome", "value")
REQUIRED = ("client", "name", "called")
RULES = {
    "client": "it must be a text or a whole number",
    "name": "it must be a text",
    "args": "it must be a list",
    "called": "it must be a time",
    "returned": "it must be a time, or null",
    "outcome": "it must be a text",
}
PARTS = ("model", "unit", "operations")
LATEST = 1e300  # any number that is not infinite


def to_json(history: Iterable[Operation], model: str | None = None, unit: str = "s") -> str:
    """The text of a file with ``history``: one line an operation. Values must be plain data, as in messages."""
    lines = [json.dumps({name: encode(getattr(each, name)) for name in FIELDS}) for each in history]
    head = ({"model": model} if model else {}) | {"unit": unit}
    return json.dumps(head)[:-1] + ', "operations": [\n' + ",\n".join(lines) + "\n]}\n"


def from_json(text: str) -> Recorded:
    """Read a history; raises Unreadable, with the line, for what is not in this format."""
    try:
        return _Document(text).history()
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, error.msg) from error


class _Document:
    """JSON, read value by value, so that the line of each operation is known."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self._line, self._counted = 1, 0
        self.decoder = json.JSONDecoder(object_pairs_hook=once, parse_constant=refuse)

    @property
    def line(self) -> int:
        """Where ``at`` is."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def history(self) -> Recorded:
        head: dict[str, Any] = {}
        operations: list[tuple[int, Any]] = []
        for name in self._names():
            if name not in PARTS or name in head:
                raise Unreadable(self.line, f"{name!r} is not expected: there are {', '.join(PARTS)}, once each")
            if name == "operations":
                operations += self._elements()
            head[name] = self._value() if name != "operations" else None
        if "operations" not in head:
            raise Unreadable(1, 'there is no "operations"')
        self._end()
        lines = tuple(line for line, _ in operations)
        read = tuple(_operation(number, line, given) for number, (line, given) in enumerate(operations))
        return Recorded(read, lines, _text(head, "unit") or "", _text(head, "model"))

    def _names(self) -> Iterator[str]:
        """The names in the object that the document is; after each of them, its value is next."""
        self._take("{")
        if self._next() == "}":
            self._take("}")
            return
        while True:
            name = self._value()
            self._take(":")
            yield name
            if self._take(",", "}") == "}":
                return

    def _elements(self) -> Iterator[tuple[int, Any]]:
        """The values of a list, each with its line."""
        self._take("[")
        if self._next() == "]":
            self._take("]")
            return
        while True:
            self._next()
            yield self.line, self._value()
            if self._take(",", "]") == "]":
                return

    def _next(self) -> str:
        """The next character that is no space, at ``at``; "" at the end."""
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _take(self, *wanted: str) -> str:
        found = self._next()
        if found not in wanted:
            shown = repr(found) if found else "the end of the file"
            raise Unreadable(self.line, f"{' or '.join(map(repr, wanted))} is expected, and not {shown}")
        self.at += 1
        return found

    def _value(self) -> Any:
        self._next()
        try:
            value, self.at = self.decoder.raw_decode(self.text, self.at)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise Unreadable(self.line, str(error)) from error
        return value

    def _end(self) -> None:
        if self._next():
            raise Unreadable(self.line, "nothing is expected after the end of the object")


def _text(head: dict[str, Any], name: str) -> str | None:
    value = head.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(1, f"{name} is {value!r}: it must be a text")
    return value


def _operation(number: int, line: int, given: Any) -> Operation:
    """The operation that an element of the list describes; raises Unreadable."""
    if not isinstance(given, dict):
        raise Unreadable(line, f"{given!r} is no operation: it must be an object")
    problems = [f"there is no {name!r}" for name in REQUIRED if name not in given]
    problems += [f"{name!r} is not expected: there are {', '.join(FIELDS)}" for name in given if name not in FIELDS]
    problems += [f"{name} is {given[name]!r}: {rule}" for name, rule in RULES.items() if not _keeps(name, given)]
    if problems:
        raise Unreadable(line, problems[0])
    returned = given.get("returned")
    outcome = given.get("outcome") or ("unknown" if returned is None else "ok")
    return Operation(
        str(given["client"]),
        number,
        given["name"],
        tuple(given.get("args") or ()),
        given["called"],
        returned,
        outcome,
        given.get("value"),
    )


def _keeps(name: str, given: dict[str, Any]) -> bool:
    """Whether the field follows its rule; one that may be missing may be null as well."""
    value = given.get(name)
    if value is None:
        return name not in REQUIRED or name not in given
    if name in ("called", "returned"):
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LATEST
    kinds = {"client": str | int, "name": str, "args": list, "outcome": str}
    return isinstance(value, kinds[name]) and not isinstance(value, bool)
