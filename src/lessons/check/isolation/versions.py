"""Version orders that are known: those of lists, from their reads, and those that the database itself reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lessons.check.isolation.history import BadHistory, Transaction, check_plain, shown
from lessons.check.isolation.index import Index


class Chain:
    """All known versions of a key, in order: what its longest read shows of a list, or what the database says.

    ``installed`` are the values of visible transactions with their places in the order; ``unread`` are
    the appends that come after all of them, in an order that nobody knows.
    """

    def __init__(self, index: Index, key: Any, values: Sequence[Any]) -> None:
        self.values = values
        self._place = {value: place for place, value in enumerate(values)}
        writers = ((value, index.visible_writer(key, value)) for value in values)
        self.installed = [(value, writer) for value, writer in writers if writer is not None]
        self.unread: list[tuple[Any, Transaction]] = []
        self._next = self._nexts()

    def _nexts(self) -> list[int]:
        """For each number of values, where in ``installed`` the first one after them is."""
        nexts, at = [], 0
        for value in self.values:
            nexts.append(at)
            at += at < len(self.installed) and self.installed[at][0] == value
        return [*nexts, at]

    def add_unread(self, value: Any, writer: Transaction) -> None:
        """Put ``value`` behind all others, if it is not one of them."""
        if value not in self._place:
            self.unread.append((value, writer))

    def after(self, seen: Any) -> Sequence[tuple[Any, Transaction]]:
        """The next versions for a reader who saw ``seen``: one, or all that are unread; none if ``seen`` is strange."""
        if isinstance(seen, tuple):
            place = len(seen)
        elif seen is None:
            place = 0
        elif seen in self._place:
            place = self._place[seen] + 1
        else:
            return ()
        at = self._next[place]
        return self.installed[at : at + 1] or self.unread


class Versions:
    """What is known of the order of versions.

    ``chains`` has the keys whose order is known; ``incompatible`` the lists of which two reads can't both be
    beginnings of one list, with those reads; ``repeated`` those in which a value stands twice; ``shuffled`` those in
    which a transaction's own appends do not stand in the order in which it made them, with the one that is
    not behind the one before it.
    """

    def __init__(self, index: Index, given: Mapping[Any, Sequence[Any]]) -> None:
        self.index = index
        self.chains = {key: self._given(key, values) for key, values in given.items()}
        self.incompatible: dict[Any, tuple[Any, Any]] = {}
        self.repeated: dict[Any, tuple[Any, ...]] = {}
        self.shuffled: dict[Any, tuple[Any, tuple[Any, ...]]] = {}
        for key, lists in self._lists().items():
            self._trace(key, sorted(lists, key=len))
        self._add_unread()

    def _given(self, key: Any, values: Sequence[Any]) -> Chain:
        if self.index.is_list(key):
            raise BadHistory(f"versions has the list {key}: the order of a list is told by its reads")
        for version in values:
            check_plain(f"a version of {key}", version)
        there = set(values)
        if len(there) < len(values):
            raise BadHistory(f"versions of {key} are {shown(tuple(values))}: each may be there once")
        for (written, value), writer in self.index.writers.items():
            last = written == key and (key, value) not in self.index.intermediate and self.index.is_visible(writer)
            if last and value not in there:
                raise BadHistory(f"versions of {key} lack {shown(value)}, which {writer.name} wrote")
        return Chain(self.index, key, values)

    def _lists(self) -> dict[Any, dict[tuple[Any, ...], None]]:
        """For each list all answers that visible transactions got, each once."""
        lists: dict[Any, dict[tuple[Any, ...], None]] = {key: {(): None} for key in self.index.lists()}
        for transaction in self.index.visible:
            for key, value in self.index.reads(transaction):
                if isinstance(value, tuple):
                    lists[key][value] = None
        return lists

    def _trace(self, key: Any, lists: Sequence[tuple[Any, ...]]) -> None:
        """Take the longest read for the order, if all others are beginnings of it and no value is there twice."""
        longest = lists[-1]
        for shorter in lists:
            if len(set(shorter)) < len(shorter):
                self.repeated[key] = shorter
            if longest[: len(shorter)] != shorter:
                self.incompatible.setdefault(key, (shorter, longest))
        wrong = self._shuffled(key, longest)
        if wrong is not None:
            self.shuffled[key] = wrong, longest
        elif key not in self.repeated and key not in self.incompatible:
            self.chains[key] = Chain(self.index, key, longest)

    def _shuffled(self, key: Any, values: tuple[Any, ...]) -> Any:
        """A value that its transaction appended right after one that is not in front of it; None if all is well."""
        earlier: set[Any] = set()
        for value in values:
            earlier.add(value)
            if self.index.previous.get((key, value), value) not in earlier:
                return value
        return None

    def _add_unread(self) -> None:
        """Put appends of visible transactions that no read shows behind the chains of their lists."""
        for (key, value), writer in self.index.writers.items():
            if self.index.is_list(key) and key in self.chains and self.index.is_visible(writer):
                self.chains[key].add_unread(value, writer)
