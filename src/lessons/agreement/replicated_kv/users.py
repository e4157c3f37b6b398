"""Users of the store with habits of their own, for runs and trials."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import Compare, Delete, Get, Put, Txn
from lessons.node import Series

KEYS = ("x", "y")
SHARED = ("x", "z")  # the range that operations on several keys touch


class Shopper(KVClient):
    """Takes one step after the other, whatever becomes of it; what a step is, ``salt`` and its name decide.

    ``done`` says how many are over. It asks any server first when it reads.
    """

    watched = ("done",)

    def __init__(
        self, servers: tuple[str, ...], steps: tuple[str, ...], salt: int | str = 0, pause: float = 0.05, **options: Any
    ) -> None:
        super().__init__(servers, **options)
        self.steps, self.salt, self.pause = steps, salt, pause

    def start(self) -> None:
        """Nothing done yet."""
        self.done = 0
        self.last: dict[str, Any] = {}  # what we have read last
        super().start()

    async def session(self) -> None:
        """One step after the other."""
        for step in self.steps:
            await self.sleep(self.pause * self.rng.random())
            await self.take(step)

    async def take(self, step: str) -> None:
        """One step; if it fails, the history has it."""
        with suppress(Unanswered, Rejected):
            await self.act(Random(f"{self.salt}/{step}"), step)
        self.done += 1

    async def act(self, chance: Random, text: str) -> None:
        """Something to do, drawn at random; ``text`` is what it writes."""
        key = chance.choice(KEYS)
        match chance.choice(("get", "get", "put", "append", "cas", "delete", "find", "transact")):
            case "get":
                self.target = chance.choice(self.servers)
                self.last[key] = await self.get(key)
            case "put":
                await self.put(key, text)
            case "append":
                await self.append(key, text)
            case "cas":
                await self.cas(key, self.last.get(key), text)
            case "delete":
                await self.delete(key)
            case "find":
                await self.find(*SHARED)
            case "transact":
                await self.transact(self.swap(text))

    def swap(self, text: str) -> Txn:
        """Write both keys if x is what we think; else remove both and see what there was."""
        x, y = KEYS
        then = (Put(x, text), Put(y, text))
        return Txn((Compare(x, "value", "=", self.last.get(x)),), then, (Get(*SHARED), Delete(*SHARED)))


class Juggler(Shopper):
    """Has many requests under way: begins each step whether the last is over or not."""

    async def session(self) -> None:
        """One step beside the other."""
        for step in self.steps:
            await self.sleep(self.pause * self.rng.random())
            self.spawn(self.take(step))

    async def act(self, chance: Random, text: str) -> None:
        """Append, which shows best whether it was done twice, and sometimes look."""
        if chance.random() < 0.2:
            await self.get("list")
        else:
            await self.append("list", f"{text} ")


class Holder(Shopper):
    """Holds a key by a lease of ``ttl`` seconds: each step keeps it alive, or takes a new one if it was too slow."""

    def __init__(self, servers: tuple[str, ...], steps: tuple[str, ...], ttl: float = 0.3, **options: Any) -> None:
        super().__init__(servers, steps, **options)
        self.ttl, self.lease = ttl, 0

    async def act(self, chance: Random, text: str) -> None:
        """Hold, read, or let go."""
        await self.sleep(self.ttl * chance.random())
        try:
            await self.hold(chance, text)
        except Rejected:
            self.lease = 0
            raise

    async def hold(self, chance: Random, text: str) -> None:
        """Take the lease and the key, keep them, look at them, or give them up."""
        if not self.lease:
            self.lease = await self.grant(self.ttl)
            await self.put("held", text, self.lease)
        elif chance.random() < 0.35:
            await self.keep_alive(self.lease)
        elif chance.random() < 0.6:
            await self.get("held")
        else:
            await self.revoke(self.lease)
            self.lease = 0


class Watcher(KVClient):
    """Watches a key or range from a revision on: ``told`` is all it was told, ``interest`` what it wants to hear of."""

    watched = ("told", "interest")

    def __init__(
        self, servers: tuple[str, ...], key: str = "", end: str | None = "", since: int = 1, **options: Any
    ) -> None:
        super().__init__(servers, **options)
        self.interest = (key, end, since)

    def start(self) -> None:
        """Nothing heard yet."""
        self.told: Series[Event] = Series()
        super().start()

    async def session(self) -> None:
        """Watch for ever."""
        self.stream = self.watch(self.hear, *self.interest)

    def hear(self, event: Event) -> None:
        """Keep an event."""
        self.told += (event,)
