"""The disk against a simple model: what a process reads, what a crash leaves, what a full disk refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import DiskFull, message
from lessons.sim import DiskModel, SimDisk
from tests.sim.worlds import LAWS

Op = tuple[Any, ...]  # ("append", "f", b"x"), say


class Time:
    """A process's time: its handler began ``now`` and has waited for its disk for ``lag`` seconds."""

    def __init__(self) -> None:
        self.now = self.lag = 0.0

    def time(self) -> float:
        return self.now

    def spend(self, seconds: float) -> float:
        self.lag += seconds
        return self.now + self.lag

    def go_on(self, seconds: float) -> None:
        """The handler ends; the next thing happens ``seconds`` after it began."""
        self.now, self.lag = self.now + seconds, 0.0


def disk(time: Time | None = None, seed: int = 1, **model: Any) -> SimDisk:
    return SimDisk("n1", DiskModel(**model), Random(seed), time or Time())


# The model: contents are a table and files, an operation is a function of contents.


class Contents:
    """What is on a disk, in the plainest form."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}

    def after(self, op: Op) -> Contents:
        """These contents changed by one operation; they stay as they are themselves."""
        new = deepcopy(self)
        name, *args = op
        getattr(new, name)(*args)
        return new

    def put(self, key: str, value: Any) -> None:
        self.table[key] = value

    def delete(self, key: str) -> None:
        self.table.pop(key, None)

    def write(self, name: str, offset: int, data: bytes) -> None:
        old = self.files.get(name, b"").ljust(offset, b"\0")
        self.files[name] = old[:offset] + data + old[offset + len(data) :]

    def truncate(self, name: str, size: int) -> None:
        self.files[name] = self.files.get(name, b"")[:size]

    def rename(self, old: str, new: str) -> None:
        if old in self.files:
            self.files[new] = self.files.pop(old)

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contents) and (self.table, self.files) == (other.table, other.files)

    def __repr__(self) -> str:
        return f"{self.table} {self.files}"


def read_back(disk: SimDisk) -> Contents:
    """All that can be read of a disk."""
    found, keys = Contents(), disk.keys()
    found.table = {key: disk.get(key) for key in keys}
    found.files = {name: disk.read(name) for name in disk.files()}
    return found


class Model:
    """What a disk holds for sure, and which writes are in doubt."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.seen = self.sure = Contents()
        self.doubts: list[tuple[Op, float]] = []  # with the time at which each was made

    def change(self, op: Op) -> None:
        self.seen = self.seen.after(op)
        self.doubts.append((op, self.time.now + self.time.lag))

    def sync(self) -> None:
        """All is sure, provided that the process lives to see the end of it."""
        self.sure, self.doubts = self.seen, []

    def crash(self, outcome: Contents) -> None:
        self.seen = self.sure = outcome
        self.doubts = []


NAMES = st.sampled_from(["f", "g"])
DATA = st.binary(max_size=3)
OPS = st.one_of(
    st.tuples(st.just("put"), NAMES, st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2)),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("write"), NAMES, st.integers(0, 4), DATA),
    st.tuples(st.just("append"), NAMES, DATA),
    st.tuples(st.just("truncate"), NAMES, st.integers(0, 4)),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("remove"), NAMES),
)
LIVES = st.lists(st.lists(st.one_of(OPS, OPS, OPS, st.just(("sync",))), max_size=12), min_size=1, max_size=4)


def do(disk: SimDisk, model: Model, op: Op) -> None:
    """Do an operation on the disk and on its model."""
    name, *args = op
    if name == "rename" and args[0] not in model.seen.files:
        with pytest.raises(FileNotFoundError, match=rf"old is '{args[0]}': there is no such file on n1"):
            disk.rename(*args)
        return
    getattr(disk, name)(*args)
    if name == "sync":
        model.sync()
    elif name == "append":
        model.change(("write", args[0], len(model.seen.files.get(args[0], b"")), args[1]))
    else:
        model.change(op)


@given(LIVES)
@LAWS
def test_a_process_reads_what_it_wrote_synced_or_not(lives: list[list[Op]]) -> None:
    tested, model = disk(), Model(Time())
    for op in [op for life in lives for op in life]:
        do(tested, model, op)
        assert read_back(tested) == model.seen


@given(LIVES)
@LAWS
def test_when_nothing_is_kept_a_crash_loses_exactly_the_unsynced(lives: list[list[Op]]) -> None:
    tested, model = disk(keep=0.0), Model(Time())
    for life in lives:
        for op in life:
            do(tested, model, op)
        fates = tested.crash()
        assert fates == {"kept": 0, "lost": len(model.doubts), "torn": 0}
        assert read_back(tested) == model.sure
        model.crash(model.sure)


@given(LIVES)
@LAWS
def test_when_all_is_kept_and_nothing_torn_a_crash_loses_nothing(lives: list[list[Op]]) -> None:
    tested, model = disk(keep=1.0, tear=0.0), Model(Time())
    for life in lives:
        for op in life:
            do(tested, model, op)
        assert tested.crash() == {"kept": len(model.doubts), "lost": 0, "torn": 0}
        assert read_back(tested) == model.seen
        model.crash(model.seen)


