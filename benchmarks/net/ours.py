"""Three servers of the book's Raft, as processes or in one process, and a client, all over loopback TCP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.net.bouts import Bout, Watch
from lessons.agreement.raft import Done, NotLeader, Options, Propose, Raft, Role
from lessons.net import Folder, Setup, Station, Vocabulary
from lessons.net.memory import look_seldom
from lessons.node import Client, message

NAMES = ("n1", "n2", "n3")
OPTIONS = Options(heartbeat=0.1, election=(1.0, 2.0), batch=5000, compact_after=100_000)
BETWEEN_LOOKS = 0.02  # seconds between two looks whether all is done


@message
class Begin:
    """The leader's process shall give so many commands, with so many under way."""

    total: int
    window: int


@message
class Ended:
    """All are executed; it took so many seconds, and each command as many as stand here."""

    seconds: float
    latencies: tuple[float, ...]


class Program(Raft):
    """A server that gives itself commands, as a program does that Raft is a part of."""

    async def on_begin(self, client: str, begin: Begin) -> None:
        """Do the work; an answer in less than no time says that this is not the leader."""
        if self.role is not Role.LEADER:
            self.reply(Ended(-1.0, ()))
            return

        def give(number: int) -> None:
            self.propose(watch.commands[number]).then(partial(watch.done, number))

        watch = Watch(begin.total, begin.window, give)
        watch.start()
        while not watch.over:
            await self.sleep(BETWEEN_LOOKS)
        self.reply(Ended(watch.bout.seconds, tuple(watch.bout.latencies)))


class Starter(Client):
    """Asks one server after the other to do the work, until one has."""

    def __init__(self, total: int, window: int) -> None:
        self.begin_all = Begin(total, window)
        self.bout: Bout | None = None

    async def session(self) -> None:
        """Find the leader, and wait until it has done the work."""
        while self.bout is None:
            for name in NAMES:
                ended = await self.call(name, self.begin_all, timeout=600.0)
                if ended.seconds > 0:
                    self.bout = Bout(self.begin_all.total, ended.seconds, [*ended.latencies])
                    return
            await self.sleep(0.1)


class Driver(Client):
    """Keeps commands under way; the leader answers those of one client in their order."""

    def __init__(self, total: int, window: int) -> None:
        self.watch = Watch(total, window, self.propose)

    @property
    def bout(self) -> Bout | None:
        """What came of it, when it is over."""
        return self.watch.bout if self.watch.over else None

    async def session(self) -> None:
        """Find the leader, and set out."""
        self.leader, self.answered = NAMES[0], 0
        while not isinstance(answer := await self.call(self.leader, Propose("first"), timeout=60.0), Done):
            self.leader = (isinstance(answer, NotLeader) and answer.leader) or NAMES[0]
            await self.sleep(0.1)
        self.watch.start()

    def propose(self, number: int) -> None:
        """Send a command."""
        self.send(self.leader, Propose(self.watch.commands[number]))

    def on_done(self, leader: str, done: Done) -> None:
        """One is executed."""
        self.answered += 1
        self.watch.done(self.answered - 1)


VOCABULARY = Vocabulary.of(Program, Driver)
Kind = type[Driver] | type[Starter]


def setup(folder: Folder, name: str) -> Setup:
    """A node's place in the cluster."""
    return replace(folder.setup(name), vocabulary=VOCABULARY)


def server(folder: Folder, name: str, beside: bool = False) -> Station:
    """A server of the cluster in a folder."""
    return Station(setup(folder, name), lambda: Program(voters=NAMES, options=OPTIONS), beside=beside)


async def driven(
    folder: Folder, kind: Kind, total: int, window: int, processes: Sequence[subprocess.Popen[bytes]] = ()
) -> Bout:
    """Run a client until it is done. Raises RuntimeError when one of the ``processes`` of its servers has ended."""
    station = Station(setup(folder, "driver"), lambda: kind(total, window))
    await station.start()
    driver = station.node
    assert isinstance(driver, Driver | Starter)
    while driver.bout is None:
        await asyncio.sleep(BETWEEN_LOOKS)
        if any(process.poll() is not None for process in processes):
            raise RuntimeError("a server has ended: what it said stands above")
    await station.stop()
    return driver.bout


@contextmanager
def new_folder() -> Iterator[Folder]:
    """A folder for a cluster, for a while."""
    with TemporaryDirectory() as temporary:
        yield Folder.make(Path(temporary) / "cluster", "agreement/raft", NAMES)


def in_processes(total: int, window: int, kind: Kind = Starter) -> Bout:
    """Each server in a process, the client in this one."""
    with new_folder() as folder:
        command = [sys.executable, "-m", "benchmarks.net.ours", str(folder.path)]
        processes = [subprocess.Popen([*command, name]) for name in NAMES]
        try:
            return asyncio.run(driven(folder, kind, total, window, processes))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def in_one_process(total: int, window: int, kind: Kind = Starter) -> Bout:
    """Servers and client in this process; they talk over TCP all the same."""

    async def run(folder: Folder) -> Bout:
        stations = [server(folder, name, beside=True) for name in NAMES]
        for station in stations:
            await station.start()
        bout = await driven(folder, kind, total, window)
        for station in stations:
            await station.stop()
        return bout

    with new_folder() as folder:
        return asyncio.run(run(folder))


async def serve(path: str, name: str) -> None:
    """Be a server until the end of the process."""
    station = server(Folder.read(Path(path)), name)
    look_seldom()
    await station.start()
    await station.ended


if __name__ == "__main__":
    # By its name, so that the classes of messages are those of everybody else.
    from benchmarks.net import ours

    asyncio.run(ours.serve(*sys.argv[1:]))
