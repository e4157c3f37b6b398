"""The record of a node's process: each event as a line of JSON in a file, as soon as it is over.

So a process that is killed leaves all that it did. The file is bounded: when it is full it becomes the old one, in the
place of the one before, and a new one begins. ``merge`` makes a trace of the records of a cluster.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import time
from typing import Any

from lessons.net.values import Values
from lessons.node import Client, Node, Series, snapshot
from lessons.node.compact import compact

MOST = 16 * 1024 * 1024  # bytes of a node's record: the old file and the new one
SUFFIX, OLD = ".jsonl", ".old.jsonl"


class Recorder:
    """The ``Witness`` of the node ``name``: writes files of its name in ``folder``, at most ``most`` bytes in all."""

    def __init__(
        self, folder: Path, name: str, values: Values, most: int = MOST, clock: Callable[[], float] = time
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._old = folder / f"{name}{SUFFIX}", folder / f"{name}{OLD}"
        self._values, self._most, self._clock = values, most, clock
        self._lines: list[str] = []
        self._shown: dict[str, Any] = {}
        self._open()

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

    def _put(self, kind: str, *facts: Any) -> None:
        self._lines.append(compact([kind, self._clock(), *facts]))

    def flush(self) -> None:
        """Write what has happened; what comes after a full file goes into a new one."""
        if not self._lines:
            return
        data = ("\n".join(self._lines) + "\n").encode()
        self._lines.clear()
        os.write(self._file, data)
        self._size += len(data)
        if self._size > self._most // 2:
            os.close(self._file)
            os.replace(self._path, self._old)
            self._open()
            self._shown.clear()  # so that the new file has all of it again

    def close(self) -> None:
        """Write what has happened, and close the file."""
        self.flush()
        os.close(self._file)

    # What a witness sees

    def started(self, node: Node) -> None:
        """A process of the node begins."""
        self._shown.clear()
        self._put("start", type(node).__name__, list(type(node).watched), isinstance(node, Client))

    def sent(self, number: int, to: str, message: Any, answers: int | None) -> None:
        """See ``Witness``."""
        self._put("send", number, to, answers, self._values.encode(message))

    def delivered(self, number: int, sender: str, message: Any) -> None:
        """See ``Witness``."""
        self._put("get", sender, number)

    def fired(self, name: str) -> None:
        """See ``Witness``."""
        self._put("fire", name)

    def noted(self, text: str, facts: Mapping[str, Any]) -> None:
        """See ``Witness``."""
        self._put("note", text, self._values.encode(dict(facts)))

    def invoked(self, op: int, name: str, args: tuple[Any, ...]) -> None:
        """See ``Witness``."""
        self._put("invoke", op, name, self._values.encode(args))

    def returned(self, op: int, outcome: str, value: Any) -> None:
        """See ``Witness``."""
        self._put("return", op, outcome, self._values.encode(value))

    def faulted(self, name: str, args: Mapping[str, Any], effect: Mapping[str, Any]) -> None:
        """The world did something to the nodes."""
        self._put("fault", name, self._values.encode(dict(args)), self._values.encode(dict(effect)))
        self.flush()

    def looked(self, node: Node) -> None:
        """See ``Witness``."""
        changes = {}
        for field in type(node).watched:
            value = getattr(node, field)
            if field not in self._shown or self._shown[field] != value:
                changes[field] = self._change(self._shown.get(field, ()), value)
                self._shown[field] = snapshot(value)
        if changes:
            self._put("state", changes)
        self.flush()

    def _change(self, before: Any, value: Any) -> list[Any]:
        """How a value changed: all of it, or for a series what is kept of it and what follows."""
        if not isinstance(value, Series):
            return [0, self._values.encode(value)]
        kept = _in_common(before, value) if isinstance(before, Series) else 0
        return [1, kept, self._values.encode(value[kept:])]


def _in_common(before: Series[Any], value: Series[Any]) -> int:
    """How many items two series begin with in common."""
    shorter = min(len(before), len(value))
    if before.until(shorter) == value.until(shorter):
        return shorter
    return next(place for place in range(shorter) if before[place] != value[place])
