"""Placements: which of the nodes keeps which key, and what moves when the nodes change.

ring = HashRing(["ann", "bob", Member("cyd", weight=2)])
ring.owner("user:17")
ring.replicas("user:17", 2)
plan(ring, ring.with_node("dan")).flows()
"""

from lessons.partitioning.hash_ring.bounded import BoundedLoad
from lessons.partitioning.hash_ring.hashing import Hash, Key, blake, crc
from lessons.partitioning.hash_ring.maglev import Maglev
from lessons.partitioning.hash_ring.measure import Balance, Moves, balance, moves, ring_deviation
from lessons.partitioning.hash_ring.movement import Arc, Copy, Drop, Layout, Plan, WrongPlan, plan
from lessons.partitioning.hash_ring.numbered import Jump, Modulo, jump
from lessons.partitioning.hash_ring.placement import Member, Placement
from lessons.partitioning.hash_ring.rendezvous import Rendezvous
from lessons.partitioning.hash_ring.ring import HashRing, KetamaRing

__all__ = [
    "Arc",
    "Balance",
    "BoundedLoad",
    "Copy",
    "Drop",
    "Hash",
    "HashRing",
    "Jump",
    "KetamaRing",
    "Key",
    "Layout",
    "Maglev",
    "Member",
    "Modulo",
    "Moves",
    "Placement",
    "Plan",
    "Rendezvous",
    "WrongPlan",
    "balance",
    "blake",
    "crc",
    "jump",
    "moves",
    "plan",
    "ring_deviation",
]
