"""The simulated disk: durable only after sync, and honest about what a crash does before that.

What a crash may do to writes that were not synced follows Pillai et al. 2014 ("All File Systems Are
Not Created Equal"): each is kept or lost by itself, so a later one can survive an earlier one, and
one that is kept can be torn. The table behaves like a store with checksums: a torn put is lost whole.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from lessons.node import BadDelay, DiskFull, encode, snapshot


@dataclass(frozen=True)
class DiskModel:
    """How disks of a world behave.

    ``sync`` is the time one sync takes, in seconds; ``keep`` the probability that a write which was
    not synced survives a crash, ``tear`` the probability that such a write to a file is then cut
    short; ``capacity`` is in bytes, None for no limit.
    """

    sync: float = 0.0
    keep: float = 0.5
    tear: float = 0.25
    capacity: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.sync < float("inf"):
            raise BadDelay("sync", self.sync)
        for name in ("keep", "tear"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)!r}: a probability is from 0 to 1")
        if self.capacity is not None and self.capacity < 0:
            raise ValueError(f"capacity is {self.capacity!r}: it must be 0 bytes or more")


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


class _Write:
    """One change: it is made at ``made_at``, after the syncs before it, and durable from ``durable_at`` on."""

    __slots__ = ("args", "durable_at", "made_at", "name")

    def __init__(self, name: str, args: tuple[Any, ...], made_at: float) -> None:
        self.name, self.args, self.made_at = name, args, made_at
        self.durable_at = float("inf")

    def apply(self, contents: Contents) -> None:
        getattr(contents, self.name)(*self.args)


def _can_be(write: _Write, fate: str | None) -> bool:
    return fate in (None, "kept", "lost") or (fate == "torn" and write.name == "write")


class Time(Protocol):
    """Where a disk's time comes from."""

    def time(self) -> float:
        """Virtual time now, in seconds."""

    def spend(self, seconds: float) -> float:
        """Keep the running process busy for ``seconds`` more; returns the time when it is free."""


