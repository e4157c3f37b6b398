"""What is on disk after a crash between any two operations of the disk, on a full disk, and on a damaged one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from lessons.agreement.raft import Entry, Kind
from lessons.agreement.raft.storage import LOG, Memory, Snapshot, Storage, _framed
from lessons.node import DiskFull
from lessons.sim import DiskModel, SimDisk

STEPS = 12  # that a server takes


class Frozen:
    """A time that stands still: a sync takes none."""

    def time(self) -> float:
        return 0.0

    def spend(self, seconds: float) -> float:
        return 0.0


class Crash(Exception):
    """The process ends here."""


class Faulty:
    """A disk that does ``harm`` instead of its change number ``at``, counted from 0."""

    def __init__(self, disk: SimDisk, harm: Exception, at: int, *kinds: str) -> None:
        self.disk, self.harm, self.at, self.kinds = disk, harm, at, kinds
        self.done = 0

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self.disk, name)
        return self.counted(operation) if name in self.kinds else operation

    def counted(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def do(*args: Any) -> Any:
            self.done += 1
            if self.done == self.at + 1:
                raise self.harm
            return operation(*args)

        return do


def crashing(disk: SimDisk, at: int) -> Faulty:
    """The process ends before operation number ``at`` of those that change the disk."""
    return Faulty(disk, Crash(), at, "write", "truncate", "rename", "remove", "sync")


def filling(disk: SimDisk, at: int) -> Faulty:
    """There is no room for write number ``at``."""
    return Faulty(disk, DiskFull("n1", 1, 0), at, "write")


def new_disk(seed: int) -> SimDisk:
    """A disk on which half of what was not synced survives a crash, and half of that torn."""
    return SimDisk("n1", DiskModel(keep=0.5, tear=0.5), Random(seed), Frozen())


class Writer:
    """Does at random what servers do to their storage, and keeps what should be there.

    ``states`` are those that a crash may leave: from the last sync on, up to the one that is being written.
    """

    def __init__(self, disk: Any, seed: int) -> None:
        self.storage, self.rng, self.number = Storage(disk), Random(seed), 100 * seed
        self.memory = self.storage.load()
        self.states = [deepcopy(self.memory)]

    def steps(self, number: int = STEPS) -> None:
        for _ in range(number):
            self.rng.choice([self.vote, self.append, self.overwrite, self.sync, self.compact, self.install])()

    def vote(self) -> None:
        self.memory.term += self.rng.randint(0, 2)
        self.memory.vote = self.rng.choice([None, "n1", "n2"])
        self.states.append(deepcopy(self.memory))
        self.storage.save_vote(self.memory.term, self.memory.vote)

    def append(self) -> None:
        self.put(self.memory.log.last + 1)

    def overwrite(self) -> None:
        self.put(self.rng.randint(self.memory.log.base + 1, self.memory.log.last + 1))

    def put(self, index: int) -> None:
        new = tuple(self.entry() for _ in range(self.rng.randint(1, 3)))
        self.memory.log.put(index, new)
        self.states.append(deepcopy(self.memory))
        self.storage.save_entries(index, new)

    def entry(self) -> Entry:
        self.number += 1
        return Entry(self.memory.term, Kind.COMMAND, f"entry {self.number}")

    def compact(self) -> None:
        log = self.memory.log
        index = self.rng.randint(log.base, log.last)
        self.replace(Snapshot(index, log.term_at(index) or 0, "ours", b"%d entries" % index))

    def install(self) -> None:
        log = self.memory.log
        term = self.rng.randint(0, self.memory.term)
        self.replace(Snapshot(self.rng.randint(log.base + 1, log.last + 3), term, "theirs", b"a state"))

    def replace(self, snapshot: Snapshot) -> None:
        self.memory.log = self.memory.log.after(snapshot.index, snapshot.term)
        self.memory.snapshot = snapshot
        self.states.append(deepcopy(self.memory))
        self.storage.save_snapshot(snapshot, self.memory.term, self.memory.vote, self.memory.log)
        self.states = self.states[-1:]

    def sync(self) -> None:
        self.storage.sync()
        self.states = self.states[-1:]


def told(memory: Memory) -> tuple[Any, ...]:
    """A state, to be compared."""
    log = memory.log
    return memory.term, memory.vote, log.base, log.base_term, log.entries, memory.snapshot


def operations(seed: int, disk_of: Callable[[SimDisk, int], Faulty]) -> int:
    """How many operations of the kinds that can fail the steps of ``seed`` take."""
    disk = disk_of(new_disk(seed), 10**6)
    Writer(disk, seed).steps()
    return disk.done


@pytest.mark.parametrize("seed", range(40))
def test_a_crash_between_any_two_operations_leaves_a_state_from_the_last_sync_on(seed: int) -> None:
    for at in range(operations(seed, crashing) + 1):
        disk = new_disk(seed + at)
        writer = Writer(disk, seed)
        writer.storage = Storage(crashing(disk, at))
        with suppress(Crash):
            writer.steps()
        disk.crash()
        found = Storage(disk).load()
        assert told(found) in [told(state) for state in writer.states]
        go_on(disk, seed)


def go_on(disk: SimDisk, seed: int) -> None:
    """The next life writes behind what it has found, and finds all of that after its own crash."""
    writer = Writer(disk, seed + 1)
    writer.steps(3)
    writer.storage.sync()
    disk.crash()
    assert told(Storage(disk).load()) == told(writer.memory)


@pytest.mark.parametrize("seed", range(40))
def test_a_write_for_which_there_is_no_room_leaves_everything_as_it_was(seed: int) -> None:
    for at in range(operations(seed, filling)):
        disk = new_disk(seed)
        writer = Writer(disk, seed)
        writer.storage = Storage(filling(disk, at))
        with pytest.raises(DiskFull):
            writer.steps()
        before = writer.states[-2]
        assert told(Storage(disk).load()) == told(before)
        entry = Entry(99, Kind.NOOP)
        writer.storage.save_entries(before.log.last + 1, (entry,))
        writer.storage.sync()
        disk.crash()
        assert Storage(disk).load().log.entries == (*before.log.entries, entry)


def synced(seed: int) -> tuple[SimDisk, list[Memory]]:
    """A disk with some records on it, and the states after each."""
    disk = new_disk(seed)
    writer = Writer(disk, seed)
    writer.memory.term = 3
    for action in (writer.vote, writer.append, writer.append, writer.vote, writer.overwrite):
        action()
    writer.storage.sync()
    return disk, writer.states


def test_a_file_that_is_cut_anywhere_holds_the_records_before_the_cut() -> None:
    disk, states = synced(1)
    whole = disk.read(LOG)
    for size in range(len(whole), -1, -1):
        disk.truncate(LOG, size)
        found = told(Storage(disk).load())
        assert found in [told(state) for state in states]
        assert len(disk.read(LOG)) <= size
    assert found == told(Memory())


def test_a_byte_that_is_wrong_anywhere_ends_the_log_before_its_record() -> None:
    _, states = synced(1)
    for place in range(len(synced(1)[0].read(LOG))):
        disk, _ = synced(1)
        wrong = disk.read(LOG)[place] ^ 0x40
        disk.write(LOG, place, bytes([wrong]))
        assert told(Storage(disk).load()) in [told(state) for state in states[:-1]]


@pytest.mark.parametrize("rest", [b"", bytes(3), bytes(100), b"\xff" * 100, b"\0\0\0\2" + bytes(4) + b"[]"])
def test_what_is_no_record_behind_the_last_one_is_cut_off_for_good(rest: bytes) -> None:
    disk, states = synced(1)
    whole = disk.read(LOG)
    disk.append(LOG, rest)
    assert told(Storage(disk).load()) == told(states[-1])
    disk.crash()
    assert disk.read(LOG) == whole


def test_an_empty_disk_is_a_server_that_knows_nothing() -> None:
    assert told(Storage(new_disk(1)).load()) == (0, None, 0, 0, (), Snapshot())


def test_a_sync_without_a_write_costs_nothing() -> None:
    disk = crashing(new_disk(1), 10**6)
    storage = Storage(disk)
    storage.load()
    storage.sync()
    assert disk.done == 0
    storage.save_vote(1, "n1")
    storage.sync()
    storage.sync()
    assert disk.done == 2


@pytest.mark.parametrize(
    "record",
    ['["log",1,[[1,"command","x"]]]', '["log",1,[[1,"command","x"],[1,"command","y"],[1,"noop",""]]]', '["new"]'],
)
def test_a_record_of_another_version_is_refused_and_not_passed_over(record: str) -> None:
    disk = new_disk(1)
    disk.write(LOG, 0, _framed(record))
    with pytest.raises(ValueError):
        Storage(disk).load()
    assert disk.read(LOG) == _framed(record)
