"""The pictures of the chapter: the ring to play with, and the walk of a key's copies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from lessons.partitioning.hash_ring.hashing import CIRCLE, Key, blake
from lessons.partitioning.hash_ring.movement import Layout, Plan
from lessons.partitioning.hash_ring.placement import Member
from lessons.partitioning.hash_ring.ring import HashRing
from lessons.viz.markup import escape, folded, image
from lessons.viz.ring import Choices, RingState, RingView
from lessons.viz.ring_picture import Load, RingPicture, Stop, ring_picture
from lessons.viz.table import Table, table

KEYS, SHOWN = 10_000, 48  # keys that are counted, and those of them that are drawn
IN_THE_PAGE = Choices(("ann", "bob", "cyd", "dan", "eve"), weights=(1, 2), vnodes=(1, 4, 16, 64))
WITH_A_KERNEL = Choices(
    (*IN_THE_PAGE.nodes, "fay", "gil", "hal"), weights=(1, 2, 3, 4), vnodes=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)


@lru_cache(4)
def hashes(prefix: str = "user:") -> list[int]:
    """The hashes of the keys, which begin with ``prefix``, in order."""
    return sorted(blake(f"{prefix}{number}") for number in range(KEYS))


def loads(ring: HashRing, copies: int = 1, prefix: str = "user:") -> dict[str, int]:
    """How many of the keys each node has, of each of which there are so many ``copies``."""
    layout = Layout.of(ring, copies)
    passed = [bisect_right(hashes(prefix), end) for end in layout.ends]
    counts = Counter(dict.fromkeys(ring.members, 0))
    for holders, upto, before in zip(layout.holders, passed, [passed[-1] - KEYS, *passed], strict=False):
        counts.update(dict.fromkeys(holders, upto - before))
    return dict(counts)


def state(weights: Mapping[str, int], vnodes: int) -> RingState:
    """The ring of these nodes, for the picture."""
    ring = HashRing([Member(name, weight) for name, weight in weights.items()], vnodes)
    return RingState(points_of(ring), loads(ring))


def ring_view() -> RingView:
    """Five nodes on a circle, four of them there at the beginning."""
    return RingView(
        state,
        IN_THE_PAGE,
        ((1, 1, 1, 1, 0), 4),
        title="Who moves when a node joins",
        caption=f"Four nodes with 4 points each share {KEYS:,} keys. Add eve: the arcs in front of her points become "
        "hers, and no other key moves. With 1 point a node she takes all of them from one neighbour; with 64 she "
        "takes a little from everybody.",
        id="ring",
        sample=[place / CIRCLE for place in hashes()[:: KEYS // SHOWN]],
        live=WITH_A_KERNEL,
    )


def walk_picture(ring: HashRing, key: Key, count: int, caption: str) -> RingPicture:
    """How ``ring`` finds ``count`` copies of ``key``: clockwise, with a dot where one stays, else a cross."""
    stops = list(walk(ring, key, count))
    picture = ring_picture(points_of(ring), ring.hash(key) / CIRCLE, stops)
    return RingPicture(picture, walk_in_words(key, stops), caption)


def points_of(ring: HashRing) -> dict[str, list[float]]:
    """The points of each node, as parts of the circle."""
    return {name: [place / CIRCLE for place in ring.points_of(name)] for name in ring.members}


def walk_in_words(key: Key, stops: Sequence[Stop]) -> str:
    """What a walk comes by."""
    said = ", ".join(f"{stop.label}: {'a copy' if stop.taken else 'none'}" for stop in stops)
    return f"The points that a walk clockwise from the key {key!r} comes by. {said}."


def walk(ring: HashRing, key: Key, count: int) -> Iterator[Stop]:
    """The points from ``key`` on, at least ``count``, up to the one where the last copy stays."""
    left = ring.replicas(key, count)
    start = bisect_left(ring.places, ring.hash(key))
    for step in range(len(ring.places)):
        if step >= count and not left:
            return
        name = ring.holders[(start + step) % len(ring.places)]
        taken = name in left
        if taken:
            left.remove(name)
        yield Stop(ring.places[(start + step) % len(ring.places)] / CIRCLE, name, taken)


class BoardPicture:
    """A ring as a board shows it: the circle, the loads, and what the last step has moved.

    ``said`` says what that step was. ``colours`` are all nodes that ever were there, so that each keeps its colour.
    """

    def __init__(
        self,
        ring: HashRing,
        copies: int,
        said: str,
        colours: Sequence[str],
        work: Plan | None,
        key: Key | None,
        stops: Sequence[Stop],
        prefix: str,
    ) -> None:
        self.ring, self.copies, self.said, self.colours = ring, copies, said, colours
        self.work, self.key, self.stops = work, key, stops
        self.loads = loads(ring, copies, prefix)

    def svg(self) -> str:
        """The circle, what is lit around it, and bars for the loads."""
        here = points_of(self.ring)
        most = max(self.loads.values())
        bars = {name: Load(load / most, self.load_in_words(name)) for name, load in self.loads.items()}
        return ring_picture(
            {name: here.get(name, ()) for name in self.colours},
            None if self.key is None else self.ring.hash(self.key) / CIRCLE,
            self.stops,
            lit=self.lit(),
            loads=bars,
        )

    def lit(self) -> list[tuple[str, float, float]]:
        """The arcs that go from one node to another, with the name of the one that gives."""
        copies = self.work.copies if self.work else ()
        arcs = [(copy.source, copy.arc.start / CIRCLE, copy.arc.end / CIRCLE) for copy in copies]
        return [(source, start, end if end > start else end + 1.0) for source, start, end in arcs]

    def load_in_words(self, name: str) -> str:
        """How many keys a node has, and how that compares with its share."""
        return f"{self.loads[name]:,} keys, {self.relative(name):.2f} of its share"

    def relative(self, name: str) -> float:
        """The load of a node, divided by what its weight says."""
        return self.loads[name] / (KEYS * self.copies * self.ring.share(name))

    @property
    def numbers(self) -> Table:
        """The same in numbers."""
        rows = [
            [name, member.weight, member.zone or "", self.ring.count_of(name), self.loads[name], self.relative(name)]
            for name, member in self.ring.members.items()
        ]
        columns = ["node", "weight", "zone", "points", "keys", "of its share"]
        return table(rows, f"Nodes; copies of each of {KEYS:,} keys: {self.copies}", columns)

    @property
    def alt(self) -> str:
        """What the picture shows, for a reader who can't see it."""
        walked = "" if self.key is None else walk_in_words(self.key, self.stops)
        shares = ", ".join(f"{name} has {self.load_in_words(name)}" for name in self.ring.members)
        return f"A circle cut into arcs, each of which belongs to a node: {shares}. {walked}".rstrip()

    def html(self) -> str:
        """The step in words, the picture, and the numbers, folded."""
        shown = image(self.svg().encode(), "image/svg+xml", self.alt)
        picture = f'<figure class="lesson-diagram lesson-narrow">{shown}</figure>'
        return f"<p>{escape(self.said)}</p>\n{picture}\n{folded('The same in numbers', self.numbers.html())}"

    def text(self) -> str:
        """The step in words, and the numbers."""
        return f"{self.said}\n\n{self.numbers.text()}"
