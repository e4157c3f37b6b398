"""A store to break by hand: a reader gives its parameters, and asks for faults, reads and writes as it runs."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from lessons.agreement.raft import Options
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.runs import DISK
from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient, Value
from lessons.agreement.replicated_kv.commands import Txn, prefix_end
from lessons.agreement.replicated_kv.invariants import STORE
from lessons.agreement.replicated_kv.messages import Consistency
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.text import from_text
from lessons.node import Series
from lessons.sim import Link, LogNormal, Simulation


class Hand(KVClient):
    """A client that does what it is asked to, and nothing by itself. ``got`` is what its last call gave.

    It begins with the server ``first``. What can be asked for are its methods that begin with ``ask_``.
    """

    watched: ClassVar[tuple[str, ...]] = ("got",)

    def __init__(
        self, servers: tuple[str, ...], first: str = "", patience: float = 0.3, limit: float = float("inf")
    ) -> None:
        super().__init__(servers, patience, limit)
        self.first = first or servers[0]

    def start(self) -> None:
        """Nothing asked."""
        super().start()
        self.target, self.got, self.lease = self.first, "", 0

    async def ask_get(
        self, key: str, consistency: str = "linearizable", at: str | None = None, bound: float = 0.0
    ) -> None:
        """Read a key; ``at`` names the only server to ask, ``bound`` the seconds for a bounded read."""
        with self.answers():
            self.got = repr(await self.get(key, Consistency(consistency), at=at, bound=bound))

    async def ask_put(self, key: str, value: str) -> None:
        """Write a key."""
        with self.answers():
            await self.put(key, value)

    async def ask_append(self, key: str, value: str) -> None:
        """Append to a key."""
        with self.answers():
            await self.append(key, value)

    async def ask_delete(self, key: str) -> None:
        """Remove a key."""
        with self.answers():
            await self.delete(key)

    async def ask_cas(self, key: str, old: Value, new: str) -> None:
        """Write a key if it has a value, or none."""
        with self.answers():
            self.got = repr(await self.cas(key, old, new))

    async def ask_transact(self, text: str) -> None:
        """Do a transaction, given as text: see ``lessons.agreement.replicated_kv.text``."""
        with self.answers():
            self.got = str((await self.transact(from_text(text, Txn))).succeeded)

    async def ask_hold(self, key: str, value: str, ttl: float) -> None:
        """Write a key that lives as long as a new lease."""
        with self.answers():
            self.lease = await self.grant(ttl)
            await self.put(key, value, self.lease)

    async def ask_keep_alive(self) -> None:
        """Let the last lease live on."""
        with self.answers():
            await self.keep_alive(self.lease)

    async def ask_let_go(self) -> None:
        """End the last lease."""
        with self.answers():
            await self.revoke(self.lease)

    async def ask_status(self) -> None:
        """Ask all servers who leads and how far they are."""
        reports = await self.status()
        self.got = ", ".join(f"{name}: {each.role}, term {each.term}, {each.applied}" for name, each in reports.items())

    def answers(self) -> suppress:
        """What is rejected, or has no answer, is in the history."""
        self.got = ""
        return suppress(Rejected, Unanswered)


class Lookout(Hand):
    """A client that can also watch: ``told`` is all it was told, ``interest`` what it wants to hear of."""

    watched = (*Hand.watched, "told", "interest")

    def start(self) -> None:
        """Watch nothing yet."""
        super().start()
        self.told: Series[Event] = Series()
        self.interest: tuple[str, str | None, int] = ("", "", 1)

    async def ask_watch(self, prefix: str = "", since: int = 1, at: str | None = None, hold: float = 1.0) -> None:
        """Watch all keys with a prefix from a revision on; once."""
        self.interest = (prefix, prefix_end(prefix), since)
        self.watch(self.hear, *self.interest, at, hold)

    def hear(self, event: Event) -> None:
        """Keep an event."""
        self.told += (event,)


def kv_lab(
    seed: int = 1,
    *,
    servers: int = 3,
    latency: float = 0.003,
    loss: float = 0.0,
    duplicate: float = 0.0,
    election: tuple[float, float] = (0.15, 0.3),
    lease: bool = False,
    drift: float = 0.1,
    compact_after: int = 1000,
    events: int = 1000,
    idle: float = 60.0,
    patience: float = 0.3,
    kind: type[KVServer] = KVServer,
) -> Simulation:
    """A cluster n1, n2, ... of the store, and ann and bob, its users, under all invariants.

    ``latency`` is the median time of a message in seconds, ``loss`` and ``duplicate`` the shares of messages that
    get lost or come twice; ``patience`` is how long a user waits for an answer. For ``lease``, ``drift`` and
    ``compact_after`` see Raft's ``Options``, for ``events`` and ``idle`` see ``Limits``. Faults are those of the
    simulation, and ``sim.faults.ask("ann", "append", ["list", "milk"])`` is a user's wish (see ``Hand``). The same
    arguments and ``sim.actions`` give the same run again. Raises ValueError for fewer than 1 server.
    """
    if servers < 1:
        raise ValueError(f"servers is {servers!r}: at least 1")
    names = tuple(f"n{number}" for number in range(1, servers + 1))
    options = Options(election=election, lease=lease, drift=drift, compact_after=compact_after)
    link = Link(LogNormal(latency, 0.5), loss=loss, duplicate=duplicate)
    sim = Simulation(seed, network=link, disk=DISK, invariants=(*STORE, *SAFETY))
    sim.add(names, audited(kind), voters=names, options=options, limits=Limits(events=events, idle=idle))
    sim.add(["ann", "bob"], Lookout, servers=names, patience=patience)
    return sim
