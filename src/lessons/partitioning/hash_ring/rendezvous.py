"""Rendezvous hashing: every node rates the key, and the highest rating has it (Thaler and Ravishankar 1998)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log

from lessons.partitioning.hash_ring.hashing import Hash, Key, blake, mix
from lessons.partitioning.hash_ring.placement import Member, Placement


def rating(weight: float, number: int) -> float:
    """What a node of ``weight`` bids, given its random ``number`` of 64 bits for the key: -w / ln(h).

    h is the number as a fraction strictly between 0 and 1, from its upper 52 bits. The bids of nodes with
    weights w and v win over each other in the ratio of w to v (Schindelhauer and Schomaker 2005).
    """
    return -weight / log(((number >> 12) + 0.5) / (1 << 52))


class Rendezvous(Placement):
    """Highest random weight: no table but the nodes, any node may leave, weights are exact; a look-up asks them all."""

    def __init__(self, nodes: Iterable[str | Member], hash: Hash = blake) -> None:
        super().__init__(nodes, hash)
        self.seeds = [(member.name, blake(member.name), member.weight) for member in self.members.values()]

    def ratings(self, key: Key) -> list[tuple[float, str]]:
        """What each node bids for ``key``, with its name."""
        number = self.hash(key)
        return [(rating(weight, mix(number ^ seed)), name) for name, seed, weight in self.seeds]

    def owner(self, key: Key) -> str:
        return max(self.ratings(key))[1]

    def preference(self, key: Key) -> Iterator[str]:
        return (name for _, name in sorted(self.ratings(key), reverse=True))

    @property
    def entries(self) -> int:
        return 2 * len(self.seeds)

    def cost(self, key: Key) -> int:
        return len(self.seeds)
