"""The console: text for terminals that can't show every character."""

from __future__ import annotations

from typing import TextIO


def say(text: str, where: TextIO) -> None:
    """Print ``text``; characters that ``where`` can't write are written as their escapes."""
    encoding = where.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=where, flush=True)
