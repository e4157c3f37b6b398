"""Real placements beside this chapter's: the slots of a Valkey cluster, and the ring of a package that many use."""

from __future__ import annotations

from binascii import crc_hqx
from collections import Counter
from collections.abc import Sequence

from lessons.partitioning.hash_ring.placement import Member
from lessons.partitioning.hash_ring.ring import KetamaRing
from lessons.real import client, if_installed, valkey_cluster
from lessons.viz import table, verdict
from lessons.viz.table import Table, Verdict

SLOTS = 1 << 14


def slot(key: str) -> int:
    """The slot of a key in a Redis or Valkey cluster: its CRC-16, modulo 16,384.

    Of a key with braces that are not empty only what stands in the first pair counts, so that keys can be kept
    together (Redis Cluster specification, "Hash tags").
    """
    _, opened, rest = key.partition("{")
    inside, closed, _ = rest.partition("}")
    return crc_hqx((inside if opened and closed and inside else key).encode(), 0) % SLOTS


@if_installed
def valkey_slots(keys: Sequence[str], members: int = 3) -> Table:
    """Ask a Valkey cluster for the slot and the node of each key, and compare the slots with ours."""
    with valkey_cluster(members) as cluster:
        names = {server.port: server.name for server in cluster.members}
        server, asked = cluster.members[0].client(), cluster.client()
        slots = {key: int(server.cluster("KEYSLOT", key)) for key in keys}
        owners = {key: names[asked.get_node_from_key(key).port] for key in keys}
        asked.close()
    same = sum(slots[key] == slot(key) for key in keys)
    counts = Counter(owners.values())
    rows = []
    for name in sorted(counts):
        mine = [slots[key] for key in keys if owners[key] == name]
        rows.append([name, min(mine), max(mine), len(mine), len(mine) * members / len(keys)])
    columns = ["node", "lowest slot", "highest slot", "keys", "of its share"]
    return table(
        rows, f"{len(keys):,} keys in a Valkey cluster; the slot is what ours says for {same:,} of them", columns
    )


@if_installed
def uhashring_agrees(weights: dict[str, int], keys: Sequence[str]) -> Verdict:
    """Whether uhashring, told to place keys as ketama does, has each key on the node that ``KetamaRing`` says."""
    theirs = client("uhashring", "uhashring").HashRing(nodes=weights, hash_fn="ketama")
    ours = KetamaRing([Member(name, weight) for name, weight in weights.items()])
    same = sum(theirs.get_node(key) == ours.owner(key) for key in keys)
    return verdict(f"{same:,} of {len(keys):,} keys are where uhashring puts them.", holds=same == len(keys))
