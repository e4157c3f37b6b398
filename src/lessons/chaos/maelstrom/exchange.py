"""One request of a client and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lessons.net.maelstrom import Code, Envelope

DEFINITE = [code for code in Code if code.definite]


@dataclass
class Exchange:
    """``client`` asked ``node`` for ``what`` at the second ``called``; ``answer`` came at ``returned``, if one did."""

    client: str
    node: str
    what: str
    fields: Mapping[str, Any]
    called: float
    returned: float | None = None
    answer: Envelope | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.answer is not None and self.answer.what == f"{self.what}_ok"

    @property
    def code(self) -> Any:
        """The code of the error that was answered, if one was."""
        return self.answer.fields.get("code") if self.answer is not None and self.answer.what == "error" else None

    @property
    def outcome(self) -> str:
        """ "ok", "fail" if it was certainly not done, else "unknown"."""
        return "ok" if self.ok else "fail" if self.code in DEFINITE else "unknown"

    def said(self, name: str) -> Any:
        """A field of the answer; None without it."""
        return self.answer.fields.get(name) if self.answer else None
