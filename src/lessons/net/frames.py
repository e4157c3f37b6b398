"""Frames: a stream of bytes cut into pieces, each with its length in front, none longer than agreed."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from lessons.net.errors import Malformed

_LENGTH = Struct(">I")
MOST = 4 * 1024 * 1024  # bytes in a frame


class Oversized(Malformed):
    """A frame that is longer than agreed: nobody should have to keep it."""


def framed(payload: bytes) -> bytes:
    """A payload with its length in front."""
    return _LENGTH.pack(len(payload)) + payload


class Frames:
    """Gives the frames of a stream as their last bytes arrive; keeps less than one frame.

    ``most`` is the most bytes that a frame may have; it can be changed between two frames.
    """

    __slots__ = ("_buffer", "most")

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that are complete now. Raises Oversized as soon as a length says so; the stream is lost then."""
        buffer = self._buffer + data if self._buffer else data
        self._buffer = b""
        place = 0
        while len(buffer) - place >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, place)
            if length > self.most:
                raise Oversized(f"a frame has {length} bytes: {self.most} are allowed")
            end = place + _LENGTH.size + length
            if end > len(buffer):
                break
            yield buffer[place + _LENGTH.size : end]
            place = end
        self._buffer = buffer[place:]
