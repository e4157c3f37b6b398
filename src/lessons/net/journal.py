"""A journal: a file of records, each with a checksum, that gives back after a crash a beginning of what was written.

A record is a mark, its length, its CRC-32, how far the journal was known to be durable when it was written, and the
payload. The tail may be torn: reading stops at the first record that is not whole, and cuts off what follows. But when
a whole record further on says that the bad one had been durable, then it is no torn tail: the disk has lost what it
had promised to keep, and nobody may go on as if nothing had happened (Alagappan et al. 2018).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct
from zlib import crc32

from lessons.net.errors import StorageFailed

_HEADER = Struct(">2sIIQ")
_MARK = b"\xf5J"
NAME, DRAFT = "journal", "journal.draft"

flush = getattr(os, "fdatasync", os.fsync)


class NoRoom(OSError):
    """The disk has no room for a record; nothing of it was written. ``wanted`` is its size in bytes."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        super().__init__(errno.ENOSPC, f"no room for {wanted} bytes")


class Journal:
    """The journal in a folder. ``size`` is its length in bytes, ``durable`` how much of it has been synced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / DRAFT).unlink(missing_ok=True)  # a crash came before it took the journal's place
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        self.size = self.durable = 0

    def read(self) -> Iterator[bytes]:
        """The payloads of all records; cuts off a torn tail. Raises StorageFailed for damage that is none."""
        data = (self._folder / NAME).read_bytes()
        place = 0
        while (found := _record(data, place)) is not None:
            payload, place, _ = found
            yield payload
        if place < len(data):
            self._judge(data, place)
            os.ftruncate(self._file, place)
        os.lseek(self._file, place, os.SEEK_SET)
        self.size = place
        self.sync()
        sync_folder(self._folder)

    def _judge(self, data: bytes, bad: int) -> None:
        """Raise StorageFailed if a later record shows that the bad one had been durable."""
        place = data.find(_MARK, bad + 1)
        while place >= 0:
            found = _record(data, place)
            if found is not None and found[2] > bad:
                raise StorageFailed(
                    f"{self._folder / NAME} is damaged at byte {bad}, which had been made durable. Restore the folder "
                    "from a copy; or move it away, and let the node come back as a new member of its cluster"
                )
            place = data.find(_MARK, place + 1)

    def append(self, payload: bytes) -> None:
        """Write a record at the end, to be durable after the next sync. Raises NoRoom, and nothing is written."""
        record = framed(payload, self.durable)
        try:
            written = os.write(self._file, record)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StorageFailed(f"{self._folder / NAME} can't be written: {error}") from error
            written = 0
        if written < len(record):
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise NoRoom(len(record))
        self.size += written

    def sync(self) -> None:
        """Make all records durable that were there when this was called. May run in another thread than ``append``.

        Raises StorageFailed: after that nobody knows what is on the disk (Rebello et al. 2020), so it must not be
        tried again.
        """
        reached = self.size
        try:
            flush(self._file)
        except OSError as error:
            raise StorageFailed(f"{self._folder / NAME} could not be made durable: {error}") from error
        self.durable = max(self.durable, reached)

    def replace(self, payloads: Iterable[bytes]) -> None:
        """Put a journal of these records in the place of this one: at every moment one of both is there, whole.

        Raises NoRoom, and nothing has changed.
        """
        content = b"".join(framed(payload, 0) for payload in payloads)
        draft = os.open(self._folder / DRAFT, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            if os.write(draft, content) < len(content):
                raise OSError(errno.ENOSPC, "short write")
            flush(draft)
        except OSError:
            os.close(draft)
            (self._folder / DRAFT).unlink(missing_ok=True)
            raise NoRoom(len(content)) from None
        os.replace(self._folder / DRAFT, self._folder / NAME)
        sync_folder(self._folder)
        os.close(self._file)
        self._file, self.size, self.durable = draft, len(content), len(content)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def framed(payload: bytes, durable: int) -> bytes:
    """A record."""
    return _HEADER.pack(_MARK, len(payload), _checksum(payload, durable), durable) + payload


def _checksum(payload: bytes, durable: int) -> int:
    return crc32(payload, crc32(durable.to_bytes(8, "big")))


def _record(data: bytes, place: int) -> tuple[bytes, int, int] | None:
    """Payload, end, and what was durable before, of the record at a place; None when there is no whole one."""
    if place + _HEADER.size > len(data):
        return None
    mark, length, checksum, durable = _HEADER.unpack_from(data, place)
    start, end = place + _HEADER.size, place + _HEADER.size + length
    payload = data[start:end]
    if mark != _MARK or end > len(data) or _checksum(payload, durable) != checksum:
        return None
    return payload, end, durable


def sync_folder(folder: Path) -> None:
    """Make durable which files are in a folder, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
