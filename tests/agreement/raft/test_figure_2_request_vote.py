"""Figure 2 of the paper, box "RequestVote RPC", receiver: one test per step, and section 5.4.1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft.messages import RequestVote, Vote
from tests.agreement.raft.stage import QUIET, Stage, append


def test_step_1_a_candidate_of_an_older_term_is_refused_and_told_the_term() -> None:
    stage = Stage()
    stage.say("n3", append(5, 0, 0))
    assert stage.ask("n2", RequestVote(4, 9, 4)) == Vote(5, False)
    assert stage.server.vote is None


def test_step_2_who_has_not_voted_in_this_term_votes() -> None:
    stage = Stage()
    assert stage.ask("n2", RequestVote(1, 0, 0)) == Vote(1, True)


def test_step_2_who_has_voted_for_this_candidate_says_so_again() -> None:
    stage = Stage()
    assert stage.say("n2", RequestVote(1, 0, 0), RequestVote(1, 0, 0)) == [Vote(1, True), Vote(1, True)]


def test_step_2_who_has_voted_for_another_candidate_refuses() -> None:
    stage = Stage()
    stage.say("n2", RequestVote(1, 0, 0))
    assert stage.ask("n3", RequestVote(1, 0, 0)) == Vote(1, False)
    assert stage.server.vote == "n2"


def test_step_2_also_after_a_crash() -> None:
    stage = Stage()
    stage.say("n2", RequestVote(1, 0, 0))
    stage.crash()
    assert stage.ask("n3", RequestVote(1, 0, 0)) == Vote(1, False)


def test_step_2_a_new_term_is_a_new_vote() -> None:
    stage = Stage()
    stage.say("n2", RequestVote(1, 0, 0))
    assert stage.ask("n3", RequestVote(2, 0, 0)) == Vote(2, True)


def test_step_2_who_leads_the_term_has_voted_in_it() -> None:
    stage = Stage()
    stage.lead(term=1)
    assert stage.ask("n2", RequestVote(1, 9, 1)) == Vote(1, False)


@pytest.mark.parametrize(
    ("last_index", "last_term", "granted"),
    [(3, 2, True), (4, 2, True), (2, 2, False), (1, 3, True), (9, 1, False), (0, 0, False)],
)
def test_step_2_the_candidates_log_must_end_in_a_later_term_or_in_the_same_and_be_as_long(
    last_index: int, last_term: int, granted: bool
) -> None:
    stage = Stage()
    stage.fill(1, 2, 2)
    assert stage.ask("n3", RequestVote(3, last_index, last_term)) == Vote(3, granted)


def test_step_2_a_candidate_that_is_refused_for_its_log_has_not_used_up_the_vote() -> None:
    stage = Stage()
    stage.fill(1, 2, 2)
    stage.say("n2", RequestVote(3, 1, 1))
    assert stage.ask("n3", RequestVote(3, 3, 2)) == Vote(3, True)


def test_step_2_what_counts_is_the_log_up_to_its_end_also_when_that_is_in_a_snapshot() -> None:
    stage = Stage(options=replace(QUIET, compact_after=3))
    stage.fill(1, 2, 2, commit=3)
    assert (stage.server.base, stage.terms) == (3, [])
    assert stage.ask("n3", RequestVote(3, 2, 2)) == Vote(3, False)
    assert stage.ask("n3", RequestVote(3, 3, 2)) == Vote(3, True)
