"""The walker: finds where an edit belongs now that was made to another version of the text.

It keeps the characters around which versions differ, in their order, with two states each: whether they
are there in the version that it has walked to, and whether they are in the text as it is now (the
algorithm of Gentle and Kleppmann 2025, with the order of RGA among characters at the same place).
"""

from __future__ import annotations

from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.text.events import INSERT
from lessons.replication.crdts.text.graph import Graph, Places, Run

Change = tuple[int, int, str]  # at a position of the text as it is, so many characters deleted, these inserted
Rank = tuple[int, str, int]  # clock and dot

NEVER: Rank = (0, "", 0)
ENDLESS = 1 << 60
FULL = 96  # items of a block


class Item:
    """A character that was typed since the base, or a stretch of the text of the base.

    ``state`` is 0 while it is not typed in the version walked to, 1 while it is there, more once it is
    deleted, as often as it is. ``gone`` says that it is deleted in the text as it is now.
    """

    __slots__ = ("block", "gone", "length", "rank", "state")

    block: Block

    def __init__(self, rank: Rank, length: int, state: int = 1, gone: bool = False) -> None:
        self.rank, self.length, self.state, self.gone = rank, length, state, gone


class Block:
    """Some items in order; ``shown`` characters are there in the version walked to, ``alive`` in the text now."""

    __slots__ = ("alive", "items", "shown")

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.shown = sum(item.length for item in items if item.state == 1)
        self.alive = sum(item.length for item in items if not item.gone)
        for item in items:
            item.block = self


class Walker:
    """Walks a graph from the version ``heads``, which has the events before place ``base``.

    All events that it is shown come after all of these.
    """

    def __init__(self, graph: Graph, base: int, heads: Places) -> None:
        self.graph, self.base, self.size = graph, base, base
        self.version = heads
        self.blocks = [Block([Item(NEVER, ENDLESS)])]
        self._go_home()
        self.touched: dict[int, Item] = {}  # the character that the event at a place has typed or deleted

    def settle(self, length: int) -> None:
        """Say how long the text is now; positions are checked from then on."""
        surplus = sum(block.alive for block in self.blocks) - length
        last = self.blocks[-1].items
        last[-1].length -= surplus
        self.blocks[-1] = Block(last)

    def walk(self, run: Run, first: int, end: int) -> list[Change]:
        """Walk over the events of ``run`` from place ``first`` to ``end``; returns what they change now.

        Raises BadState for a position outside of the text that their author saw.
        """
        self._go_to(run.parents if first == run.start else (first - 1,))
        done = first - run.start
        position, length = run.position + done * run.step, end - first
        if run.step == INSERT:
            changes = self._type(run, position, done, length)
        else:
            changes = [self._delete(first + count, position + count * run.step) for count in range(length)]
        self.version, self.size = (end - 1,), end
        return [change for change in changes if change[1] or change[2]]

    def _go_to(self, version: Places) -> None:
        """Undo what ``version`` has not seen, redo what it has."""
        undo, redo = self.graph.difference(self.version, version)
        for first, end in undo:
            for place in range(end - 1, first - 1, -1):
                self._turn(self.touched[place], -1)
        for first, end in reversed(redo):
            for place in range(first, end):
                self._turn(self.touched[place], 1)
        if undo or redo:
            self._go_home()

    @staticmethod
    def _turn(item: Item, by: int) -> None:
        was, item.state = item.state, item.state + by
        item.block.shown += item.length * ((item.state == 1) - (was == 1))

    def _type(self, run: Run, position: int, done: int, length: int) -> list[Change]:
        """Place characters behind the one before them, and behind what was typed there later (see ListText)."""
        rank = (run.clock + done, run.replica, run.number + done)
        at = self._skip_later(self._behind(position - 1) if position else self._go_home(), rank)
        block, now = self.blocks[self.number], self._alive_before(at)
        typed = [Item((rank[0] + count, rank[1], rank[2] + count), 1) for count in range(length)]
        for item in typed:
            item.block = block
        block.items[at:at] = typed
        block.shown += length
        block.alive += length
        self.touched.update(enumerate(typed, run.start + done))
        self._cut()
        return [(now, 0, run.text[done : done + length])]

    def _skip_later(self, at: int, rank: Rank) -> int:
        """From this item on, the first one that comes after a character of this rank."""
        while True:
            items = self.blocks[self.number].items
            while at < len(items) and items[at].rank > rank:
                at += 1
            if at < len(items) or self.number + 1 == len(self.blocks):
                return at
            self._forward()
            at = 0

    def _delete(self, place: int, position: int) -> Change:
        """Delete the character at ``position``; in the text as it is now it may be gone already."""
        at, within = self._find(position)
        self._split(at, within + 1)
        self._split(at, within)
        at += within > 0
        block = self.blocks[self.number]
        self.touched[place] = item = block.items[at]
        self._turn(item, 1)
        if item.gone:
            return 0, 0, ""
        now = self._alive_before(at)
        item.gone = True
        block.alive -= 1
        self._cut()
        return now, 1, ""

    # Places in the list: a current block, and how much comes before it, because edits are mostly near the last one

    def _go_home(self) -> int:
        """Make the first block the current one; returns 0, the place of its first item."""
        self.number = self.shown = self.alive = 0
        return 0

    def _forward(self) -> None:
        block = self.blocks[self.number]
        self.number, self.shown, self.alive = self.number + 1, self.shown + block.shown, self.alive + block.alive

    def _back(self) -> None:
        block = self.blocks[self.number - 1]
        self.number, self.shown, self.alive = self.number - 1, self.shown - block.shown, self.alive - block.alive

    def _find(self, position: int) -> tuple[int, int]:
        """The character at ``position`` of the version walked to: an item of the current block, and a place in it."""
        while 0 <= position < self.shown:
            self._back()
        if position < 0:
            raise BadState(f"position is {position}: it is outside of the text that its author saw")
        while position >= self.shown + self.blocks[self.number].shown:
            if self.number + 1 == len(self.blocks):
                raise BadState(f"position is {position}: it is outside of the text that its author saw")
            self._forward()
        left = position - self.shown
        for at, item in enumerate(self.blocks[self.number].items):
            if item.state == 1:
                if left < item.length:
                    return at, left
                left -= item.length
        raise AssertionError("the block shows the position")

    def _behind(self, position: int) -> int:
        """The place of the item behind the character at ``position``."""
        at, within = self._find(position)
        self._split(at, within + 1)
        return at + 1

    def _split(self, at: int, length: int) -> None:
        """Split an item after so many characters, if it has more; nothing is split at 0."""
        block = self.blocks[self.number]
        item = block.items[at]
        if 0 < length < item.length:
            rest = Item(item.rank, item.length - length, item.state, item.gone)
            rest.block, item.length = block, length
            block.items.insert(at + 1, rest)

    def _alive_before(self, at: int) -> int:
        """How many characters of the text as it is now come before an item of the current block."""
        return self.alive + sum(item.length for item in self.blocks[self.number].items[:at] if not item.gone)

    def _cut(self) -> None:
        """Cut the current block, if it has grown too long, into pieces of half the size."""
        items = self.blocks[self.number].items
        if len(items) > FULL:
            pieces = [Block(items[start : start + FULL // 2]) for start in range(0, len(items), FULL // 2)]
            self.blocks[self.number : self.number + 1] = pieces
