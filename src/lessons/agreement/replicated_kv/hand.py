"""Clients in somebody's hand: they do what they are asked to, and nothing by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import Compare, Delete, Put, Txn, prefix_end
from lessons.agreement.replicated_kv.messages import Consistency
from lessons.agreement.replicated_kv.rules import BadCommand
from lessons.node import Series


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
        """Read a key; "at" names the only server to ask, "bound" the seconds of staleness for a bounded read."""
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

    async def ask_cas(self, key: str, old: str | None, new: str) -> None:
        """Write a key if its value is the old one, or if it has none."""
        with self.answers():
            self.got = repr(await self.cas(key, old, new))

    async def ask_move(self, key: str, other: str) -> None:
        """Move a value from one key to another, unless somebody changes it meanwhile: a read, and a transaction."""
        with self.answers():
            value = await self.get(key)
            if value is not None:
                unchanged = Compare(key, "value", "=", value)
                moved = await self.transact(Txn((unchanged,), (Delete(key), Put(other, value))))
                self.got = str(moved.succeeded)

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

    @contextmanager
    def answers(self) -> Iterator[None]:
        """Show what goes wrong; whether it was rejected or had no answer is in the history, too."""
        self.got = ""
        try:
            yield
        except (BadCommand, Rejected, Unanswered) as error:
            self.got = str(error)


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
