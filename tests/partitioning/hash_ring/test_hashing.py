"""Hashes are the same everywhere: known values, other processes, one key or many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring.hashing import GOLDEN, LAST, blake, crc, crc_all, ketama, mix, positions
from tests.partitioning.hash_ring.kinds import MANY, SOME

# Made once, with Python 3.11. The first is the beginning of the digest of no bytes, as published with BLAKE2.
BLAKE = {"": 0x786A02F742015903, "a": 0x333FCB4EE1AA7C11, "user:17": 0x94696E4B15DF8E75, "ключ": 0xD6E2DEDDD1C32C43}
CRC = {"": 0, "a": 0xC2300DDE97D04298, "user:17": 0x3CADBB5F77BCC98C}


def test_the_values_of_the_hashes_are_fixed() -> None:
    assert {key: blake(key) for key in BLAKE} == BLAKE
    assert {key: crc(key) for key in CRC} == CRC
    assert positions("ann", 9)[7:] == [0xAA1A7531CE571A21, 0x34D3B3F96E9F8B21]


def test_mix_is_the_finaliser_of_splitmix64() -> None:
    # The first three numbers of SplitMix64 from seed 0, as Java's SplittableRandom and many others give them.
    assert [mix(GOLDEN * step & LAST) for step in (1, 2, 3)] == [
        0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F,
    ]  # fmt: skip


def test_ketama_is_the_beginning_of_an_md5_with_the_last_byte_first() -> None:
    assert ketama("") == 0xD98C1DD4  # the MD5 of no bytes is d41d8cd98f00b204e9800998ecf8427e


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_another_process_with_another_hash_seed_finds_the_same_values(seed: str) -> None:
    program = (
        "import json; from lessons.partitioning.hash_ring.hashing import blake, crc, positions\n"
        "print(json.dumps([blake('user:17'), crc('user:17'), positions('ann', 9)]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [blake("user:17"), crc("user:17"), positions("ann", 9)]


@MANY
@given(st.text() | st.binary())
def test_hashes_have_64_bits_and_text_is_its_utf8(key: str | bytes) -> None:
    data = key.encode() if isinstance(key, str) else key
    for hash in (blake, crc, ketama):
        assert hash(key) == hash(data)
        assert 0 <= hash(key) <= LAST


@SOME
@given(st.lists(st.text() | st.binary()))
def test_many_keys_at_once_get_the_same_values(keys: list[str | bytes]) -> None:
    pytest.importorskip("numpy")
    assert crc_all(keys).tolist() == [crc(key) for key in keys]


def test_crc_loses_nothing_of_the_crc_32() -> None:
    values = {crc(f"user:{number}") for number in range(20_000)}
    assert len(values) == len({crc32(f"user:{number}".encode()) for number in range(20_000)})


@SOME
@given(st.integers(0, 300), st.integers(0, 300))
def test_fewer_positions_are_the_first_of_more(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert positions("ann", few) == positions("ann", many)[:few]
    assert len(positions("ann", many)) == many


@pytest.mark.parametrize("hash", [blake, crc, ketama, lambda key: crc_all([key])])
@pytest.mark.parametrize("key", [5, None, ["a"], bytearray(b"a")])
def test_a_key_that_is_neither_text_nor_bytes_is_named(hash: Callable[[object], int], key: object) -> None:
    if hash not in (blake, crc, ketama):
        pytest.importorskip("numpy")
    with pytest.raises(TypeError, match=r"key is .*: it must be text or bytes"):
        hash(key)


@pytest.mark.parametrize("hash", [blake, crc, ketama])
def test_half_a_surrogate_pair_is_named(hash: Callable[[str], int]) -> None:
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        hash("a\ud800")
