"""What a cell raised, as a reader can use it: the traceback from the cell on, and what this Python does not have."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from lessons.page.outputs import Output

CELL = "cell "  # file names of cells begin so
# Packages that are not served with the book: they are compiled for each browser's Python by others.
ON_REQUEST = ("numpy", "matplotlib")
STOPPED = "The cell was stopped."


def problem_of(error: BaseException) -> Output:
    """Return an error as an output; "lacks" names what is missing here rather than wrong in the cell."""
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": STOPPED if isinstance(error, KeyboardInterrupt) else text_of(error),
        "traceback": lines_of(error),
        "lacks": lacking(error),
    }


def text_of(error: BaseException) -> str:
    """Return what an error says; one of the reader's may fail at that."""
    try:
        return str(error)
    except Exception:
        return "(its text can't be made)"


def lines_of(error: BaseException) -> list[str]:
    """Return the traceback as lines, without the frames that only start a cell."""
    shown = traceback.TracebackException(type(error), error, from_cell(error.__traceback__), compact=True)
    return "".join(shown.format()).splitlines()


def from_cell(trail: TracebackType | None) -> TracebackType | None:
    """Return the traceback from the first frame of a cell on; nothing when no cell is in it."""
    while trail is not None and not trail.tb_frame.f_code.co_filename.startswith(CELL):
        trail = trail.tb_next
    return trail


def lacking(error: BaseException) -> list[str]:
    """Return what the cell needs and a page's Python does not have: packages, "threads", "servers", ... or nothing."""
    if is_missing_server(error):
        return ["servers"]
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in ON_REQUEST:
        return [(error.name or "").partition(".")[0]]
    if isinstance(error, RuntimeError) and "start new thread" in text_of(error):
        return ["threads"]
    if isinstance(error, OSError) and "does not support processes" in text_of(error):
        return ["processes"]
    return []


def is_missing_server(value: object) -> bool:
    """Say whether a cell wanted to talk to a real server; ``lessons.real`` returns that it is missing, or raises it."""
    real = sys.modules.get("lessons.real")
    return real is not None and isinstance(value, real.Missing)
