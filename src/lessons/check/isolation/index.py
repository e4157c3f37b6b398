"""A history, read once: who wrote which value, which transactions count as committed, what each saw of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lessons.check.isolation.history import UNSEEN, Append, BadHistory, Read, Transaction, Write, shown

Seen = tuple[Any, Any]  # a key and the value that was read from it
Value = tuple[Any, Any]  # a key and a value that was written to it


class Index:
    """What the rest of the check asks of a history.

    ``visible`` are the transactions that the dependency graph is about: the committed ones, and those of
    unknown outcome of which a visible one has read a value, for then they must have committed (Kingsbury and
    Alvaro 2020). Every value may be written to a key once, so that a read tells who wrote it: the paper
    calls such a history recoverable. Raises BadHistory where a value is written twice, where a name is used
    twice, and where a key is a list in one place and a register in another.
    """

    def __init__(self, history: Iterable[Transaction]) -> None:
        self.transactions = tuple(history)
        self.place: dict[str, int] = {}
        self.writers: dict[Value, Transaction] = {}
        self.intermediate: set[Value] = set()  # written again by the same transaction
        self.previous: dict[Value, Any] = {}  # what the same transaction had written to the key just before
        self._is_list: dict[Any, bool] = {}
        for place, transaction in enumerate(self.transactions):
            self._take(place, transaction)
        self.visible = self._visible()
        self.external = {each.name: list(self._external(each)) for each in self.visible}

    def is_list(self, key: Any) -> bool:
        """Whether ``key`` holds a list; a key that was only found empty counts as a register."""
        return self._is_list.get(key, False)

    def lists(self) -> Iterator[Any]:
        """All keys that hold lists."""
        return (key for key, is_list in self._is_list.items() if is_list)

    def is_visible(self, transaction: Transaction) -> bool:
        """Whether ``transaction`` is in the dependency graph."""
        return transaction.name in self.external

    def visible_writer(self, key: Any, value: Any) -> Transaction | None:
        """Who wrote ``value``, if that transaction is visible."""
        writer = self.writers.get((key, value))
        return writer if writer is not None and self.is_visible(writer) else None

    def reads(self, transaction: Transaction) -> Iterator[Seen]:
        """All answers that ``transaction`` got, those about its own writes too."""
        for operation in transaction.operations:
            if isinstance(operation, Read) and operation.value is not UNSEEN:
                yield operation.key, self.normal(operation)

    def normal(self, read: Read) -> Any:
        """What ``read`` returned; a list that nobody has written is empty, not None."""
        return () if read.value is None and self.is_list(read.key) else read.value

    # Reading the history

    def _take(self, place: int, transaction: Transaction) -> None:
        if self.place.setdefault(transaction.name, place) != place:
            raise BadHistory(f"{transaction.name} is the name of two transactions: each needs its own", place)
        mine: dict[Any, Any] = {}
        for operation in transaction.operations:
            self._check_kind(place, transaction, operation)
            if not isinstance(operation, Read):
                self._take_write(place, transaction, operation)
                if operation.key in mine:
                    self.intermediate.add((operation.key, mine[operation.key]))
                    self.previous[operation.key, operation.value] = mine[operation.key]
                mine[operation.key] = operation.value

    def _take_write(self, place: int, transaction: Transaction, write: Append | Write) -> None:
        first = self.writers.get((write.key, write.value))
        if first is not None:
            raise BadHistory(
                f"{transaction.name} writes {shown(write.value)} to {write.key}, which {first.name} has written: "
                "each value of a key may be written once, for a read must tell who wrote it",
                place,
            )
        self.writers[write.key, write.value] = transaction

    def _check_kind(self, place: int, transaction: Transaction, operation: Append | Write | Read) -> None:
        if isinstance(operation, Read):
            if operation.value is None or operation.value is UNSEEN:
                return
            is_list = isinstance(operation.value, tuple)
        else:
            is_list = isinstance(operation, Append)
        if self._is_list.setdefault(operation.key, is_list) is not is_list:
            this, other = ("a list", "a register") if is_list else ("a register", "a list")
            raise BadHistory(
                f"{transaction.name} has {operation}: that makes {operation.key} {this}, but elsewhere it is {other}",
                place,
            )

    # Who is visible

    def _visible(self) -> tuple[Transaction, ...]:
        committed = [each for each in self.transactions if each.outcome == "committed"]
        in_doubt = {each.name for each in self.transactions if each.outcome == "unknown"}
        if not in_doubt:
            return tuple(committed)
        proved: set[str] = set()
        queue = committed
        while queue:
            found = {writer.name: writer for reader in queue for writer in self._read_from(reader)}
            queue = [each for name, each in found.items() if name in in_doubt - proved]
            proved.update(each.name for each in queue)
        return tuple(each for each in self.transactions if each.outcome == "committed" or each.name in proved)

    def _read_from(self, reader: Transaction) -> Iterator[Transaction]:
        for key, value in self.reads(reader):
            for item in items_of(value):
                if (key, item) in self.writers:
                    yield self.writers[key, item]

    def _external(self, transaction: Transaction) -> Iterator[Seen]:
        """What ``transaction`` saw of others: its reads of keys that it had not yet written."""
        mine: set[Any] = set()
        for operation in transaction.operations:
            if not isinstance(operation, Read):
                mine.add(operation.key)
            elif operation.key not in mine and operation.value is not UNSEEN:
                yield operation.key, self.normal(operation)


def items_of(value: Any) -> Sequence[Any]:
    """The values that a read shows: all items of a list, the one value of a register."""
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def by_key(index: Index) -> dict[Any, list[tuple[Transaction, Any]]]:
    """For each key the external reads of it: who read, and what."""
    reads: dict[Any, list[tuple[Transaction, Any]]] = defaultdict(list)
    for transaction in index.visible:
        for key, value in index.external[transaction.name]:
            reads[key].append((transaction, value))
    return reads
