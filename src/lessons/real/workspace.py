"""A temporary folder with the servers that run in it; the next start clears up after a parent that was killed."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import TypeVar

from lessons.real.child import birth
from lessons.real.process import GRACE, PAUSE, Process

NAME = re.compile(r"[a-z]+\.(?P<pid>\d+)\.(?P<birth>\w+)\..+")

P = TypeVar("P", bound=Process)


def shelf() -> Path:
    """The folder of all workspaces of this user. Raises PermissionError when it belongs to somebody else."""
    folder = Path(tempfile.gettempdir()) / f"lessons-real-{os.getuid()}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(f"folder is {str(folder)!r}: it must belong to you, and be no link")
    return folder


class Workspace:
    """A folder whose name says whose it is, and the processes in it. Leaving it ends them and removes it."""

    def __init__(self, kind: str) -> None:
        reap()
        self.owner = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{kind}.{self.owner}.{birth(self.owner)}.", dir=shelf()))
        self.processes: list[Process] = []
        atexit.register(self.close)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def add(self, process: P) -> P:
        """The same process, which from now on ends with this workspace."""
        self.processes.append(process)
        return process

    def write(self, name: str, text: str) -> Path:
        """A new file that nobody else may read: it may hold a password."""
        path = self.folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return path

    def start(self) -> None:
        """Start all processes at once, and wait until each is ready."""
        for process in self.processes:
            process.launch()
        for process in self.processes:
            process.wait()

    def clear(self) -> None:
        """End all processes at once, and empty the folder."""
        for process in self.processes:
            process.send(process.ending)
        for process in self.processes:
            process.stop(process.ending)
        self.processes = []
        for path in self.folder.iterdir():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()

    def close(self) -> None:
        """End all processes and remove the folder. A fork of our process leaves them alone."""
        atexit.unregister(self.close)
        if os.getpid() == self.owner and self.folder.is_dir():
            self.clear()
            shutil.rmtree(self.folder, ignore_errors=True)


def reap() -> list[str]:
    """End the servers whose parent is gone, and remove their folders; returns the names of these."""
    left = []
    for folder in shelf().iterdir():
        owner = NAME.fullmatch(folder.name)
        if owner and birth(int(owner["pid"])) != owner["birth"]:
            left.append(folder.name)
            for record in folder.glob("*.pid"):
                _end_orphan(record)
            shutil.rmtree(folder, ignore_errors=True)
    return left


def _end_orphan(record: Path) -> None:
    """End the process of a record, if it is still the one that wrote it."""
    try:
        pid, born, signal = record.read_text().split()
        endings = (Signals(int(signal)), Signals["SIGKILL"])
    except (OSError, ValueError):  # another process clears up too, or the parent was killed while this was written
        return
    for ending in endings:
        end = time.monotonic() + GRACE
        while pid.isdecimal() and birth(int(pid)) == born and time.monotonic() < end:
            with suppress(ProcessLookupError):
                os.kill(int(pid), ending)
            time.sleep(PAUSE)
