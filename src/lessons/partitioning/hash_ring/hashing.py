"""Hashes of keys: the same number in every process, on every machine, in every version of Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b, md5
from struct import unpack
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

Key = str | bytes
Hash = Callable[[Key], int]

BITS = 64
CIRCLE = 1 << BITS  # positions on the circle: 0 to CIRCLE - 1
LAST = CIRCLE - 1

# Odd constants of the finaliser of SplitMix64 (Steele, Lea, Flood 2014, figure 17), and its increment.
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def blake(key: Key) -> int:
    """The first 8 bytes of the BLAKE2b digest of ``key`` (RFC 7693), as a number of 64 bits.

    Raises TypeError for what is neither text nor bytes, ValueError for text that UTF-8 can't carry.
    """
    try:
        data = key.encode()  # type: ignore[union-attr]
    except (AttributeError, UnicodeEncodeError):
        data = bytes_of(key)
    return int.from_bytes(blake2b(data).digest()[:8], "big")


def crc(key: Key) -> int:
    """The CRC-32 of ``key``, mixed into 64 bits: faster than ``blake``, and ``crc_all`` can do many at once.

    Two keys with the same CRC-32 get the same number, so there are 2**32 numbers, not 2**64. Raises as ``blake``.
    """
    try:
        data = key.encode()  # type: ignore[union-attr]
    except (AttributeError, UnicodeEncodeError):
        data = bytes_of(key)
    number = crc32(data) * GOLDEN & LAST
    return (number ^ number >> 32) * SECOND & LAST


def crc_all(keys: Sequence[Key]) -> NDArray[uint64]:
    """``crc`` of each of ``keys``, as an array. Needs numpy. Raises as ``blake``."""
    import numpy

    try:
        numbers = numpy.fromiter(map(crc32, map(str.encode, keys)), numpy.uint64, len(keys))  # type: ignore[arg-type]
    except (TypeError, UnicodeEncodeError):  # not all of them are text, or not all of it can be encoded
        numbers = numpy.fromiter(map(crc32, map(bytes_of, keys)), numpy.uint64, len(keys))
    numbers *= numpy.uint64(GOLDEN)
    numbers ^= numbers >> numpy.uint64(32)
    numbers *= numpy.uint64(SECOND)
    return numbers


def ketama(key: Key) -> int:
    """The first 4 bytes of the MD5 digest of ``key``, the last of them first: libketama's hash of a key."""
    return int.from_bytes(md5(bytes_of(key), usedforsecurity=False).digest()[:4], "little")


def mix(number: int) -> int:
    """A number of 64 bits for a number of 64 bits, one to one, in which each bit depends on all (SplitMix64)."""
    number = (number ^ number >> 30) * FIRST & LAST
    number = (number ^ number >> 27) * SECOND & LAST
    return number ^ number >> 31


def positions(name: str, count: int) -> list[int]:
    """``count`` numbers of 64 bits that belong to ``name``: 8 of each BLAKE2b digest of "name:0", "name:1" ...

    The numbers for a smaller count are the first ones of those for a larger count.
    """
    numbers: list[int] = []
    for block in range(-(-count // 8)):
        numbers += unpack(">8Q", blake2b(f"{name}:{block}".encode()).digest())
    return numbers[:count]


def bytes_of(key: Any) -> bytes:
    """``key`` as bytes: text in UTF-8. Raises TypeError and ValueError as ``blake`` does."""
    if isinstance(key, bytes):
        return key
    if not isinstance(key, str):
        raise TypeError(f"key is {key!r}: it must be text or bytes")
    try:
        return key.encode()
    except UnicodeEncodeError:
        raise ValueError(f"key is {key!r}: it has half of a surrogate pair, which UTF-8 can't carry") from None
