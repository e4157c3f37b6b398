"""What a server must not forget, on its disk: term and vote, log, snapshot (paper, Figure 2, persistent state).

The log is a file of records, each framed by its length and a checksum, written at its end and never
changed. A crash may tear or lose what was not synced, also in the middle: reading stops at the first
frame that is not whole, and what lies behind is cut off. Nothing that anybody was told is lost so,
because it was synced before it was told. A snapshot, and a log that is rewritten to be shorter, are
written to a new file, synced, and renamed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Any
from zlib import crc32

from lessons.agreement.raft.log import Entry, Kind, Log
from lessons.node import Disk

_FRAME = Struct(">II")  # length and CRC-32 of the record that follows
_MARK = b"."  # no record is empty: a gap of zeros would look like one
LOG, SNAPSHOT, DRAFT = "raft.log", "raft.snapshot", "raft.draft"


@dataclass
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
        """Replace snapshot and log; at every moment in between the disk holds the old or the new of each.

        ``log`` is what follows the snapshot. An old log behind a new snapshot is no harm: what the
        snapshot covers is skipped when it is read.
        """
        head = [snapshot.index, snapshot.term, snapshot.members]
        self._replace(SNAPSHOT, _framed(json.dumps(head).encode()) + _framed(_MARK + snapshot.data))
        content = _record(_vote(term, vote)) + _record(_entries(log.base + 1, log.entries))
        self._replace(LOG, content)
        self._size = len(content)

    def load(self) -> Memory:
        """Read everything, and cut off what a crash has left torn."""
        memory = Memory(snapshot=self._load_snapshot())
        memory.log = Log((), memory.snapshot.index, memory.snapshot.term)
        content, self._size = self._disk.read(LOG), 0
        for record, end in _frames(content):
            _replay(json.loads(record), memory)
            self._size = end
        if self._size < len(content):
            self._disk.truncate(LOG, self._size)
            self._disk.sync()
        if memory.log.entries and memory.log.entries[0].term < memory.log.base_term:
            memory.log.entries = ()  # a crash came between a leader's snapshot and our log behind it
        return memory

    def _load_snapshot(self) -> Snapshot:
        frames = [record for record, _ in _frames(self._disk.read(SNAPSHOT))]
        if len(frames) < 2:
            return Snapshot()
        index, term, members = json.loads(frames[0])
        return Snapshot(index, term, members, frames[1][len(_MARK) :])

    def _write(self, record: list[Any]) -> None:
        data = _record(record)
        self._disk.write(LOG, self._size, data)
        self._size += len(data)
        self._dirty = True

    def _replace(self, name: str, content: bytes) -> None:
        self._disk.remove(DRAFT)
        self._disk.write(DRAFT, 0, content)
        self._disk.sync()
        self._disk.rename(DRAFT, name)
        self._disk.sync()
        self._dirty = False


def _vote(term: int, vote: str | None) -> list[Any]:
    return ["vote", term, vote]


def _entries(index: int, entries: tuple[Entry, ...]) -> list[Any]:
    return ["log", index, [[entry.term, entry.kind.value, entry.data] for entry in entries]]


def _record(record: list[Any]) -> bytes:
    return _framed(json.dumps(record, separators=(",", ":")).encode())


def _framed(data: bytes) -> bytes:
    return _FRAME.pack(len(data), crc32(data)) + data


def _frames(content: bytes) -> Iterator[tuple[bytes, int]]:
    """Every whole record from the beginning on, and where it ends."""
    place = 0
    while place + _FRAME.size <= len(content):
        length, checksum = _FRAME.unpack_from(content, place)
        place += _FRAME.size
        data = content[place : place + length]
        place += length
        if len(data) < length or crc32(data) != checksum or not data:
            return
        yield data, place


def _replay(record: list[Any], memory: Memory) -> None:
    """Do to ``memory`` what a record says."""
    match record:
        case ["vote", term, vote]:
            memory.term, memory.vote = term, vote
        case ["log", index, entries]:
            added = tuple(Entry(term, Kind(kind), data) for term, kind, data in entries)
            skipped = max(0, memory.log.base + 1 - index)  # the snapshot has them
            memory.log.put(index + skipped, added[skipped:])
