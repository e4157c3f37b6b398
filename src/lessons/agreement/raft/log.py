"""The replicated log: entries by index, with a snapshot in place of those that were compacted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum
from itertools import accumulate
from json.encoder import encode_basestring_ascii

from lessons.node import Series, message

LONGEST_ESCAPE = 12  # bytes of a character as JSON, at most


class Kind(StrEnum):
    """What an entry is for."""

    COMMAND = "command"  # for the state machine
    NOOP = "noop"  # begins a leader's term, so that it can commit what it inherited (section 5.4.2)
    MEMBERS = "members"  # a configuration of the cluster, in force as soon as it is in the log


@message
class Entry:
    """One entry: the term in which a leader received it, what it is for, and its text."""

    term: int
    kind: Kind
    data: str = ""

    def __str__(self) -> str:
        return f"{self.term}:{self.data or self.kind}"


def size_of(text: str) -> int:
    """Bytes of a text as JSON, which brings it to the others and to disks."""
    return len(encode_basestring_ascii(text))


def is_longer(text: str, most: int) -> bool:
    """Whether a text has more bytes as JSON; seldom must they be counted."""
    return LONGEST_ESCAPE * len(text) + 2 > most and size_of(text) > most


class Log:
    """Entries ``first`` to ``last``; what was before them is in the snapshot. Indexes begin with 1.

    ``base`` and ``base_term`` are index and term of the last entry in the snapshot, 0 without one;
    without entries ``last`` is the base.
    """

    def __init__(self, entries: Iterable[Entry] = (), base: int = 0, base_term: int = 0) -> None:
        self.entries, self.base, self.base_term = Series(entries), base, base_term
        self.last = base + len(self.entries)

    @property
    def last_term(self) -> int:
        """The term of the last entry."""
        return self.entries[-1].term if self.entries else self.base_term

    def term_at(self, index: int) -> int | None:
        """The term of the entry at ``index``; None when it is in the snapshot or not there yet."""
        if self.base < index <= self.last:
            return self.entries[index - self.base - 1].term
        return self.base_term if index == self.base else None

    def entry(self, index: int) -> Entry:
        """The entry at ``index``; raises IndexError when it is in the snapshot or not there yet."""
        if not self.base < index <= self.last:
            raise IndexError(f"index is {index!r}: the log has entries {self.base + 1} to {self.last}")
        return self.entries[index - self.base - 1]

    def between(self, first: int, last: int) -> tuple[Entry, ...]:
        """The entries from ``first`` to ``last``; raises IndexError when one is in the snapshot or not there yet."""
        if not self.base < first <= last <= self.last:
            raise IndexError(f"entries {first!r} to {last!r}: the log has {self.base + 1} to {self.last}")
        return self.entries[first - self.base - 1 : last - self.base]

    def since(self, index: int, most: int) -> tuple[Entry, ...]:
        """At most ``most`` entries, from ``index`` on."""
        start = index - self.base - 1
        return self.entries[start : start + most]

    def batch(self, index: int, most: int, size: int) -> tuple[Entry, ...]:
        """At most ``most`` entries from ``index`` on, of ``size`` bytes as JSON; the first one in any case."""
        entries = self.since(index, most)
        if LONGEST_ESCAPE * sum([len(entry.data) + 1 for entry in entries]) <= size:
            return entries
        ends = [*accumulate(size_of(entry.data) for entry in entries)]
        return entries[: max(1, bisect_right(ends, size))]

    def is_up_to_date(self, last_index: int, last_term: int) -> bool:
        """Whether a log that ends so is at least as complete as this one (section 5.4.1)."""
        return (last_term, last_index) >= (self.last_term, self.last)

    def matches(self, index: int, term: int) -> bool:
        """Whether this log holds an entry of ``term`` at ``index``, or has it in its snapshot."""
        return index < self.base or self.term_at(index) == term

    def news(self, prev_index: int, entries: tuple[Entry, ...]) -> tuple[int, tuple[Entry, ...]]:
        """What a message adds: the index of its first entry that is missing or other, and the rest of it.

        Entries that are here already are left alone, whatever follows them: the message may be an
        old one, and the log longer (section 5.3, and Figure 2, AppendEntries, steps 3 and 4).
        """
        if prev_index == self.last:
            return prev_index + 1, entries
        for place in range(self.known(prev_index, entries), len(entries)):
            if not self.matches(prev_index + 1 + place, entries[place].term):
                return prev_index + 1 + place, entries[place:]
        return prev_index + len(entries) + 1, ()

    def known(self, prev_index: int, entries: tuple[Entry, ...]) -> int:
        """How many of these entries are here, as far as one look at all of them together can tell."""
        here = self.since(prev_index + 1, len(entries)) if prev_index >= self.base else ()
        return len(here) if here == entries[: len(here)] else 0

    def put(self, index: int, entries: tuple[Entry, ...]) -> None:
        """Place entries from ``index`` on, in the place of all that stood there and after."""
        self.entries = self.entries.until(index - self.base - 1) + entries
        self.last = self.base + len(self.entries)

    def latest(self, kind: Kind, index: int) -> tuple[int, str]:
        """Index and text of the last entry of this kind, at ``index`` at most; the base and no text without one."""
        kinds = [entry.kind for entry in self.entries[: max(0, index - self.base)]]
        if kind not in kinds:
            return self.base, ""
        place = index - kinds[::-1].index(kind)
        return place, self.entry(place).data

    def after(self, index: int, term: int) -> Log:
        """The log behind a snapshot up to ``index``: what follows there, if the snapshot's last entry is ours."""
        kept = self.entries[index - self.base :] if self.term_at(index) == term else ()
        return Log(kept, index, term)

    def end_of_term(self, term: int, index: int) -> int:
        """The last index, at most ``index``, with a term of at most ``term``; the base at the least."""
        index = min(index, self.last)
        while index > self.base and self.entries[index - self.base - 1].term > term:
            index -= 1
        return index
