"""Bounded loads: no node has more than its share times a factor, whatever the hash says (Mirrokni et al. 2018)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import ceil
from sys import float_info
from typing import NamedTuple, Self

from lessons.partitioning.hash_ring.hashing import Key, bytes_of
from lessons.partitioning.hash_ring.placement import Placement

FACTOR = 1.25


class Guest(NamedTuple):
    """A key in the order of precedence: the smaller hash comes first."""

    number: int
    data: bytes
    is_text: bool
    key: Key


class BoundedLoad(Placement):
    """A placement with memory: a key goes to the first node of its preference that has room.

    ``inner`` says what a key prefers. Of m keys a node of weight w may have ``factor`` times its share, rounded
    up, and never more than m. Where two keys want the last room, the one with the smaller hash has it. So the keys
    that are admitted now decide where each of them is, and not how they came and went: one that is admitted may
    drive another out, and one that is released makes room and lowers the bound. It is for one thread at a time. Raises
    ValueError unless ``factor`` is a finite number of 1 or more.
    """

    def __init__(self, inner: Placement, factor: float = FACTOR) -> None:
        super().__init__(inner.members.values(), inner.hash)
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor <= float_info.max:
            raise ValueError(f"factor is {factor!r}: it must be a finite number, 1 or more")
        self.inner, self.factor = inner, factor
        self.where: dict[Key, str] = {}
        self._guests: dict[str, list[Guest]] = {name: [] for name in self.members}
        self._passed: dict[str, list[Guest]] = {name: [] for name in self.members}  # who would rather be there

    def capacity(self, name: str, keys: int) -> int:
        """How many of ``keys`` node ``name`` may have. Raises UnknownNode."""
        return ceil(min(self.factor * keys * self.share(name), keys))

    @property
    def loads(self) -> Mapping[str, int]:
        """How many of the admitted keys each node has."""
        return {name: len(guests) for name, guests in self._guests.items()}

    # All keys at once

    def place(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Where each of ``keys`` goes if there were no others: in the order of precedence, each to where room is."""
        guests = sorted(map(self._guest, dict.fromkeys(keys)))
        room = {name: self.capacity(name, len(guests)) for name in self.members}
        placed: dict[Key, str] = {}
        for guest in guests:
            placed[guest.key] = next(name for name in self.inner.preference(guest.key) if room[name])
            room[placed[guest.key]] -= 1
        return placed

    def _guest(self, key: Key) -> Guest:
        return Guest(self.hash(key), bytes_of(key), isinstance(key, str), key)

    # One key at a time

    def owner(self, key: Key) -> str:
        """Where ``key`` is, or where it would be if it were admitted now."""
        if key in self.where:
            return self.where[key]
        name = self.admit(key)[key]
        self.release(key)
        return name

    def admit(self, key: Key) -> dict[Key, str]:
        """Give ``key`` a node; returns the new node of each key that has one, none if ``key`` is here already."""
        return {} if key in self.where else self._settle([self._guest(key)], len(self.where) + 1)

    def release(self, key: Key) -> dict[Key, str]:
        """Let ``key`` go; returns the new node of each other key that has one. Raises LookupError if it is not here."""
        if key not in self.where:
            raise LookupError(f"key is {key!r}: it was not admitted")
        self._leave(self._guest(key))
        return self._settle([], len(self.where))

    def _settle(self, arriving: list[Guest], keys: int) -> dict[Key, str]:
        """Seat who arrives, and move others until all is as if the ``keys`` keys were placed at once.

        Who is over a bound that has fallen must leave. Room is first for those who have passed it by, then for those
        who have no node; these look for one from the top of their preference.
        """
        crowded = (own[self.capacity(name, keys) :] for name, own in self._guests.items() if own)
        homeless = [*arriving, *chain.from_iterable(crowded)]
        before = {guest.key: self._leave(guest) for guest in homeless}
        while guest := self._called(keys) or (homeless.pop() if homeless else None):
            before.setdefault(guest.key, self._leave(guest))
            for driven_out in self._seat(guest, keys):
                before.setdefault(driven_out.key, self._leave(driven_out))
                homeless.append(driven_out)
        return {key: self.where[key] for key, name in before.items() if self.where[key] != name}

    def _called(self, keys: int) -> Guest | None:
        """The first key that has passed by a node with room, if there is one."""
        waiting = (name for name, passed in self._passed.items() if passed)
        roomy = (name for name in waiting if len(self._guests[name]) < self.capacity(name, keys))
        return next((self._passed[name][0] for name in roomy), None)

    def _seat(self, guest: Guest, keys: int) -> list[Guest]:
        """Put a key on the first node where it has precedence; returns whom it drives out, if anybody."""
        for name in self.inner.preference(guest.key):
            own, bound = self._guests[name], self.capacity(name, keys)
            rivals = own[bound - 1 :] or self._passed[name][:1]
            if not rivals or guest < rivals[0]:
                insort(own, guest)
                self.where[guest.key] = name
                return own[bound:]
            insort(self._passed[name], guest)
        raise AssertionError("the bounds of all nodes together are at least the number of keys")

    def _leave(self, guest: Guest) -> str:
        """Take a key off its node, and off the lists of those that it has passed by; returns the node it had, or ""."""
        home = self.where.pop(guest.key, "")
        for name in self.inner.preference(guest.key) if home else ():
            listed = self._guests[name] if name == home else self._passed[name]
            del listed[bisect_left(listed, guest)]
            if name == home:
                break
        return home

    # What the placement below says

    def preference(self, key: Key) -> Iterator[str]:
        return self.inner.preference(key)

    def with_node(self, name: str, weight: float = 1.0, zone: str | None = None) -> Self:
        return self._over(self.inner.with_node(name, weight, zone))

    def without(self, name: str) -> Self:
        return self._over(self.inner.without(name))

    def with_weight(self, name: str, weight: float) -> Self:
        return self._over(self.inner.with_weight(name, weight))

    def _over(self, inner: Placement) -> Self:
        """The same keys over another placement."""
        changed = type(self)(inner, self.factor)
        changed._settle(list(map(self._guest, self.where)), len(self.where))
        return changed

    @property
    def entries(self) -> int:
        listed = len(self.where) + sum(map(len, self._passed.values()))
        return self.inner.entries + len(self.members) + listed

    def cost(self, key: Key) -> int:
        """The steps of the placement below, and one for each node asked for room."""
        owner = self.owner(key)
        return self.inner.cost(key) + 1 + list(self.inner.preference(key)).index(owner)
