"""A client of the store: calls that read like those of a dictionary, and a session that makes each write count once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lessons.agreement.raft import Propose
from lessons.agreement.replicated_kv.answers import Answer, Decided, Found, Leased
from lessons.agreement.replicated_kv.calls import Caller, Rejected, SessionLost, Unanswered
from lessons.agreement.replicated_kv.commands import (
    Append,
    Close,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    LeaseStatus,
    Operation,
    Put,
    Question,
    Refresh,
    Register,
    Revoke,
    Txn,
)
from lessons.agreement.replicated_kv.messages import Consistency, Read, Report, Status
from lessons.agreement.replicated_kv.streams import HOLD, Stream, Tell
from lessons.agreement.replicated_kv.text import to_text
from lessons.node import Future

Value = str | bytes | None


@dataclass
class Session:
    """A session as its client sees it: its number, the last request's, and those that have no answer yet.

    ``window`` is how many requests may be under way at once.
    """

    number: int
    window: int
    last: int = 0
    open: set[int] = field(default_factory=set)

    @property
    def has_room(self) -> bool:
        """Whether one more request may be under way: servers keep answers from the oldest on that has none here."""
        return not self.open or self.last - min(self.open) < self.window - 1

    def begin(self) -> int:
        """The number of a new request."""
        self.last += 1
        self.open.add(self.last)
        return self.last


class KVClient(Caller):
    """Reads and writes the store. Every call is an operation in the history, and a coroutine to be awaited.

    A call raises Rejected when it was certainly not done, and Unanswered when nobody can know.
    """

    def start(self) -> None:
        """No session yet: the first write opens one."""
        self.opened: Session | None = None
        self.opening: Future[None] | None = None
        self.room: Future[None] = Future()
        self.keeper: Any = None
        self.refreshing = False
        super().start()

    # Writes

    async def put(self, key: str, value: str | bytes, lease: int = 0) -> None:
        """Give a key a value, and attach it to a lease; 0 is none."""
        name, args = ("put_leased", (key, value, lease)) if lease else ("put", (key, value))
        await self.recorded(name, args, self.write(Put(key, value, lease)))

    async def append(self, key: str, value: str | bytes) -> None:
        """Put text behind a text, or bytes behind bytes."""
        await self.recorded("append", (key, value), self.write(Append(key, value)))

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""
        await self.recorded("delete", (key,), self.write(Delete(key)))

    async def delete_range(self, key: str, end: str) -> int:
        """Remove all keys from ``key`` on and before ``end``; returns how many there were."""
        return int(await self.recorded("delete_range", (key, end), self.write(Delete(key, end)), counted))

    async def cas(self, key: str, old: Value, new: str | bytes) -> bool:
        """Write ``new`` if the value is ``old`` (None: if there is none); returns whether it was."""
        swap = Txn((Compare(key, "value", "=", old),), (Put(key, new),))
        return bool(await self.recorded("cas", (key, old, new), self.write(swap), succeeded))

    async def transact(self, txn: Txn) -> Decided:
        """Do one branch of a transaction."""
        done: Decided = await self.recorded("transact", (txn,), self.write(txn), itself)
        return done

    async def grant(self, ttl: float) -> int:
        """Get a lease that lives for ``ttl`` seconds; returns its number."""
        return int(await self.recorded("grant", (ttl,), self.write(Grant(ttl)), numbered))

    async def keep_alive(self, lease: int) -> None:
        """Let a lease live for its full time again."""
        await self.recorded("keep_alive", (lease,), self.write(KeepAlive(lease)))

    async def revoke(self, lease: int) -> None:
        """End a lease and remove its keys."""
        await self.recorded("revoke", (lease,), self.write(Revoke(lease)))

    # Reads

    async def get(self, key: str, consistency: Consistency = Consistency.LINEARIZABLE, **where: Any) -> Value:
        """The value of a key; None if it is not there. ``where``: see ``read``."""
        name = "get" if consistency is Consistency.LINEARIZABLE else f"get_{consistency.value}"
        value: Value = await self.recorded(name, (key,), self.read(Get(key), consistency, **where), valued)
        return value

    async def find(
        self, key: str, end: str, consistency: Consistency = Consistency.LINEARIZABLE, **where: Any
    ) -> Found:
        """All records from ``key`` on and before ``end`` (empty: no end), up to 1,000."""
        name = "find" if consistency is Consistency.LINEARIZABLE else f"find_{consistency.value}"
        found: Found = await self.recorded(name, (key, end), self.read(Get(key, end), consistency, **where), itself)
        return found

    async def lease_status(self, lease: int) -> Leased:
        """How long a lease lives, and what hangs on it."""
        left: Leased = await self.recorded("lease_status", (lease,), self.read(LeaseStatus(lease)), itself)
        return left

    async def read(
        self,
        question: Question,
        consistency: Consistency = Consistency.LINEARIZABLE,
        bound: float = 0.0,
        at: str | None = None,
    ) -> Answer:
        """Ask a question, without putting it on record.

        ``at`` names the only server to ask; ``bound`` is the staleness in seconds for bounded reads.
        """
        least = self.seen if consistency is Consistency.SESSION else 0
        return await self.insist(Read(to_text(question), consistency, bound, least), at)

    # Watches, and the cluster

    def watch(
        self,
        tell: Tell,
        key: str,
        end: str | None = None,
        since: int = 1,
        at: str | None = None,
        hold: float = HOLD,
    ) -> Stream:
        """Have ``tell`` called with each event of a key or range from a revision on.

        ``at`` is the server to begin with, ``hold`` the seconds after which it answers when nothing happens.
        """
        stream = Stream(self, tell, key, end, since, at, hold)
        self.spawn(stream.run())
        return stream

    async def status(self) -> dict[str, Report]:
        """What each server says of itself, by name; who does not answer is not in it."""
        reports = {server: self.spawn(self.attempt(server, Status(), self.patience)) for server in self.servers}
        answers = {server: await report for server, report in reports.items()}
        return {server: answer for server, answer in answers.items() if answer is not None}

    # Sessions

    async def write(self, do: Operation) -> Answer:
        """Have an operation done once, without putting it on record."""
        session = await self.session_with_room()
        number = session.begin()
        first = min(session.open)
        command = Command(do, session.number, number, first if first < number else 0)
        try:
            return await self.insist(Propose(to_text(command)))
        except SessionLost:
            self.leave(session)
            raise
        finally:
            session.open.discard(number)
            room, self.room = self.room, Future()
            room.set(None)

    async def session_with_room(self) -> Session:
        """Our session, in which one more request may be under way; opened if there is none."""
        while self.opened is None or not self.opened.has_room:
            if self.opened is None:
                await self.open_session()
            else:
                await self.room
        return self.opened

    async def open_session(self) -> None:
        """Open a session, if nobody else here is about to."""
        if self.opening is not None:
            await self.opening
            return
        self.opening = Future()
        try:
            made: Any = await self.insist(Propose(to_text(Command(Register()))))
            self.opened = Session(made.session, made.answers)
            if self.keeper is None:
                self.keeper = self.every(made.idle / 3, self.refresh)
        finally:
            waiting, self.opening = self.opening, None
            waiting.set(None)

    def refresh(self) -> None:
        """Show that we are still there, unless a request that is under way does."""
        if self.opened is not None and not self.opened.open and not self.refreshing:
            self.spawn(self.stay(self.opened))

    async def stay(self, session: Session) -> None:
        """Have whoever leads keep a session open."""
        self.refreshing = True
        try:
            await self.insist(self.about(session, Refresh()))
        except SessionLost:
            self.leave(session)
        except Unanswered:
            pass  # the next write finds out whether it was in time
        finally:
            self.refreshing = False

    def leave(self, session: Session) -> None:
        """A session has ended: the next write opens another one."""
        if self.opened is session:
            self.opened = None

    async def close(self) -> None:
        """End the session; one that has ended is closed."""
        if self.opened is not None:
            session, self.opened = self.opened, None
            with suppress(SessionLost):  # the answer to an earlier attempt was lost, say
                await self.insist(self.about(session, Close()))

    def about(self, session: Session, do: Operation) -> Propose:
        """A command about a session, which needs no number, for it may well be done twice."""
        return Propose(to_text(Command(do, session.number)))

    # The record

    async def recorded(
        self, name: str, args: tuple[Any, ...], call: Awaitable[Answer], value_of: Callable[[Any], Any] | None = None
    ) -> Any:
        """Put a call on record as an operation, with what is known of it in the end; returns what it gave."""
        operation = self.begin(name, *args)
        try:
            answer = await call
        except Rejected as rejected:
            operation.fail(str(rejected))
            raise
        except Unanswered as unanswered:
            operation.unknown(str(unanswered))
            raise
        value = value_of(answer) if value_of else None
        operation.ok(value)
        return value


def itself(answer: Any) -> Any:
    """An answer is its own value."""
    return answer


def valued(found: Found) -> Value:
    """The value of the one record that was found."""
    return found.records[0].value if found.records else None


def succeeded(decided: Decided) -> bool:
    """Whether a transaction's conditions held."""
    return decided.succeeded


def counted(changed: Any) -> int:
    """How many keys were changed."""
    return int(changed.count)


def numbered(granted: Any) -> int:
    """The number of a lease."""
    return int(granted.lease)
