"""Move the commit index.

A leader calls `advance` whenever it has learnt how far somebody's log goes. It commits what a majority of the voters
has on disk: but only if the last entry of that is of its own term. What is of an older term is committed with it.

Write `advance(self)`. `self.members.voters` are the voters, the leader among them (no change of the cluster is under
way here); `self.match_of(server)` is the last index that is known to be on the disk of `server`, the leader's own
included; `self.log.term_at(index)` is the term of an entry; `self.commit_to(index)` commits everything up to `index`,
and does nothing when that is committed already.
"""

from collections.abc import Callable, Iterator

from lessons.agreement.raft import Raft
from lessons.agreement.raft.breaks import older_term
from lessons.agreement.raft.drafts import CountsReplicas
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.raft.lab import raft_lab
from lessons.trace import Trace

LEVEL = 2
MINUTES = 20
HINTS = [
    "Sort what `match_of` says of the voters. Of 5 voters, which place in that order has been reached by 3 of them?",
    "The run that the paper calls Figure 8: an entry of term 1 is on a majority while the leader is in term 3. It may "
    "still be overwritten, by somebody whose last entry is of term 2.",
]


class Committer(Raft):
    """A leader that commits what can't be lost any more."""

    def advance(self) -> None: ...


class OfItsTerm(Raft):
    def advance(self) -> None:
        reached = sorted(self.match_of(server) for server in self.members.voters)
        index = int(reached[(len(reached) - 1) // 2])
        if self.log.term_at(index) == self.term:
            self.commit_to(index)


class OfEverybody(Raft):
    def advance(self) -> None:
        index = int(min(self.match_of(server) for server in self.members.voters))
        if self.log.term_at(index) == self.term:
            self.commit_to(index)


class OfHalf(Raft):
    def advance(self) -> None:
        reached = sorted(self.match_of(server) for server in self.members.voters)
        index = int(reached[len(reached) // 2 + 1 :][0])
        if self.log.term_at(index) == self.term:
            self.commit_to(index)


class OfItself(Raft):
    def advance(self) -> None:
        self.commit_to(int(self.match_of(self.name)))


stub = Committer
solution = OfItsTerm
BUGS = {
    "an older term by counting": CountsReplicas,
    "waits for everybody": OfEverybody,
    "less than a majority": OfHalf,
    "its own disk is enough": OfItself,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def with_servers_down(attempt: type[Raft], down: int) -> tuple[bool, Trace]:
    """Whether 5 servers, of which so many are down, execute a command; and the run."""
    sim = raft_lab(seed=4, servers=5, spares=0, kind=attempt)
    sim.run(1.0)
    leader = leader_of(sim.state)
    assert leader is not None
    others = [name for name in ("n1", "n2", "n3", "n4", "n5") if name != leader]
    for name in others[:down]:
        sim.faults.crash(name)
    sim.node("ann").target = leader
    sim.faults.ask("ann", "propose", ["x"])
    trace = sim.run(1.3)
    return any(operation.outcome == "ok" for operation in trace.history()), trace


def samples(attempt: type[Raft]) -> Iterator[Callable[[], None]]:
    def what_a_majority_has_is_committed() -> None:
        done, trace = with_servers_down(attempt, 2)
        if not done:
            raise Shown("3 of 5 servers are up and have the entry, and it is not committed", trace)

    def what_a_minority_has_is_not_committed() -> None:
        done, trace = with_servers_down(attempt, 3)
        if done:
            raise Shown("2 of 5 servers are up, and an entry was committed", trace)

    def an_entry_of_an_older_term_is_not_committed_by_counting() -> None:
        trace = older_term(attempt).run(until=1.3)
        if trace.violation:
            raise Shown(f"{trace.violation.invariant}: {trace.violation.why}", trace)

    return iter(
        [
            what_a_majority_has_is_committed,
            what_a_minority_has_is_not_committed,
            an_entry_of_an_older_term_is_not_committed_by_counting,
        ]
    )
