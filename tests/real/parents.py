"""Processes that start a server and are then killed, and what they leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lessons.real import eventually
from lessons.real.child import birth
from tests.source import SRC

# A server that says a word, and listens to no SIGTERM.
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('now ready', flush=True); signal.pause()"
)


@contextmanager
def parent(program: str, folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A Python process that runs ``program`` below ``folder`` until it waits for us, and the words it then said."""
    settings = {**os.environ, "PYTHONPATH": str(SRC), "TMPDIR": str(folder), **environment}
    waiting = f"{program}\nprint('*', flush=True)\nsys.stdin.read()\n"
    command = [sys.executable, "-c", "import sys\n" + waiting]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=settings) as process:
        assert process.stdout is not None
        try:
            yield process, list(iter(process.stdout.readline, "*\n"))
        finally:
            process.kill()


def gone(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    try:
        return eventually(lambda: birth(pid) == "", patience=20)
    except TimeoutError:
        return False


def still_there(pid: int, born: str) -> bool:
    """Whether a process that should be left alone is there, after long enough for a signal to arrive."""
    end = time.monotonic() + 0.2
    while time.monotonic() < end and birth(pid) == born:
        os.sched_yield()
    return birth(pid) == born
