"""Exchanges of Maelstrom's clients as the histories that the checkers judge."""

from __future__ import annotations

from typing import Any

from lessons.chaos.maelstrom.exchange import Exchange
from lessons.check.isolation import UNSEEN, Append, Read, Transaction, Write
from lessons.net.maelstrom import Code
from lessons.trace import Operation

NAMES = {"read": ("get", ("key",)), "write": ("put", ("key", "value")), "cas": ("cas", ("key", "from", "to"))}
MISSING = Code.KEY_DOES_NOT_EXIST


def operation(done: Exchange, number: int) -> Operation:
    """An exchange of lin-kv; that a key is not there, or has another value, is an answer, and no failure."""
    name, fields = NAMES[done.what]
    args = tuple(done.fields[field] for field in fields)
    outcome, value = done.outcome, done.said("value") if done.what == "read" else None
    if done.what == "cas" and (done.ok or done.code in (MISSING, Code.PRECONDITION_FAILED)):
        outcome, value = "ok", done.ok
    elif done.what == "read" and done.code == MISSING:
        outcome = "ok"
    return Operation(done.client, number, name, args, done.called, done.returned, outcome, value)


CHANGES = {"w": Write, "append": Append}


def transaction(done: Exchange, number: int, missing: Any = None) -> Transaction:
    """An exchange of txn-rw-register, or of txn-list-append; ``missing`` is what a key is that nobody has written."""
    steps: list[list[Any]] = done.said("txn") if done.ok else done.fields["txn"]
    operations = [
        CHANGES[what](key, value) if what in CHANGES else Read(key, seen(value, missing) if done.ok else UNSEEN)
        for what, key, value in steps
    ]
    outcome = {"ok": "committed", "fail": "aborted"}.get(done.outcome, "unknown")
    return Transaction(f"T{number}", operations, outcome, done.client, done.called, done.returned)  # type: ignore[arg-type]


def seen(value: Any, missing: Any) -> Any:
    """What a read returned."""
    return missing if value is None else value
