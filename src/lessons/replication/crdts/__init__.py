"""Replicated data types: states that merge in any order and agree, deltas of them, and operations.

    here, there = ORSet(), ORSet()
    delta = here.add("ann", "milk")           # who updates says its name; what comes back is the delta
    there.merge(loads(dumps(delta), ORSet))   # as JSON, in any order, any number of times
    here.remove("milk")
    there.add("bob", "milk")                  # at the same time
    here.merge(there)
    there.merge(here)
    assert here.value == there.value == {"milk"}

Counters: ``GCounter``, ``PNCounter``, ``ResettableCounter``. Sets: ``GSet``, ``TwoPhaseSet``, ``LWWElementSet``,
``TaggedSet`` (OR-set with tombstones), ``ORSet`` (without). Registers: ``LWWRegister``, ``MVRegister``. Flags:
``EnableWinsFlag``, ``DisableWinsFlag``. ``Map`` holds any of those that are causal. Text: ``ListText`` to read,
``GraphText`` to use. Nodes: ``StateGossip``, ``DeltaGossip``, and ``CausalBroadcast`` for types by operation.
"""

from lessons.replication.crdts.broadcast import CausalBroadcast
from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.codec import dumps, loads
from lessons.replication.crdts.counters import GCounter, PNCounter, ResettableCounter
from lessons.replication.crdts.dots import Context, DottedVersion
from lessons.replication.crdts.errors import BadState, ForeignState, NotThere
from lessons.replication.crdts.flags import DisableWinsFlag, EnableWinsFlag
from lessons.replication.crdts.gossip import DeltaGossip, StateGossip
from lessons.replication.crdts.lattice import Lattice
from lessons.replication.crdts.maps import Map
from lessons.replication.crdts.orset import ORSet, TaggedSet
from lessons.replication.crdts.registers import LWWRegister, MVRegister
from lessons.replication.crdts.replica import Do, Done, Refused, Replica
from lessons.replication.crdts.sets import GSet, LWWElementSet, TwoPhaseSet
from lessons.replication.crdts.text import GraphText, ListText, Text

__all__ = [
    "BadState",
    "Causal",
    "CausalBroadcast",
    "Context",
    "DeltaGossip",
    "DisableWinsFlag",
    "Do",
    "Done",
    "DottedVersion",
    "EnableWinsFlag",
    "ForeignState",
    "GCounter",
    "GSet",
    "GraphText",
    "LWWElementSet",
    "LWWRegister",
    "Lattice",
    "ListText",
    "MVRegister",
    "Map",
    "NotThere",
    "ORSet",
    "PNCounter",
    "Refused",
    "Replica",
    "ResettableCounter",
    "StateGossip",
    "TaggedSet",
    "Text",
    "TwoPhaseSet",
    "dumps",
    "loads",
]
