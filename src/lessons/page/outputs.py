"""Outputs: what a cell prints and shows, in order, in the form of nbformat."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from lessons.page.representation import bundle

Output = dict[str, Any]  # an output of nbformat 4, without what a page has no use for
MOST_PRINTED = 200_000  # characters of one cell
MOST_SHOWN = 16_000_000  # characters of one result
MOST_OUTPUTS = 1_000  # of one cell
MOST_TOLD = 200  # characters, while the cell runs
PAUSE = 0.1  # seconds between two words about what is being printed


class Outputs:
    """The outputs of one run of a cell; ``told`` hears the end of what was printed, now and then."""

    def __init__(self, told: Callable[[str], None] = lambda printed: None) -> None:
        self.all: list[Output] = []
        self._told = told
        self._next = time.monotonic() + PAUSE
        self._printed = self._displayed = 0

    def write(self, name: str, text: str) -> None:
        """Add what was written to "stdout" or "stderr"; a text that never ends is cut, and says so.

        The news go on then: it is by them that a cell which prints for ever is stopped.
        """
        room = MOST_PRINTED - self._printed
        self._printed += len(text)
        if room >= 0:
            self._add(
                name, text if len(text) <= room else f"{text[:room]}\n... cut after {MOST_PRINTED:,} characters\n"
            )
        self._tell()

    def _add(self, name: str, text: str) -> None:
        if not (self.all and self.all[-1].get("name") == name):
            self.all.append({"output_type": "stream", "name": name, "text": ""})
        self.all[-1]["text"] += text

    def _tell(self) -> None:
        """Tell the end of what was printed last, unless something was told just now."""
        if time.monotonic() >= self._next:
            texts = [str(output["text"]) for output in self.all if "text" in output]
            self._told(texts[-1][-MOST_TOLD:] if texts else "")
            self._next = time.monotonic() + PAUSE

    def display(self, *values: object) -> None:
        """Show values, each as an output of its own; after very many of them no more are, and that is said."""
        for value in values:
            self._displayed += 1
            if self._displayed <= MOST_OUTPUTS:
                self.all.append({"output_type": "display_data", "data": bounded(bundle(value))})
            elif self._displayed == MOST_OUTPUTS + 1:
                self._add("stdout", f"... no more is shown after {MOST_OUTPUTS:,} outputs\n")
            self._tell()

    def result(self, value: object) -> None:
        """Show the value of the last expression."""
        self.all.append({"output_type": "execute_result", "data": bounded(bundle(value))})

    def problem(self, problem: Output) -> None:
        """Add what went wrong."""
        self.all.append(problem)


def bounded(data: dict[str, str]) -> dict[str, str]:
    """``data``, without the forms that no page could bear; if none is left, words that say so."""
    kept = {kind: text for kind, text in data.items() if len(text) <= MOST_SHOWN}
    return kept or {"text/plain": f"... not shown: longer than {MOST_SHOWN:,} characters"}


class Printed(io.TextIOBase):
    """The file that takes the place of sys.stdout or sys.stderr while a cell runs."""

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def write(self, text: str) -> int:
        """Add ``text`` to the outputs."""
        self._outputs.write(self._name, text)
        return len(text)

    def writable(self) -> bool:
        """A file to write to."""
        return True
