"""What is on a disk, and the operations on it that are alike in every world: what reaches the metal is the world's."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

from lessons.node.errors import DiskFull
from lessons.node.plain import encode, snapshot


class Contents:
    """A table of values and a set of byte files; the operations that change them."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = {}
        self.files: dict[str, bytearray] = {}

    def put(self, key: str, value: Any) -> None:
        """Store ``value``."""
        self.table[key] = value

    def delete(self, key: str) -> None:
        """Forget ``key``."""
        self.table.pop(key, None)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Overwrite or extend; a gap before ``offset`` reads as zeros."""
        content = self.files.get(name)
        if content is None:
            content = self.files[name] = bytearray()
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data

    def truncate(self, name: str, size: int) -> None:
        """Cut a file."""
        del self.files.setdefault(name, bytearray())[size:]

    def rename(self, old: str, new: str) -> None:
        """Move a file over another."""
        if old in self.files:
            self.files[new] = self.files.pop(old)

    def remove(self, name: str) -> None:
        """Delete a file."""
        self.files.pop(name, None)

    def size(self) -> int:
        """Bytes in use."""
        table = sum(_size(key, value) for key, value in self.table.items())
        return table + sum(map(len, self.files.values()))


def _size(key: str, value: Any) -> int:
    return len(key) + len(json.dumps(encode(value), separators=(",", ":")))


def _check(what: str, given: object, kind: Any, words: str) -> None:
    if not isinstance(given, kind):
        raise TypeError(f"{what} is {given!r}: it must be {words}")


def _check_place(what: str, given: int) -> None:
    _check(what, given, int, "a whole number of bytes")
    if given < 0:
        raise ValueError(f"{what} is {given!r}: it must be 0 or more")


class Store(ABC):
    """A ``Disk``, but for ``sync``. ``seen`` is what its process sees, ``capacity`` in bytes, None for no limit.

    A world says in ``change`` what it does to keep a change of ``seen``.
    """

    def __init__(self, owner: str, capacity: int | None = None) -> None:
        self.owner, self.capacity = owner, capacity
        self.seen = Contents()

    @abstractmethod
    def change(self, name: str, *args: Any) -> None:
        """Make a change, given by the name of a method of ``Contents`` and its arguments."""

    def get(self, key: str, default: Any = None) -> Any:
        """See ``Disk.get``."""
        return snapshot(self.seen.table[key]) if key in self.seen.table else default

    def keys(self) -> list[str]:
        """See ``Disk.keys``."""
        return sorted(self.seen.table)

    def read(self, name: str) -> bytes:
        """See ``Disk.read``."""
        return bytes(self.seen.files.get(name, b""))

    def files(self) -> list[str]:
        """See ``Disk.files``."""
        return sorted(self.seen.files)

    def put(self, key: str, value: Any) -> None:
        """See ``Disk.put``; raises DiskFull, TypeError for what is no plain data and for a key that is no text."""
        _check("key", key, str, "a text")
        kept = snapshot(value)
        if self.capacity is not None:
            old = _size(key, self.seen.table[key]) if key in self.seen.table else 0
            self._reserve(_size(key, kept) - old)
        self.change("put", key, kept)

    def delete(self, key: str) -> None:
        """See ``Disk.delete``."""
        self.change("delete", key)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """See ``Disk.write``; raises DiskFull, ValueError for a negative offset, TypeError for what is no bytes."""
        _check("name", name, str, "a text")
        _check("data", data, bytes | bytearray | memoryview, "bytes")
        _check_place("offset", offset)
        if self.capacity is not None:
            self._reserve(offset + len(data) - len(self.seen.files.get(name, b"")))
        self.change("write", name, offset, bytes(data))

    def append(self, name: str, data: bytes) -> None:
        """See ``Disk.append``; raises DiskFull."""
        self.write(name, len(self.seen.files.get(name, b"")), data)

    def truncate(self, name: str, size: int) -> None:
        """See ``Disk.truncate``; raises ValueError for a negative size."""
        _check("name", name, str, "a text")
        _check_place("size", size)
        self.change("truncate", name, size)

    def rename(self, old: str, new: str) -> None:
        """See ``Disk.rename``; raises FileNotFoundError."""
        if old not in self.seen.files:
            raise FileNotFoundError(f"old is {old!r}: there is no such file on {self.owner}")
        _check("new", new, str, "a text")
        self.change("rename", old, new)

    def remove(self, name: str) -> None:
        """See ``Disk.remove``."""
        self.change("remove", name)

    def _reserve(self, growth: int) -> None:
        if self.capacity is None or growth <= 0:
            return
        free = self.capacity - self.seen.size()
        if growth > free:
            raise DiskFull(self.owner, growth, max(0, free))
