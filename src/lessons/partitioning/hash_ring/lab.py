"""A ring to change by hand: nodes come, go, change their weight and their zone, and what moves is lit."""

from __future__ import annotations

from collections.abc import Callable
from math import fsum

from lessons.lab import BoardLab, Number, Whole
from lessons.node import UnknownNode
from lessons.partitioning.hash_ring.movement import Plan, plan
from lessons.partitioning.hash_ring.placement import Member
from lessons.partitioning.hash_ring.ring import HashRing
from lessons.partitioning.hash_ring.view import KEYS, BoardPicture, walk

NODES = ("ann", "bob", "cyd", "dan", "eve", "fay", "gil", "hal")
MOST_NODES, MOST_VNODES, MOST_WEIGHT = 12, 256, 8
LONGEST_NAME = 20


class RingBoard:
    """A ring, what was last done to it, and what that has moved."""

    def __init__(self, ring: HashRing, copies: int, prefix: str) -> None:
        self.ring, self.copies, self.prefix = ring, copies, prefix
        self.colours = dict.fromkeys(ring.members)  # everybody who was ever there, so that colours stay
        self.work: Plan | None = None
        self.found: str | None = None
        self.said = f"{len(ring.members)} nodes share {KEYS:,} keys, {ring.vnodes} points for each of weight 1."

    @property
    def names(self) -> tuple[str, ...]:
        """Who is on the ring."""
        return tuple(self.ring.members)

    # What a reader can ask for

    def ask_add(self, name: str, weight: float = 1.0, zone: str | None = None) -> None:
        """Add a node: its name, its weight, and the zone that it fails with."""
        if len(self.ring.members) >= MOST_NODES:
            raise ValueError(f"name is {name!r}: there are {MOST_NODES} nodes, and this board has no room for more")
        if len(name) > LONGEST_NAME:
            raise ValueError(f"name is {name!r}: it must have at most {LONGEST_NAME} letters")
        self._become(lambda: self.ring.with_node(name, weight, zone or None), f"{name} joins")

    def ask_remove(self, node: str) -> None:
        """Take a node off the ring."""
        self._become(lambda: self.ring.without(node), f"{node} leaves")

    def ask_weigh(self, node: str, weight: float = 2.0) -> None:
        """Give a node another weight."""
        self._become(lambda: self.ring.with_weight(node, weight), f"{node} weighs {weight:g}")

    def ask_put_into_zone(self, node: str, zone: str | None = None) -> None:
        """Say which zone a node fails with; without a zone it fails alone."""
        where = f"is in zone {zone}" if zone else "fails alone"
        self._become(lambda: self._moved(self.ring.member(node), zone or None), f"{node} {where}")

    def ask_set_points(self, points: int = 64) -> None:
        """Give every node another number of points."""
        members = self.ring.members.values()
        self._become(lambda: HashRing(members, vnodes=points), f"{points} points for each node of weight 1")

    def ask_set_copies(self, copies: int = 2) -> None:
        """Keep another number of copies of each key."""
        self.ring.check_count(copies)
        before, self.copies = self.copies, copies
        self.work, self.found = None, None
        self.said = (
            f"Copies of each key: {copies}, on different nodes, and in as many zones as there are; before: {before}."
        )

    def ask_find(self, key: str) -> None:
        """Walk from a key to the nodes that keep it."""
        self.work, self.found = None, key
        owners = ", ".join(self.ring.replicas(key, self.copies))
        self.said = f"{key!r} is kept by {owners}."

    # What comes of it

    def _moved(self, member: Member, zone: str | None) -> HashRing:
        changed = Member(member.name, member.weight, zone)
        members = [changed if each.name == member.name else each for each in self.ring.members.values()]
        return HashRing(members, vnodes=self.ring.vnodes)

    def _become(self, change: Callable[[], HashRing], words: str) -> None:
        """Change the ring, and find out what moves. Raises ValueError; nothing is changed then."""
        try:
            after = change()
            after.check_count(self.copies)
        except UnknownNode as error:
            raise ValueError(str(error)) from None
        work = plan(self.ring, after, self.copies)
        self.said = f"{words}. {told(self.ring, after, work, self.copies)}"
        self.ring, self.work, self.found = after, work, None
        self.colours.update(dict.fromkeys(after.members))

    def picture(self) -> BoardPicture:
        """The ring with what the last step has moved, or the walk of the key that was looked for."""
        stops = list(walk(self.ring, self.found, self.copies)) if self.found is not None else []
        return BoardPicture(
            self.ring, self.copies, self.said, list(self.colours), self.work, self.found, stops, self.prefix
        )

    def _repr_mimebundle_(self) -> dict[str, str]:
        picture = self.picture()
        return {"text/plain": picture.text(), "text/html": picture.html()}


def told(before: HashRing, after: HashRing, work: Plan, copies: int) -> str:
    """How much moves, how much had to, and who gives most."""
    if not work.copies:
        return "Nothing moves."
    moved = f"{percent(work.moved / copies)} of the data moves"
    if copies == 1:
        shares = {name: before.share(name) if name in before.members else 0.0 for name in after.members}
        least = fsum(max(0.0, after.share(name) - had) for name, had in shares.items())
        moved += f", at least {percent(least)} must" if least > 1e-9 else ", and nothing has to"
    gives: dict[str, float] = {}
    for (source, target), part in work.flows().items():
        gives[f"{source} to {target}"] = part / copies
    pairs = ", ".join(f"{pair} {percent(part)}" for pair, part in list(gives.items())[:4])
    more = f" and {len(gives) - 4} other pairs" if len(gives) > 4 else ""
    return f"{moved}: {pairs}{more}."


def percent(part: float) -> str:
    """A part of the whole in words."""
    return f"{100 * part:.1f} %"


def ring_board(seed: int | str = 1, *, nodes: int = 4, points: int = 4, copies: int = 1) -> RingBoard:
    """A ring of so many ``nodes`` with so many ``points`` each, and ``copies`` of keys that ``seed`` names.

    Raises ValueError for more copies than nodes.
    """
    ring = HashRing(NODES[:nodes], vnodes=points)
    ring.check_count(copies)
    return RingBoard(ring, copies, f"user {seed}:")


WEIGHT = Number(0.25, MOST_WEIGHT, 0.25, help="Twice the weight, twice the keys.")
LAB = BoardLab(
    "partitioning/hash_ring",
    ring_board,
    title="A ring to change by hand",
    caption=f"Ann, bob, cyd and dan have 4 points each, and share {KEYS:,} keys. Eve joins: the arcs that are lit in "
    "the outer ring are hers now, in the colours of those who had them.",
    opening=[("add", ["eve"])],
    asks={
        "add": {"weight": WEIGHT},
        "weigh": {"weight": WEIGHT},
        "set_points": {"points": Whole(1, MOST_VNODES, help="More of them make it more even.")},
        "set_copies": {"copies": Whole(1, MOST_NODES, help="At most as many as there are nodes.")},
    },
    parameters={
        "nodes": Whole(1, len(NODES), help="How many nodes there are at first."),
        "points": Whole(1, MOST_VNODES, help="Points of each of them."),
        "copies": Whole(1, len(NODES), help="Copies of each key, at most one a node."),
    },
)
