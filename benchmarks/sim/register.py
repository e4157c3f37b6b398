"""A run such as chapters show: a register kept by a majority (Attiya, Bar-Noy and Dolev 1995), with faults."""

from __future__ import annotations

from lessons.node import Client, Node, TimedOut, message
from lessons.sim import Link, Simulation, Uniform
from lessons.trace import Trace

SERVERS = ["s1", "s2", "s3", "s4", "s5"]
CLIENTS = ["ann", "bob"]
MAJORITY = len(SERVERS) // 2 + 1


@message
class Read:
    """Asks for the newest value."""


@message
class Write:
    """Asks to store a value, unless a newer one is there."""

    version: int
    writer: str
    value: int


@message
class Value:
    """Says what a server has."""

    version: int
    writer: str
    value: int


class Server(Node):
    """Keeps the newest value that it was told of."""

    watched = ("version", "value")

    def start(self) -> None:
        """Begin with what the disk has."""
        self.version, self.writer, self.value = self.disk.get("newest", (0, "", 0))

    def on_read(self, sender: str, read: Read) -> None:
        """Answer."""
        self.reply(Value(self.version, self.writer, self.value))

    def on_write(self, sender: str, write: Write) -> None:
        """Store what is newer, and answer."""
        if (write.version, write.writer) > (self.version, self.writer):
            self.version, self.writer, self.value = write.version, write.writer, write.value
            self.disk.put("newest", (self.version, self.writer, self.value))
            self.disk.sync()
        self.reply(Value(self.version, self.writer, self.value))


class User(Client):
    """Reads the newest value and writes one more, again and again."""

    async def session(self) -> None:
        """All operations of this client."""
        while True:
            operation = self.begin("increment")
            try:
                operation.ok(await self.increment())
            except TimedOut:
                operation.unknown("timeout")
            await self.sleep(0.05)

    async def increment(self) -> int:
        """Two rounds: ask a majority, tell a majority."""
        answers = await self.gather(SERVERS, Read(), first=MAJORITY, timeout=0.2)
        newest = max(answers.values(), key=lambda each: (each.version, each.writer))
        write = Write(newest.version + 1, self.name, newest.value + 1)
        await self.gather(SERVERS, write, first=MAJORITY, timeout=0.2)
        return write.value


def trace(until: float) -> Trace:
    """A run of so many virtual seconds, with a crash and a partition in it."""
    simulation = Simulation(5, network=Link(Uniform(0.005, 0.02), loss=0.02), title="A replicated register")
    simulation.add(SERVERS, Server)
    simulation.add(CLIENTS, User)
    simulation.at(0.2 * until).crash("s2")
    simulation.at(0.4 * until).restart("s2")
    simulation.at(0.5 * until).partition(["s4", "s5"])
    simulation.at(0.7 * until).heal()
    return simulation.run(until=until)
