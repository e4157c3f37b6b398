"""Three servers of PySyncObj in one process, over loopback TCP, driven as fast as they go."""

from __future__ import annotations

import socket
from typing import Any

from benchmarks.race import Work

SERVERS = 3
VALUE = 20  # characters of a command


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def stores(period: float, batch: bool) -> list[Any]:
    """Servers that hold one value and have a leader; ``period`` is the pause between two messages of the leader.

    They tick when they are told to, not by a clock of their own, so that nobody sleeps while there is work.
    """
    from pysyncobj import SyncObj, SyncObjConf, replicated

    class Store(SyncObj):  # type: ignore[misc]
        def __init__(self, own: str, others: list[str]) -> None:
            quiet: dict[str, Any] = {"raftMinTimeout": 1.5, "raftMaxTimeout": 2.0, "logCompactionMinTime": 10**6}
            # No compaction in our time: theirs forks the process.
            sizes = {"commandsQueueSize": 10**6, "logCompactionMinEntries": 10**7}
            pace = {"autoTick": False, "appendEntriesPeriod": period, "appendEntriesUseBatch": batch}
            super().__init__(own, others, SyncObjConf(**quiet, **sizes, **pace))
            self.value = ""

        @replicated  # type: ignore[untyped-decorator]
        def put(self, value: str) -> None:
            self.value = value

    names = [f"127.0.0.1:{port}" for port in free_ports(SERVERS)]
    group = [Store(name, [other for other in names if other != name]) for name in names]
    while not all(store.isReady() for store in group):
        tick(group)
    return group


def tick(group: list[Any]) -> None:
    """Let each server do what is due, without waiting."""
    for store in group:
        store.doTick(0.0)


class Commands:
    """Keeps ``window`` commands under way until ``total`` are executed."""

    def __init__(self, group: list[Any], total: int, window: int) -> None:
        self.group, self.total, self.window = group, total, window
        self.leader = next(store for store in group if store._isLeader())
        self.begun = self.done = 0

    def put(self) -> None:
        """Begin one more."""
        self.begun += 1
        self.leader.put(f"{self.begun:0{VALUE}}", callback=self.executed)

    def executed(self, _: object, error: object) -> None:
        """One is done; begin the next."""
        assert not error, error
        self.done += 1
        if self.begun < self.total:
            self.put()

    def run(self) -> None:
        """Everything."""
        for _ in range(min(self.window, self.total)):
            self.put()
        while self.done < self.total:
            tick(self.group)

    def count(self) -> int:
        """How many were executed; ends the servers."""
        for store in self.group:
            store.destroy()
        tick(self.group)
        return self.done


def work(total: int, window: int, period: float, batch: bool) -> Work:
    """The commands, ready to be given."""
    commands = Commands(stores(period, batch), total, window)
    return Work(commands.run, commands.count)
