"""The counter: a service that adds each addition of its clerks once, whatever happens on the way.

A clerk sends an addition until it is confirmed, so an addition may arrive twice; each carries its
clerk's own number, and the counter remembers the last number of every clerk. Total and numbers are
one entry on the disk, written and synced before the answer leaves (exactly-once semantics as in
Lee et al. 2015, "Implementing Linearizability at Large Scale and Low Latency", section 3).
"""

from __future__ import annotations

from lessons.node import Client, DiskFull, Node, TimedOut, message


@message
class Add:
    """Add ``amount``; ``number`` counts the additions of the clerk that sends it, from 1 on."""

    amount: int
    number: int


@message
class Total:
    """The answer to an addition: the total with it."""

    value: int


class Counter(Node):
    """Adds each addition once, and confirms it when the disk holds it."""

    watched = ("total",)

    def start(self) -> None:
        """Take up the ledger as the disk has it."""
        self.total, self.done = self.disk.get("ledger", (0, {}))

    def on_add(self, clerk: str, add: Add) -> None:
        """Confirm an addition, new or sent again; a full disk confirms nothing."""
        try:
            if add.number > self.done.get(clerk, 0):
                self.record(clerk, add)
        except DiskFull:
            return  # unchanged: the clerk will send it again
        self.reply(Total(self.total))

    def record(self, clerk: str, add: Add) -> None:
        """Write the new ledger, make it durable, and only then believe it."""
        ledger = (self.total + add.amount, {**self.done, clerk: add.number})
        self.disk.put("ledger", ledger)
        self.disk.sync()
        self.total, self.done = ledger


class Clerk(Client):
    """Adds 1, ``additions`` times, after random rests of at most ``rest`` seconds each.

    An addition without an answer after ``patience`` seconds is sent again, for ever.
    """

    watched = ("begun", "confirmed")

    def __init__(self, additions: int = 3, rest: float = 0.1, patience: float = 0.05) -> None:
        self.additions, self.rest, self.patience = additions, rest, patience

    def start(self) -> None:
        """Nothing begun, nothing confirmed."""
        self.begun = self.confirmed = 0
        super().start()

    async def session(self) -> None:
        """One addition after the other."""
        for number in range(1, self.additions + 1):
            await self.sleep(self.rest * self.rng.random())
            self.begun = number
            operation = self.begin("add", 1)
            operation.ok(await self.add(number))
            self.confirmed = number

    async def add(self, number: int) -> int:
        """Send an addition until it is confirmed; returns the total."""
        while True:
            try:
                answer = await self.call("counter", Add(1, number), timeout=self.patience)
            except TimedOut:
                continue
            total: int = answer.value
            return total
