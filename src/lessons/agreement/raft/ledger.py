"""A machine whose answers tell the whole story: every command, in the order of execution."""

from __future__ import annotations

from zlib import crc32

from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.storage import Storage


class Ledger:
    """Keeps every command; the result of one is its place in the list, from 1."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.digest = 0

    def apply(self, command: str) -> str:
        """See ``Machine.apply``."""
        self.commands.append(command)
        self.digest = crc32(command.encode(), self.digest)
        return str(len(self.commands))

    def answer(self, question: str) -> str:
        """See ``Machine.answer``: all commands."""
        return " ".join(self.commands)

    def snapshot(self) -> bytes:
        """See ``Machine.snapshot``."""
        return self.answer("").encode()

    def restore(self, data: bytes) -> None:
        """See ``Machine.restore``."""
        self.commands, self.digest = [], 0
        for command in data.decode().split():
            self.apply(command)


def accountable(kind: type[Raft]) -> type[Raft]:
    """The same servers, that show a checksum of all that they have executed; their machine must be a Ledger."""

    class Accountable(kind):  # type: ignore[valid-type, misc]
        watched = (*kind.watched, "digest")

        @property
        def digest(self) -> int:
            machine: Ledger = self.machine
            return machine.digest

    return Accountable


def prepared(kind: type[Raft]) -> type[Raft]:
    """The same servers, that find ``term`` and entries of ``terms`` on their disk when they first start."""

    class Prepared(kind):  # type: ignore[valid-type, misc]
        def __init__(self, terms: tuple[int, ...], term: int, **parameters: object) -> None:
            super().__init__(**parameters)
            self.terms, self.first_term = terms, term

        def start(self) -> None:
            if not self.disk.files():
                storage = Storage(self.disk)
                storage.save_vote(self.first_term, None)
                found = (Entry(term, Kind.COMMAND, f"x{place}") for place, term in enumerate(self.terms, 1))
                storage.save_entries(1, tuple(found))
                storage.sync()
            super().start()

    return Prepared
