"""One server process: started so that it ends with us, watched through its log, killed or stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from signal import Signals

from lessons.real import child

PATIENCE = 30.0  # seconds that a server may take to be ready
GRACE = 5.0  # seconds that a server may take to stop when it is asked to
PAUSE = 0.01  # seconds from one look to the next
TAIL = 2000  # characters of a log that an error shows
TAKEN = "ddress already in use"
# Settings of somebody's real servers; ours must not read them.
FOREIGN = ("ETCD", "PG", "NATS", "VALKEY", "REDIS")


class ServerFailed(RuntimeError):
    """A server ended, or was not ready in time; the message has the end of its log."""


class PortTaken(ServerFailed):
    """A server could not have its port, because another process took it first."""


class Process:
    """The program ``command`` under the name ``name``; its log is in ``folder``.

    It is ready when its log says ``ready``. ``ending`` is the signal that it gets when our process is gone;
    ``user`` is who it runs as, if we are root.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        *,
        ready: str = "",
        ending: str = "SIGKILL",
        user: str = "",
    ) -> None:
        self.name, self.command, self.folder = name, list(command), folder
        self.ready, self.ending, self.user = ready, ending, user
        self.log = folder / f"{name}.log"
        self._began = 0  # where the log of this life begins
        self._child: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"{self.name} ({'running' if self.alive else 'not running'})"

    @property
    def alive(self) -> bool:
        """Whether it runs, or is stopped by SIGSTOP."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process; 0 before its first start."""
        return self._child.pid if self._child else 0

    @property
    def said(self) -> str:
        """The log of this life; empty before the first."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._began)
            return log.read().decode(errors="replace")

    @property
    def last_words(self) -> str:
        """The end of its log, for an error."""
        return self.said[-TAIL:].strip() or "none"

    def launch(self) -> None:
        """Start the program and don't wait; raises ValueError when it runs already. Its log goes on where it ended."""
        if self.alive:
            raise ValueError(f"name is {self.name!r}: it runs already")
        # The kernel watches the thread that started a server, not the process.
        bound = "yes" if threading.current_thread() is threading.main_thread() else ""
        record = self.folder / f"{self.name}.pid"
        words = [str(record), str(os.getpid()), str(int(Signals[self.ending])), bound, self.user]
        with self.log.open("ab") as log:
            self._began = log.tell()
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-S", child.__file__, *words, *self.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=_environment(),
                start_new_session=True,
            )  # fmt: skip

    def start(self) -> None:
        """Start the program, again after a kill, and wait until it is ready; raises as ``launch`` and ``wait`` do."""
        self.launch()
        self.wait()

    def wait(self, patience: float = PATIENCE) -> None:
        """Wait until the log says that it is ready: another server at the same port can't be taken for this one.

        Raises PortTaken, or ServerFailed when it ends before or needs longer than ``patience`` seconds.
        """
        end = time.monotonic() + patience
        while self.ready not in self.said:
            if not self.alive:
                kind = PortTaken if TAKEN in self.said else ServerFailed
                raise kind(f"{self.name} ended. Its last words: {self.last_words}")
            if time.monotonic() > end:
                raise ServerFailed(f"{self.name} is not ready after {patience:g} s: {self.last_words}")
            time.sleep(PAUSE)

    def run(self, patience: float = PATIENCE) -> int:
        """Start a program that ends by itself; returns its exit code. Raises ServerFailed when it does not end."""
        self.launch()
        assert self._child is not None
        try:
            return self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"{self.name} has not ended after {patience:g} s: {self.last_words}") from None

    def pause(self) -> None:
        """Stop it in its tracks (SIGSTOP); it keeps its connections and answers nothing."""
        self.send("SIGSTOP")

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.send("SIGCONT")

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would. What it synced to its folder stays for the next start."""
        self.send("SIGKILL")
        if self._child is not None:
            self._child.wait()

    def stop(self, signal: str = "SIGTERM") -> None:
        """Ask it to end, and after some seconds kill it."""
        self.send(signal)
        self.resume()
        try:
            if self._child is not None:
                self._child.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.kill()

    def send(self, signal: str) -> None:
        """Send the signal of this name, if it runs."""
        if self._child is not None and self.alive:
            self._child.send_signal(Signals[signal])


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"LC_ALL": "C"}  # logs in English, because we read them
