"""Walk to the copies.

A ring is a list of `(place, node)`, sorted by place. The copies of a key are on the nodes that a walk clockwise from
the key's own place comes by.

Write `walk(points, place, count)`: it returns `count` different nodes, in the order in which the walk meets them. The
first point is the one at `place`, or the next one after it; behind the last point of the list the walk goes on with the
first. If there are fewer than `count` nodes on the ring it raises ValueError.
"""

from collections.abc import Callable, Iterator

from lessons.partitioning.hash_ring import HashRing

LEVEL = 1
MINUTES = 15
HINTS = [
    "`bisect_left([place for place, _ in points], place)` is the number of the first point.",
    "Go through `range(first, first + len(points))`, take the number modulo `len(points)`, and keep a node that you do "
    "not have yet. If the loop ends before you have `count`, there were too few.",
]

Points = list[tuple[int, str]]


def walk(points: Points, place: int, count: int) -> list[str]: ...


def walked(points: Points, place: int, count: int) -> list[str]:
    first = next((number for number, (at, _) in enumerate(points) if at >= place), 0)
    chosen: list[str] = []
    for _, node in points[first:] + points[:first]:
        if node not in chosen:
            chosen.append(node)
        if len(chosen) == count:
            return chosen
    raise ValueError(f"count is {count}: there are {len(chosen)} nodes")


def next_points(points: Points, place: int, count: int) -> list[str]:
    first = next((number for number, (at, _) in enumerate(points) if at >= place), 0)
    names = [node for _, node in points]
    return list(dict.fromkeys((names + names)[first : first + count]))


def stops_at_the_end(points: Points, place: int, count: int) -> list[str]:
    return walked([point for point in points if point[0] >= place] or points, place, count)


def after_the_place(points: Points, place: int, count: int) -> list[str]:
    return walked(points, place + 1, count)


def as_many_as_there_are(points: Points, place: int, count: int) -> list[str]:
    return walked(points, place, min(count, len({node for _, node in points})))


stub = walk
solution = walked
BUGS = {
    "takes the next points, whoever they belong to": next_points,
    "does not go round": stops_at_the_end,
    "begins behind a point at its own place": after_the_place,
    "returns fewer without a word": as_many_as_there_are,
}

SMALL = [(10, "ann"), (20, "ann"), (30, "bob"), (40, "ann"), (50, "cyd")]


def samples(attempt: Callable[[Points, int, int], list[str]]) -> Iterator[Callable[[], None]]:
    def expect(place: int, count: int, nodes: list[str]) -> None:
        got = attempt(list(SMALL), place, count)
        assert got == nodes, f"walk({SMALL}, {place}, {count}) is {got}, not {nodes}"

    def two_points_of_a_node_are_one_machine() -> None:
        expect(5, 2, ["ann", "bob"])
        expect(5, 3, ["ann", "bob", "cyd"])

    def a_point_at_the_place_itself_counts() -> None:
        expect(30, 1, ["bob"])

    def behind_the_last_point_the_circle_begins_again() -> None:
        expect(45, 3, ["cyd", "ann", "bob"])
        expect(51, 2, ["ann", "bob"])

    def too_few_nodes_are_an_error() -> None:
        try:
            got = attempt(list(SMALL), 5, 4)
        except ValueError:
            return
        raise AssertionError(f"there are 3 nodes, and 4 copies were asked for: no ValueError, but {got}")

    def on_a_large_ring_the_copies_are_those_of_the_chapter() -> None:
        ring = HashRing([f"n{number}" for number in range(5)], vnodes=20)
        points = list(zip(ring.places, ring.holders, strict=False))
        for key in map(str, range(200)):
            got, right = attempt(points, ring.hash(key), 3), ring.replicas(key, 3)
            assert got == right, f"key {key} has its copies on {got}, not on {right}"

    return iter(
        [
            two_points_of_a_node_are_one_machine,
            a_point_at_the_place_itself_counts,
            behind_the_last_point_the_circle_begins_again,
            too_few_nodes_are_an_error,
            on_a_large_ring_the_copies_are_those_of_the_chapter,
        ]
    )
