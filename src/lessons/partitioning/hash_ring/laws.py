"""The laws of a placement, by name: each returns None while it holds, and a sentence that says why when it does not."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.partitioning.hash_ring.hashing import Key
from lessons.partitioning.hash_ring.measure import balance, has_reason
from lessons.partitioning.hash_ring.movement import Layout, plan
from lessons.partitioning.hash_ring.placement import Placement
from lessons.partitioning.hash_ring.ring import HashRing


def agreed(owners: Sequence[str], others: Sequence[str], keys: Sequence[Key]) -> str | None:
    """I1: whoever knows the same nodes finds the same owner for each key, in any process."""
    for key, one, other in zip(keys, owners, others, strict=True):
        if one != other:
            return f"one process looks for {key!r} on {one}, another on {other}"
    return None


def settled(before: Placement, after: Placement, keys: Sequence[Key]) -> str | None:
    """I2: a key moves only to a node that joined or gained weight, or from one that left or lost some.

    Karger et al. 1997 call it monotonicity.
    """
    old, new = before.place(keys), after.place(keys)
    for key in keys:
        if old[key] != new[key] and not has_reason(before, after, old[key], new[key]):
            return f"{key!r} moves from {old[key]} to {new[key]}, and neither of them has changed"
    return None


def balanced(placement: Placement, keys: Sequence[Key], most: float, least: float = 0.0) -> str | None:
    """I3: each node has between ``least`` and ``most`` times the keys that its weight says."""
    found = balance(placement, keys)
    if least <= found.least and found.most <= most:
        return None
    return f"nodes have {found.least:.2f} to {found.most:.2f} times what their weights say, not {least:g} to {most:g}"


def distinct(placement: Placement, keys: Sequence[Key], count: int) -> str | None:
    """I4: the copies of a key are on as many different nodes as there are copies."""
    for key in keys:
        chosen = placement.replicas(key, count)
        if len(set(chosen)) < count:
            return f"{count} copies of {key!r} were asked for, and they are on {len(set(chosen))} nodes: {chosen}"
    return None


def apart(placement: Placement, keys: Sequence[Key], count: int) -> str | None:
    """I5: no zone has a second copy of a key while another zone has none."""
    zones = {member.zone or member for member in placement.members.values()}
    for key in keys:
        chosen = [placement.members[name] for name in placement.replicas(key, count)]
        used = {member.zone or member for member in chosen}
        if len(used) < min(count, len(zones)):
            names = ", ".join(member.name for member in chosen)
            return f"{count} copies of {key!r} are in {len(used)} of {len(zones)} zones: on {names}"
    return None


def exact(before: HashRing, after: HashRing, copies: int = 1) -> str | None:
    """I6: the plan of a change, applied to who held what before, gives who holds what after."""
    done = plan(before, after, copies).apply(Layout.of(before, copies))
    return None if done == Layout.of(after, copies) else f"the plan from {before} to {after} leads somewhere else"
