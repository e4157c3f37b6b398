"""What a server must not forget, on its disk: term and vote, log, snapshot (paper, Figure 2, persistent state).

All is in one file of records, each framed by its length and a checksum, written at its end and never
changed. A crash may tear or lose what was not synced, also in the middle: reading stops at the first
frame that is not whole, and what lies behind is cut off. Nothing that anybody was told is lost so,
because it was synced before it was told. A snapshot begins a new file, together with the log behind
it: written beside the old one, synced, and renamed, so that no crash leaves one without the other.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Any
from zlib import crc32

from lessons.agreement.raft.log import Entry, Kind, Log
from lessons.node import Disk
from lessons.node.columns import from_columns, to_columns
from lessons.node.compact import compact

Record = list[Any]

_FRAME = Struct(">II")  # length and CRC-32 of the record that follows
LOG, DRAFT = "raft.log", "raft.draft"


@dataclass(frozen=True)
class Snapshot:
    """The state machine's state after entry ``index`` of ``term``, and the configuration then, as text."""

    index: int = 0
    term: int = 0
    members: str = ""
    data: bytes = b""


@dataclass
class Memory:
    """All that was found on a disk."""

    term: int = 0
    vote: str | None = None
    log: Log = field(default_factory=Log)
    snapshot: Snapshot = field(default_factory=Snapshot)


class Storage:
    """Writes and reads a server's persistent state. Every method that writes may raise DiskFull.

    A method that raises has written nothing that counts. ``sync`` makes all that was written durable.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._size, self._dirty = 0, False

    def save_vote(self, term: int, vote: str | None) -> None:
        """Write the term and the vote in it; to be synced before anybody hears of them."""
        self._write(_vote(term, vote))

    def save_entries(self, index: int, entries: tuple[Entry, ...]) -> None:
        """Write entries from ``index`` on; whatever stood there and after is gone with it."""
        self._write(_entries(index, entries))

    def sync(self) -> None:
        """Make everything durable; costs nothing when it is already."""
        if self._dirty:
            self._disk.sync()
            self._dirty = False

    def save_snapshot(self, snapshot: Snapshot, term: int, vote: str | None, log: Log) -> None:
        """Replace everything by ``snapshot``, the term and the vote in it, and ``log``, which follows the snapshot.

        It is durable when this returns; at every moment before the disk holds all of the old or all of the new.
        """
        records = [_snapshot(snapshot), _vote(term, vote), _entries(log.base + 1, log.entries)]
        content = b"".join(map(_framed, records))
        self._disk.remove(DRAFT)
        self._disk.write(DRAFT, 0, content)
        self._disk.sync()
        self._disk.rename(DRAFT, LOG)
        self._disk.sync()
        self._size, self._dirty = len(content), False

    def load(self) -> Memory:
        """Read everything, and cut off what a crash has left torn."""
        memory = Memory()
        content, self._size = self._disk.read(LOG), 0
        for record, end in _frames(content):
            _replay(record, memory)
            self._size = end
        if self._size < len(content):
            self._disk.truncate(LOG, self._size)
            self._disk.sync()
        return memory

    def _write(self, record: str) -> None:
        data = _framed(record)
        self._disk.write(LOG, self._size, data)
        self._size += len(data)
        self._dirty = True


def _snapshot(snapshot: Snapshot) -> str:
    data = b64encode(snapshot.data).decode()
    return compact(["snapshot", snapshot.index, snapshot.term, snapshot.members, data])


def _vote(term: int, vote: str | None) -> str:
    return compact(["vote", term, vote])


def _entries(index: int, entries: Sequence[Entry]) -> str:
    """A record of entries, by columns: nothing is written as often."""
    return compact(["log", index, to_columns(Entry, entries)])


def _framed(record: str) -> bytes:
    data = record.encode()
    return _FRAME.pack(len(data), crc32(data)) + data


def _frames(content: bytes) -> Iterator[tuple[Record, int]]:
    """Every whole record from the beginning on, and where it ends."""
    place = 0
    while place + _FRAME.size <= len(content):
        length, checksum = _FRAME.unpack_from(content, place)
        place += _FRAME.size
        data = content[place : place + length]
        place += length
        if len(data) < length or crc32(data) != checksum or not data:  # a gap of zeros has the right checksum
            return
        yield json.loads(data), place


def _replay(record: Record, memory: Memory) -> None:
    """Do to ``memory`` what a record says."""
    match record:
        case ["snapshot", index, term, members, data]:
            memory.snapshot = Snapshot(index, term, members, b64decode(data))
            memory.log = Log((), index, term)
        case ["vote", term, vote]:
            memory.term, memory.vote = term, vote
        case ["log", index, [terms, kinds, texts]]:
            memory.log.put(index, tuple(from_columns(Entry, [terms, [*map(Kind, kinds)], texts])))
        case _:
            raise ValueError(f"{LOG} has a record that this version of the code can't read: {str(record)[:100]}")
