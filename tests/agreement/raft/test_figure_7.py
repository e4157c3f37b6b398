"""Figure 7 of the paper: logs as they may be when a leader of term 8 is elected, and their repair."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.agreement.raft.messages import Appended
from lessons.trace import Sent
from tests.agreement.raft.troupe import Troupe

LEADER = (1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
FOLLOWERS = {
    "a": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b": (1, 1, 1, 4),
    "c": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e": (1, 1, 1, 4, 4, 4, 4),
    "f": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}


def led(**followers: tuple[int, ...]) -> Troupe:
    """Followers with these logs, after the leader of term 8 has led for a while."""
    troupe = Troupe({"leader": LEADER, **followers}, term=7)
    troupe.elect("leader")
    troupe.wait(0.5)
    return troupe


@pytest.fixture(scope="module")
def figure() -> Troupe:
    """The whole figure."""
    return led(**FOLLOWERS)


@pytest.mark.parametrize("follower", FOLLOWERS)
def test_the_log_becomes_that_of_the_leader_of_term_8(figure: Troupe, follower: str) -> None:
    assert figure.server(follower).term == 8
    assert figure.terms(follower) == [*LEADER, 8]
    assert figure.server(follower).log.entries == figure.server("leader").log.entries


def test_the_leader_wins_by_the_votes_of_those_whose_logs_are_no_better(figure: Troupe) -> None:
    voted = {name for name in figure.names if figure.server(name).vote == "leader"}
    assert voted == {"leader", "a", "b", "e", "f"}


def test_everything_is_committed_with_the_leaders_first_entry(figure: Troupe) -> None:
    assert figure.server("leader").commit == len(LEADER) + 1


@pytest.mark.parametrize(("follower", "trips"), [("a", 1), ("b", 1), ("c", 0), ("d", 0), ("e", 1), ("f", 1)])
def test_the_leader_backs_up_over_a_whole_term_at_a_time(figure: Troupe, follower: str, trips: int) -> None:
    assert refusals(figure, follower) == trips


def refusals(troupe: Troupe, follower: str) -> int:
    """How often a follower has refused entries."""
    return sum(
        isinstance(event.message, Appended) and not event.message.success
        for event in troupe.sim.trace.only(Sent, node=follower)
    )


@st.composite
def forks(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """What two logs have in common, and what follows there in each: terms that the other does not have there."""
    common = sorted(draw(st.lists(st.integers(1, 3), max_size=5)))
    ours = draw(st.sets(st.integers(4, 12)))
    runs = st.lists(st.integers(4, 12), max_size=30).map(sorted)
    leader = [term for term in draw(runs) if term in ours]
    follower = [term for term in draw(runs) if term not in ours]
    return common, leader, follower


@given(forks())
@settings(derandomize=True, deadline=None, max_examples=100, database=None)
def test_round_trips_are_as_many_as_terms_that_differ_not_as_entries(fork: tuple[list[int], ...]) -> None:
    common, ours, theirs = fork
    troupe = Troupe({"n1": common + ours, "n2": common + theirs, "n3": []}, term=12)
    troupe.elect("n1")
    troupe.wait(1.0)
    assert troupe.server("n2").log.entries == troupe.server("n1").log.entries
    assert refusals(troupe, "n2") <= len(set(ours)) + len(set(theirs)) + 1


def test_a_thousand_entries_of_one_wrong_term_cost_two_round_trips() -> None:
    troupe = Troupe({"n1": [1] * 10 + [3] * 5, "n2": [1] * 10 + [2] * 1000, "n3": [1]}, term=4)
    troupe.elect("n1")
    troupe.wait(0.5)
    assert troupe.server("n2").log.entries == troupe.server("n1").log.entries
    assert refusals(troupe, "n2") <= 2
