"""Merge without tombstones.

A set keeps each of its elements under the dot of the addition, and a context with all dots that it has ever seen. A dot
that is in the context and has no entry was removed.

Write `join`: it gets the entries and the context of two sets and returns the entries of the merged set. `mine` and
`theirs` are dictionaries from dots to elements; `dot in seen` says whether a context has a dot. What both have stays.
What only one of them has stays if the other has never seen it; if it has, it has removed it. Change nothing that you
are given.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from lessons.replication.crdts import Context, ORSet

LEVEL = 1
MINUTES = 20
HINTS = [
    "Go through the dots of `mine`: which of them stay? Then the same for `theirs`, the other way round.",
    "Of `mine` stays `dot` if `dot in theirs or dot not in their_seen`. The rest is symmetry.",
]

Entries = Mapping[tuple[str, int], str]


def join(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries: ...


def joined(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    kept = {dot: element for dot, element in mine.items() if dot in theirs or dot not in their_seen}
    new = {dot: element for dot, element in theirs.items() if dot in mine or dot not in seen}
    return {**kept, **new}


def union(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    return {**mine, **theirs}


def intersection(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    return {dot: element for dot, element in mine.items() if dot in theirs}


def one_sided(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    return {**mine, **{dot: element for dot, element in theirs.items() if dot not in seen}}


def by_element(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    gone = {element for dot, element in mine.items() if dot in their_seen and dot not in theirs}
    both = joined(mine, seen, theirs, their_seen)
    return {dot: element for dot, element in both.items() if element not in gone}


def in_place(mine: Entries, seen: Context, theirs: Entries, their_seen: Context) -> Entries:
    both = joined(mine, seen, theirs, their_seen)
    mine.clear()
    mine.update(both)
    return mine


stub = join
solution = joined
BUGS = {
    "brings back what was removed": union,
    "loses what is new": intersection,
    "takes in news and hears of no removal": one_sided,
    "removes an element that was added at the same time": by_element,
    "changes what it was given": in_place,
}


def samples(attempt: Callable[[Entries, Context, Entries, Context], Entries]) -> Iterator[Callable[[], None]]:
    def merged(here: ORSet, there: ORSet) -> set[str]:
        return set(attempt(here.entries, here.context, there.entries, there.context).values())

    def what_is_new_on_either_side_is_taken_in() -> None:
        here, there = ORSet(), ORSet()
        here.add("ann", "milk")
        there.add("bob", "tea")
        assert merged(here, there) == {"milk", "tea"}, f"milk and tea were added, and {merged(here, there)} is left"

    def what_one_side_has_removed_is_gone() -> None:
        here, there = ORSet(), ORSet()
        here.add("ann", "milk")
        there.merge(here)
        there.remove("milk")
        for one, other in ((here, there), (there, here)):
            assert merged(one, other) == set(), f"milk was removed, and {merged(one, other)} is left"

    def an_addition_beside_a_removal_wins() -> None:
        here, there = ORSet(), ORSet()
        here.add("ann", "milk")
        there.merge(here)
        here.remove("milk")
        there.add("bob", "milk")
        for one, other in ((here, there), (there, here)):
            assert merged(one, other) == {"milk"}, "milk was removed and added at the same time: it must stay"

    def of_500_random_histories_each_comes_out_right() -> None:
        for seed in range(500):
            rng = Random(seed)
            states = {name: ORSet() for name in ("ann", "bob")}
            for _ in range(12):
                name = rng.choice(["ann", "bob"])
                element = rng.choice("abc")
                if rng.random() < 0.25:
                    states[name].merge(states["bob" if name == "ann" else "ann"])
                elif element in states[name] and rng.random() < 0.5:
                    states[name].remove(element)
                else:
                    states[name].add(name, element)
            here, there = states["ann"], states["bob"]
            right = here.copy()
            right.merge(there)
            got = dict(attempt(here.entries, here.context, there.entries, there.context))
            assert got == right.entries, f"with seed {seed} the entries are {got}, and must be {right.entries}"

    def nothing_that_is_given_is_changed() -> None:
        here, there = ORSet(), ORSet()
        here.add("ann", "milk")
        there.add("bob", "tea")
        before = here.copy(), there.copy()
        attempt(here.entries, here.context, there.entries, there.context)
        assert (here, there) == before, "the entries or the contexts that were given have changed"

    return iter(
        [
            what_is_new_on_either_side_is_taken_in,
            what_one_side_has_removed_is_gone,
            an_addition_beside_a_removal_wins,
            of_500_random_histories_each_comes_out_right,
            nothing_that_is_given_is_changed,
        ]
    )
