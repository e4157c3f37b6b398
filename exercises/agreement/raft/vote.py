"""Decide whom to vote for.

A server gives its vote to a candidate only if the candidate's log is at least as complete as its own. That rule alone
makes sure that whoever wins an election has every committed entry: a committed entry is on a majority, a winner has
the votes of a majority, and the two have a server in common.

Write `is_up_to_date(self, request)`. `self.log.last` and `self.log.last_term` are index and term of the last entry of
our log; `request.last_index` and `request.last_term` are those of the candidate's. Return whether the candidate's log
is at least as complete.
"""

from collections.abc import Callable, Iterator

from lessons.agreement.raft import Raft
from lessons.agreement.raft.log import Entry, Kind, Log
from lessons.agreement.raft.messages import RequestVote
from lessons.agreement.raft.runs import TROUBLE, raft_run
from lessons.trace import Trace

LEVEL = 1
MINUTES = 15
HINTS = [
    "A longer log may be the older one: its entries may all be of a term in which its leader could commit nothing.",
    "Compare the terms of the last entries first. Only when they are the same, the longer log is more complete.",
]


class Voter(Raft):
    """A server that votes for whoever may lead."""

    def is_up_to_date(self, request: RequestVote) -> bool: ...  # type: ignore[empty-body]


class ByTermThenLength(Raft):
    def is_up_to_date(self, request: RequestVote) -> bool:
        return (request.last_term, request.last_index) >= (self.log.last_term, self.log.last)


class ByLength(Raft):
    def is_up_to_date(self, request: RequestVote) -> bool:
        return request.last_index >= self.log.last


class ByTerm(Raft):
    def is_up_to_date(self, request: RequestVote) -> bool:
        return request.last_term >= self.log.last_term


class Strictly(Raft):
    def is_up_to_date(self, request: RequestVote) -> bool:
        return (request.last_term, request.last_index) > (self.log.last_term, self.log.last)


class ByEither(Raft):
    def is_up_to_date(self, request: RequestVote) -> bool:
        return request.last_term > self.log.last_term or request.last_index >= self.log.last


stub = Voter
solution = ByTermThenLength
BUGS = {
    "by length alone": ByLength,
    "by term alone": ByTerm,
    "nobody is better than an equal": Strictly,
    "by one or the other": ByEither,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def votes(attempt: type[Raft], ours: tuple[int, ...], last_index: int, last_term: int) -> bool:
    """Whether a server whose entries are of these terms finds the candidate's log good enough."""
    server = attempt()
    server.log = Log(Entry(term, Kind.NOOP) for term in ours)
    answer = server.is_up_to_date(RequestVote(9, last_index, last_term))
    assert isinstance(answer, bool), f"is_up_to_date returned {answer!r}: it must be True or False"
    return answer


def samples(attempt: type[Raft]) -> Iterator[Callable[[], None]]:
    def the_same_log_is_good_enough() -> None:
        assert votes(attempt, (1, 1, 2), 3, 2), "the candidate's log ends as ours does, at 3 with term 2: vote for it"

    def of_two_logs_with_the_same_last_term_the_longer_one_is_better() -> None:
        assert votes(attempt, (1, 1), 3, 1), "ours ends at 2 with term 1, theirs at 3 with term 1: vote for it"
        assert not votes(attempt, (1, 1, 1), 2, 1), "ours ends at 3 with term 1, theirs at 2 with term 1: don't"

    def a_later_last_term_is_better_however_short_the_log() -> None:
        assert votes(attempt, (1, 1, 1, 1), 2, 3), "ours ends at 4 with term 1, theirs at 2 with term 3: vote for it"
        assert not votes(attempt, (1, 3), 5, 2), "ours ends at 2 with term 3, theirs at 5 with term 2: don't"

    def a_cluster_of_such_servers_is_safe_and_gets_on() -> None:
        for seed in range(12):
            trace = raft_run(seed, 3, attempt, commands=5, trouble=TROUBLE, until=1.5).run(until=8.0)
            if trace.violation:
                raise Shown(f"seed {seed} breaks {trace.violation.invariant}: {trace.violation.why}", trace)
            if sum(operation.outcome == "ok" for operation in trace.history()) < 5:
                raise Shown(f"seed {seed}: not every command was executed within 6 seconds after the faults", trace)

    return iter(
        [
            the_same_log_is_good_enough,
            of_two_logs_with_the_same_last_term_the_longer_one_is_better,
            a_later_last_term_is_better_however_short_the_log,
            a_cluster_of_such_servers_is_safe_and_gets_on,
        ]
    )
