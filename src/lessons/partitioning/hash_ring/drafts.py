"""First drafts of a placement, each as one would write it before seeing it fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import md5
from typing import Any, Self

from lessons.partitioning.hash_ring.hashing import CIRCLE, Key, bytes_of
from lessons.partitioning.hash_ring.placement import Member, Placement
from lessons.partitioning.hash_ring.ring import HashRing


class NextTwo(HashRing):
    """The owner, and the nodes of the next two points if they are others: three copies, so it seems."""

    def replicas(self, key: Key, count: int) -> list[str]:
        """The owner first; never more than three."""
        start = bisect_left(self.places, self.hash(key))
        chosen: list[str] = []
        for number in range(start, start + count):
            name = self.holders[number % len(self.places)]
            if name not in chosen:
                chosen.append(name)
        return chosen


def builtin(key: Key) -> int:
    """Python's own hash, as a number of 64 bits: fast, well spread, and another one in every process."""
    return hash(key) % CIRCLE


ASKED = """
import json, sys
from lessons.partitioning.hash_ring import HashRing
from lessons.partitioning.hash_ring.drafts import builtin
from lessons.partitioning.hash_ring.hashing import blake
nodes, keys, name = json.load(sys.stdin)
print(json.dumps(HashRing(nodes, hash={"builtin": builtin, "blake": blake}[name]).owners(keys)))
"""


def asked_elsewhere(nodes: Sequence[str], keys: Sequence[str], hash_name: str, hash_seed: int) -> list[str]:
    """The owners of ``keys`` on a ring in another Python process, whose PYTHONHASHSEED is ``hash_seed``.

    ``hash_name`` is "builtin" or "blake".
    """
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        input=json.dumps([list(nodes), list(keys), hash_name]),
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    owners: list[str] = json.loads(done.stdout)
    return owners


def prefix(key: Key, digits: int) -> int:
    """The first hexadecimal digits of the MD5 of ``key``, as a number: short, and easy to read in a log."""
    return int(md5(bytes_of(key), usedforsecurity=False).hexdigest()[:digits], 16)


class PrefixRing(Placement):
    """A ring in a dict from place to node; a place is the first ``digits`` hexadecimal digits of an MD5.

    A node that comes writes its places into the dict, and one that goes takes them out.
    """

    def __init__(self, nodes: Iterable[str | Member], vnodes: int = 100, digits: int = 2) -> None:
        super().__init__(nodes)
        self.vnodes, self.digits = vnodes, digits
        self.holder_at: dict[int, str] = {}
        for name in self.members:
            self.holder_at.update(dict.fromkeys(self.points_of(name), name))
        self.places = sorted(self.holder_at)

    def _options(self) -> dict[str, Any]:
        return {"vnodes": self.vnodes, "digits": self.digits}

    def points_of(self, name: str) -> list[int]:
        """The places that ``name`` writes itself into."""
        return [prefix(f"{name}:{number}", self.digits) for number in range(self.vnodes)]

    def without(self, name: str) -> Self:
        """Take the places of ``name`` out of the dict."""
        smaller = super().without(name)
        smaller.holder_at = self.holder_at.copy()
        for place in self.points_of(name):
            smaller.holder_at.pop(place, None)
        smaller.places = sorted(smaller.holder_at)
        return smaller

    def owner(self, key: Key) -> str:
        at = bisect_left(self.places, prefix(key, self.digits))
        return self.holder_at[self.places[at % len(self.places)]]

    def preference(self, key: Key) -> Iterator[str]:
        return iter(dict.fromkeys([self.owner(key), *self.members]))

    @property
    def entries(self) -> int:
        return 2 * len(self.places) + len(self.members)

    def cost(self, key: Key) -> int:
        return len(self.places).bit_length()
