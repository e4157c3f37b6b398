"""A placement says which of the nodes keeps a key: what all of the chapter's algorithms have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from math import fsum
from types import MappingProxyType
from typing import Any, Self

from lessons.node import UnknownNode
from lessons.partitioning.hash_ring.hashing import Hash, Key, blake

LEAST_WEIGHT, MOST_WEIGHT = 1e-100, 1e100


@dataclass(frozen=True)
class Member:
    """A node: its name, its weight (twice the weight, twice the keys), and the zone that it fails with.

    A node without a ``zone`` fails alone. Raises ValueError for a name that is empty or that UTF-8 can't carry, and
    for a weight that is not 1e-100 to 1e100, with which sums and shares are exact enough; TypeError for a name or a
    zone that is no text.
    """

    name: str
    weight: float = 1.0
    zone: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not isinstance(self.zone, str | None):
            raise TypeError(f"name is {self.name!r}, zone is {self.zone!r}: they must be text")
        if not self.name:
            raise ValueError("name is '': a node needs a name")
        if any("\ud800" <= letter <= "\udfff" for letter in self.name):
            raise ValueError(f"name is {self.name!r}: it has half of a surrogate pair, which UTF-8 can't carry")
        if isinstance(self.weight, bool) or not isinstance(self.weight, int | float):
            raise TypeError(f"weight of {self.name!r} is {self.weight!r}: it must be a number")
        if not LEAST_WEIGHT <= self.weight <= MOST_WEIGHT:
            raise ValueError(f"weight of {self.name!r} is {self.weight!r}: it must be a number over 0, 1e-100 to 1e100")


class Placement(ABC):
    """Which node keeps which key. It never changes: a node more or less makes a new placement.

    ``nodes`` are names, or members with weight and zone. So two placements can be compared, and a thread that
    looks keys up never sees half a change. Raises ValueError for no nodes at all and for a name given twice.
    """

    def __init__(self, nodes: Iterable[str | Member], hash: Hash = blake) -> None:
        if isinstance(nodes, str) or not isinstance(nodes, Iterable):
            raise TypeError(f"nodes is {nodes!r}: give a list of names")
        if not callable(hash):
            raise TypeError(f"hash is {hash!r}: it must be a function from a key to a number of 64 bits")
        members: dict[str, Member] = {}
        for node in nodes:
            member = node if isinstance(node, Member) else Member(node)
            if member.name in members:
                raise ValueError(f"node {member.name!r} is there twice: names must differ")
            members[member.name] = member
        if not members:
            raise ValueError("nodes is empty: keys need at least one node to be on")
        self.members: Mapping[str, Member] = MappingProxyType(members)
        self.hash = hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.members)})"

    # Look-ups

    @abstractmethod
    def owner(self, key: Key) -> str:
        """The node that keeps ``key``. Raises TypeError for a key that is neither text nor bytes."""

    def owners(self, keys: Sequence[Key]) -> list[str]:
        """The node of each of ``keys``, in the same order."""
        return list(map(self.owner, keys))

    def place(self, keys: Sequence[Key]) -> dict[Key, str]:
        """The node of each of ``keys``, by key, if these are all the keys there are."""
        return dict(zip(keys, self.owners(keys), strict=True))

    @abstractmethod
    def preference(self, key: Key) -> Iterator[str]:
        """Every node once, in the order in which ``key`` would have it; the owner comes first."""

    def replicas(self, key: Key, count: int) -> list[str]:
        """The ``count`` nodes that keep a copy of ``key``, its owner first, in as many zones as there are.

        No zone gets a second copy while another has none. Raises ValueError unless ``count`` is 1 to the
        number of nodes: fewer copies than were asked for would be a lie.
        """
        self.check_count(count)
        return self.spread(self.preference(key), count)

    def spread(self, names: Iterable[str], count: int) -> list[str]:
        """The first ``count`` of ``names``, but no zone for the second time while another can be had."""
        rounds: defaultdict[int, list[str]] = defaultdict(list)
        turns: Counter[object] = Counter()
        for member in map(self.members.__getitem__, names):
            zone = member.zone or member
            rounds[turns[zone]].append(member.name)
            turns[zone] += 1
            if len(rounds[0]) == count:
                break
        return list(chain.from_iterable(rounds[turn] for turn in sorted(rounds)))[:count]

    def check_count(self, count: int) -> None:
        """Refuse a number of copies that there are no nodes for. Raises ValueError."""
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(self.members):
            raise ValueError(f"count is {count!r}: it must be 1 to {len(self.members)}, the number of nodes")

    # Changes of the membership

    def with_node(self, name: str, weight: float = 1.0, zone: str | None = None) -> Self:
        """This placement with one node more. Raises ValueError if there is one of that name."""
        return self._of([*self.members.values(), Member(name, weight, zone)])

    def without(self, name: str) -> Self:
        """This placement without the node ``name``. Raises UnknownNode, and ValueError for the last node."""
        self.member(name)
        return self._of([member for member in self.members.values() if member.name != name])

    def with_weight(self, name: str, weight: float) -> Self:
        """This placement with another weight for ``name``. Raises UnknownNode."""
        changed = replace(self.member(name), weight=weight)
        return self._of([changed if member.name == name else member for member in self.members.values()])

    def member(self, name: str) -> Member:
        """The member ``name``. Raises UnknownNode."""
        if name not in self.members:
            raise UnknownNode(name, list(self.members))
        return self.members[name]

    def _of(self, members: Iterable[Member]) -> Self:
        return type(self)(members, **self._options())

    def _options(self) -> dict[str, Any]:
        """What the constructor was given besides the nodes."""
        return {"hash": self.hash}

    # What it costs

    @property
    @abstractmethod
    def entries(self) -> int:
        """How many entries its tables have, the list of nodes included."""

    @abstractmethod
    def cost(self, key: Key) -> int:
        """How many steps the look-up of ``key`` takes: entries read, numbers computed, nodes rated."""

    def share(self, name: str) -> float:
        """The part of all keys that ``name`` should have, by its weight. Raises UnknownNode."""
        return self.member(name).weight / self.total_weight

    @cached_property
    def total_weight(self) -> float:
        """The weights of all nodes together."""
        return fsum(member.weight for member in self.members.values())


def equal_weights_only(placement: Placement) -> None:
    """Refuse weights, for an algorithm that gives every node the same. Raises ValueError."""
    for member in placement.members.values():
        if member.weight != 1:
            kind = type(placement).__name__
            raise ValueError(f"weight of {member.name!r} is {member.weight!r}: {kind} knows no weights, it must be 1")
