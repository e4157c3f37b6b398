"""The disk in a folder: what was synced is there after whatever happens, in order, or the node does not start."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.net import journal
from lessons.net.errors import StorageFailed, StorageLocked
from lessons.net.journal import NAME
from lessons.net.storage import FileDisk
from lessons.net.vocabulary import Vocabulary
from lessons.node import DiskFull, message


@message
class Entry:
    text: str


VALUES = Vocabulary([Entry]).values
Op = tuple[Any, ...]


def disk(folder: Path, **options: Any) -> FileDisk:
    return FileDisk("n1", folder, VALUES, lambda: None, **options)


def contents(found: FileDisk) -> Any:
    return found.seen.table, {name: bytes(data) for name, data in found.seen.files.items()}


def reopened(folder: Path) -> Any:
    """What is there for the next process."""
    again = disk(folder)
    try:
        return contents(again)
    finally:
        again.close()


names = st.sampled_from(["a", "b", "dir/c", "ü"])
ops = st.one_of(
    st.tuples(st.just("put"), names, st.integers() | st.lists(st.text(max_size=3)).map(tuple) | st.binary(max_size=9)),
    st.tuples(st.just("delete"), names),
    st.tuples(st.just("write"), names, st.integers(0, 20), st.binary(max_size=12)),
    st.tuples(st.just("append"), names, st.binary(max_size=12)),
    st.tuples(st.just("truncate"), names, st.integers(0, 20)),
    st.tuples(st.just("remove"), names),
    st.tuples(st.just("rename"), names, names),
    st.tuples(st.just("sync")),
)
LAWS = settings(
    derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def perform(found: FileDisk, op: Op) -> None:
    name, *args = op
    try:
        getattr(found, name)(*args)
    except FileNotFoundError:
        assert name == "rename"
    if name == "sync":
        found.flush()


@given(st.lists(ops, max_size=25))
@LAWS
def test_the_next_process_finds_what_the_last_has_written(tmp_path: Path, work: list[Op]) -> None:
    shutil.rmtree(tmp_path / "d", ignore_errors=True)
    first = disk(tmp_path / "d")
    for op in work:
        perform(first, op)
    left = contents(first)
    first.close()
    assert reopened(tmp_path / "d") == left


def history(folder: Path, work: list[Op]) -> tuple[bytes, list[tuple[int, Any, int]]]:
    """Do everything; returns the journal, and after each operation its size, the contents, and what was durable."""
    found = disk(folder)
    states = [(found._journal.size, snapshot(found), found._journal.durable)]
    for op in work:
        perform(found, op)
        states.append((found._journal.size, snapshot(found), found._journal.durable))
    found.close()
    return (folder / NAME).read_bytes(), states


def snapshot(found: FileDisk) -> Any:
    table, files = contents(found)
    return dict(table), files


STEPS: list[Op] = [
    ("put", "term", 1), ("sync",), ("append", "log", b"one"), ("append", "log", b"two"), ("sync",),
    ("put", "entry", Entry("x")), ("rename", "log", "old"), ("sync",),
    ("truncate", "old", 3), ("delete", "term"),
]  # fmt: skip


def test_a_journal_cut_at_any_byte_gives_back_a_beginning_of_what_was_written(tmp_path: Path) -> None:
    whole, states = history(tmp_path / "whole", STEPS)
    for size in range(len(whole) + 1):
        folder = tmp_path / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / NAME).write_bytes(whole[:size])
        expected = [state for end, state, _ in states if end <= size] or [({}, {})]
        assert reopened(folder) == expected[-1], f"cut at {size} of {len(whole)}"


def test_a_bit_that_flips_is_a_torn_tail_or_stops_the_node(tmp_path: Path) -> None:
    """Damage in the middle of what had been durable is told, as far as a later record knows that it had been."""
    whole, states = history(tmp_path / "whole", STEPS)
    beginnings = [state for _, state, _ in states] + [({}, {})]
    told = kept = 0
    for place in range(len(whole)):
        folder = tmp_path / "flipped"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        damaged = bytearray(whole)
        damaged[place] ^= 1 << Random(place).randrange(8)
        (folder / NAME).write_bytes(damaged)
        try:
            assert reopened(folder) in beginnings, f"flipped at {place}"
            kept += 1
            assert place >= max(durable for _, _, durable in states[:-3]), f"damage at {place} was not told"
        except StorageFailed as error:
            assert "damaged at byte" in str(error)
            told += 1
    assert told and kept


def test_what_follows_a_repaired_tail_is_kept(tmp_path: Path) -> None:
    first = disk(tmp_path)
    first.put("a", 1)
    first.put("b", 2)
    first.close()
    data = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(data[:-1])
    second = disk(tmp_path)
    assert second.keys() == ["a"] and second.lives == 2
    second.put("c", 3)
    second.close()
    assert reopened(tmp_path)[0] == {"a": 1, "c": 3}


def test_a_folder_is_for_one_process_at_a_time(tmp_path: Path) -> None:
    first = disk(tmp_path)
    with pytest.raises(StorageLocked, match="in use by another process"):
        disk(tmp_path)
    first.close()
    disk(tmp_path).close()


def test_a_full_disk_is_reported_and_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = disk(tmp_path)
    found.put("a", 1)
    write = os.write

    def short(handle: int, data: bytes) -> int:
        return write(handle, data[:5])

    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space left on device")

    for refuse in (short, full):
        monkeypatch.setattr(journal.os, "write", refuse)
        with pytest.raises(DiskFull, match="the disk of n1 is full"):
            found.put("b", 2)
        monkeypatch.undo()
        assert found.keys() == ["a"]
    found.put("c", 3)
    found.close()
    assert reopened(tmp_path)[0] == {"a": 1, "c": 3}


def test_a_capacity_is_kept(tmp_path: Path) -> None:
    found = disk(tmp_path, capacity=10)
    found.append("f", b"12345678")
    with pytest.raises(DiskFull):
        found.append("f", b"123")
    assert found.read("f") == b"12345678"
    found.close()


def test_a_disk_that_can_not_keep_its_promise_stops_the_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = disk(tmp_path)
    found.put("a", 1)

    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(journal, "flush", broken)
    with pytest.raises(StorageFailed, match="could not be made durable"):
        found.flush()
    found.close()


def test_a_journal_of_what_is_gone_is_written_anew(tmp_path: Path) -> None:
    found = disk(tmp_path)
    for number in range(40):
        found.write("f", 0, bytes([number]) * 100_000)
        found.sync()
        found.flush()
        found.tidy()
    assert found._journal.size < 1_500_000
    left = contents(found)
    found.close()
    assert reopened(tmp_path) == left


def test_a_crash_while_the_journal_is_written_anew_leaves_the_old_one(tmp_path: Path) -> None:
    found = disk(tmp_path)
    found.put("a", 1)
    found.close()
    (tmp_path / journal.DRAFT).write_bytes(b"half of it")
    assert reopened(tmp_path)[0] == {"a": 1}
    assert not (tmp_path / journal.DRAFT).exists()


WRITER = """
import sys
from pathlib import Path
from tests.net.test_storage import disk
found = disk(Path(sys.argv[1]))
number = found.get("number", 0)
while True:
    number += 1
    found.append("log", b"%d " % number)
    found.put("number", number)
    found.sync(); found.flush(); found.tidy()
    print(number, flush=True)
"""


def test_a_process_that_is_killed_has_lost_nothing_that_it_had_synced(tmp_path: Path) -> None:
    confirmed = 0
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(30):
            confirmed = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split()
        confirmed = int(rest[-1]) if rest else confirmed
        table, files = reopened(tmp_path)
        assert table["number"] >= confirmed
        written = [int(number) for number in files["log"].split()]
        assert written == list(range(1, len(written) + 1)) and len(written) - table["number"] in (0, 1)
