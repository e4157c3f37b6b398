"""Count the votes of two clusters at once.

While a cluster changes its members it is in a joint configuration, of the new voters and the outgoing ones. Nothing is
decided unless a majority of each agrees, counted by itself. So there is no moment at which the old cluster and the new
one could decide different things.

Write `is_quorum(members, servers)`: whether `servers`, a set of names, can decide. `members.voters` are the new voters,
`members.outgoing` those from before, empty when no change is under way, and `members.learners` get the log and never
count.
"""

from collections.abc import Callable, Iterator
from itertools import chain, combinations

from lessons.agreement.raft import Members

LEVEL = 2
MINUTES = 15
HINTS = [
    "How many of `members.voters` are in `servers`? More than half of them?",
    "When `members.outgoing` is empty, the first majority is all that counts. Else ask the same of `members.outgoing`.",
]

Quorum = Callable[[Members, set[str]], bool]


def is_quorum(members: Members, servers: set[str]) -> bool: ...  # type: ignore[empty-body]


def of_both(members: Members, servers: set[str]) -> bool:
    def majority(group: tuple[str, ...]) -> bool:
        return sum(server in servers for server in group) > len(group) / 2

    return majority(members.voters) and (not members.outgoing or majority(members.outgoing))


def of_the_union(members: Members, servers: set[str]) -> bool:
    everybody = {*members.voters, *members.outgoing}
    return len(everybody & servers) > len(everybody) / 2


def of_the_new(members: Members, servers: set[str]) -> bool:
    return len(servers & set(members.voters)) > len(members.voters) / 2


def of_half(members: Members, servers: set[str]) -> bool:
    return all(len(servers & set(group)) >= len(group) / 2 for group in (members.voters, members.outgoing))


def with_learners(members: Members, servers: set[str]) -> bool:
    new = {*members.voters, *members.learners}
    return len(servers & new) > len(new) / 2 and (
        not members.outgoing or len(servers & set(members.outgoing)) > len(members.outgoing) / 2
    )


stub = is_quorum
solution = of_both
BUGS = {
    "one majority of all": of_the_union,
    "the new ones alone": of_the_new,
    "half is enough": of_half,
    "learners vote": with_learners,
}


def subsets(names: str) -> Iterator[set[str]]:
    """All sets of some of these names of one letter."""
    return map(set, chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def samples(attempt: Quorum) -> Iterator[Callable[[], None]]:
    def decides(members: Members, servers: set[str], expected: bool) -> None:
        answer = attempt(members, servers)
        assert answer is expected, f"{members}: {sorted(servers)} gave {answer!r}, and it must be {expected}"

    def a_majority_of_the_voters_decides() -> None:
        for voters in ("a", "ab", "abc", "abcd", "abcde"):
            for servers in subsets(voters):
                decides(Members(tuple(voters)), servers, 2 * len(servers) > len(voters))

    def others_do_not_count() -> None:
        decides(Members(("a", "b", "c"), learners=("d", "e")), {"a", "d", "e"}, False)
        decides(Members(("a", "b", "c"), learners=("d", "e")), {"a", "b"}, True)
        decides(Members(("a", "b", "c")), {"a", "x", "y"}, False)

    def a_joint_configuration_needs_both_majorities() -> None:
        members = Members(("c", "d", "e"), outgoing=("a", "b", "c"))
        for servers in subsets("abcde"):
            decides(members, servers, len(servers & set("cde")) >= 2 and len(servers & set("abc")) >= 2)

    def no_two_quorums_of_the_same_configuration_miss_each_other() -> None:
        members = Members(("a", "b"), outgoing=("b", "c", "d"))
        quorums = [servers for servers in subsets("abcd") if attempt(members, servers)]
        for one, other in combinations(quorums, 2):
            assert one & other, f"{sorted(one)} and {sorted(other)} can both decide, and have nobody in common"

    return iter(
        [
            a_majority_of_the_voters_decides,
            others_do_not_count,
            a_joint_configuration_needs_both_majorities,
            no_two_quorums_of_the_same_configuration_miss_each_other,
        ]
    )
