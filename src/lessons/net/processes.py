"""The processes of a cluster on this machine: started, watched, killed, stopped for a while, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from lessons.net.control import ask
from lessons.net.errors import Unreachable
from lessons.net.folder import LOGS, Folder
from lessons.net.setup import Address

PATIENCE = 10.0  # seconds in which a process must answer, or end


class Processes:
    """One process for each server of a cluster's folder; ``options`` are added to its command line.

    Leave the ``with`` block, and they are ended, whatever has happened.
    """

    def __init__(self, folder: Folder, options: Mapping[str, Sequence[str]] | None = None) -> None:
        self.folder, self._options = folder, options or {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, name: str) -> None:
        """Start the process of a server; its log goes to the folder."""
        logs = self.folder.path / LOGS
        logs.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "lessons.net", "node", "--at", str(self.folder.path), "--name", name]
        command += self._options.get(name, ())
        with open(logs / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def start_all(self) -> None:
        """Start the processes of all servers."""
        for name in self.folder.addresses:
            self.start(name)

    def crashed(self) -> dict[str, int]:
        """The servers whose process has ended by itself, with its exit code."""
        codes = {name: process.poll() for name, process in self.running.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def kill(self, name: str) -> None:
        """End a process at once (kill -9)."""
        process = self.running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def pause(self, name: str) -> None:
        """Let a process run nothing until ``resume`` (SIGSTOP)."""
        self.running[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a process go on (SIGCONT)."""
        self.running[name].send_signal(signal.SIGCONT)

    def end(self, patience: float = PATIENCE) -> dict[str, int]:
        """End all processes in good order (SIGTERM), and kill those that are not gone in time; returns exit codes."""
        codes = {}
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        limit = monotonic() + patience
        for name, process in self.running.items():
            try:
                codes[name] = process.wait(max(0.0, limit - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = process.wait()
        self.running.clear()
        return codes


async def statuses(folder: Folder, timeout: float = 2.0) -> dict[str, dict[str, Any] | Exception]:
    """The state of each server, or why there is none."""
    us = folder.operator()
    asked = [ask(us, name, where, "status", timeout) for name, where in folder.addresses.items()]
    return dict(zip(folder.addresses, await asyncio.gather(*asked, return_exceptions=True), strict=True))


async def until_all_answer(folder: Folder, patience: float = PATIENCE) -> None:
    """Wait until each server answers. Raises Unreachable for one that does not in time."""
    for name, where in folder.addresses.items():
        await until_answers(folder, name, where, patience)


async def until_answers(folder: Folder, name: str, where: Address, patience: float = PATIENCE) -> Mapping[str, Any]:
    """Wait until a server answers, and return its state. Raises Unreachable."""
    limit = monotonic() + patience
    while True:
        try:
            return await ask(folder.operator(), name, where, "status")
        except Unreachable as error:
            if monotonic() > limit:
                raise Unreachable(f"{error}; its log is {os.fspath(folder.path / LOGS / name)}.log") from None
            await asyncio.sleep(0.05)
