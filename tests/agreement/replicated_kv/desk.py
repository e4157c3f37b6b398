"""A desk for one state machine: operations go in as they would from the log, answers come out as objects."""

from __future__ import annotations

from typing import Any

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.commands import Command, Operation, Question, Register
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.text import from_text, to_text


class Desk:
    """Keeps a machine; ``time`` is what the next commands are stamped with."""

    def __init__(self, **limits: float) -> None:
        self.machine = KVMachine(Limits(**limits))  # type: ignore[arg-type]
        self.time = 0.0

    def do(self, operation: Operation, session: int = 0, number: int = 0, first: int = 0) -> Any:
        """Execute an operation; of a numbered request ``first`` is the number itself unless given."""
        command = Command(operation, session, number, first or number, self.time)
        return from_text(self.machine.apply(to_text(command)), object)

    def ask(self, question: Question) -> Any:
        """Ask without changing anything."""
        return from_text(self.machine.answer(to_text(question)), object)

    def register(self) -> int:
        """Open a session."""
        return int(self.do(Register()).session)

    def value(self, key: str) -> Any:
        """The value of a key; None if it is not there."""
        record = self.machine.keyspace.records.get(key)
        return record.value if record else None

    @property
    def revision(self) -> int:
        """That of the store."""
        return self.machine.keyspace.revision

    @property
    def keys(self) -> list[str]:
        """All keys, sorted."""
        return self.machine.keyspace.keys("", "")

    @property
    def events(self) -> list[Event]:
        """The events that are kept."""
        return self.machine.keyspace.events
