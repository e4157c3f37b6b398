"""The walker: finds where an edit belongs now that was made to another version of the text.

It keeps the characters around which versions differ, in their order, with two states each: whether they
are there in the version that it has walked to, and whether they are in the text as it is now (the
algorithm of Gentle and Kleppmann 2025, with the order of RGA among characters at the same place).
"""

from __future__ import annotations

from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.text.graph import INSERT, Graph, Places, Run

Change = tuple[int, int, str]  # at a position of the text as it is, so many characters deleted, these inserted
Rank = tuple[int, str]

NEVER: Rank = (0, "")
ENDLESS = 1 << 60
FULL = 96  # items of a block


class Item:
    """A character that was typed since the base, or a stretch of the text of the base.

    ``state`` is 0 while it is not typed in the version walked to, 1 while it is there, more once it is
    deleted, as often as it is. ``gone`` says that it is deleted in the text as it is now.
    """

    __slots__ = ("block", "gone", "length", "rank", "state")

    def __init__(self, rank: Rank, length: int, block: Block) -> None:
        self.rank, self.length, self.block = rank, length, block
        self.state, self.gone = 1, False


class Block:
    """Some items in order; ``shown`` characters are there in the version walked to, ``alive`` in the text now."""

    __slots__ = ("alive", "items", "shown")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.shown = self.alive = 0

    def count(self) -> None:
        """Count again, after items have moved here."""
        self.shown = sum(item.length for item in self.items if item.state == 1)
        self.alive = sum(item.length for item in self.items if not item.gone)
        for item in self.items:
            item.block = self


class Walker:
    """Walks a graph from ``base``, the place of an event that all others it is shown come after."""

    def __init__(self, graph: Graph, base: int) -> None:
        self.graph, self.base, self.size = graph, base, base + 1
        self.version: Places = (base,) if base >= 0 else ()
        block = Block()
        block.items.append(Item(NEVER, ENDLESS, block))
        block.count()
        self.blocks = [block]
        self.touched: dict[int, Item] = {}  # the character that the event at a place has typed or deleted

    def settle(self, length: int) -> None:
        """Say how long the text is now; positions are checked from then on."""
        surplus = sum(block.alive for block in self.blocks) - length
        last = self.blocks[-1]
        last.items[-1].length -= surplus
        last.count()

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

    @staticmethod
    def _turn(item: Item, by: int) -> None:
        was, item.state = item.state, item.state + by
        item.block.shown += item.length * ((item.state == 1) - (was == 1))

    def _type(self, run: Run, position: int, done: int, length: int) -> list[Change]:
        """Place characters behind the one before them, and behind what was typed there later (see ListText)."""
        number, at = self._behind(position - 1) if position else (0, 0)
        rank = (run.clock + done, run.replica)
        number, at = self._skip_later(number, at, rank)
        block = self.blocks[number]
        now = self._alive_before(number, at)
        typed = [Item((rank[0] + count, rank[1]), 1, block) for count in range(length)]
        block.items[at:at] = typed
        block.shown += length
        block.alive += length
        self.touched.update(enumerate(typed, run.start + done))
        self._cut(number)
        return [(now, 0, run.text[done : done + length])]

    def _skip_later(self, number: int, at: int, rank: Rank) -> tuple[int, int]:
        """From this item on, the first one that comes after a character of this rank."""
        while True:
            items = self.blocks[number].items
            while at < len(items) and items[at].rank > rank:
                at += 1
            if at < len(items) or number + 1 == len(self.blocks):
                return number, at
            number, at = number + 1, 0

    def _delete(self, place: int, position: int) -> Change:
        """Delete the character at ``position``; in the text as it is now it may be gone already."""
        number, at, within = self._find(position)
        item = self._alone(number, at, within)
        block, at = item.block, at + (within > 0)
        self.touched[place] = item
        self._turn(item, 1)
        if item.gone:
            return 0, 0, ""
        now = self._alive_before(number, at)
        item.gone = True
        block.alive -= 1
        self._cut(number)
        return now, 1, ""

    # Places in the list

    def _find(self, position: int) -> tuple[int, int, int]:
        """The character at ``position`` of the version walked to: block, item, which of its characters."""
        left = position
        for number, block in enumerate(self.blocks):
            if left < block.shown:
                return number, *self._find_in(block, left)
            left -= block.shown
        raise BadState(f"position is {position}: the text that its author saw has {position - left} characters")

    @staticmethod
    def _find_in(block: Block, left: int) -> tuple[int, int]:
        """The shown character number ``left`` of a block: item, which of its characters."""
        shown = (pair for pair in enumerate(block.items) if pair[1].state == 1)
        at, item = next(shown)
        while left >= item.length:
            left -= item.length
            at, item = next(shown)
        return at, left

    def _behind(self, position: int) -> tuple[int, int]:
        """The place in the list behind the character at ``position``."""
        number, at, within = self._find(position)
        self._split(number, at, within + 1)
        return number, at + 1

    def _alone(self, number: int, at: int, within: int) -> Item:
        """One character of a stretch, as an item of its own."""
        self._split(number, at, within + 1)
        self._split(number, at, within)
        return self.blocks[number].items[at + (within > 0)]

    def _split(self, number: int, at: int, length: int) -> None:
        """Split an item after so many characters, if it has more; nothing is split at 0."""
        block = self.blocks[number]
        item = block.items[at]
        if 0 < length < item.length:
            rest = Item(item.rank, item.length - length, block)
            rest.state, rest.gone = item.state, item.gone
            item.length = length
            block.items.insert(at + 1, rest)

    def _alive_before(self, number: int, at: int) -> int:
        """How many characters of the text as it is now come before an item."""
        before = sum(block.alive for block in self.blocks[:number])
        return before + sum(item.length for item in self.blocks[number].items[:at] if not item.gone)

    def _cut(self, number: int) -> None:
        """Cut a block that has grown too long into pieces of half the size."""
        items = self.blocks[number].items
        if len(items) > FULL:
            pieces = []
            for start in range(0, len(items), FULL // 2):
                piece = Block()
                piece.items = items[start : start + FULL // 2]
                piece.count()
                pieces.append(piece)
            self.blocks[number : number + 1] = pieces
