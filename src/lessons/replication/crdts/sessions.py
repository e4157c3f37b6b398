"""Editing sessions: recordings of people who type, replayed through a replicated text.

The format is that of the editing traces collected by Gentle (README of github.com/josephg/editing-traces):
one author, or several, each of whose transactions names the transactions that it came after.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.text import Text

T = TypeVar("T", bound=Text)

Patch = tuple[int, int, str]  # position, characters to delete there, characters to insert there


@dataclass(frozen=True)
class Transaction:
    """Patches of one author, applied one after the other to the text with all of ``parents`` merged."""

    agent: int
    parents: tuple[int, ...]
    patches: tuple[Patch, ...]


@dataclass(frozen=True)
class Session:
    """A recording: what the text was at first, what was done to it, and what it must be in the end."""

    start: str
    end: str
    transactions: tuple[Transaction, ...]

    @property
    def is_linear(self) -> bool:
        """Whether one author made each transaction after the one before."""
        return all(
            transaction.agent == 0 and transaction.parents == ((at - 1,) if at else ())
            for at, transaction in enumerate(self.transactions)
        )

    @property
    def edits(self) -> int:
        """The number of patches."""
        return sum(len(transaction.patches) for transaction in self.transactions)


def read_session(path: Path) -> Session:
    """The session in a file, gzipped or not. Raises OSError, and BadState for another format."""
    raw = path.read_bytes()
    try:
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        data = json.loads(text)
    except (ValueError, EOFError, OSError, zlib.error, RecursionError) as error:
        raise BadState(f"{path.name} must be JSON, gzipped or not ({error})") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("txns"), list):
        raise BadState(f"{path.name} must be an object with txns, a list of transactions")
    transactions = tuple(_transaction(at, item) for at, item in enumerate(data["txns"]))
    start, end = (
        rules.text("startContent", data.get("startContent", "")),
        rules.text("endContent", data.get("endContent")),
    )
    return Session(start, end, transactions)


def _transaction(at: int, data: object) -> Transaction:
    name = f"txns[{at}]"
    if not isinstance(data, Mapping):
        raise BadState(f"{name} is {data!r}: it must be an object")
    patches = rules.listed(f"{name}.patches", data.get("patches"))
    parents = rules.listed(f"{name}.parents", data.get("parents", [at - 1] if at else []))
    for parent in parents:
        if rules.whole(f"{name}.parents", parent) >= at:
            raise BadState(f"{name}.parents has {parent}: a transaction comes after earlier ones")
    return Transaction(
        rules.whole(f"{name}.agent", data.get("agent", 0)),
        tuple(parents),
        tuple(_patch(f"{name}.patches[{number}]", patch) for number, patch in enumerate(patches)),
    )


def _patch(name: str, data: object) -> Patch:
    """A patch; a time may stand behind what it says."""
    position, deleted, inserted, *_ = [*rules.listed(name, data), None, None, None]
    return rules.whole(name, position), rules.whole(name, deleted), rules.text(name, inserted)


def apply(text: Text, replica: str, patches: tuple[Patch, ...]) -> None:
    """Make the edits of one transaction."""
    for position, deleted, inserted in patches:
        if deleted:
            text.delete(replica, position, deleted)
        if inserted:
            text.insert(replica, position, inserted)


@dataclass
class Lane:
    """A replica: its text, the transactions that are in it, and those that were made at it."""

    name: str
    text: Any
    seen: dict[str, int] = field(default_factory=dict)
    made: list[int] = field(default_factory=list)


class Replay:
    """A session with a replica for each author. An author who worked at two versions at once has two."""

    def __init__(self, session: Session, kind: type[T]) -> None:
        self.session, self.kind = session, kind
        self.lanes: dict[str, Lane] = {}
        self.deltas: list[Any] = []
        self.versions: list[dict[str, int]] = []  # by transaction: how many of each replica it comes after, and it
        self.begin = kind()
        if session.start:
            self.begin.insert("start", 0, session.start)

    def run(self) -> list[Any]:
        """Make every edit at its author's replica, and merge everything everywhere; returns the texts."""
        if self.session.is_linear:
            for transaction in self.session.transactions:
                apply(self.begin, "0", transaction.patches)
            return [self.begin]
        for transaction in self.session.transactions:
            self.step(transaction)
        for lane in self.lanes.values():
            self.deliver(lane, {other.name: len(other.made) for other in self.lanes.values()})
        return [lane.text for lane in self.lanes.values()] or [self.begin]

    def step(self, transaction: Transaction) -> None:
        """Bring one author's replica to the version that the transaction was made to, and make its edits."""
        past: dict[str, int] = {}
        for parent in transaction.parents:
            for name, count in self.versions[parent].items():
                past[name] = max(count, past.get(name, 0))
        lane = self.lane(transaction.agent, past)
        self.deliver(lane, past)
        before = lane.text.version
        apply(lane.text, lane.name, transaction.patches)
        self.deltas.append(lane.text.since(before))
        lane.made.append(len(self.deltas) - 1)
        lane.seen[lane.name] = len(lane.made)
        self.versions.append({**past, lane.name: len(lane.made)})

    def lane(self, agent: int, past: Mapping[str, int]) -> Lane:
        """A replica of this author that has nothing but what is in ``past``."""
        for name in self.names(agent):
            lane = self.lanes.get(name)
            if lane is None:
                lane = self.lanes[name] = Lane(name, self.begin.copy())
                return lane
            if all(count <= past.get(other, 0) for other, count in lane.seen.items()):
                return lane
        raise AssertionError("there is always another name")

    @staticmethod
    def names(agent: int) -> Iterator[str]:
        """The names of one author's replicas: 0, 0.2, 0.3 ..."""
        yield str(agent)
        yield from (f"{agent}.{number}" for number in range(2, 1_000_000))

    def deliver(self, lane: Lane, past: Mapping[str, int]) -> None:
        """Bring to a replica what it lacks of a version, in the order of the recording."""
        missing = [
            number
            for name, count in past.items()
            if count > lane.seen.get(name, 0)
            for number in self.lanes[name].made[lane.seen.get(name, 0) : count]
        ]
        lane.text.merge_all(self.deltas[number] for number in sorted(missing))
        for name, count in past.items():
            lane.seen[name] = max(count, lane.seen.get(name, 0))
