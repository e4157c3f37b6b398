"""Histories as Jepsen writes them: a log of a register, and a list of maps of a key-value store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lessons.check.histories.edn import Keyword, read_edn
from lessons.check.histories.recorded import Recorded, Unreadable
from lessons.trace import Operation

_LOGGED = re.compile(r".*?\b(?:TRACE|DEBUG|INFO|WARN|ERROR)\s+(?P<logger>\S+)\s+-\s+(?P<said>.*)")
TYPES = ("invoke", "ok", "fail", "info")


@dataclass(frozen=True)
class Event:
    """One line: what a process did. ``key`` is None where there is one object only."""

    process: int
    type: str
    name: str
    value: Any
    key: Any = None


def jepsen_etcd(text: str) -> Recorded:
    """Read a Jepsen log of a register: lines such as ``INFO  jepsen.util - 3 :invoke :cas [1 2]``.

    What stands before process, type, function and value may be missing. Functions are ``:read``, ``:write``
    and ``:cas``; types are ``:invoke``, and then ``:ok``, ``:fail`` or ``:info`` for the same process. A
    ``:fail`` of a cas with its two values says that the register had another value; any other ``:fail`` says
    that nothing happened. An operation without an answer, or with ``:info``, may have taken effect at any time.
    Lines of other loggers and of the nemesis are no operations. A time is the number of a line. Raises
    Unreadable.
    """
    return _recorded(text, _logged, _of_register)


def jepsen_kv(text: str) -> Recorded:
    """Read a history of a key-value store, a map in EDN a line, with the keys process, type, f, key and value.

    Functions are ``:get``, ``:put`` and ``:append``, values are texts; what a key without a value answers is
    "" or nil. Types, and what is left out, are as in ``jepsen_etcd``. Raises Unreadable.
    """
    return _recorded(text, _mapped, _of_store)


def _recorded(
    text: str,
    read: Callable[[str], Event | None],
    begun: Callable[[Event], tuple[Any, ...]],
) -> Recorded:
    pairs = _Pairs(begun)
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            event = read(line.strip()) if line.strip() else None
            if event is not None:
                pairs.take(number, event)
        except ValueError as error:
            raise Unreadable(number, str(error)) from error
    return Recorded(tuple(pairs.operations.values()), tuple(pairs.operations), "line")


class _Pairs:
    """Operations, by the lines of their calls, each with the event that ended it."""

    def __init__(self, begun: Callable[[Event], tuple[Any, ...]]) -> None:
        self.operations: dict[int, Operation] = {}
        self._begun = begun
        self._open: dict[int, tuple[int, Event]] = {}

    def take(self, line: int, event: Event) -> None:
        """Add the event of this line; raises ValueError where it does not fit those before."""
        if event.type == "invoke":
            if event.process in self._open:
                at, _ = self._open[event.process]
                raise ValueError(f"process {event.process} calls {event.name} before its call of line {at} has ended")
            client, op = str(event.process), len(self.operations)
            self.operations[line] = Operation(client, op, event.name, self._begun(event), float(line))
            self._open[event.process] = (line, event)
            return
        if event.process not in self._open:
            raise ValueError(f"process {event.process} ends {event.name}, but has called nothing")
        at, call = self._open.pop(event.process)
        if (call.name, call.key) != (event.name, event.key):
            raise ValueError(f"process {event.process} ends {event.name}, but has called {call.name} at line {at}")
        outcome, value = _ended(event, call)
        self.operations[at] = replace(self.operations[at], returned=float(line), outcome=outcome, value=value)


def _ended(event: Event, call: Event) -> tuple[str, Any]:
    """Outcome and value of an operation."""
    reads = event.name in ("read", "get")
    if event.type == "ok" and not reads and event.value != call.value:
        raise ValueError(f"{event.name} was called with {call.value!r} and ended with {event.value!r}")
    if event.name == "cas" and event.type in ("ok", "fail") and event.value == call.value:
        return "ok", event.type == "ok"
    if event.type == "ok":
        return "ok", event.value if reads else None
    # That a read failed says nothing of its answer.
    return ("fail" if event.type == "fail" and not reads else "unknown"), None


def _logged(line: str) -> Event | None:
    """The event in a line of a log, if it is one of a client."""
    found = _LOGGED.fullmatch(line)
    if found is not None and found["logger"] != "jepsen.util":
        return None
    values = read_edn(line if found is None else found["said"])
    if values[:1] == ["nemesis"]:
        return None
    if len(values) != 4:
        raise ValueError(f"it has {len(values)} values; process, type, function and value are 4")
    return _event(*values)


def _mapped(line: str) -> Event | None:
    """The event in a map, if it is one of a client."""
    values = read_edn(line)
    if len(values) != 1 or not isinstance(values[0], dict):
        raise ValueError("it is no map, {:process ... :type ... :f ... :key ... :value ...}")
    (given,) = values
    if given.get("process") == "nemesis":
        return None
    missing = [name for name in ("process", "type", "f", "key", "value") if name not in given]
    if missing:
        raise ValueError(f"the map has no :{missing[0]}")
    event = _event(given["process"], given["type"], given["f"], given["value"])
    value = "" if event.value is None and event.name == "get" else event.value
    if not isinstance(value, str) and event.type in ("invoke", "ok"):
        raise ValueError(f"{event.name} has the value {value!r}: it must be text")
    return replace(event, key=given["key"], value=value)


def _event(process: Any, kind: Any, name: Any, value: Any) -> Event:
    if not isinstance(process, int) or isinstance(process, bool):
        raise ValueError(f"the process is {process!r}: it must be a number")
    if not isinstance(kind, Keyword) or kind not in TYPES:
        raise ValueError(f"the type is {kind!r}: it is one of {', '.join(':' + each for each in TYPES)}")
    if not isinstance(name, Keyword):
        raise ValueError(f"the function is {name!r}: it must be a keyword")
    return Event(process, str(kind), str(name), value)


def _of_register(call: Event) -> tuple[Any, ...]:
    """The arguments of an operation on a register."""
    if call.name == "cas":
        if not isinstance(call.value, tuple) or len(call.value) != 2:
            raise ValueError(f"cas has the value {call.value!r}: it must be [old new]")
        return call.value
    if call.name not in ("read", "write"):
        raise ValueError(f"the function is :{call.name}: it is one of :read, :write, :cas")
    return () if call.name == "read" else (call.value,)


def _of_store(call: Event) -> tuple[Any, ...]:
    """The arguments of an operation on a key-value store."""
    if call.name not in ("get", "put", "append"):
        raise ValueError(f"the function is :{call.name}: it is one of :get, :put, :append")
    return (call.key,) if call.name == "get" else (call.key, call.value)
