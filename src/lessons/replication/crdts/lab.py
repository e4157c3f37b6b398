"""A group of replicas to break by hand: a reader updates each of them, cuts links, crashes, and looks who agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lessons.lab import Choice, Lab, Number, State, Whole
from lessons.replication.crdts.broadcast import CausalBroadcast
from lessons.replication.crdts.drafts import (
    ClockRegisters,
    Hasty,
    InOrderOfAuthor,
    NamedRegisters,
    PlainSets,
    PositionTexts,
)
from lessons.replication.crdts.gossip import DeltaGossip, StateGossip
from lessons.replication.crdts.hand import HANDS, held, wishes_of
from lessons.replication.crdts.replica import Replica
from lessons.replication.crdts.runs import PROMISES, Converged, Kept
from lessons.replication.crdts.view import VIEW, MergePicture
from lessons.sim import Action, DiskModel, Link, LogNormal, Simulation
from lessons.trace import Trace

Update = tuple[str, list[Any]]

NAMES = ("ann", "bob", "eve", "joe", "mia")
#: First drafts that are of one type of state only.
ONLY: dict[type[Replica], str] = {
    PositionTexts: "text",
    PlainSets: "or-set",
    NamedRegisters: "lww-register",
    ClockRegisters: "lww-register",
}
TYPES = {
    "text": "text",
    "set": "or-set",
    "set with tombstones": "tagged-set",
    "counter": "pn-counter",
    "register, last writer wins": "lww-register",
    "register that keeps all concurrent values": "mv-register",
    "flag": "enable-wins-flag",
    "map of sets": "map",
}
WAYS: dict[str, type[Replica]] = {
    "deltas": DeltaGossip,
    "whole states": StateGossip,
    "operations, in causal order": CausalBroadcast,
    "first draft: operations in their author's order": InOrderOfAuthor,
    "first draft: text by position": PositionTexts,
    "first draft: union of sets": PlainSets,
    "first draft: a register that takes over names": NamedRegisters,
    "first draft: a register with the time of day": ClockRegisters,
    "first draft: deltas that do not wait for the disk": Hasty,
}
#: By type: what ann does first, and then what she and bob do while she is cut off.
FIRST: dict[str, tuple[Update, Update, Update]] = {
    "text": (("insert", [0, "hat"]), ("insert", [0, "c"]), ("insert", [3, "s"])),
    "or-set": (("add", ["milk"]), ("remove", ["milk"]), ("add", ["milk"])),
    "tagged-set": (("add", ["milk"]), ("remove", ["milk"]), ("add", ["milk"])),
    "pn-counter": (("increment", [2]), ("decrement", [1]), ("increment", [3])),
    "lww-register": (("write", ["tea"]), ("write", ["milk"]), ("write", ["jam"])),
    "mv-register": (("write", ["tea"]), ("write", ["milk"]), ("write", ["jam"])),
    "enable-wins-flag": (("enable", []), ("disable", []), ("enable", [])),
    "map": (("put", ["cart", "milk"]), ("remove_key", ["cart"]), ("put", ["cart", "tea"])),
}


def crdt_lab(
    seed: int = 1,
    *,
    kind: str = "text",
    way: type[Replica] = DeltaGossip,
    replicas: int = 3,
    latency: float = 0.01,
    loss: float = 0.0,
    duplicate: float = 0.0,
    period: float = 0.1,
) -> Simulation:
    """Replicas ann, bob ... of a type of state, each in its user's hand, under the promises of the chapter.

    ``kind`` is the name of the type in its JSON form, ``way`` the class of the replicas; ``latency`` is the median
    time of a message in seconds, ``loss`` and ``duplicate`` the shares of messages that get lost or come twice.
    Every ``period`` seconds a replica tells another one what is new. Faults are those of the simulation, and
    ``sim.faults.ask("ann", "insert", [0, "hello"])`` is a user's update (see ``hand``). Of a text only two of the
    promises are checked: the other two need a user who types no letter twice. Raises ValueError for a first draft
    of another type, and for a number of replicas that is not 1 to 5.
    """
    if not 1 <= replicas <= len(NAMES):
        raise ValueError(f"replicas is {replicas!r}: it must be 1 to {len(NAMES)}")
    if ONLY.get(way, kind) != kind:
        label = next(label for label, each in TYPES.items() if each == ONLY[way])
        raise ValueError(f"kind is {kind!r}: this first draft is made for a {label}, so choose that type as well")
    link = Link(LogNormal(latency, 0.5), loss=loss, duplicate=duplicate)
    rules = (Converged, Kept) if kind == "text" else PROMISES
    sim = Simulation(seed, network=link, disk=DiskModel(sync=0.001), invariants=rules)
    sim.add(NAMES[:replicas], held(way, kind), of=kind, period=period)
    return sim


def opening(kind: str) -> tuple[Action, ...]:
    """What happens in the first run of a type: an update that all get, then two while ann is cut off."""
    begin, mine, others = FIRST[kind]
    return (
        asked(0.05, "ann", begin),
        Action(0.45, "isolate", {"node": "ann"}),
        asked(0.5, "ann", mine),
        asked(0.52, "bob", others),
        Action(0.8, "heal", {}),
    )


def asked(time: float, replica: str, update: Update) -> Action:
    """A user's update at a replica."""
    name, args = update
    return Action(time, "ask", {"client": replica, "wish": name, "args": args})


class TypedLab(Lab):
    """A lab whose updates depend on the type: with another type it begins anew, as that type's first run."""

    def show(self, state: State, *more: Any, **options: Any) -> Any:
        """See ``Lab``."""
        kind = {"kind": "text", **self.values(state.parameters)}["kind"]
        others = {wish for hand in HANDS.values() for wish in wishes_of(hand)} - set(wishes_of(HANDS[kind]))
        if any(action.args.get("wish") in others for action in state.actions):
            state = replace(state, actions=opening(kind), until=self.start.until)
        return super().show(state, *more, **options)


def lattice(trace: Trace) -> MergePicture:
    """The versions of a run."""
    return MergePicture(trace, "Every version that a replica was in: branches are concurrent, ∨ is a join.")


LAB = TypedLab(
    "replication/crdts",
    crdt_lab,
    title="Replicas to pull apart",
    caption="Ann types hat, and all have it. Then ann is cut off. She makes it chat, while bob makes it hats. When the "
    "cut is healed, all three show chats. What they type next is up to you.",
    horizon=1.2,
    ahead=0.5,
    opening=opening("text"),
    parameters={
        "kind": Choice(TYPES, help="The type of what is replicated."),
        "way": Choice(WAYS, help="How replicas bring each other up to date."),
        "replicas": Whole(1, len(NAMES), help="How many replicas there are."),
        "latency": Number(0.001, 0.5, 0.001, "s", help="The median time of a message."),
        "loss": Number(0, 0.9, 0.05, help="The share of messages that get lost."),
        "duplicate": Number(0, 0.9, 0.05, help="The share of messages that come twice."),
        "period": Number(0.02, 1, 0.01, "s", help="How often a replica tells another what is new."),
    },
    users=(Replica,),
    judge=lattice,
    **VIEW,
)
