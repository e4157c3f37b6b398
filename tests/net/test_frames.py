"""Frames: however a stream is cut into pieces, the same frames come out; what is too long is refused at once."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.net.frames import Frames, Oversized, framed

LAWS = settings(derandomize=True, deadline=None, max_examples=200)


@given(st.lists(st.binary(max_size=40)), st.integers())
@LAWS
def test_frames_do_not_depend_on_how_the_stream_is_cut(payloads: list[bytes], seed: int) -> None:
    chance, stream, frames = Random(seed), b"".join(map(framed, payloads)), Frames()
    got: list[bytes] = []
    while stream:
        size = chance.randint(1, 12)
        got += frames.feed(stream[:size])
        stream = stream[size:]
    assert got == payloads


def test_a_length_beyond_the_bound_is_refused_before_its_bytes_come() -> None:
    frames = Frames(most=10)
    assert [*frames.feed(framed(b"0123456789"))] == [b"0123456789"]
    with pytest.raises(Oversized, match="a frame has 11 bytes: 10 are allowed"):
        [*frames.feed(framed(b"01234567890")[:4])]


@given(st.binary(max_size=200))
@LAWS
def test_noise_is_frames_or_refused_and_never_kept_beyond_the_bound(noise: bytes) -> None:
    frames = Frames(most=50)
    try:
        assert all(len(payload) <= 50 for payload in frames.feed(noise))
    except Oversized:
        return
    assert len(frames._buffer) < 54


def test_the_frames_before_an_oversized_one_are_given() -> None:
    frames, got = Frames(most=4), []
    with pytest.raises(Oversized):
        for payload in frames.feed(framed(b"one") + framed(b"three")):
            got.append(payload)
    assert got == [b"one"]
