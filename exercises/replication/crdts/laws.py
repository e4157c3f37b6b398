"""Find the broken law.

A merge makes replicas agree if it is commutative, associative and idempotent. Colleagues have written merges, and some
of them are wrong.

Write `broken_law(merge, states)`: it tries `merge`, a function of two states that returns a third, on all of `states`,
and returns "idempotent", "commutative" or "associative", the name of a law that some of these states break, or None if
there is none. Look for them in this order. A merge does not change what it is given; states can be compared with `==`.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from typing import Any

LEVEL = 2
MINUTES = 20
HINTS = [
    "Each law is an equation for all states: one, two or three of them. `itertools.product` gives all pairs and "
    "triples.",
    "Associative: `merge(merge(a, b), c) == merge(a, merge(b, c))` for all triples, also those in which a state comes "
    "twice.",
]

Merge = Callable[[Any, Any], Any]


def broken_law(merge: Merge, states: Sequence[Any]) -> str | None: ...


def first_broken(merge: Merge, states: Sequence[Any]) -> str | None:
    if any(merge(a, a) != a for a in states):
        return "idempotent"
    if any(merge(a, b) != merge(b, a) for a, b in product(states, repeat=2)):
        return "commutative"
    if any(merge(merge(a, b), c) != merge(a, merge(b, c)) for a, b, c in product(states, repeat=3)):
        return "associative"
    return None


def two_laws(merge: Merge, states: Sequence[Any]) -> str | None:
    found = first_broken(merge, states)
    return None if found == "associative" else found


def neighbours(merge: Merge, states: Sequence[Any]) -> str | None:
    if any(merge(a, a) != a for a in states):
        return "idempotent"
    if any(merge(a, b) != merge(b, a) for a, b in pairwise(states)):
        return "commutative"
    if any(
        merge(merge(a, b), c) != merge(a, merge(b, c)) for a, b, c in zip(states, states[1:], states[2:], strict=False)
    ):
        return "associative"
    return None


def one_state(merge: Merge, states: Sequence[Any]) -> str | None:
    found = first_broken(merge, states[:1])
    return found or first_broken(merge, states[-3:])


def suspicious(merge: Merge, states: Sequence[Any]) -> str | None:
    if any(merge(a, b) not in states for a, b in product(states, repeat=2)):
        return "associative"
    return first_broken(merge, states)


stub = broken_law
solution = first_broken
BUGS = {
    "leaves out triples": two_laws,
    "looks at neighbours alone": neighbours,
    "looks at a few states": one_state,
    "takes a new state for a broken law": suspicious,
}


def later(mine: tuple[int, str], theirs: tuple[int, str]) -> tuple[int, str]:
    """The later write; of two at the same time, mine."""
    return theirs if theirs[0] > mine[0] else mine


def beats(mine: str, theirs: str) -> str:
    """Stone, paper, scissors."""
    return theirs if (mine, theirs) in {("stone", "paper"), ("paper", "scissors"), ("scissors", "stone")} else mine


def samples(attempt: Callable[[Merge, Sequence[Any]], str | None]) -> Iterator[Callable[[], None]]:
    def finds(expected: str | None, merge: Merge, states: Sequence[Any], what: str) -> None:
        got = attempt(merge, states)
        assert got == expected, f"{what}: the answer is {got!r}, and must be {expected!r}"

    def good_merges_are_left_alone() -> None:
        finds(None, max, [3, 1, 2], "the larger of two numbers")
        finds(None, lambda a, b: a | b, [frozenset("a"), frozenset("b"), frozenset("bc")], "the union of two sets")
        finds(None, lambda a, b: tuple(map(max, a, b)), [(1, 0), (0, 1), (2, 2)], "the larger of each slot")

    def adding_up_is_not_idempotent() -> None:
        finds("idempotent", lambda a, b: a + b, [0, 0, 7, 0], "the sum of two counters")

    def a_tie_that_everybody_wins_is_not_commutative() -> None:
        states = [(1, "tea"), (2, "milk"), (3, "jam"), (1, "bread")]
        finds("commutative", later, states, "the later write, of two at the same time the own one")

    def an_average_is_not_associative() -> None:
        finds("associative", lambda a, b: (a + b) / 2, [0.0, 8.0, 8.0, 8.0, 4.0], "the average of two numbers")

    def a_circle_is_not_associative() -> None:
        finds("associative", beats, ["stone", "stone", "paper", "paper", "scissors"], "stone, paper, scissors")

    return iter(
        [
            good_merges_are_left_alone,
            adding_up_is_not_idempotent,
            a_tie_that_everybody_wins_is_not_commutative,
            an_average_is_not_associative,
            a_circle_is_not_associative,
        ]
    )
