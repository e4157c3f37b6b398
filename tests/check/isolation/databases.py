"""Databases for the tests: small simulators of isolation levels, which write the history that clients would see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lessons.check.isolation import Append, Read, Transaction, Write

Operation = Append | Read | Write
Store = dict[str, Any]


@dataclass
class Session:
    """One transaction under way: what it will do, what it has been told, what it has written."""

    name: str
    process: str
    plan: list[Operation]
    start: float
    done: list[Operation] = field(default_factory=list)
    mine: Store = field(default_factory=dict)
    snapshot: Store = field(default_factory=dict)

    def transaction(self, outcome: str, end: float) -> Transaction:
        """What the client reports; of an unknown outcome it has no answers."""
        told = [Read(each.key) if isinstance(each, Read) and outcome != "committed" else each for each in self.done]
        return Transaction(self.name, told, outcome, self.process, self.start, end)  # type: ignore[arg-type]


class Database:
    """A store of versions; a subclass says what may be read, what must wait, and who may commit."""

    def __init__(self, lists: bool = True) -> None:
        self.lists = lists
        self.committed: Store = {}

    def begin(self, session: Session) -> None:
        """Called before the first operation."""

    def may(self, session: Session, operation: Operation) -> bool:
        """Whether ``operation`` may be done now; else the session waits."""
        return True

    def seen(self, session: Session, key: str) -> Any:
        """The state of ``key`` that a read or an append starts from."""
        return session.mine.get(key, self.committed.get(key, () if self.lists else None))

    def do(self, session: Session, operation: Operation) -> None:
        """Do one operation, and note what the client is told."""
        state = self.seen(session, operation.key)
        if isinstance(operation, Read):
            session.done.append(Read(operation.key, state))
            return
        session.mine[operation.key] = (*state, operation.value) if self.lists else operation.value
        session.done.append(operation)

    def commit(self, session: Session) -> bool:
        """Make the writes visible; False if the transaction must abort instead."""
        self.committed.update(session.mine)
        return True

    def end(self, session: Session) -> None:
        """Called after commit or abort."""


class Serial(Database):
    """One transaction after the other: whoever has begun goes on alone."""

    running: Session | None = None

    def may(self, session: Session, operation: Operation) -> bool:
        if self.running is None:
            self.running = session
        return self.running is session

    def end(self, session: Session) -> None:
        if self.running is session:
            self.running = None


class TwoPhaseLocking(Database):
    """Shared locks to read, exclusive locks to write, all kept to the end (Berenson et al. 1995, table 2)."""

    keeps_read_locks = True

    def __init__(self, lists: bool = True) -> None:
        super().__init__(lists)
        self.readers: dict[str, set[str]] = {}
        self.writer: dict[str, str] = {}

    def may(self, session: Session, operation: Operation) -> bool:
        if self.writer.get(operation.key, session.name) != session.name:
            return False
        if isinstance(operation, Read):
            if self.keeps_read_locks:
                self.readers.setdefault(operation.key, set()).add(session.name)
            return True
        if self.readers.get(operation.key, set()) - {session.name}:
            return False
        self.writer[operation.key] = session.name
        return True

    def end(self, session: Session) -> None:
        self.writer = {key: name for key, name in self.writer.items() if name != session.name}
        for names in self.readers.values():
            names.discard(session.name)


class ReadCommitted(TwoPhaseLocking):
    """Read locks are given back at once."""

    keeps_read_locks = False


class SnapshotIsolation(Database):
    """Reads from the state at the start; of two that write the same key at the same time the first committer wins."""

    def begin(self, session: Session) -> None:
        session.snapshot = dict(self.committed)

    def seen(self, session: Session, key: str) -> Any:
        return session.mine.get(key, session.snapshot.get(key, () if self.lists else None))

    def commit(self, session: Session) -> bool:
        if any(self.committed.get(key) != session.snapshot.get(key) for key in session.mine):
            return False
        return super().commit(session)


class NoIsolation(Database):
    """Every write is in the store at once, and an abort takes nothing back."""

    def seen(self, session: Session, key: str) -> Any:
        return self.committed.get(key, () if self.lists else None)

    def do(self, session: Session, operation: Operation) -> None:
        super().do(session, operation)
        self.committed.update(session.mine)
        session.mine.clear()


class Workload:
    """Clients that run random transactions at random paces; values are unique."""

    def __init__(self, seed: object, lists: bool = True, keys: int = 3, clients: int = 4, longest: int = 4) -> None:
        self.rng = Random(f"{seed}/workload")
        self.lists, self.clients, self.longest = lists, clients, longest
        self.keys = [f"k{number}" for number in range(keys)]
        self.values = iter(range(1, 1_000_000))

    def plan(self) -> list[Operation]:
        """What the next transaction will do; registers are read before they are written now and then."""
        plan: list[Operation] = []
        for _ in range(self.rng.randint(1, self.longest)):
            key = self.rng.choice(self.keys)
            if self.rng.random() < 0.5:
                plan.append(Read(key))
            else:
                plan.append(Append(key, next(self.values)) if self.lists else Write(key, next(self.values)))
        return plan

    def run(
        self, database: Database, transactions: int, aborts: float = 0.1, unknown: float = 0.05
    ) -> list[Transaction]:
        """The history of that many transactions, in the order of their ends."""
        return list(self._steps(database, transactions, aborts, unknown))

    def _steps(self, database: Database, transactions: int, aborts: float, unknown: float) -> Iterator[Transaction]:
        active: dict[int, Session] = {}
        begun = waited = 0
        for now in range(10_000_000):
            client = self.rng.randrange(self.clients)
            if client not in active and begun < transactions:
                active[client] = Session(f"T{begun}", f"p{client}", self.plan(), float(now))
                database.begin(active[client])
                begun += 1
            elif client in active:
                session = active[client]
                stuck = waited > 20 * self.clients  # a deadlock: somebody gives up
                waited = 0 if self._step(database, session) else waited + 1
                ended = len(session.done) == len(session.plan)
                if ended or stuck:
                    waited = 0
                    del active[client]
                    yield self._end(database, session, stuck or self.rng.random() < aborts, unknown, float(now) + 0.5)
            elif begun == transactions and not active:
                return

    @staticmethod
    def _step(database: Database, session: Session) -> bool:
        operation = session.plan[len(session.done)]
        if not database.may(session, operation):
            return False
        database.do(session, operation)
        return True

    def _end(self, database: Database, session: Session, aborts: bool, unknown: float, now: float) -> Transaction:
        committed = not aborts and database.commit(session)
        database.end(session)
        lost = self.rng.random() < unknown
        return session.transaction("unknown" if lost else "committed" if committed else "aborted", now)


DATABASES: dict[str, Callable[..., Database]] = {
    "serial": Serial,
    "two-phase locking": TwoPhaseLocking,
    "snapshot isolation": SnapshotIsolation,
    "read committed": ReadCommitted,
    "no isolation": NoIsolation,
}