class SimDisk:
    """One node's disk; it outlives the node's crashes. The operations are those of ``Disk``."""

    def __init__(self, owner: str, model: DiskModel, rng: Random, time: Time) -> None:
        self._owner, self._model, self.rng, self._time = owner, model, rng, time
        self._durable, self._seen = Contents(), Contents()
        self._pending: deque[_Write] = deque()
        self.capacity = model.capacity
        self.slowness = 1.0
        self.off = False  # no process is there to write

    def get(self, key: str, default: Any = None) -> Any:
        """See ``Disk.get``."""
        return snapshot(self._seen.table[key]) if key in self._seen.table else default

    def keys(self) -> list[str]:
        """See ``Disk.keys``."""
        return sorted(self._seen.table)

    def read(self, name: str) -> bytes:
        """See ``Disk.read``."""
        return bytes(self._seen.files.get(name, b""))

    def files(self) -> list[str]:
        """See ``Disk.files``."""
        return sorted(self._seen.files)

    def put(self, key: str, value: Any) -> None:
        """See ``Disk.put``; raises DiskFull, TypeError for what is no plain data."""
        kept = snapshot(value)
        if self.capacity is not None:
            old = _size(key, self._seen.table[key]) if key in self._seen.table else 0
            self._reserve(_size(key, kept) - old)
        self._change("put", key, kept)

    def delete(self, key: str) -> None:
        """See ``Disk.delete``."""
        self._change("delete", key)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """See ``Disk.write``; raises DiskFull, ValueError for a negative offset."""
        if offset < 0:
            raise ValueError(f"offset is {offset!r}: it must be 0 or more")
        if self.capacity is not None:
            self._reserve(offset + len(data) - len(self._seen.files.get(name, b"")))
        self._change("write", name, offset, bytes(data))

    def append(self, name: str, data: bytes) -> None:
        """See ``Disk.append``; raises DiskFull."""
        self.write(name, len(self._seen.files.get(name, b"")), data)

    def truncate(self, name: str, size: int) -> None:
        """See ``Disk.truncate``; raises ValueError for a negative size."""
        if size < 0:
            raise ValueError(f"size is {size!r}: it must be 0 or more")
        self._change("truncate", name, size)

    def rename(self, old: str, new: str) -> None:
        """See ``Disk.rename``; raises FileNotFoundError."""
        if old not in self._seen.files:
            raise FileNotFoundError(f"old is {old!r}: there is no such file on {self._owner}")
        self._change("rename", old, new)

    def remove(self, name: str) -> None:
        """See ``Disk.remove``."""
        self._change("remove", name)

    def sync(self) -> None:
        """See ``Disk.sync``: a crash before its time is over finds the writes still in doubt."""
        done = self._time.spend(self._model.sync * self.slowness)
        for write in self._pending:
            if write.durable_at > done:
                write.durable_at = done
        self._settle()

    def crash(self, fates: Sequence[str] | None = None) -> dict[str, int]:
        """Lose, tear and keep the writes that are not durable yet; returns how many of each.

        ``fates`` says which, in their order, by chance unless given: one for each, or ValueError.
        """
        doubtful = self._doubtful()
        given: Sequence[str | None] = [None] * len(doubtful) if fates is None else fates
        if len(given) != len(doubtful) or not all(map(_can_be, doubtful, given)):
            names = ", ".join(write.name for write in doubtful) or "nothing"
            raise ValueError(f"writes is {fates!r}: say for each of {names}: kept, lost or (if to a file) torn")
        counts = {"kept": 0, "lost": 0, "torn": 0}
        for write, fate in zip(doubtful, given, strict=True):
            counts[self._hit(write, fate)] += 1
        self._pending.clear()
        self._seen = Contents()
        self._seen.table = dict(self._durable.table)
        self._seen.files = {name: bytearray(data) for name, data in self._durable.files.items()}
        return counts

    def possible_fates(self) -> list[tuple[str, ...]]:
        """What a crash at this moment may do to each write that is not durable yet, as the model has it."""
        keep, tear = self._model.keep, self._model.tear
        chances = {"lost": 1 - keep, "kept": keep * (1 - tear), "torn": keep * tear}
        of_file = tuple(fate for fate, chance in chances.items() if chance)
        of_table = ("lost",) * (keep < 1) + ("kept",) * (keep > 0)
        return [of_file if write.name == "write" else of_table for write in self._doubtful()]

    def contents(self) -> tuple[Any, ...]:
        """All that decides what this disk will do: what is durable, the changes since, what it can hold."""
        pending = tuple((write.name, write.args) for write in self._doubtful())
        return self._durable.table, self._durable.files, pending, self.capacity

    def _doubtful(self) -> list[_Write]:
        """The writes that are not durable yet and were made: else the process still waited for a sync before."""
        self._settle()
        return [write for write in self._pending if write.made_at <= self._time.time()]

    def _settle(self) -> None:
        """Move the writes that are durable by now out of doubt."""
        now = self._time.time()
        while self._pending and self._pending[0].durable_at <= now:
            self._pending.popleft().apply(self._durable)

    def _hit(self, write: _Write, given: str | None) -> str:
        """Do to one write what the crash does, by chance unless ``given``; returns what that is."""
        fate = given or self._fate(write)
        if fate == "torn":
            name, offset, data = write.args
            self._durable.write(name, offset, data[: int(self.rng.random() * len(data))])
        elif fate == "kept":
            write.apply(self._durable)
        return fate

    def _fate(self, write: _Write) -> str:
        if self.rng.random() >= self._model.keep:
            return "lost"
        return "torn" if write.name == "write" and self.rng.random() < self._model.tear else "kept"

    def _change(self, name: str, *args: Any) -> None:
        if self.off:
            return
        write = _Write(name, args, self._time.spend(0.0))
        write.apply(self._seen)
        self._pending.append(write)

    def _reserve(self, growth: int) -> None:
        if self.capacity is None or growth <= 0:
            return
        free = self.capacity - self._seen.size()
        if growth > free:
            raise DiskFull(self._owner, growth, max(0, free))
