"""Packing: a text with its whole history in few bytes, column by column.

Runs are written in a fixed order, each field of all of them together, and as the difference from what was
to be expected: then most numbers are 0, and zlib makes little of them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator

from lessons.replication.crdts import rules
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.text.events import Events
from lessons.replication.crdts.text.graphed import GraphText

MAGIC = b"GT1"
MOST = 1 << 28  # bytes that a packed text may unfold to
COLUMNS = ("replica", "number", "clock", "parents", "shape", "position")


def pack(text: GraphText) -> bytes:
    """``text`` as bytes; equal texts give equal bytes."""
    events = text.events()
    names = sorted({name for run in events for name in (run.replica, *(dot[0] for dot in run.parents))})
    columns = [bytearray() for _ in COLUMNS]
    expected = _Expected()
    for run in events:
        parents = [] if run.parents == expected.parents else [1 + len(run.parents)]
        parents += [number for name, at in run.parents for number in (names.index(name), at) if parents]
        fields = (
            [names.index(run.replica)],
            [_fold(run.number - expected.number(run.replica))],
            [_fold(run.clock - expected.clock)],
            parents or [0],
            [run.length * 3 + run.step + 1],
            [_fold(run.position - expected.position)],
        )
        for column, numbers in zip(columns, fields, strict=True):
            for number in numbers:
                _write(column, number)
        expected.take(run)
    parts = [json.dumps(names).encode(), *map(bytes, columns), "".join(run.text for run in events).encode()]
    head = bytearray()
    for part in parts:
        _write(head, len(part))
    return MAGIC + zlib.compress(bytes(head) + b"".join(parts), 9)


def unpack(data: bytes) -> GraphText:
    """The text that ``pack`` has written. Raises BadState for anything else."""
    if not data.startswith(MAGIC):
        raise BadState(f"data is {data[:16]!r}...: a packed text begins with {MAGIC!r}")
    try:
        unfolding = zlib.decompressobj()
        content = unfolding.decompress(data[len(MAGIC) :], MOST)
        if not unfolding.eof or unfolding.unused_data:
            raise BadState(f"data has {len(data)} bytes: they must unfold to at most {MOST}, and end there")
        state = GraphText()
        state.receive(_runs(content))
    except (zlib.error, ValueError, IndexError, StopIteration, RecursionError) as error:
        raise BadState(f"data has {len(data)} bytes: they are not a packed text ({error})") from None
    return state


class _Expected:
    """What the fields of the next run probably are."""

    def __init__(self) -> None:
        self.parents: tuple[Dot, ...] = ()
        self.clock, self.position = 1, 0
        self._numbers: dict[str, int] = {}

    def number(self, replica: str) -> int:
        return self._numbers.get(replica, 1)

    def take(self, run: Events) -> None:
        """The next run comes after ``run``."""
        last = run.number + run.length - 1
        self.parents, self._numbers[run.replica] = ((run.replica, last),), last + 1
        self.clock, self.position = self.clock + run.length, run.position + run.length * run.step


def _runs(content: bytes) -> list[Events]:
    """The runs in unfolded data."""
    numbers = _numbers(content)
    sizes = [next(numbers) for _ in range(len(COLUMNS) + 2)]
    at = sum(_width(size) for size in sizes)
    if at + sum(sizes) != len(content):
        raise BadState(f"data has {len(content) - at} bytes of columns: there must be {sum(sizes)}")
    parts = []
    for size in sizes:
        parts.append(content[at : at + size])
        at += size
    names = [rules.replica("replica", name) for name in rules.listed("replicas", json.loads(parts[0]))]
    return _decoded(names, [_numbers(part) for part in parts[1:-1]], parts[-1].decode())


def _decoded(names: list[str], columns: list[Iterator[int]], text: str) -> list[Events]:
    replicas, numbers, clocks, parents, shapes, positions = columns
    runs: list[Events] = []
    expected, at = _Expected(), 0
    for index in replicas:
        replica = names[index]
        length, step = divmod(next(shapes), 3)
        typed = text[at : at + length] if step == 2 else ""
        at += len(typed)
        run = Events(
            replica,
            rules.whole("number", expected.number(replica) + _unfold(next(numbers)), 1),
            rules.whole("clock", expected.clock + _unfold(next(clocks)), 1),
            _parents(names, parents, expected.parents),
            step - 1,
            rules.whole("position", expected.position + _unfold(next(positions))),
            rules.whole("length", length, 1),
            rules.text("text", typed),
        )
        runs.append(run)
        expected.take(run)
    if at != len(text) or any(next(column, None) is not None for column in columns):
        raise BadState("data: its columns are not of the same length")
    return runs


def _parents(names: list[str], column: Iterator[int], expected: tuple[Dot, ...]) -> tuple[Dot, ...]:
    """The parents of a run: as expected, or so many dots."""
    count = next(column)
    dots = [(names[next(column)], rules.whole("parents", next(column), 1)) for _ in range(count - 1)]
    return tuple(sorted(rules.unique("parents", dots))) if count else expected


def _fold(number: int) -> int:
    """Whole numbers as natural ones: 0, -1, 1, -2 ... become 0, 1, 2, 3 ..."""
    return number * 2 if number >= 0 else -number * 2 - 1


def _unfold(number: int) -> int:
    return -(number + 1) // 2 if number % 2 else number // 2


def _write(column: bytearray, number: int) -> None:
    """Write 7 bits a byte, the lowest first; the eighth says that more follow."""
    while number > 127:
        column.append(number & 127 | 128)
        number >>= 7
    column.append(number)


def _width(number: int) -> int:
    return max(1, (number.bit_length() + 6) // 7)


def _numbers(column: Iterable[int]) -> Iterator[int]:
    """The numbers in a column."""
    number = shift = 0
    for byte in column:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0
    if shift:
        raise BadState("data: it has a column that ends in the middle of a number")
