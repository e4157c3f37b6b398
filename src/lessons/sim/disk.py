"""The simulated disk: durable only after sync, and honest about what a crash does before that.

What a crash may do to writes that were not synced follows Pillai et al. 2014 ("All File Systems Are
Not Created Equal"): each is kept or lost by itself, so a later one can survive an earlier one, and
one that is kept can be torn. The table behaves like a store with checksums: a torn put is lost whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from lessons.node.bounds import LARGEST, seconds, within
from lessons.node.contents import Contents, Store


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
        seconds("sync", self.sync)
        for name in ("keep", "tear"):
            if not within(getattr(self, name), 0, 1):
                raise ValueError(f"{name} is {getattr(self, name)!r}: a probability is from 0 to 1")
        if self.capacity is not None and not within(self.capacity, 0, LARGEST):
            raise ValueError(f"capacity is {self.capacity!r}: it must be 0 bytes or more, or None")


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


class SimDisk(Store):
    """One node's disk; it outlives the node's crashes. The operations are those of ``Disk``."""

    def __init__(self, owner: str, model: DiskModel, rng: Random, time: Time) -> None:
        super().__init__(owner, model.capacity)
        self._model, self.rng, self._time = model, rng, time
        self._durable = Contents()
        self._pending: deque[_Write] = deque()
        self.slowness = 1.0
        self.off = False  # no process is there to write

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
        self.seen = Contents()
        self.seen.table = dict(self._durable.table)
        self.seen.files = {name: bytearray(data) for name, data in self._durable.files.items()}
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

    def change(self, name: str, *args: Any) -> None:
        """See ``Store.change``: in doubt until a sync."""
        if self.off:
            return
        write = _Write(name, args, self._time.spend(0.0))
        write.apply(self.seen)
        self._pending.append(write)
