"""Say what a newcomer takes, and from whom.

A ring is a list of `(place, node)`, sorted by place. An arc `(start, end)` has the places after `start` up to and with
`end`; if `start` is not less than `end` it goes round the end of the circle. It belongs to the node whose point is at
its end.

Write `taken(points, newcomer)`: `points` are those of the ring as it was, of any number of nodes, and `newcomer` the
places of the points of a node that joins. Return what moves as a list of `(start, end, source)`: arcs that do not
overlap, each with the node that it is taken from. No place of the newcomer is that of another point.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from lessons.partitioning.hash_ring import Arc, HashRing

LEVEL = 3
MINUTES = 40
HINTS = [
    "Put all the points on one circle. The arc that ends at a point of the newcomer begins at the point before it, "
    "whoever that one belongs to.",
    "Whom was it taken from? From the first old point at or after the end of the arc. `bisect_left` finds it in the "
    "old points; its result modulo their number goes round.",
    "The point before number 0 is number -1: Python goes round by itself there.",
]

Points = Sequence[tuple[int, str]]
Taken = list[tuple[int, int, str]]


def taken(points: Points, newcomer: Sequence[int]) -> Taken: ...


def arcs(points: Points, newcomer: Sequence[int]) -> Taken:
    old = [place for place, _ in points]
    borders = sorted([*old, *newcomer])
    return [
        (borders[borders.index(end) - 1], end, points[bisect_left(old, end) % len(old)][1]) for end in sorted(newcomer)
    ]


def behind_its_points(points: Points, newcomer: Sequence[int]) -> Taken:
    old = [place for place, _ in points]
    borders = sorted([*old, *newcomer])
    following = {place: borders[(number + 1) % len(borders)] for number, place in enumerate(borders)}
    return [(place, following[place], points[bisect_left(old, place) % len(old)][1]) for place in newcomer]


def from_the_point_before(points: Points, newcomer: Sequence[int]) -> Taken:
    old = [place for place, _ in points]
    return [(start, end, points[bisect_left(old, end) - 1][1]) for start, end, _ in arcs(points, newcomer)]


def up_to_the_old_points(points: Points, newcomer: Sequence[int]) -> Taken:
    old = [place for place, _ in points]
    return [(old[bisect_left(old, end) - 1], end, source) for _, end, source in arcs(points, newcomer)]


def not_round(points: Points, newcomer: Sequence[int]) -> Taken:
    return [(start, end, source) for start, end, source in arcs(points, newcomer) if start < end]


stub = taken
solution = arcs
BUGS = {
    "takes what is behind its points": behind_its_points,
    "takes from the one before": from_the_point_before,
    "takes a part twice where two of its points are neighbours": up_to_the_old_points,
    "forgets the arc that goes round": not_round,
}

OLD = [(10, "ann"), (20, "bob"), (30, "cyd")]


def samples(attempt: Callable[[Points, Sequence[int]], Taken]) -> Iterator[Callable[[], None]]:
    def expect(newcomer: list[int], right: Taken) -> None:
        got = attempt(list(OLD), newcomer)
        assert sorted(got) == sorted(right), f"taken({OLD}, {newcomer}) is {got}, not {right}"

    def one_point_takes_the_arc_in_front_of_it() -> None:
        expect([15], [(10, 15, "bob")])

    def two_neighbours_share_an_arc() -> None:
        expect([13, 17], [(10, 13, "bob"), (13, 17, "bob")])

    def before_the_first_point_and_behind_the_last_the_circle_goes_round() -> None:
        expect([5], [(30, 5, "ann")])
        expect([40], [(30, 40, "ann")])

    def it_is_just_what_moves_on_a_large_ring() -> None:
        before = HashRing([f"n{number}" for number in range(6)], vnodes=8)
        after = before.with_node("new")
        points = list(zip(before.places, before.holders, strict=False))
        got = [(Arc(start, end), source) for start, end, source in attempt(points, list(after.points_of("new")))]
        for key in map(str, range(1000)):
            sources = [source for arc, source in got if before.hash(key) in arc]
            right = [before.owner(key)] if after.owner(key) == "new" else []
            assert sources == right, f"key {key} is taken from {sources}, not from {right}"

    return iter(
        [
            one_point_takes_the_arc_in_front_of_it,
            two_neighbours_share_an_arc,
            before_the_first_point_and_behind_the_last_the_circle_goes_round,
            it_is_just_what_moves_on_a_large_ring,
        ]
    )
