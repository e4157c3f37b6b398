"""Three servers of PySyncObj with journals, as processes or in one process; the leader's process gives the commands.

PySyncObj writes a journal, but never syncs it: what a machine has not written when it loses power is lost. So there
are two ways to measure it: as it is, and with the syncs that it would need: a follower's before it confirms what a
message brought, and a leader's for all commands of a tick, while the followers' are under way.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from time import sleep
from typing import Any

from benchmarks.net.bouts import Bout, Watch
from lessons.net.folder import free_ports
from lessons.net.memory import look_seldom

SERVERS = 3
PROCESSES, TOGETHER, THREADS = "3 processes", "one process", "one process, own threads"
# Seconds between two messages of the leader that serve PySyncObj best (benchmarks.net.periods tries them out), by where
# the servers are and how many commands are under way.
PERIODS = {
    (PROCESSES, 64): 0.0005, (TOGETHER, 64): 0.001, (THREADS, 64): 0.002,
    (PROCESSES, 5000): 0.005, (TOGETHER, 5000): 0.02, (THREADS, 5000): 0.1,
}  # fmt: skip
PERIOD = 0.001  # in other cases
WAIT = 0.001  # seconds that a tick waits for something to come
AT_ALL = 0.05  # seconds between two looks whether servers with threads of their own have done all


def store(
    own: str, others: list[str], folder: Path, period: float, batch: bool, synced: bool, thread: bool = False
) -> Any:
    """A server that holds one value. It ticks when it is told to, or in a thread of its own, as it does by itself.

    ``batch``: many commands in a message.
    """
    from pysyncobj import SyncObj, SyncObjConf, replicated

    class Store(SyncObj):  # type: ignore[misc]
        def __init__(self) -> None:
            journal = str(folder / f"journal-{own.rpartition(':')[2]}")
            quiet: dict[str, Any] = {"raftMinTimeout": 1.5, "raftMaxTimeout": 2.0, "logCompactionMinTime": 10**6}
            sizes = {"commandsQueueSize": 10**6, "logCompactionMinEntries": 10**7}
            ticks = {"autoTick": thread, "autoTickPeriod": WAIT}
            sends = {"appendEntriesPeriod": period, "appendEntriesUseBatch": batch}
            super().__init__(own, others, SyncObjConf(**quiet, **sizes, **ticks, **sends, journalFile=journal))
            self.value = ""
            self.known = 0
            self.log = self._SyncObj__raftLog

        @replicated  # type: ignore[untyped-decorator]
        def put(self, value: str) -> None:
            self.value = value

        def sync(self) -> None:
            """Make durable what was written."""
            if synced and len(self.log) != self.known:
                self.known = len(self.log)
                self.log.flush()

        def _checkCommandsToApply(self) -> None:
            super()._checkCommandsToApply()
            self.sync()

        def _SyncObj__sendNextNodeIdx(self, *args: Any, **kwargs: Any) -> None:
            self.sync()
            SyncObj._SyncObj__sendNextNodeIdx(self, *args, **kwargs)

    return Store()


def pace(where: str, window: int, period: float | None) -> float:
    """Seconds between two messages: those that one asks for, else the best."""
    return PERIODS.get((where, window), PERIOD) if period is None else period


def watch(leader: Any, total: int, window: int) -> Watch:
    """Commands, to be begun at a leader; what is done is heard of in the thread in which it ticks."""
    lock = RLock()

    def begin(number: int) -> None:
        leader.put(watching.commands[number], callback=partial(done, number))

    def done(number: int, _: object, error: object) -> None:
        assert not error, error
        with lock:  # the first commands are begun in another thread, if the leader has one
            watching.done(number)

    watching = Watch(total, window, begin)
    with lock:
        watching.start()
    return watching


def in_one_process(total: int, window: int, batch: bool, synced: bool, period: float | None = None) -> Bout:
    """All servers in this process, ticked in turn."""
    return together(tick, total, window, (pace(TOGETHER, window, period), batch, synced, False))


def in_threads(total: int, window: int, batch: bool, synced: bool, period: float | None = None) -> Bout:
    """All servers in this process, each with the thread that PySyncObj gives it unless one says otherwise."""
    return together(look_away, total, window, (pace(THREADS, window, period), batch, synced, True))


def together(wait: Callable[[list[Any]], None], total: int, window: int, settings: tuple[Any, ...]) -> Bout:
    """Servers in this process; ``wait`` is what it does until they are ready, and until they have done all."""
    names = [f"127.0.0.1:{port}" for port in free_ports(SERVERS)]
    with TemporaryDirectory() as folder:
        group = [store(name, [each for each in names if each != name], Path(folder), *settings) for name in names]
        while not all(each.isReady() for each in group):
            wait(group)
        watching = watch(next(each for each in group if each._isLeader()), total, window)
        while not watching.over:
            wait(group)
        for each in group:
            each.destroy()
        wait(group)
        while any(each.tick_thread_alive() for each in group):
            wait(group)
    return watching.bout


def tick(group: list[Any]) -> None:
    """Let each server do what is due, without waiting."""
    for each in group:
        each.doTick(0.0)


def look_away(group: list[Any]) -> None:
    """Leave servers to their threads."""
    sleep(AT_ALL)


def in_processes(total: int, window: int, batch: bool, synced: bool, period: float | None = None) -> Bout:
    """Each server in a process of its own."""
    names = [f"127.0.0.1:{port}" for port in free_ports(SERVERS)]
    settings = [str(total), str(window), str(pace(PROCESSES, window, period)), str(int(batch)), str(int(synced))]
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.net.pysyncobj", folder, *settings]
        processes = [
            subprocess.Popen(
                [*command, name, *(each for each in names if each != name)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for name in names
        ]  # fmt: skip
        try:
            leads = [line(process) == "leader" for process in processes]
            leader = processes[leads.index(True)]
            tell(leader)
            return Bout(**json.loads(line(leader)))
        finally:
            for process in processes:
                process.kill()
                process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """What a process says next."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    """Tell a process to go on."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def serve(folder: str, total: str, window: str, period: str, batch: str, synced: str, own: str, *others: str) -> None:
    """Be a server: say "leader" or "follower", and then, as the leader, do the work and say what came of it."""
    import select

    server = store(own, [*others], Path(folder), float(period), batch == "1", synced == "1")
    look_seldom()
    while not server.isReady():
        server.doTick(WAIT)
    print("leader" if server._isLeader() else "follower", flush=True)
    while not select.select([sys.stdin], [], [], 0.0)[0]:
        server.doTick(WAIT)
    watching = watch(server, int(total), int(window))
    while not watching.over:
        server.doTick(WAIT)
    print(json.dumps(asdict(watching.bout)), flush=True)
    while True:
        server.doTick(WAIT)


PLACES = {PROCESSES: in_processes, TOGETHER: in_one_process, THREADS: in_threads}

if __name__ == "__main__":
    serve(*sys.argv[1:])
