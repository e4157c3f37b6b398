"""What a single transaction shows: that it did not see its own writes, or saw a key change under its hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.history import UNSEEN, Read, Transaction, shown
from lessons.check.isolation.index import Index, items_of


def within_transactions(index: Index) -> Iterator[Anomaly]:
    """Transactions that contradict themselves, each key at most once for each way to do so.

    Adya's histories let a transaction read its own last write of a key, whatever its level; Cerone and
    others (2015) call that, and that a key stays as it was first read, internal consistency. The second half is
    a matter of level: a key that changes between two reads is G-single.
    """
    for transaction in index.visible:
        if len(transaction.operations) > 1:
            yield from _Inside(index, transaction).anomalies()


class _Inside:
    """What one transaction has written and read so far, as it goes through its operations."""

    def __init__(self, index: Index, transaction: Transaction) -> None:
        self.index, self.transaction = index, transaction
        self.mine: dict[Any, list[Any]] = defaultdict(list)
        self.seen: dict[Any, Any] = {}  # by key what it last read of others
        self.told: set[tuple[str, Any]] = set()

    def anomalies(self) -> Iterator[Anomaly]:
        """What is wrong, operation by operation."""
        for operation in self.transaction.operations:
            if not isinstance(operation, Read):
                yield from self.write(operation.key, operation.value)
            elif operation.value is not UNSEEN:
                yield from self.read(operation.key, self.index.normal(operation))

    def write(self, key: Any, value: Any) -> Iterator[Anomaly]:
        if value in items_of(self.seen.get(key)):
            read = shown(self.seen[key])
            yield from self.once("internal", key, f"read {key} as {read} before it wrote {shown(value)} itself")
        self.mine[key].append(value)

    def read(self, key: Any, value: Any) -> Iterator[Anomaly]:
        mine = self.mine.get(key, [])
        if mine and not self.ends_with(value, mine):
            written = ", ".join(map(shown, mine))
            yield from self.once("internal", key, f"wrote {written} to {key} and then read it as {shown(value)}")
        elif mine and not isinstance(value, tuple):
            return  # a register: its own write has hidden what others wrote
        else:
            yield from self.read_of_others(key, value[: len(value) - len(mine)] if mine else value)

    def read_of_others(self, key: Any, value: Any) -> Iterator[Anomaly]:
        before = self.seen.setdefault(key, value)
        if before != value:
            sentence = f"read {key} as {shown(before)} and then as {shown(value)}"
            yield from self.once("G-single", key, sentence, "non-repeatable read")
            self.seen[key] = value

    @staticmethod
    def ends_with(value: Any, mine: list[Any]) -> bool:
        """Whether a read shows the transaction's own writes last."""
        return tuple(mine) == value[-len(mine) :] if isinstance(value, tuple) else bool(value == mine[-1])

    def once(self, kind: str, key: Any, did: str, name: str = "") -> Iterator[Anomaly]:
        if (kind, key) not in self.told:
            self.told.add((kind, key))
            yield Anomaly(kind, (self.transaction,), (f"{self.transaction.name} {did}.",), name)
