"""Histories as JSON: one transaction a line, read and written.

A line of a history file is a JSON object:

    {"name": "T1", "outcome": "committed", "process": "p1", "start": 0.5, "end": 0.7,
     "operations": [["append", "x", 1], ["read", "y", [3, 4]], ["write", "z", 5], ["read", "w", null]]}

- ``operations``: what the transaction did, in order. ``["append", key, value]`` adds to a list,
  ``["write", key, value]`` sets a register, ``["read", key, answer]`` reads either: the answer is a list, or the
  value of a register, or null where nobody had written. ``["read", key]`` is a read whose answer is not known, and
  so is a null in a transaction that is not known to have committed. "r" and "w" may stand for "read" and "write".
  Keys and values are numbers or texts; each value is written to a key at most once.
- ``outcome``: "committed" (if it is left out), "aborted" or "unknown".
- ``name``: one for each transaction; T1, T2 ... by position if it is left out.
- ``process``, ``start``, ``end``: the client, and when it began and had the answer. They are needed for levels
  that respect the order of sessions or of time, and may be left out otherwise.

A line ``{"versions": {"z": [5, 6]}}`` says in which order the values of a register were installed, if the
database tells; where a key is a number it is ``{"versions": [[7, [5, 6]]]}``. Empty lines are skipped. The lines
may also be the elements of one JSON array, or of the array ``transactions`` of one object, which may have
``versions`` beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessons.check.histories.recorded import Unreadable as NoText
from lessons.check.histories.recorded import once, read_text, refuse
from lessons.check.isolation.checking import check_isolation
from lessons.check.isolation.history import UNSEEN, Append, BadHistory, Operation, Read, Transaction, Write
from lessons.check.isolation.orders import Order
from lessons.check.isolation.verdict import Isolation

Located = tuple[int, Any]  # a line number and what begins there


class Unreadable(BadHistory):
    """A file that is no history; ``line`` is where."""

    def __init__(self, line: int, why: object) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


@dataclass
class HistoryFile:
    """What a file says: its transactions, the orders of versions, and in which line each transaction begins."""

    transactions: list[Transaction] = field(default_factory=list)
    versions: dict[Any, list[Any]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    def check(self, order: Order = "none") -> Isolation:
        """``check_isolation`` of these transactions; raises Unreadable, with the line, for what it can't judge."""
        try:
            return check_isolation(self.transactions, order, self.versions)
        except BadHistory as error:
            if error.transaction is None:
                raise
            raise Unreadable(self.lines[error.transaction], error) from error

    def take(self, line: int, thing: Any) -> None:
        """Add what stands in a line: a transaction or orders of versions."""
        try:
            if isinstance(thing, dict) and set(thing) == {"versions"}:
                self._take_versions(thing["versions"])
            else:
                self.transactions.append(_transaction(thing, f"T{len(self.transactions) + 1}"))
                self.lines.append(line)
        except BadHistory as error:
            raise Unreadable(line, error) from error


    def _take_versions(self, thing: Any) -> None:
        for key, values in _versions(thing):
            if key in self.versions:
                raise BadHistory(f"versions of {key} are there twice")
            self.versions[key] = values


def read_history(path: Path | str) -> HistoryFile:
    """The history in a file; raises Unreadable with the number of the line that is wrong, or OSError."""
    try:
        return parse_history(read_text(path))
    except NoText as error:
        raise Unreadable(error.line, error.why) from error


def parse_history(text: str) -> HistoryFile:
    """The history in a text; raises Unreadable with the number of the line that is wrong."""
    file = HistoryFile()
    for line, thing in _things(text):
        file.take(line, thing)
    return file


def history_lines(history: Iterable[Transaction], versions: Mapping[Any, Iterable[Any]] | None = None) -> str:
    """``history`` as the text of a file."""
    things: list[Any] = [{"versions": [[key, list(values)] for key, values in versions.items()]}] if versions else []
    lines = [json.dumps(thing, ensure_ascii=False) for thing in [*things, *map(_plain, history)]]
    return "".join(f"{line}\n" for line in lines)


# Text to objects


def _things(text: str) -> Iterator[Located]:
    """The objects in a text, each with the number of its line."""
    if text.lstrip().startswith("["):
        _decoded(text, 1)
        yield from _elements(text, text.index("["))
    elif _is_lines(text):
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield number, _decoded(line, number)
    else:
        yield from _document(text, _decoded(text, 1))


