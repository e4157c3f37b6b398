"""A node's disk in a folder: memory has the contents, one journal every change, in order.

One journal, and not a file for each file of the node, because several changes then become durable together, at the
price of one, and a crash leaves a beginning of what was written: so no write is kept when one before it is lost. That
is more than ``Disk`` promises. A journal that is mostly of what is gone is replaced by one of what is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import Struct
from types import ModuleType
from typing import Any

from lessons.net.errors import StorageFailed, StorageLocked
from lessons.net.journal import Journal, NoRoom
from lessons.net.values import Values
from lessons.node import DiskFull
from lessons.node.compact import compact
from lessons.node.contents import Store

try:
    import fcntl

    _fcntl: ModuleType | None = fcntl
except ImportError:  # not on this system
    _fcntl = None

_WRITE = Struct(">QH")
_CHANGES = ("delete", "truncate", "rename", "remove")  # beside put and write
LOCK = "lock"
LEAST_GARBAGE = 1024 * 1024  # bytes of the journal that may be of what is gone, whatever else is there


class FileDisk(Store):
    """The ``Disk`` of a node in a folder, which is made if need be. One process at a time can have it.

    ``asked`` is called by each ``sync``; whoever runs the node then calls ``flush``, and lets nothing out that came
    after before that has returned. ``capacity`` is in bytes. Raises StorageLocked, StorageFailed.
    """

    def __init__(
        self, owner: str, folder: Path, values: Values, asked: Callable[[], None], capacity: int | None = None
    ) -> None:
        super().__init__(owner, capacity)
        self._values, self._asked = values, asked
        self.lives = 0  # how often a process has begun on this folder
        self.unsynced = False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = locked(folder)
        self._journal = Journal(folder)
        self._lean = 0  # the journal's size when last nothing in it was of what is gone
        try:
            for payload in self._journal.read():
                self._replay(payload)
            self._begin_life()
        except BaseException:
            self.close()
            raise

    def _begin_life(self) -> None:
        self.lives += 1
        self._journal.append(self._life())
        self._journal.sync()
        self._lean = min(self._journal.size, sum(map(len, self._whole())))

    def change(self, name: str, *args: Any) -> None:
        """See ``Store.change``: written to the journal, and then believed."""
        try:
            self._journal.append(self._payload(name, args))
        except NoRoom as full:
            raise DiskFull(self.owner, full.wanted, 0) from None
        getattr(self.seen, name)(*args)
        self.unsynced = True

    def sync(self) -> None:
        """See ``Disk.sync``; nothing to do when nothing was written."""
        if self.unsynced:
            self.unsynced = False
            self._asked()

    def flush(self) -> None:
        """Make durable what was written so far; may run in a thread. Raises StorageFailed."""
        self._journal.sync()

    def tidy(self) -> None:
        """Write the journal anew if most of it is of what is gone; not while ``flush`` runs in a thread."""
        garbage = self._journal.size - self._lean
        if garbage < max(LEAST_GARBAGE, self._lean):
            return
        whole = [*self._whole()]
        if sum(map(len, whole)) > self._journal.size // 2:  # what has grown is not garbage
            self._lean = self._journal.size // 2
            return
        try:
            self._journal.replace(whole)
        except NoRoom:
            return  # the old one is still good
        self._lean = self._journal.size

    def close(self) -> None:
        """Let go of the folder."""
        self._journal.close()
        os.close(self._lock)

    # Records: a letter, and what was changed

    def _payload(self, name: str, args: tuple[Any, ...]) -> bytes:
        if name == "write":
            file, offset, data = args
            told: bytes = file.encode()
            return b"".join((b"w", _WRITE.pack(offset, len(told)), told, data))
        if name == "put":
            key, value = args
            return b"j" + compact([name, key, self._values.encode(value)]).encode()
        return b"j" + compact([name, *args]).encode()

    def _life(self) -> bytes:
        return b"j" + compact(["life", self.lives]).encode()

    def _replay(self, payload: bytes) -> None:
        try:
            if payload[:1] == b"w":
                offset, length = _WRITE.unpack_from(payload, 1)
                start = 1 + _WRITE.size
                self.seen.write(payload[start : start + length].decode(), offset, payload[start + length :])
                return
            name, *args = json.loads(payload[1:])
            if name == "life":
                (self.lives,) = args
            elif name == "put":
                self.seen.put(args[0], self._values.decode(args[1]))
            elif name in _CHANGES:
                getattr(self.seen, name)(*args)
            else:
                raise ValueError(f"there is no change {name!r}")
        except (ValueError, TypeError, AttributeError) as error:
            raise StorageFailed(
                f"the disk of {self.owner} has a record that this version of the code can't read: {error}"
            ) from error

    def _whole(self) -> Iterator[bytes]:
        """Records that say all that is there now."""
        yield self._life()
        yield from (self._payload("put", (key, value)) for key, value in self.seen.table.items())
        yield from (self._payload("write", (name, 0, bytes(data))) for name, data in self.seen.files.items())


class MemoryDisk(Store):
    """A disk that lasts as long as its process, for those who need none: a sync has nothing to wait for."""

    def change(self, name: str, *args: Any) -> None:
        """See ``Store.change``."""
        getattr(self.seen, name)(*args)

    def sync(self) -> None:
        """See ``Disk.sync``."""


def locked(folder: Path) -> int:
    """Take hold of a folder; returns what to close to let it go. Raises StorageLocked."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _fcntl is not None:
            _fcntl.flock(handle, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StorageLocked(f"{folder} is in use by another process: stop that, or choose another folder") from None
    return handle
