"""Modulo and jump: known values, the paper's C code, what a change moves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import Jump, Modulo, jump, moves
from lessons.partitioning.hash_ring.hashing import LAST, mix
from lessons.partitioning.hash_ring.laws import settled
from tests.partitioning.hash_ring.kinds import KEYS, MANY, loads

# The first five are tested by the packages of others too (go-jump, jump-consistent-hash, ClickHouse); all of them are
# what the C code below says.
KNOWN = [
    (1, 1, 0), (42, 57, 43), (0xDEAD10CC, 1, 0), (0xDEAD10CC, 666, 361), (256, 1024, 520),
    (0, 11, 0), (LAST, 1_000_000, 589_430), (10863919174838991, 11, 6), (2016238256797177309, 11, 3),
]  # fmt: skip

# Lamping and Veach 2014, figure 1, as a program that reads keys and numbers of buckets.
C_PROGRAM = """
#include <inttypes.h>
#include <stdio.h>
static int32_t jump(uint64_t key, int32_t buckets) {
  int64_t b = -1, j = 0;
  while (j < buckets) {
    b = j;
    key = key * 2862933555777941757ULL + 1;
    j = (b + 1) * ((double)(1LL << 31) / (double)((key >> 33) + 1));
  }
  return b;
}
int main(void) {
  uint64_t key; int32_t buckets;
  while (scanf("%" SCNu64 " %" SCNd32, &key, &buckets) == 2) printf("%" PRId32 "\\n", jump(key, buckets));
}
"""


@pytest.mark.parametrize(("key", "buckets", "bucket"), KNOWN)
def test_jump_gives_the_known_values(key: int, buckets: int, bucket: int) -> None:
    assert jump(key, buckets) == bucket


def test_jump_agrees_with_the_papers_c_code(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here: the known values are all there is")
    (tmp_path / "jump.c").write_text(C_PROGRAM)
    subprocess.run([compiler, "-O1", "-o", tmp_path / "jump", tmp_path / "jump.c"], check=True)
    cases = [(mix(number), 1 + mix(~number & LAST) % 10 ** (1 + number % 8)) for number in range(5000)]
    asked = "".join(f"{key} {buckets}\n" for key, buckets in cases)
    done = subprocess.run([tmp_path / "jump"], input=asked, capture_output=True, text=True, check=True)
    assert [jump(*case) for case in cases] == [int(line) for line in done.stdout.split()]


@MANY
@given(st.integers(0, LAST), st.integers(1, 500))
def test_with_one_bucket_more_a_key_stays_or_goes_into_it(key: int, buckets: int) -> None:
    assert jump(key, buckets + 1) in (jump(key, buckets), buckets)


@pytest.mark.parametrize(("key", "buckets"), [(-1, 5), (1 << 64, 5), (1.5, 5), (1, 2.5), (1, 0), (1, -3), (1, 1 << 31)])
def test_jump_refuses_what_the_c_types_cannot_hold(key: Any, buckets: Any) -> None:
    with pytest.raises(ValueError, match=r"(key|buckets) is .*: it must be"):
        jump(key, buckets)


def test_jump_takes_about_ln_n_jumps() -> None:
    jump_hash = Jump([f"n{number}" for number in range(1000)])
    mean = sum(jump_hash.cost(key) for key in KEYS) / len(KEYS)
    assert mean == pytest.approx(7.5, abs=0.3)  # the harmonic number of 1000
    assert jump_hash.entries == 1000


@pytest.mark.parametrize(("kind", "moved"), [(Modulo, 10 / 11), (Jump, 1 / 11)])
def test_what_an_eleventh_node_moves(kind: Any, moved: float) -> None:
    ten = kind([f"n{number}" for number in range(10)])
    measured = moves(ten, ten.with_node("n10"), KEYS)
    assert measured.moved == pytest.approx(moved, abs=0.02)
    assert measured.least == pytest.approx(1 / 11)
    assert (measured.needless > 0.7) if kind is Modulo else (measured.needless == 0)


def test_the_last_number_of_jump_leaves_at_the_least_cost_and_any_other_at_twice_that() -> None:
    ten = Jump([f"n{number}" for number in range(10)])
    assert settled(ten, ten.without("n9"), KEYS) is None
    assert moves(ten, ten.without("n9"), KEYS).moved == pytest.approx(0.1, abs=0.02)
    middle = ten.without("n4")
    assert middle.names == ["n0", "n1", "n2", "n3", "n9", "n5", "n6", "n7", "n8"]
    assert moves(ten, middle, KEYS).moved == pytest.approx(0.2, abs=0.03)


def test_both_spread_keys_evenly() -> None:
    for kind in (Modulo, Jump):
        assert max(loads(kind([f"n{number}" for number in range(10)])).values()) < 250