def _is_lines(text: str) -> bool:
    """Whether the first line that is not empty is an object by itself, and not one that holds all others."""
    first = text.strip().split("\n", 1)[0]
    try:
        thing = json.loads(first or "{}")
    except (ValueError, RecursionError):
        return False
    return not (isinstance(thing, dict) and "transactions" in thing)


def _document(text: str, document: Any) -> Iterator[Located]:
    """The objects in a text that is one object."""
    array = re.search(r'"transactions"\s*:\s*\[', text)
    if not isinstance(document, dict) or array is None:
        yield 1, document
        return
    if strange := set(document) - {"transactions", "versions"}:
        raise Unreadable(1, f"it has {', '.join(sorted(strange))} beside transactions and versions")
    yield 1, {"versions": document.get("versions", {})}
    yield from _elements(text, array.end() - 1)


def _elements(text: str, at: int) -> Iterator[Located]:
    """The elements of the array that begins at ``at``, each with the number of its line."""
    decoder = json.JSONDecoder()
    line, counted = 1, 0
    while text[at] != "]":
        at = _skip(text, at + 1)
        if text[at] != "]":
            line, counted = line + text.count("\n", counted, at), at
            thing, at = decoder.raw_decode(text, at)
            yield line, thing
            at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    """The next place from ``at`` on that is not blank."""
    while text[at].isspace():
        at += 1
    return at


def _decoded(text: str, line: int) -> Any:
    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise Unreadable(line + error.lineno - 1, f"no JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise Unreadable(line, error) from error


# Objects to transactions, and back

FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "outcome": (str,),
    "process": (str, int),
    "start": (int, float),
    "end": (int, float),
}
_KINDS = {str: "a text", int: "a whole number", float: "a number"}


def _transaction(thing: Any, name: str) -> Transaction:
    if not isinstance(thing, dict) or not isinstance(thing.get("operations"), list):
        raise BadHistory(f"{thing!r} is no transaction: it must be an object with an array of operations")
    facts = {key: value for key, value in thing.items() if key != "operations" and value is not None}
    for key, value in facts.items():
        if key not in FIELDS:
            raise BadHistory(f"a transaction has no {key!r}: choose from operations, {', '.join(FIELDS)}")
        if type(value) not in FIELDS[key]:
            kinds = " or ".join(_KINDS[kind] for kind in FIELDS[key])
            raise BadHistory(f"{key} is {value!r}: it must be {kinds}")
    if "process" in facts:
        facts["process"] = str(facts["process"])
    committed = facts.get("outcome", "committed") == "committed"
    return Transaction(
        **{"name": name, **facts}, operations=[operation(each, committed) for each in thing["operations"]]
    )


def operation(thing: Any, committed: bool = True) -> Operation:
    """An operation from an array such as ["append", "x", 1]; a null read by who has not ``committed`` says nothing.

    Raises BadHistory for anything else.
    """
    match thing:
        case ["append", key, value]:
            return Append(key, value)
        case ["write" | "w", key, value]:
            return Write(key, value)
        case ["read" | "r", key]:
            return Read(key)
        case ["read" | "r", key, value]:
            return Read(key, UNSEEN if value is None and not committed else value)
    raise BadHistory(
        f'{thing!r} is no operation: it must be ["append", key, value], ["write", key, value] or ["read", key, answer]'
    )


def _versions(thing: Any) -> Iterator[tuple[Any, list[Any]]]:
    pairs = thing.items() if isinstance(thing, dict) else thing if isinstance(thing, list) else [thing]
    for pair in pairs:
        match pair:
            case [int() | float() | str() as key, list(values)] if not isinstance(key, bool):
                yield key, values
            case _:
                raise BadHistory(f"versions has {pair!r}: it must have an array of values for each key")


def _plain(transaction: Transaction) -> dict[str, Any]:
    facts = {key: getattr(transaction, key) for key in FIELDS}
    told = {key: value for key, value in facts.items() if value is not None}
    return {**told, "operations": [_plain_operation(each) for each in transaction.operations]}


def _plain_operation(operation: Operation) -> list[Any]:
    if isinstance(operation, Read):
        return ["read", operation.key] + ([] if operation.value is UNSEEN else [operation.value])
    return ["append" if isinstance(operation, Append) else "write", operation.key, operation.value]
