"""The placements under test, and what hypothesis makes of them: clusters and keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import (
    BoundedLoad,
    HashRing,
    Jump,
    KetamaRing,
    Maglev,
    Member,
    Modulo,
    Placement,
    Rendezvous,
)

Make = Callable[[Sequence[str | Member]], Placement]

KINDS: dict[str, Make] = {
    "modulo": Modulo,
    "ring": partial(HashRing, vnodes=20),
    "ketama": KetamaRing,
    "jump": Jump,
    "rendezvous": Rendezvous,
    "maglev": partial(Maglev, size=251),
    "bounded": lambda nodes: BoundedLoad(HashRing(nodes, vnodes=20)),
}
#: Those in which a key moves only if it must, when any one node joins.
MONOTONE = ("ring", "jump", "rendezvous")
#: Those that know weights.
WEIGHTED = ("ring", "ketama", "rendezvous", "maglev", "bounded")

#: The same examples in every run.
SOME = settings(max_examples=30, derandomize=True, deadline=None, database=None)
MANY = settings(SOME, max_examples=150)

NAMES = [f"n{number}" for number in range(12)]
KEYS = [f"user:{number}" for number in range(2000)]

names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True)
several = st.lists(st.sampled_from(NAMES), min_size=2, max_size=8, unique=True)
keys = st.lists(st.text(max_size=12) | st.binary(max_size=12), min_size=1, max_size=40, unique=True)
weights = st.floats(0.25, 8.0)


@st.composite
def members(draw: st.DrawFn, least: int = 1, zones: Sequence[str | None] = (None,)) -> list[Member]:
    """Nodes with weights, in some of ``zones``."""
    chosen = draw(st.lists(st.sampled_from(NAMES), min_size=least, max_size=8, unique=True))
    return [Member(name, draw(weights), draw(st.sampled_from(zones))) for name in chosen]


def loads(placement: Placement, keys: Sequence[str] = KEYS) -> dict[str, int]:
    """How many of ``keys`` each node has."""
    owners = list(placement.place(keys).values())
    return {name: owners.count(name) for name in placement.members}
