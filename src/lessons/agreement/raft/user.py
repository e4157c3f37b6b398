"""Users of a cluster, for its runs: they ask, follow the leader, and show what they were told."""

from __future__ import annotations

from typing import ClassVar

from lessons.agreement.raft.messages import (
    ChangeMembers,
    Done,
    Lost,
    NotLeader,
    Propose,
    Query,
    Refused,
    TransferLeadership,
    Unknown,
)
from lessons.node import Client, TimedOut
from lessons.node.message import message_fields

Wish = Propose | Query | ChangeMembers | TransferLeadership
Answer = Done | NotLeader | Lost | Unknown | Refused


class User(Client):
    """Asks the server that leads, as far as it knows; ``patience`` is how many seconds it waits for an answer.

    It shows what it was ``told`` last: index and text of a command that is done; how many ``reads`` it has
    begun; and what it has ``read`` last: the number of the read, the index that its answer reaches to, the answer.
    """

    watched: ClassVar[tuple[str, ...]] = ("told", "reads", "read")

    def __init__(self, servers: tuple[str, ...], patience: float = 0.3) -> None:
        self.servers, self.patience = servers, patience

    def start(self) -> None:
        """Begin with the first server."""
        self.target = self.servers[0]
        self.told, self.reads, self.read = (0, ""), 0, (0, 0, "")
        super().start()

    async def ask(self, wish: Wish) -> Answer | None:
        """One attempt at one server, which is an operation of its own; None when no answer came in time."""
        operation = self.begin(type(wish).__name__, *message_fields(wish).values())
        self.reads += isinstance(wish, Query)
        number = self.reads
        try:
            answer: Answer = await self.call(self.target, wish, timeout=self.patience)
        except TimedOut:
            operation.unknown("timeout")
            self.target = self.rng.choice(self.servers)
            return None
        if isinstance(answer, Done):
            operation.ok(answer.result if isinstance(wish, Query) else answer.result or answer.index)
            self.learn(wish, number, answer)
        else:
            end = operation.unknown if isinstance(answer, Unknown) else operation.fail
            end(answer)
            named = answer.leader if isinstance(answer, NotLeader) else None
            self.target = named or self.rng.choice(self.servers)
        return answer

    def learn(self, wish: Wish, number: int, done: Done) -> None:
        """Show what is done; ``number`` is that of the read, if it was one."""
        if isinstance(wish, Propose):
            self.told = done.index, wish.command
        elif isinstance(wish, Query):
            self.read = number, done.index, done.result


class Proposer(User):
    """Proposes commands one after the other, and tries again elsewhere until each is confirmed."""

    watched = ("confirmed", *User.watched)

    def __init__(self, servers: tuple[str, ...], commands: tuple[str, ...], patience: float = 0.3) -> None:
        super().__init__(servers, patience)
        self.commands = commands

    def start(self) -> None:
        """Nothing confirmed."""
        self.confirmed = 0
        super().start()

    async def session(self) -> None:
        """Propose each command until it is done."""
        for command in self.commands:
            while not isinstance(await self.ask(Propose(command)), Done):
                await self.sleep(0.02 + 0.05 * self.rng.random())
            self.confirmed += 1


class Reader(User):
    """Reads so many ``times``, after a pause of up to 50 ms each, at any server."""

    def __init__(self, servers: tuple[str, ...], times: int, patience: float = 0.3) -> None:
        super().__init__(servers, patience)
        self.times = times

    async def session(self) -> None:
        """Ask one server after the other, whoever leads."""
        for _ in range(self.times):
            await self.sleep(0.05 * self.rng.random())
            self.target = self.rng.choice(self.servers)
            await self.ask(Query(""))
