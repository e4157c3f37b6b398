"""A network of processes that speak Maelstrom's protocol: it carries their lines, late, or not at all."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from lessons.chaos.maelstrom.exchange import Exchange
from lessons.net.maelstrom import Envelope, parsed
from lessons.net.maelstrom.envelope import LONGEST
from lessons.node import LessonsError

GRACE = 5.0  # seconds for a process to end when its input has
BEGINNING = 30.0  # seconds for a process to answer init


class Crashed(LessonsError):
    """A process has ended, or said something that is no message, or nothing at all; the text has its last words."""


@dataclass(frozen=True)
class Weather:
    """Messages between nodes are lost with the probability ``loss``, and need ``latency`` seconds in the mean."""

    latency: float = 0.005
    loss: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.loss < 1:
            raise ValueError(f"loss is {self.loss!r}: it must be a share, from 0 to below 1")
        if not 0 <= self.latency < 60:
            raise ValueError(f"latency is {self.latency!r}: it must be seconds, from 0 to below 60")


class Router:
    """Runs ``command`` once for each of ``names``, with its errors in ``folder``, and carries what they say.

    Clients are reached at once and always: it is between nodes that messages get lost. ``counts`` says what became of
    those. Leaving it ends the processes.
    """

    def __init__(
        self, command: Sequence[str], names: Sequence[str], folder: Path, weather: Weather, rng: Random
    ) -> None:
        self.command, self.names, self.folder = list(command), tuple(names), folder
        self.weather, self.rng = weather, rng
        self.counts: Counter[str] = Counter()
        self._processes: dict[str, Process] = {}
        self._readers: list[asyncio.Task[None]] = []
        self._numbers = count(1)
        self._waiting: dict[tuple[str, int], asyncio.Future[Envelope]] = {}
        self._side: dict[str, int] = {}
        self._ending = False
        self.crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Router:
        try:
            for name in self.names:
                await self._start(name)
            await asyncio.gather(*map(self._begin, self.names))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._end()

    async def _start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = await asyncio.create_subprocess_exec(
                *self.command, stdin=PIPE, stdout=PIPE, stderr=log, limit=LONGEST
            )
        self._readers.append(asyncio.create_task(self._read(name)))

    async def _begin(self, name: str) -> None:
        about = {"node_id": name, "node_ids": list(self.names)}
        begun = asyncio.create_task(self.ask("c0", name, "init", about, BEGINNING))
        either: set[asyncio.Future[Any]] = {begun, self.crash}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self.crash.done():
            begun.cancel()
            self.crash.result()
        if not begun.result().ok:
            raise Crashed(f"{name} does not answer init: {self._last_words(name)}")

    async def _end(self) -> None:
        """End the processes: the end of their input asks them to."""
        self._ending = True
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes.values():
            try:
                await asyncio.wait_for(process.wait(), GRACE)
            except TimeoutError:
                process.kill()
                await process.wait()
        for reader in self._readers:
            reader.cancel()
        self.crash.cancel()

    # Partitions

    def cut(self, side: Collection[str]) -> None:
        """Cut these nodes off from all others."""
        self._side = {name: int(name in side) for name in self.names}

    def heal(self) -> None:
        """Let all nodes hear each other again."""
        self._side = {}

    # Clients

    async def ask(self, client: str, node: str, what: str, fields: dict[str, Any], patience: float) -> Exchange:
        """One request, and the answer, if it comes within ``patience`` seconds."""
        loop, number = asyncio.get_running_loop(), next(self._numbers)
        answer = self._waiting[client, number] = loop.create_future()
        exchange = Exchange(client, node, what, fields, loop.time())
        self._give(Envelope(client, node, what, fields, number))
        try:
            exchange.answer = await asyncio.wait_for(answer, patience)
            exchange.returned = loop.time()
        except TimeoutError:
            pass
        finally:
            del self._waiting[client, number]
        return exchange

    # The network

    async def _read(self, name: str) -> None:
        """Carry everything that a node says."""
        output = self._processes[name].stdout
        try:
            while output is not None and (line := await output.readline()):
                self._carry(parsed(line))
            why = "has ended"
        except ValueError as error:  # Malformed, or a line that is longer than all that are read
            why = str(error)
        if not self._ending and not self.crash.done():
            self.crash.set_exception(Crashed(f"{name}: {why}. Its last words: {self._last_words(name)}"))

    def _carry(self, envelope: Envelope) -> None:
        if envelope.to not in self._processes:
            answer = self._waiting.get((envelope.to, envelope.answers or 0))
            if answer is not None and not answer.done():
                answer.set_result(envelope)
            return
        if envelope.to == envelope.source:
            self._give(envelope)
        elif self.rng.random() < self.weather.loss:
            self.counts["lost"] += 1
        else:
            latency = self.rng.expovariate(1 / self.weather.latency) if self.weather.latency else 0.0
            asyncio.get_running_loop().call_later(latency, self._arrive, envelope)

    def _arrive(self, envelope: Envelope) -> None:
        """A message has come through, unless a cut is in its way."""
        apart = self._side.get(envelope.source) != self._side.get(envelope.to)
        self.counts["cut off" if apart else "delivered"] += 1
        if not apart:
            self._give(envelope)

    def _give(self, envelope: Envelope) -> None:
        """Write a line to a process; one that has ended is found out where its output is read."""
        stdin = self._processes[envelope.to].stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(envelope.line().encode() + b"\n")

    def _last_words(self, name: str) -> str:
        log = self.folder / f"{name}.log"
        return log.read_text(errors="replace")[-1000:].strip() if log.exists() else "none"
