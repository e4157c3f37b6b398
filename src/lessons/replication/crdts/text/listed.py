"""Text as a list: the replicated growable array of Roh et al. 2011, in its plainest form.

Every character has a name, its dot, and is typed after a character, not at a position. Deleted ones stay
in the list as tombstones, for others may be typing after them at this moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from lessons.replication.crdts import rules
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.text.text import Text


class Edit(NamedTuple):
    """A character typed after ``cause`` (None: at the beginning), or, without a letter, ``cause`` deleted.

    ``clock`` is the number of edits that its author had seen, and this one, or more: an edit that saw another has
    the greater clock.
    """

    clock: int
    cause: Dot | None
    letter: str


@dataclass(slots=True)
class ListText(Causal[Edit], Text):
    """A set of edits, and the order that follows from it.

    An edit whose cause is not here yet waits for it; so edits may come in any order. A character that claims to be
    no later than its cause can't have seen it: no replica ever shows it.
    """

    kind: ClassVar[str] = "text"
    order: list[Dot] = field(default_factory=list, init=False, repr=False, compare=False)
    deleted: set[Dot] = field(default_factory=set, init=False, repr=False, compare=False)
    waiting: dict[Dot, list[Dot]] = field(default_factory=dict, init=False, repr=False, compare=False)
    latest: int = field(default=0, init=False, repr=False, compare=False)  # clock of all that is here

    def __post_init__(self) -> None:
        given, self.entries = self.entries, {}
        self._put(given)

    @classmethod
    def part(cls, entries: dict[Dot, Edit], context: Context) -> ListText:
        """A text under a key of a map: what was typed after a character that was removed with its key comes first."""
        first = {dot: edit for dot, edit in entries.items() if edit.letter and edit.cause not in entries}
        state = cls({}, context)
        state._put({**entries, **{dot: edit._replace(cause=None) for dot, edit in first.items()}})
        return state

    # Editing

    def insert(self, replica: str, position: int, text: str) -> None:
        self.check_insert(position, text)
        cause = self.visible()[position - 1] if position else None
        for letter in text:
            cause = self._edit(replica, cause, letter)

    def delete(self, replica: str, position: int, count: int = 1) -> None:
        self.check_delete(position, count)
        for dot in self.visible()[position : position + count]:
            self._edit(replica, dot, "")

    def _edit(self, replica: str, cause: Dot | None, letter: str) -> Dot:
        dot = self.context.next(replica)
        self._put({dot: Edit(max(self.context.size, self.latest + 1), cause, letter)})
        return dot

    # The order

    def _put(self, entries: dict[Dot, Edit]) -> None:
        """Take in edits; what waits for one of them comes right after it."""
        self.entries.update(entries)
        self.latest = max([self.latest, *(edit.clock for edit in entries.values())])
        ready = list(reversed(entries))
        while ready:
            dot = ready.pop()
            edit = self.entries[dot]
            if edit.cause is not None and not self._is_placed(edit.cause):
                self.waiting.setdefault(edit.cause, []).append(dot)
            elif edit.letter and (edit.cause is None or edit.clock > self.entries[edit.cause].clock):
                self._place(dot, edit)
                ready += self.waiting.pop(dot, [])
            elif not edit.letter and edit.cause is not None:
                self.deleted.add(edit.cause)

    def _is_placed(self, dot: Dot) -> bool:
        return dot in self.entries and dot in self.order

    def _place(self, dot: Dot, edit: Edit) -> None:
        """Put a character behind its cause, and behind whatever was typed there later than it."""
        at = 0 if edit.cause is None else self.order.index(edit.cause) + 1
        while at < len(self.order) and self._rank(self.order[at]) > (edit.clock, dot):
            at += 1
        self.order.insert(at, dot)

    def _rank(self, dot: Dot) -> tuple[int, Dot]:
        """What decides between characters at the same place: the later edit, then the name of the replica."""
        return self.entries[dot].clock, dot

    def visible(self) -> list[Dot]:
        """The dots of the characters that are not deleted, in order."""
        return [dot for dot in self.order if dot not in self.deleted]

    def letters(self) -> list[tuple[str, Dot, bool]]:
        """Every character in order, tombstones too: letter, dot, whether it is deleted."""
        return [(self.entries[dot].letter, dot, dot in self.deleted) for dot in self.order]

    # Merging and forgetting; the merge itself is that of all causal states

    def since(self, version: Context) -> ListText:
        new = {dot: edit for dot, edit in self.entries.items() if dot not in version}
        return ListText(new, Context.of(new))

    def _drop(self, dots: Iterable[Dot]) -> None:
        for dot in dots:
            if self.entries.pop(dot).letter and dot in self.order:
                self.order.remove(dot)
                self.deleted.discard(dot)

    def checkpoint(self) -> Context:
        """What may be forgotten once every replica has it: deletions among these dots."""
        return self.context.copy()

    def purge(self, stable: Context) -> int:
        """Forget tombstones whose deletion every replica has seen; returns how many.

        ``stable`` has the dots of which it is certain that every edit that is still to arrive has seen them.
        Nobody will type after such a tombstone; it can go unless something that is here was typed after it.
        """
        deletions = {dot: edit.cause for dot, edit in self.entries.items() if not edit.letter}
        buried = {cause for dot, cause in deletions.items() if dot in stable}
        gone: set[Dot] = set()
        for dot in reversed(self.order):
            hangs = any(edit.cause == dot and edit.letter and other not in gone for other, edit in self.entries.items())
            if dot in buried and not hangs:
                gone.add(dot)
        self._drop([dot for dot, cause in deletions.items() if cause in gone or self._is_late(cause)])
        self._drop(gone)
        return len(gone)

    def _is_late(self, cause: Dot | None) -> bool:
        """Whether a deletion came for a character that is forgotten already."""
        return cause not in self.entries and cause in self.context if cause else False

    # Reading

    @property
    def value(self) -> str:
        """The text."""
        return "".join(self.entries[dot].letter for dot in self.visible())

    def __len__(self) -> int:
        return len(self.order) - len(self.deleted)

    @property
    def version(self) -> Context:
        return self.context.copy()

    @staticmethod
    def reading(entries: Mapping[Dot, Edit]) -> str:
        return ListText.part(dict(entries), Context()).value

    @staticmethod
    def entry(name: str, value: object) -> Edit:
        clock, cause, letter = rules.listed(name, value, 3)
        if len(rules.text(f"{name}[2]", letter)) > 1 or (letter == "" and cause is None):
            raise BadState(f"{name} is {value!r}: it must be one character, or none and a character to delete")
        known = None if cause is None else rules.dot(f"{name}[1]", cause)
        return Edit(rules.whole(f"{name}[0]", clock, 1), known, letter)
