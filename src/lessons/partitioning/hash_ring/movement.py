"""The plan of a change: which parts of the circle are copied from whom to whom, and who may then forget them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lessons.partitioning.hash_ring.ring import HashRing

Holders = frozenset[str]


@dataclass(frozen=True, order=True)
class Arc:
    """The places after ``start`` up to and with ``end``, clockwise; where both are the same, the whole circle."""

    start: int
    end: int

    def __contains__(self, place: int) -> bool:
        if self.start < self.end:
            return self.start < place <= self.end
        return place > self.start or place <= self.end

    def length(self, circle: int) -> int:
        """How many of the ``circle`` places it has."""
        return (self.end - self.start) % circle or circle


@dataclass(frozen=True, order=True)
class Copy:
    """``target`` gets all keys of ``arc`` from ``source``."""

    arc: Arc
    source: str
    target: str


@dataclass(frozen=True, order=True)
class Drop:
    """``node`` forgets all keys of ``arc``."""

    arc: Arc
    node: str


class WrongPlan(ValueError):
    """A plan was applied to a layout that it was not made for; nothing was changed."""


class Layout:
    """Which nodes hold which arc: ``ends`` are the last places of the arcs, in order, ``holders`` go with them.

    Neighbours differ, so two layouts are equal just when each place has the same holders in both.
    """

    def __init__(self, circle: int, ends: Sequence[int], holders: Sequence[Holders]) -> None:
        self.circle = circle
        following = [*holders[1:], holders[0]]
        kept = [at for at, (own, other) in enumerate(zip(holders, following, strict=True)) if own != other]
        kept = kept or [0]  # the same nodes hold everything
        self.ends = [ends[at] for at in kept] if len(kept) > 1 else [circle - 1]
        self.holders = [holders[at] for at in kept]

    @classmethod
    def of(cls, ring: HashRing, copies: int = 1) -> Layout:
        """Who holds what under ``ring``, with so many copies of each key. Raises ValueError as ``replicas``."""
        ring.check_count(copies)
        firsts = {place: number for number, place in reversed(list(enumerate(ring.places)))}
        ends = sorted(firsts)
        return cls(ring.circle, ends, [frozenset(ring.spread(ring.walk(firsts[end]), copies)) for end in ends])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layout):
            return NotImplemented
        return (self.circle, self.ends, self.holders) == (other.circle, other.ends, other.holders)

    __hash__ = None  # type: ignore[assignment]

    def at(self, place: int) -> Holders:
        """The nodes that hold the keys at ``place``."""
        return self.holders[bisect_left(self.ends, place) % len(self.ends)]


@dataclass(frozen=True)
class Plan:
    """What to do for a change of the ring: first all ``copies``, then all ``drops``.

    In this order no key has fewer copies than it had, at any moment.
    """

    circle: int
    copies: tuple[Copy, ...]
    drops: tuple[Drop, ...]

    def apply(self, layout: Layout) -> Layout:
        """Who holds what when the plan is carried out. Raises WrongPlan where a source does not hold its arc."""
        if layout.circle != self.circle:
            raise WrongPlan(f"the layout is of a circle of {layout.circle} places, the plan of one of {self.circle}")
        arcs = [copy.arc for copy in self.copies] + [drop.arc for drop in self.drops]
        cuts = sorted({*layout.ends, *(arc.start for arc in arcs), *(arc.end for arc in arcs)})
        held = [set(layout.at(cut)) for cut in cuts]
        number = {cut: at for at, cut in enumerate(cuts)}

        def pieces(arc: Arc) -> Iterator[set[str]]:
            first, many = number[arc.start] + 1, (number[arc.end] - number[arc.start]) % len(cuts) or len(cuts)
            return (held[at % len(cuts)] for at in range(first, first + many))

        for copy in self.copies:
            for piece in pieces(copy.arc):
                _must_hold(copy.source, piece, copy)
                piece.add(copy.target)
        for drop in self.drops:
            for piece in pieces(drop.arc):
                _must_hold(drop.node, piece, drop)
                piece.remove(drop.node)
        return Layout(self.circle, cuts, [frozenset(piece) for piece in held])

    def flows(self) -> dict[tuple[str, str], float]:
        """Who sends how much to whom: the part of the circle by source and target, the largest first."""
        lengths: Counter[tuple[str, str]] = Counter()
        for copy in self.copies:
            lengths[copy.source, copy.target] += copy.arc.length(self.circle)
        return {pair: length / self.circle for pair, length in lengths.most_common()}

    @property
    def moved(self) -> float:
        """How much is copied, in circles: 0.1 is a tenth of all keys once."""
        return sum(copy.arc.length(self.circle) for copy in self.copies) / self.circle


def _must_hold(node: str, holders: set[str], step: Copy | Drop) -> None:
    if node not in holders:
        raise WrongPlan(f"{step} cannot be done: {node!r} does not hold all of it, but {sorted(holders)} do")


def plan(before: HashRing, after: HashRing, copies: int = 1) -> Plan:
    """How to come from ``before`` to ``after`` with so many copies of each key, copying nothing without need.

    A copy comes from a node that keeps the arc, if there is one: then the one that leaves may be dead. Raises
    ValueError for rings on different circles, and as ``replicas`` for too many copies.
    """
    old, new = Layout.of(before, copies), Layout.of(after, copies)
    if old.circle != new.circle:
        raise ValueError(f"before has a circle of {old.circle} places, after one of {new.circle}: no plan can help")
    made: list[Copy] = []
    dropped: list[Drop] = []
    for arc, was, becomes in _changes(old, new):
        sources = sorted(was & becomes or was)
        source = sources[arc.end % len(sources)]  # all of them in turn, so that no one sends everything
        made += [Copy(arc, source, target) for target in sorted(becomes - was)]
        dropped += [Drop(arc, node) for node in sorted(was - becomes)]
    return Plan(old.circle, tuple(made), tuple(dropped))


def _changes(old: Layout, new: Layout) -> Iterator[tuple[Arc, Holders, Holders]]:
    """Each arc with one set of holders in ``old`` and another in ``new``."""
    ends = sorted({*old.ends, *new.ends})
    for number, end in enumerate(ends):
        was, becomes = old.at(end), new.at(end)
        if was != becomes:
            yield Arc(ends[number - 1], end), was, becomes
