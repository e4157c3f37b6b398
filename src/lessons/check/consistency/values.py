"""Values that can be told apart and kept in sets: what models compute with."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Truth:
    """A bool that is equal to no number: for Python, True is 1, but not for a register."""

    value: bool

    def __str__(self) -> str:
        return str(self.value)


def freeze(value: Any) -> Any:
    """``value`` as something hashable: lists become tuples, sets frozen sets, dictionaries sorted pairs.

    Raises ValueError for anything else that has no hash, and for what does not equal itself (NaN).
    """
    if isinstance(value, str | bytes) or value is None:
        return value
    if isinstance(value, Mapping):
        return tuple(sorted(((freeze(key), freeze(item)) for key, item in value.items()), key=repr))
    if isinstance(value, Set):
        return frozenset(map(freeze, value))
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, Sequence):
        return tuple(map(freeze, value))
    try:
        hash(value)
    except TypeError as error:
        raise ValueError(f"{value!r} can't be compared: {error}") from error
    if value != value:
        raise ValueError(f"{value!r} can't be compared: it does not equal itself")
    return value


def exact(value: Hashable) -> Hashable:
    """Something that is equal for the same values only (see ``Truth``); 1 and 1.0 are the same."""
    if isinstance(value, bool):
        return Truth(value)
    if isinstance(value, tuple):
        return tuple(map(exact, value))
    if isinstance(value, frozenset):
        return frozenset(map(exact, value))
    return value
