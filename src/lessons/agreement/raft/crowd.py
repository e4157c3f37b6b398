"""A crowd of users with habits of their own, for trials: each keeps what it asked, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

from lessons.agreement.raft.messages import ChangeMembers, Done, NotLeader, Propose, Query, TransferLeadership
from lessons.node import Client, TimedOut


@dataclass
class Operation:
    """What a user asked, when, and what became of it: times in seconds."""

    name: str
    text: str
    asked: float
    answered: float = float("inf")
    outcome: str = "unknown"
    result: str = ""

    @property
    def reach(self) -> int:
        """How many commands the answer tells of."""
        return int(self.result or 0) if self.name == "propose" else len(self.result.split())


class Asker(Client):
    """Asks servers, and keeps what came of it."""

    def __init__(self, servers: tuple[str, ...]) -> None:
        self.servers = servers

    def start(self) -> None:
        """Nothing asked yet."""
        self.operations: list[Operation] = []
        self.ring = cycle(self.rng.sample(self.servers, len(self.servers)))
        self.target = next(self.ring)
        super().start()

    async def ask(self, name: str, text: str, patience: float) -> bool:
        """One attempt at one server, which may name the one for the next; whether it was done."""
        operation = Operation(name, text, self.now)
        self.operations.append(operation)
        message = Propose(text) if name == "propose" else Query(text)
        try:
            answer = await self.call(self.target, message, timeout=patience)
        except TimedOut:
            self.target = next(self.ring)
            return False
        operation.answered, operation.outcome = self.now, type(answer).__name__
        if isinstance(answer, Done):
            operation.result = answer.result
            return True
        named = answer.leader if isinstance(answer, NotLeader) else None
        self.target = named or next(self.ring)
        return False


class Customer(Asker):
    """Proposes commands, each attempt under a name of its own, until each is done; then asks whether it is there."""

    watched = ("confirmed",)

    def __init__(self, servers: tuple[str, ...], commands: tuple[str, ...]) -> None:
        super().__init__(servers)
        self.commands = commands

    def start(self) -> None:
        """Nothing confirmed yet."""
        self.confirmed = 0
        super().start()

    async def session(self) -> None:
        """One command after the other."""
        for command in self.commands:
            attempt = 0
            while not await self.ask("propose", f"{command}.{attempt}", patience=0.25):
                attempt += 1
                await self.sleep(0.05 * self.rng.random())
            self.confirmed += 1
            await self.ask("query", "", patience=0.25)
            await self.sleep(0.2 * self.rng.random())


class Hurried(Asker):
    """Proposes to any server every now and then until the second ``end``, and does not wait for answers."""

    def __init__(self, servers: tuple[str, ...], pause: float, end: float) -> None:
        super().__init__(servers)
        self.pause, self.end = pause, end

    async def session(self) -> None:
        """A proposal after each pause."""
        number = 0
        while self.now < self.end:
            await self.sleep(self.pause * self.rng.random())
            self.spawn(self.ask("propose", f"{self.name}{number}.0", patience=5.0))
            self.target, number = self.rng.choice(self.servers), number + 1


class Curious(Asker):
    """Asks any server until the second ``end``, and does not trust the names that it hears."""

    def __init__(self, servers: tuple[str, ...], end: float) -> None:
        super().__init__(servers)
        self.end = end

    async def session(self) -> None:
        """One query after the other."""
        while self.now < self.end:
            await self.sleep(0.06 * self.rng.random())
            self.target = self.rng.choice(self.servers)
            await self.ask("query", "", patience=0.06)


class Administrator(Client):
    """Changes the leader, and with ``changes`` the members too, at random until the second ``end``."""

    def __init__(self, servers: tuple[str, ...], voters: tuple[str, ...], changes: bool, end: float) -> None:
        self.servers, self.voters, self.changes, self.end = servers, set(voters), changes, end

    async def session(self) -> None:
        """One wish after the other."""
        self.target = self.servers[0]
        while self.now < self.end:
            await self.sleep(0.1 * self.rng.random())
            await self.ask(self.wish())

    def wish(self) -> ChangeMembers | TransferLeadership:
        """Something to ask for: often that one server more or less votes; whoever does not, learns."""
        if not self.changes or self.rng.random() < 0.2:
            return TransferLeadership(self.rng.choice(self.servers))
        joint = self.rng.random() < 0.3
        changed = self.rng.sample(self.servers, self.rng.randint(1, 3) if joint else 1)
        voters = self.voters.symmetric_difference(changed) or self.voters
        return ChangeMembers(tuple(sorted(voters)), tuple(sorted(set(self.servers) - voters)), joint)

    async def ask(self, wish: ChangeMembers | TransferLeadership) -> None:
        """One attempt at one server."""
        try:
            answer = await self.call(self.target, wish, timeout=0.15)
        except TimedOut:
            answer = None
        if isinstance(answer, Done) and isinstance(wish, ChangeMembers):
            self.voters = set(wish.voters)
        elif isinstance(answer, NotLeader) and answer.leader:
            self.target = answer.leader
        elif not isinstance(answer, Done):
            self.target = self.rng.choice(self.servers)
