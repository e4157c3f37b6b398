"""What a client may ask the store to do, as data; each command checks itself when it is made."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from lessons.agreement.replicated_kv.rules import (
    LONGEST,
    MOST_RECORDS,
    check_key,
    check_kinds,
    check_range,
    check_seconds,
    check_value,
    check_whole,
    refuse,
)
from lessons.node import message

PARTS = ("value", "version", "create", "modify", "lease")
SIGNS = ("=", "!=", "<", ">")


@message
class Put:
    """Give ``key`` this value, and attach it to ``lease``; 0 is no lease."""

    key: str
    value: str | bytes
    lease: int = 0

    def __post_init__(self) -> None:
        check_key(self.key)
        check_value(self.value)
        check_whole("lease", self.lease)


@message
class Append:
    """Put text behind text, or bytes behind bytes; a key that is not there begins with what is appended."""

    key: str
    value: str | bytes

    def __post_init__(self) -> None:
        check_key(self.key)
        check_value(self.value)


@message
class Delete:
    """Remove ``key``, or all keys from it on and before ``end``."""

    key: str
    end: str | None = None

    def __post_init__(self) -> None:
        check_range(self.key, self.end)


@message
class Get:
    """Read ``key``, or the first ``limit`` keys from it on and before ``end``."""

    key: str
    end: str | None = None
    limit: int = MOST_RECORDS

    def __post_init__(self) -> None:
        check_range(self.key, self.end)
        check_whole("limit", self.limit, 1, MOST_RECORDS)


Step = Put | Append | Delete | Get
STEPS = (Put, Append, Delete, Get)


@message
class Compare:
    """A condition on one part of a key: its value (None: it is not there), or one of its numbers (0 then)."""

    key: str
    part: str
    sign: str
    to: str | bytes | int | None

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.part not in PARTS:
            refuse("part", self.part, f"one of {', '.join(PARTS)}")
        if self.sign not in SIGNS:
            refuse("sign", self.sign, f"one of {' '.join(SIGNS)}")
        if self.part != "value":
            check_whole("to", self.to)
        elif self.sign in "<>":
            refuse("sign", self.sign, "= or !=: values have no order")
        elif self.to is not None:
            check_value(self.to, "to")


@message
class Txn:
    """If all of ``compares`` hold do ``then``, else ``otherwise``: all of it at once, as one revision."""

    compares: tuple[Compare, ...] = ()
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        check_kinds("compares", self.compares, (Compare,))
        for name, branch in (("then", self.then), ("otherwise", self.otherwise)):
            check_kinds(name, branch, STEPS)
            twice = written_twice(branch)
            if twice is not None:
                refuse(name, twice, "a branch that writes no key twice")


def written_twice(steps: Iterable[Step]) -> str | None:
    """A key that two of the steps may write; None if there is none."""
    writes = [step for step in steps if not isinstance(step, Get)]
    for one, other in combinations(writes, 2):
        if isinstance(one, Delete) and isinstance(other, Delete):
            continue  # what is gone can't be removed again
        for first, second in ((one, other), (other, one)):
            end = first.end if isinstance(first, Delete) else None
            if not isinstance(second, Delete) and covers(first.key, end, second.key):
                return second.key
    return None


def covers(key: str, end: str | None, other: str) -> bool:
    """Whether ``other`` is ``key``, or between it and ``end``."""
    return other == key if end is None else key <= other and (end == "" or other < end)


def prefix_end(prefix: str) -> str:
    """The end of the range of all keys that begin with ``prefix``: its last character moved on by one."""
    kept = prefix.rstrip("\U0010ffff")
    return kept[:-1] + chr(ord(kept[-1]) + 1) if kept else ""


# Leases


@message
class Grant:
    """Make a lease that lives for ``ttl`` seconds after it was last kept alive."""

    ttl: float

    def __post_init__(self) -> None:
        check_seconds("ttl", self.ttl, LONGEST)


@message
class KeepAlive:
    """Let a lease live on for its full time."""

    lease: int

    def __post_init__(self) -> None:
        check_whole("lease", self.lease, 1)


@message
class Revoke:
    """End a lease now, and remove the keys that are attached to it."""

    lease: int

    def __post_init__(self) -> None:
        check_whole("lease", self.lease, 1)


@message
class LeaseStatus:
    """How long a lease still lives, and which keys are attached to it: a question."""

    lease: int

    def __post_init__(self) -> None:
        check_whole("lease", self.lease, 1)


# Sessions, and time


@message
class Register:
    """Open a session."""


@message
class Refresh:
    """Keep a session open, though there is nothing to do."""


@message
class Close:
    """End a session."""


@message
class Tick:
    """Nothing but the time: the leader says it when something is due to expire."""


Operation = Put | Append | Delete | Get | Txn | Grant | KeepAlive | Revoke | Register | Refresh | Close | Tick
OPERATIONS = (*STEPS, Txn, Grant, KeepAlive, Revoke, Register, Refresh, Close, Tick)
Question = Get | LeaseStatus
QUESTIONS = (Get, LeaseStatus)


@message
class Command:
    """An operation as it stands in the log: who asked for it, and when.

    ``number`` counts the requests of a session; those before ``first`` (0: before this one) are answered, so that
    their answers may be forgotten. An operation without a number is done as often as it comes. ``time`` is the
    cluster's, in seconds; the leader fills it in.
    """

    do: Operation
    session: int = 0
    number: int = 0
    first: int = 0
    time: float = 0.0

    def __post_init__(self) -> None:
        kind = type(self.do)
        if kind not in OPERATIONS:
            refuse("do", self.do, "an operation of the store")
        check_whole("session", self.session, 1 if kind in (Refresh, Close) else 0)
        check_whole("number", self.number, 0, 2**53 if self.session else 0)
        check_whole("first", self.first, 0, self.number)
        if not (type(self.time) in (float, int) and 0 <= self.time < 2**53):
            refuse("time", self.time, "a time in seconds, 0 or later")
