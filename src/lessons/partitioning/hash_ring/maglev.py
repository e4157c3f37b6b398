"""Maglev hashing: a table that says for each remainder which node has it (Eisenbud et al. 2016, section 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lessons.partitioning.hash_ring.hashing import Hash, Key, blake, positions
from lessons.partitioning.hash_ring.placement import Member, Placement

SIZE = 65_537  # of the table, as in the paper; a prime
MOST_PLACES = 1 << 24


def populate(permutations: Sequence[tuple[int, int]], weights: Sequence[float], size: int) -> list[int]:
    """The table: for each of ``size`` places the number of the node that has it.

    Node i prefers the places offset, offset + skip, offset + 2 skip ... (modulo ``size``), and takes the next one
    that is free in each of its turns. Turns go round; a node with half the greatest weight has every second one.
    """
    table = [-1] * size
    rank = [offset for offset, _ in permutations]
    turns, heaviest = [weight / max(weights) for weight in weights], 1.0
    due, free = [0.0] * len(weights), size
    while True:
        for node, (_, skip) in enumerate(permutations):
            due[node] += turns[node]
            if due[node] < heaviest:
                continue
            due[node] -= heaviest
            while table[rank[node]] >= 0:
                rank[node] = (rank[node] + skip) % size
            table[rank[node]] = node
            free -= 1
            if not free:
                return table


def permutation(name: str, size: int) -> tuple[int, int]:
    """Offset and skip of node ``name``, for a table of ``size`` places: two hashes of the name."""
    offset, skip = positions(name, 2)
    return offset % size, skip % (size - 1) + 1


class Maglev(Placement):
    """A table of a prime ``size``: one look-up, nearly perfect balance, and a few keys too many that move.

    The order in which the nodes are given does not matter. Raises ValueError unless ``size`` is a prime up to 2**24
    and at least the number of nodes; the paper wants 100 times as many.
    """

    def __init__(self, nodes: Iterable[str | Member], size: int = SIZE, hash: Hash = blake) -> None:
        super().__init__(nodes, hash)
        if isinstance(size, bool) or not isinstance(size, int) or not (size <= MOST_PLACES and is_prime(size)):
            raise ValueError(f"size is {size!r}: it must be a prime number, at most {MOST_PLACES:,}")
        if size < len(self.members):
            raise ValueError(f"size is {size!r}: it must be at least {len(self.members)}, the number of nodes")
        self.size = size
        self.names = sorted(self.members)
        weights = [self.members[name].weight for name in self.names]
        self.table = populate([permutation(name, size) for name in self.names], weights, size)

    def _options(self) -> dict[str, Any]:
        return {"size": self.size, "hash": self.hash}

    def owner(self, key: Key) -> str:
        return self.names[self.table[self.hash(key) % self.size]]

    def preference(self, key: Key) -> Iterator[str]:
        """The owner, then whom a walk through the table meets; at the end those whose weight gave them no place."""
        start = self.hash(key) % self.size
        met = dict.fromkeys(self.table[start:] + self.table[:start])
        met.update(dict.fromkeys(range(len(self.names))))
        return (self.names[node] for node in met)

    @property
    def entries(self) -> int:
        return self.size + len(self.names)

    def cost(self, key: Key) -> int:
        return 1


def is_prime(number: int) -> bool:
    """Whether ``number`` is a prime."""
    return number > 1 and all(number % factor for factor in range(2, int(number**0.5) + 1))
