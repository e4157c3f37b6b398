"""Three servers of the book's Raft, as processes or in one process, and a client, all over loopback TCP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.net.bouts import Bout, Watch
from lessons.agreement.raft import Done, NotLeader, Options, Propose, Raft
from lessons.net import Folder, Setup, Station
from lessons.net.clusters import find
from lessons.net.processes import until_all_answer
from lessons.node import Client

NAMES = ("n1", "n2", "n3")
VALUE = 20  # characters of a command
OPTIONS = Options(heartbeat=0.1, election=(1.0, 2.0), batch=1024, compact_after=100_000)
ONE_AT_A_TIME = 0.02  # seconds between two looks whether all is done


class Driver(Client):
    """Keeps commands under way; the leader answers those of one client in their order."""

    def __init__(self, total: int, window: int) -> None:
        self.watch = Watch(total, window, self.propose)

    async def session(self) -> None:
        """Find the leader, and set out."""
        self.leader, self.answered = NAMES[0], 0
        while not isinstance(answer := await self.call(self.leader, Propose("first"), timeout=5.0), Done):
            self.leader = (isinstance(answer, NotLeader) and answer.leader) or NAMES[0]
            await self.sleep(0.1)
        self.watch.start()

    def propose(self, number: int) -> None:
        """Send a command."""
        self.send(self.leader, Propose(f"{number:0{VALUE}}"))

    def on_done(self, leader: str, done: Done) -> None:
        """One is executed."""
        self.answered += 1
        self.watch.done(self.answered - 1)


def server(folder: Folder, name: str, beside: bool = False) -> Station:
    """A server of the cluster in a folder."""
    return Station(folder.setup(name), lambda: Raft(voters=NAMES, options=OPTIONS), beside=beside)


async def driven(setup: Setup, total: int, window: int) -> Bout:
    """Run a client until it is done."""
    station = Station(setup, lambda: Driver(total, window))
    await station.start()
    driver = station.node
    assert isinstance(driver, Driver)
    while not driver.watch.over:
        await asyncio.sleep(ONE_AT_A_TIME)
    await station.stop()
    return driver.watch.bout


@contextmanager
def new_folder() -> Iterator[Folder]:
    """A folder for a cluster, for a while."""
    with TemporaryDirectory() as temporary:
        yield Folder.make(Path(temporary) / "cluster", "agreement/raft", NAMES)


def in_processes(total: int, window: int) -> Bout:
    """Each server in a process, the client in this one."""

    async def run(folder: Folder) -> Bout:
        await until_all_answer(folder)
        return await driven(setup(folder), total, window)

    with new_folder() as folder:
        command = [sys.executable, "-m", "benchmarks.net.ours", str(folder.path)]
        processes = [subprocess.Popen([*command, name]) for name in NAMES]
        try:
            return asyncio.run(run(folder))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def in_one_process(total: int, window: int) -> Bout:
    """Servers and client in this process; they talk over TCP all the same."""

    async def run(folder: Folder) -> Bout:
        stations = [server(folder, name, beside=True) for name in NAMES]
        for station in stations:
            await station.start()
        bout = await driven(setup(folder), total, window)
        for station in stations:
            await station.stop()
        return bout

    with new_folder() as folder:
        return asyncio.run(run(folder))


def setup(folder: Folder) -> Setup:
    """The client's place in the cluster."""
    assert find(folder.chapter).vocabulary is not None
    return folder.setup("driver")


async def serve(path: str, name: str) -> None:
    """Be a server until the end of the process."""
    station = server(Folder.read(Path(path)), name)
    await station.start()
    await station.ended


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
