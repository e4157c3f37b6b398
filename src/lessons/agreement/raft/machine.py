"""The replicated state machine: what a cluster executes its commands on."""

from __future__ import annotations

from typing import Protocol


class Machine(Protocol):
    """A deterministic state machine: the same commands in the same order give the same state and results."""

    def apply(self, command: str) -> str:
        """Execute ``command`` and return its result; a command that makes no sense has a result too."""

    def answer(self, question: str) -> str:
        """Answer a question about the state, without changing it."""

    def snapshot(self) -> bytes:
        """The whole state."""

    def restore(self, data: bytes) -> None:
        """Become what ``snapshot`` has saved."""


class Register:
    """The smallest machine: one text. A command replaces it and results in the text before."""

    def __init__(self) -> None:
        self.text = ""

    def apply(self, command: str) -> str:
        """See ``Machine.apply``."""
        before, self.text = self.text, command
        return before

    def answer(self, question: str) -> str:
        """See ``Machine.answer``; every question is about the text."""
        return self.text

    def snapshot(self) -> bytes:
        """See ``Machine.snapshot``."""
        return self.text.encode(errors="surrogatepass")

    def restore(self, data: bytes) -> None:
        """See ``Machine.restore``."""
        self.text = data.decode(errors="surrogatepass")