def possible(model: Model) -> Iterator[Contents]:
    """Every contents that a crash may leave: each write in doubt kept, lost, or a write to a file cut short."""
    for choice in product(*(list(fates_of(op)) for op, _ in model.doubts)):
        contents = model.sure
        for op in choice:
            contents = contents.after(op) if op else contents
        yield contents


def fates_of(op: Op) -> Iterator[Op | None]:
    yield None
    yield op
    if op[0] == "write":
        yield from ((*op[:3], op[3][:size]) for size in range(len(op[3])))


SHORT_LIVES = st.lists(st.lists(st.one_of(OPS, OPS, st.just(("sync",))), max_size=5), min_size=1, max_size=4)


@given(SHORT_LIVES, st.integers(0, 1000))
@LAWS
def test_else_a_crash_keeps_some_of_the_unsynced_each_by_itself_whole_or_torn(lives: list[list[Op]], seed: int) -> None:
    tested, model = disk(seed=seed, keep=0.5, tear=0.5), Model(Time())
    for life in lives:
        for op in life:
            do(tested, model, op)
        fates = tested.crash()
        left = read_back(tested)
        assert sum(fates.values()) == len(model.doubts)
        assert left in possible(model)
        model.crash(left)


@given(st.lists(OPS, max_size=8), st.lists(OPS, max_size=4), st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 2.5]))
@LAWS
def test_a_sync_is_sure_only_once_its_time_is_over(before: list[Op], after: list[Op], crash_at: float) -> None:
    time = Time()
    tested, model = disk(time, sync=1.0, keep=0.0), Model(time)
    for op in [*before, ("sync",)]:
        do(tested, model, op)
    first = model.seen
    for op in [*after, ("sync",)]:
        do(tested, model, op)
    then = model.seen
    time.go_on(crash_at)
    tested.crash()
    assert read_back(tested) == (then if crash_at >= 2.0 else first if crash_at >= 1.0 else Contents())


@given(st.lists(OPS, max_size=8), st.lists(OPS, max_size=4), st.sampled_from([0.0, 0.5, 1.0, 1.5]))
@LAWS
def test_a_crash_during_a_sync_finds_nothing_of_the_writes_after_it(
    before: list[Op], after: list[Op], crash_at: float
) -> None:
    time = Time()
    tested, model = disk(time, sync=1.0, keep=1.0, tear=0.0), Model(time)
    for op in [*before, ("sync",)]:
        do(tested, model, op)
    first = model.seen
    for op in after:
        do(tested, model, op)
    time.go_on(crash_at)
    tested.crash()
    assert read_back(tested) == (model.seen if crash_at >= 1.0 else first)


def test_an_unsynced_write_survives_as_often_as_the_model_says_and_tears_as_often() -> None:
    tested = disk(keep=0.3, tear=0.5)
    for number in range(4000):
        tested.append(f"file {number}", b"0123456789")
    fates = tested.crash()
    assert fates["lost"] == pytest.approx(2800, abs=4 * (4000 * 0.3 * 0.7) ** 0.5)
    assert fates["torn"] == pytest.approx(600, abs=4 * (4000 * 0.15 * 0.85) ** 0.5)
    torn = [len(tested.read(name)) for name in tested.files() if len(tested.read(name)) < 10]
    assert len(torn) == fates["torn"] and set(torn) == set(range(10)), "cut anywhere, but cut"


def test_a_later_write_can_survive_an_earlier_one_and_leaves_zeros_before_it() -> None:
    def after_crash(seed: int) -> bytes:
        tested = disk(seed=seed, tear=0.0)
        tested.append("f", b"ab")
        tested.append("f", b"cd")
        tested.crash()
        return tested.read("f")

    assert {after_crash(seed) for seed in range(40)} == {b"", b"ab", b"\0\0cd", b"abcd"}


def test_a_put_is_never_torn() -> None:
    tested = disk(keep=1.0, tear=1.0)
    tested.put("key", [1, 2, 3])
    assert tested.crash() == {"kept": 1, "lost": 0, "torn": 0}
    assert tested.get("key") == [1, 2, 3]


def test_the_same_seed_gives_the_same_fates() -> None:
    def left(seed: int) -> str:
        tested = disk(seed=seed)
        for number in range(50):
            tested.append("f", b"%d" % number)
        tested.crash()
        return repr(read_back(tested))

    assert left(1) == left(1) != left(2)


# What is stored is a copy, and plain


@message
class Entry:
    term: int
    command: list[str]


def test_what_was_put_does_not_change_when_the_value_does_nor_when_what_was_read_does() -> None:
    tested = disk()
    value = {"log": [Entry(1, ["a"])]}
    tested.put("state", value)
    value["log"].append(Entry(2, ["b"]))
    tested.get("state")["log"][0].command.append("c")
    assert tested.get("state") == {"log": [Entry(1, ["a"])]}


