"""Measure how even it is.

Theory says that the loads of nodes with v points each on a ring deviate from their mean by about 1 / sqrt(v) times the
mean. To check that you need the number itself, and it is easily measured wrongly.

Write `deviation(weights, owners)`: `weights` has the weight of every node by name, `owners` the node of each key.
Divide each node's number of keys by the number that its weight entitles it to, and return the standard deviation of
these quotients around 1: the root of the mean of their squared distances from 1. If all is even it is 0.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, pstdev

from lessons.partitioning.hash_ring import HashRing, Member, ring_deviation

LEVEL = 2
MINUTES = 20
HINTS = [
    "A node without any key is in `weights` and not in `owners`. Its quotient is 0.",
    "A node of weight w is entitled to `len(owners) * w / sum(weights.values())` keys.",
]

Deviation = Callable[[Mapping[str, float], Sequence[str]], float]


def deviation(weights: Mapping[str, float], owners: Sequence[str]) -> float: ...


def measured(weights: Mapping[str, float], owners: Sequence[str]) -> float:
    loads, unit = Counter(owners), len(owners) / sum(weights.values())
    return sqrt(fmean((loads[name] / (unit * weight) - 1) ** 2 for name, weight in weights.items()))


def without_the_empty(weights: Mapping[str, float], owners: Sequence[str]) -> float:
    there = {name: weight for name, weight in weights.items() if name in owners}
    return measured(there, owners)


def without_weights(weights: Mapping[str, float], owners: Sequence[str]) -> float:
    return measured(dict.fromkeys(weights, 1.0), owners)


def in_keys(weights: Mapping[str, float], owners: Sequence[str]) -> float:
    loads = Counter(owners)
    return pstdev(loads[name] for name in weights)


stub = deviation
solution = measured
BUGS = {
    "leaves out nodes without keys": without_the_empty,
    "does not know weights": without_weights,
    "counts in keys, not in shares": in_keys,
}


def _near(what: str, got: float, expected: float, by: float = 1e-9) -> None:
    assert abs(got - expected) <= by, f"{what}: {got:.4g}, not {expected:.4g}"


def samples(attempt: Deviation) -> Iterator[Callable[[], None]]:
    def two_nodes_by_hand() -> None:
        _near("3 keys and 1 key of 4", attempt({"a": 1, "b": 1}, ["a", "a", "b", "a"]), 0.5)
        _near("2 keys each", attempt({"a": 1, "b": 1}, ["a", "b", "b", "a"]), 0.0)

    def a_node_without_a_key_counts() -> None:
        _near("2 keys on one of 2 nodes", attempt({"a": 1, "b": 1}, ["a", "a"]), 1.0)

    def three_times_the_weight_is_entitled_to_three_times_the_keys() -> None:
        _near("3 keys and 1 key, as their weights say", attempt({"a": 3, "b": 1}, ["a", "a", "b", "a"]), 0.0)
        _near("2 keys each, at weights 3 and 1", attempt({"a": 3, "b": 1}, ["a", "b", "b", "a"]), sqrt(5) / 3)

    def rings_deviate_as_theory_says() -> None:
        for vnodes in (4, 36):
            found = fmean(_of_a_ring(attempt, f"c{cluster}", vnodes) for cluster in range(30))
            _near(f"mean of 30 rings with {vnodes} points", found, ring_deviation(10, vnodes, 2000), 0.05)

    return iter(
        [
            two_nodes_by_hand,
            a_node_without_a_key_counts,
            three_times_the_weight_is_entitled_to_three_times_the_keys,
            rings_deviate_as_theory_says,
        ]
    )


def _of_a_ring(attempt: Deviation, cluster: str, vnodes: int) -> float:
    ring = HashRing([Member(f"{cluster}-{number}") for number in range(10)], vnodes)
    return attempt(dict.fromkeys(ring.members, 1.0), ring.owners([f"user:{number}" for number in range(2000)]))
