"""Write the law that tells them apart.

A colleague has 7 placements. When a node joins or leaves, 4 of them move keys between nodes that were there before and
are there still, though some of them move only a few. Write one law that these 4 break and the other 3 keep.

It is a function of the placement `before` a change, the one `after` it, and some `keys`. A placement has `members`, a
mapping by name, and `owner(key)`. Return None while all is well, else a text that names a key that moved wrongly.
"""

from collections.abc import Callable, Iterator, Sequence

from lessons.partitioning.hash_ring import HashRing, Jump, KetamaRing, Maglev, Member, Modulo, Placement, Rendezvous
from lessons.partitioning.hash_ring.drafts import PrefixRing

LEVEL = 2
MINUTES = 20
HINTS = [
    "A key that is elsewhere now had to move if its old owner has left. Where may it go if that one is still there?",
    "A move is wrong if its old owner is in `after.members` and its new owner in `before.members`.",
]

Law = Callable[[Placement, Placement, Sequence[str]], str | None]


def law(before: Placement, after: Placement, keys: Sequence[str]) -> str | None: ...


def only_with_a_reason(before: Placement, after: Placement, keys: Sequence[str]) -> str | None:
    for key in keys:
        old, new = before.owner(key), after.owner(key)
        if old != new and old in after.members and new in before.members:
            return f"{key} moves from {old} to {new}, and both were there all the time"
    return None


def few_enough(before: Placement, after: Placement, keys: Sequence[str]) -> str | None:
    moved = sum(before.owner(key) != after.owner(key) for key in keys)
    return f"{moved} of {len(keys)} keys move, far too many" if moved > 2 * len(keys) / len(after.members) else None


def nothing_moves(before: Placement, after: Placement, keys: Sequence[str]) -> str | None:
    moved = [key for key in keys if before.owner(key) != after.owner(key)]
    return f"{moved[0]} moves, and should not" if moved else None


def only_to_the_newcomer(before: Placement, after: Placement, keys: Sequence[str]) -> str | None:
    for key in keys:
        if before.owner(key) != after.owner(key) and after.owner(key) in before.members:
            return f"{key} moves to {after.owner(key)}, who is not new"
    return None


stub = law
solution = only_with_a_reason
BUGS = {
    "counts, and lets a few pass": few_enough,
    "too strict: nothing may move": nothing_moves,
    "forgets that nodes leave": only_to_the_newcomer,
}

TEN = [f"n{number}" for number in range(10)]
KEYS = [f"user:{number}" for number in range(500)]
UNEQUAL = [Member(name, 1 + number % 3) for number, name in enumerate(TEN)]


def samples(attempt: Law) -> Iterator[Callable[[], None]]:
    def keeps(before: Placement, after: Placement, change: str) -> None:
        said = attempt(before, after, KEYS)
        assert said is None, f"nothing is wrong when {change} in {type(before).__name__}, but the law says: {said}"

    def breaks(before: Placement, after: Placement) -> None:
        said = attempt(before, after, KEYS)
        assert said is not None, f"{type(before).__name__} moves keys between old nodes, and the law does not say so"

    def a_ring_and_rendezvous_keep_it_when_a_node_joins() -> None:
        for kind in (HashRing, Rendezvous, Jump):
            keeps(kind(TEN), kind(TEN).with_node("new"), "a node joins")

    def they_keep_it_when_a_node_leaves_or_nothing_happens() -> None:
        for kind in (HashRing, Rendezvous):
            keeps(kind(TEN), kind(TEN).without("n4"), "a node leaves")
            keeps(kind(TEN), kind(TEN), "nothing changes")

    def modulo_breaks_it() -> None:
        breaks(Modulo(TEN), Modulo(TEN).with_node("new"))

    def a_table_that_moves_a_few_keys_too_many_breaks_it() -> None:
        breaks(Maglev(TEN, 1009), Maglev(TEN, 1009).with_node("new"))

    def points_that_depend_on_all_the_weights_break_it() -> None:
        breaks(KetamaRing(UNEQUAL), KetamaRing(UNEQUAL).with_node("new", 3))

    def points_that_are_lost_in_a_leave_break_it() -> None:
        draft = PrefixRing(TEN, 40, digits=3)
        breaks(draft, draft.without("n4"))

    return iter(
        [
            a_ring_and_rendezvous_keep_it_when_a_node_joins,
            they_keep_it_when_a_node_leaves_or_nothing_happens,
            modulo_breaks_it,
            a_table_that_moves_a_few_keys_too_many_breaks_it,
            points_that_depend_on_all_the_weights_break_it,
            points_that_are_lost_in_a_leave_break_it,
        ]
    )
