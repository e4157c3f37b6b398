"""First drafts of the counter, each as one would write it before seeing it fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import random
from threading import Thread

from lessons.foundations.simulation.counter import Add, Clerk, Counter, Total
from lessons.node import Node, message


@message
class Read:
    """Ask for the total."""


@message
class Write:
    """Replace the total."""

    value: int


class Register(Node):
    """A number that clerks read and write; adding is their business."""

    watched = ("total",)

    def start(self) -> None:
        """Nothing was written yet."""
        self.total = 0

    def on_read(self, clerk: str, read: Read) -> None:
        """Say what the total is."""
        self.reply(Total(self.total))

    def on_write(self, clerk: str, write: Write) -> None:
        """Replace the total."""
        self.total = write.value
        self.reply(Total(self.total))


class ReadWriteClerk(Clerk):
    """Reads the total, adds 1, writes it back."""

    async def add(self, number: int) -> int:
        """Add 1; returns the total."""
        read = await self.call("counter", Read())
        written = await self.call("counter", Write(read.value + 1))
        total: int = written.value
        return total


class Trusting(Counter):
    """Adds whatever arrives: an addition that was sent twice counts twice."""

    def on_add(self, clerk: str, add: Add) -> None:
        """Add, and confirm it."""
        self.record(clerk, add)
        self.reply(Total(self.total))


class Hasty(Counter):
    """Writes to the disk, but does not wait until it holds what was written."""

    def record(self, clerk: str, add: Add) -> None:
        """Write the new ledger, and go on at once."""
        self.total, self.done = self.total + add.amount, {**self.done, clerk: add.number}
        self.disk.put("ledger", (self.total, self.done))


class Forgetful(Counter):
    """Keeps the total on disk, and in memory alone what it has done already."""

    def start(self) -> None:
        """Take up the total."""
        self.total, self.done = self.disk.get("ledger", (0, {}))[0], {}


class Remote:
    """A register that takes a moment to answer, as one on another machine does."""

    def __init__(self) -> None:
        self.total = 0

    def read(self) -> int:
        """The total, after a while."""
        time.sleep(50e-6)
        return self.total

    def write(self, value: int) -> None:
        """Replace the total, after a while."""
        time.sleep(50e-6)
        self.total = value


def threaded_test(additions: int = 3, rest: float = 0.01) -> bool:
    """Two clerks in threads of their own, with rests in real seconds; whether nothing was lost."""
    register = Remote()

    def clerk() -> None:
        for _ in range(additions):
            time.sleep(rest * random())
            register.write(register.read() + 1)

    threads = [Thread(target=clerk) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return register.total == 2 * additions


def flips(test: Callable[[], bool], most: int = 2000) -> bool:
    """Whether a test both passes and fails in at most so many runs, with nothing changed in between."""
    first = test()
    return any(test() != first for _ in range(most))
