"""Delta debugging: leave out what a failure does not need (Zeller and Hildebrandt 2002, the algorithm ddmin)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def ddmin(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part of ``items``, in their order, that still ``fails``, and does not when any single item of it is left out.

    All ``items`` together must fail, which is not tried. ``fails`` is asked at most once about the same part.
    """
    asked: dict[tuple[int, ...], bool] = {}

    def ask(places: tuple[int, ...]) -> bool:
        if places not in asked:
            asked[places] = fails([items[place] for place in places])
        return asked[places]

    left = tuple(range(len(items)))
    if left and ask(()):
        return []
    pieces = 2
    while len(left) > 1:
        fewer, pieces = reduced(left, min(pieces, len(left)), ask)
        if len(fewer) == len(left):
            if pieces >= len(left):
                break
            pieces *= 2
        left = fewer
    return [items[place] for place in left]


def reduced(left: tuple[int, ...], pieces: int, ask: Callable[[tuple[int, ...]], bool]) -> tuple[tuple[int, ...], int]:
    """The first piece that fails by itself, or all but a piece; and into how many pieces to cut what is left."""
    for piece in cut(left, pieces):
        if ask(piece):
            return piece, 2
    for piece in cut(left, pieces):
        rest = tuple(place for place in left if place not in set(piece))
        if ask(rest):
            return rest, max(pieces - 1, 2)
    return left, pieces


def cut(places: tuple[int, ...], pieces: int) -> Iterator[tuple[int, ...]]:
    """The places in so many pieces of about the same size."""
    start = 0
    for piece in range(1, pieces + 1):
        end = len(places) * piece // pieces
        yield places[start:end]
        start = end
