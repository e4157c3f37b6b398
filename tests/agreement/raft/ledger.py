"""A machine whose answers tell the whole story: every command, in the order of execution."""

from __future__ import annotations

from zlib import crc32


class Ledger:
    """A machine that keeps every command; the result of one is its place in the list, from 1."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.digest = 0

    def apply(self, command: str) -> str:
        self.commands.append(command)
        self.digest = crc32(command.encode(), self.digest)
        return str(len(self.commands))

    def answer(self, question: str) -> str:
        return " ".join(self.commands)

    def snapshot(self) -> bytes:
        return self.answer("").encode()

    def restore(self, data: bytes) -> None:
        self.__init__()  # type: ignore[misc]
        for command in data.decode().split():
            self.apply(command)
