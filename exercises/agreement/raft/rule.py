"""Write the rule that no consensus may break.

Three clusters are wrong, each in another way: one commits entries of older terms by counting, one acknowledges entries
that its disk has refused, one changes its members without a committed entry of the leader's term. What they have in
common is what their users see in the end. Write one invariant that all three break and Raft does not.

It is a function of the state. Every server in it, `state["n1"]` and so on, has `commit`, the last index that it calls
committed, `base`, the last index that is in its snapshot, and `entries`: the entry at `index` is
`entries[index - base - 1]`. A server that is down shows what it had last, and what it called committed then still is.
Users are in the state, too, and have no `entries`: `"entries" in node` tells. Return None while all is well, and a
text that says what is wrong otherwise.
"""

from collections.abc import Callable, Iterator
from functools import partial

from lessons.agreement.raft import Raft
from lessons.agreement.raft.breaks import full_disk, older_term, two_steps
from lessons.agreement.raft.drafts import CountsReplicas, StepsAtOnce, TrustsMemory
from lessons.agreement.raft.runs import TROUBLE, raft_run
from lessons.sim import NodeState, Simulation, State
from lessons.trace import Trace

LEVEL = 3
MINUTES = 30
HINTS = [
    "Logs may differ: a leader that was cut off has entries that nobody else has. What must not differ is what is "
    "committed.",
    "Compare each two servers, at every index that both call committed and neither has in its snapshot.",
]

Rule = Callable[[State], str | None]


def rule(state: State) -> str | None: ...


def pairs(state: State) -> Iterator[tuple[NodeState, NodeState]]:
    servers = [node for node in state.values() if "entries" in node]
    return ((one, other) for place, one in enumerate(servers) for other in servers[:place])


def same_committed(state: State) -> str | None:
    servers = [node for node in state.values() if "entries" in node]
    for one in servers:
        for other in servers:
            for index in range(max(one.base, other.base) + 1, min(one.commit, other.commit) + 1):
                if one.entries[index - one.base - 1] != other.entries[index - other.base - 1]:
                    return f"{one.name} and {other.name} have committed different entries at {index}"
    return None


def same_logs(state: State) -> str | None:
    for one, other in pairs(state):
        if one.base == other.base and any(a != b for a, b in zip(one.entries, other.entries, strict=False)):
            return f"the logs of {one.name} and {other.name} differ"
    return None


def only_those_up(state: State) -> str | None:
    for one, other in pairs(state):
        for index in range(max(one.base, other.base) + 1, min(one.commit, other.commit) + 1):
            if one.up and other.up and one.entries[index - one.base - 1] != other.entries[index - other.base - 1]:
                return f"{one.name} and {other.name} differ at {index}"
    return None


def only_in_one_term(state: State) -> str | None:
    for one, other in pairs(state):
        for index in range(max(one.base, other.base) + 1, min(one.commit, other.commit) + 1):
            if one.term == other.term and one.entries[index - one.base - 1] != other.entries[index - other.base - 1]:
                return f"{one.name} and {other.name} differ at {index}"
    return None


stub = rule
solution = same_committed
BUGS = {
    "logs may not differ": same_logs,
    "looks at servers that are up": only_those_up,
    "looks at servers of one term": only_in_one_term,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def judged(build: Callable[..., Simulation], kind: type[Raft], attempt: Rule, end: float) -> Trace:
    """A run under the attempt alone."""
    sim = build(kind)
    sim.judge_by([attempt])
    return sim.run(until=end)


def in_trouble(seed: int, kind: type[Raft]) -> Simulation:
    """Three servers under random faults."""
    return raft_run(seed, 3, kind, commands=6, trouble=TROUBLE, until=1.5)


def samples(attempt: Rule) -> Iterator[Callable[[], None]]:
    def raft_never_breaks_it() -> None:
        for build in (older_term, full_disk, two_steps):
            accuse(judged(build, Raft, attempt, 2.0))
        for seed in range(10):
            accuse(judged(partial(in_trouble, seed), Raft, attempt, 3.0))

    def accuse(trace: Trace) -> None:
        if trace.violation:
            raise Shown(f"nothing is wrong here, but the rule says: {trace.violation.why}", trace)

    def catches(build: Callable[..., Simulation], kind: type[Raft]) -> None:
        trace = judged(build, kind, attempt, 2.0)
        if trace.violation is None:
            raise Shown("two servers have executed different commands here, and the rule does not say so", trace)

    def entries_of_older_terms_that_were_counted_are_seen() -> None:
        catches(older_term, CountsReplicas)

    def entries_that_a_disk_refused_are_seen() -> None:
        catches(full_disk, TrustsMemory)

    def a_cluster_that_became_two_is_seen() -> None:
        catches(two_steps, StepsAtOnce)

    return iter(
        [
            raft_never_breaks_it,
            entries_of_older_terms_that_were_counted_are_seen,
            entries_that_a_disk_refused_are_seen,
            a_cluster_that_became_two_is_seen,
        ]
    )