def test_what_is_no_plain_data_is_refused_and_changes_nothing() -> None:
    tested = disk()
    tested.put("key", 1)
    with pytest.raises(TypeError, match="of type object is no plain data"):
        tested.put("key", [object()])
    assert tested.get("key") == 1


def test_a_key_that_is_not_there_gives_the_default_and_a_stored_none_gives_none() -> None:
    tested = disk()
    tested.put("nothing", None)
    assert (tested.get("nothing", 7), tested.get("key", 7), tested.get("key")) == (None, 7, None)
    assert tested.read("no file") == b"" and tested.files() == []


def test_names_come_sorted() -> None:
    tested = disk()
    for name in ("b", "c", "a"):
        tested.put(name, 1)
        tested.append(name, b"x")
    assert tested.keys() == tested.files() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("deed", "text"),
    [
        (lambda tested: tested.write("f", -1, b"x"), "offset is -1: it must be 0 or more"),
        (lambda tested: tested.truncate("f", -1), "size is -1: it must be 0 or more"),
    ],
)
def test_negative_places_are_refused_and_change_nothing(deed: Callable[[SimDisk], None], text: str) -> None:
    tested = disk()
    tested.append("f", b"ab")
    with pytest.raises(ValueError, match=text):
        deed(tested)
    assert tested.read("f") == b"ab"


@pytest.mark.parametrize(
    ("deed", "text"),
    [
        (lambda tested: tested.put(1, 2), "key is 1: it must be a text"),
        (lambda tested: tested.write(1, 0, b"x"), "name is 1: it must be a text"),
        (lambda tested: tested.write("f", 0, "text"), "data is 'text': it must be bytes"),
        (lambda tested: tested.append("f", 5), "data is 5: it must be bytes"),
        (lambda tested: tested.append("f", [1, 2]), r"data is \[1, 2\]: it must be bytes"),
        (lambda tested: tested.write("f", 0.5, b"x"), "offset is 0.5: it must be a whole number of bytes"),
        (lambda tested: tested.truncate("f", 0.5), "size is 0.5: it must be a whole number of bytes"),
        (lambda tested: tested.truncate(1, 0), "name is 1: it must be a text"),
        (lambda tested: tested.rename("f", 2), "new is 2: it must be a text"),
    ],
)
def test_what_is_no_name_no_bytes_or_no_place_is_refused_and_changes_nothing(
    deed: Callable[[Any], None], text: str
) -> None:
    tested = disk()
    tested.append("f", b"ab")
    with pytest.raises(TypeError, match=text):
        deed(tested)
    assert (tested.files(), tested.keys(), tested.read("f")) == (["f"], [], b"ab")


# Capacity


def used(contents: Contents) -> int:
    """Bytes in use; values are small numbers and lists of them, whose JSON form is known."""
    table = sum(len(key) + len(str(value).replace(" ", "")) for key, value in contents.table.items())
    return table + sum(map(len, contents.files.values()))


@given(st.lists(OPS, max_size=20), st.integers(0, 12))
@LAWS
def test_a_write_that_does_not_fit_is_refused_whole_and_every_other_is_done(ops: list[Op], capacity: int) -> None:
    tested, model = disk(capacity=capacity), Model(Time())
    for op in ops:
        before = model.seen
        try:
            do(tested, model, op)
        except DiskFull as full:
            do(disk_without_limit(before), model, op)
            growth = used(model.seen) - used(before)
            assert growth > capacity - used(before)
            assert str(full) == f"the disk of n1 is full: {growth} bytes wanted, {capacity - used(before)} free"
            model.seen = before
        assert read_back(tested) == model.seen and used(model.seen) <= capacity


def disk_without_limit(contents: Contents) -> SimDisk:
    """A disk with these contents."""
    tested = disk()
    for key, value in contents.table.items():
        tested.put(key, value)
    for name, data in contents.files.items():
        tested.append(name, data)
    return tested


def test_a_full_disk_lets_overwrite_shrink_and_delete() -> None:
    tested = disk(capacity=6)
    tested.append("f", b"abcdef")
    tested.write("f", 2, b"XY")
    with pytest.raises(DiskFull, match="the disk of n1 is full: 1 bytes wanted, 0 free"):
        tested.append("f", b"g")
    tested.truncate("f", 3)
    tested.append("f", b"ghi")
    assert tested.read("f") == b"abXghi"
    tested.remove("f")
    tested.put("k", 12345)
    with pytest.raises(DiskFull):
        tested.put("k", 123456)
    assert tested.get("k") == 12345


def test_a_full_disk_is_an_error_of_the_operating_system_too() -> None:
    with pytest.raises(OSError, match="is full"):
        disk(capacity=0).append("f", b"x")


def test_a_capacity_that_shrinks_under_what_is_there_keeps_it_and_refuses_more() -> None:
    tested = disk()
    tested.append("f", b"abc")
    tested.capacity = 1
    with pytest.raises(DiskFull, match="1 bytes wanted, 0 free"):
        tested.append("f", b"d")
    assert tested.read("f") == b"abc"
