"""Worlds that put the store to the test, with chance and without."""

from __future__ import annotations

from random import Random
from typing import Any

from lessons.agreement.raft import Options
from lessons.agreement.raft.runs import DISK, NETWORK
from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.invariants import STORE
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.node import Series
from lessons.sim import Link, Nemesis, Simulation

KEYS = ("x", "y")
TROUBLE = Nemesis(every=0.3, lasting=0.4)


class Shopper(KVClient):
    """Does ``times`` random things to ``keys``, one after the other: reads, writes, appends, swaps, deletes."""

    def __init__(self, servers: tuple[str, ...], times: int, keys: tuple[str, ...] = KEYS, **options: Any) -> None:
        super().__init__(servers, **options)
        self.times, self.keys = times, keys

    async def session(self) -> None:
        """One thing after the other, whatever becomes of it."""
        for number in range(1, self.times + 1):
            await self.sleep(0.05 * self.rng.random())
            try:
                await self.something(self.rng, f"{self.name[0]}{number}")
            except (Unanswered, Rejected):
                continue

    async def something(self, rng: Random, text: str) -> None:
        """A thing to do, drawn at random; ``text`` is what it writes."""
        key = rng.choice(self.keys)
        match rng.randrange(6):
            case 0 | 1:
                self.last = await self.get(key)
            case 2:
                await self.put(key, text)
            case 3:
                await self.append(key, text)
            case 4:
                await self.cas(key, getattr(self, "last", None), text)
            case 5:
                await self.delete(key)


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


def kv_run(
    seed: int,
    size: int = 3,
    kind: type[KVServer] = KVServer,
    *,
    clients: int = 2,
    times: int = 10,
    options: Options | None = None,
    limits: Limits | None = None,
    network: Link = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 4.0,
) -> Simulation:
    """A cluster n1, n2, ... of ``size`` servers under all of these invariants, and clients that do random things.

    Each of ``clients`` does so ``times``; eve watches all keys. ``trouble`` strikes until the virtual second ``until``.
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=network, disk=DISK, invariants=STORE)
    sim.add(names, audited(kind), voters=names, options=options or Options(), limits=limits or Limits())
    sim.add(["ann", "bob", "cat", "dan"][:clients], Shopper, servers=names, times=times)
    sim.add("eve", Watcher, servers=names)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim
