"""Figure 2 of the paper, box "Rules for Servers": one test per sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lessons.agreement.raft import Done, Kind, Propose, Role
from lessons.agreement.raft.messages import (
    Appended,
    AppendEntries,
    Installed,
    RequestVote,
    TimeoutNow,
    Vote,
)
from tests.agreement.raft.stage import QUIET, Stage, append, entries, piece

#: An election timeout from 1 to 2 s, and no pre-votes, which the figure does not have.
RESTLESS = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0), pre_vote=False)


# All servers


def test_what_is_committed_is_executed_in_the_order_of_the_log() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    ran = []
    for commit in (1, 3):
        stage.say("n2", append(1, 3, 1, commit=commit))
        ran.append((stage.server.applied, stage.server.machine.text))
    assert ran == [(1, "x1"), (3, "x3")]


LATER = [
    append(7, 0, 0),
    append(7, 4, 4),
    RequestVote(7, 9, 9),
    RequestVote(7, 0, 0),
    piece(7, 9, 7, 0, b"", False),
    Vote(7, False),
    Vote(7, True),
    Appended(7, False, 0, 0),
    Appended(7, True, 1, 0),
    Installed(7, 0, 0, False, 0),
]


@pytest.mark.parametrize("role", [Role.FOLLOWER, Role.CANDIDATE, Role.LEADER])
@pytest.mark.parametrize("message", LATER, ids=str)
def test_a_later_term_in_any_request_or_answer_is_adopted_and_makes_a_follower(message: Any, role: Role) -> None:
    stage = Stage(options=RESTLESS)
    bring_to(stage, role)
    stage.say("n3", message)
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 7)


def bring_to(stage: Stage, role: Role) -> None:
    """Let the server become a follower with a log, a candidate or a leader, in a term before 7."""
    stage.fill(1)
    if role is Role.LEADER:
        stage.lead(term=2)
    elif role is Role.CANDIDATE:
        stage.wait(2.1)
    assert stage.server.role is role and stage.server.term < 7


# Followers


def test_a_follower_answers_candidates_and_leaders() -> None:
    stage = Stage()
    assert isinstance(stage.ask("n2", RequestVote(1, 0, 0)), Vote)
    assert isinstance(stage.ask("n2", append(1, 0, 0)), Appended)
    assert isinstance(stage.ask("n2", piece(1, 1, 1, 0, b"", True)), Installed)


def test_a_follower_that_hears_nothing_for_an_election_timeout_becomes_a_candidate() -> None:
    stage = Stage(options=RESTLESS)
    stage.wait(0.9)
    assert stage.server.role is Role.FOLLOWER
    stage.wait(1.2)
    assert stage.server.role is Role.CANDIDATE


@pytest.mark.parametrize("message", [append(1, 0, 0), append(1, 5, 1), RequestVote(1, 0, 0)], ids=str)
def test_the_current_leader_and_the_candidate_that_gets_the_vote_put_that_off(message: Any) -> None:
    stage = Stage(options=RESTLESS)
    for _ in range(8):
        stage.wait(0.8)
        stage.say("n2", message)
    assert stage.server.role is Role.FOLLOWER


@pytest.mark.parametrize("message", [append(0, 0, 0), RequestVote(0, 9, 9), RequestVote(1, 0, 0)], ids=str)
def test_leaders_that_are_over_and_candidates_that_are_refused_do_not_put_it_off(message: Any) -> None:
    stage = Stage(options=RESTLESS)
    stage.fill(1)  # so that a candidate with an empty log is refused
    for _ in range(3):
        stage.wait(0.8)
        stage.say("n3", message)
    assert stage.server.role is Role.CANDIDATE


# Candidates


def test_a_candidate_begins_a_term_votes_for_itself_and_asks_all_other_servers() -> None:
    stage = Stage(size=5, options=RESTLESS)
    stage.fill(1, 3)
    stage.wait(2.0)
    assert (stage.server.term, stage.server.vote) == (4, "n1")
    for peer in ("n2", "n3", "n4", "n5"):
        assert stage.heard(peer) == [RequestVote(4, 2, 3)]
    assert stage.heard("ann") == []


def test_a_candidate_draws_a_new_election_timeout() -> None:
    stage = Stage(options=RESTLESS)
    drawn = []
    for _ in range(10):
        before, term = stage.sim.now, stage.server.term
        while stage.server.term == term:
            stage.wait()
        drawn.append(round(stage.sim.now - before, 2))
    assert len(set(drawn)) > 5 and all(0.99 <= timeout <= 2.01 for timeout in drawn)


@pytest.mark.parametrize(("size", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2), (7, 3)])
def test_a_candidate_with_the_votes_of_a_majority_leads(size: int, needed: int) -> None:
    stage = Stage(size=size, options=RESTLESS)
    stage.wait(2.0)
    for voter in stage.peers[: needed - 1]:
        stage.say(voter, Vote(1, True), Vote(1, True))  # twice is once
    assert stage.server.role is Role.CANDIDATE
    stage.say(stage.peers[needed - 1], Vote(1, True))
    assert stage.server.role is Role.LEADER


@pytest.mark.parametrize("vote", [Vote(1, False), Vote(0, True), Vote(2, True, pre=True)], ids=str)
def test_refusals_old_votes_and_promises_of_votes_are_no_votes(vote: Vote) -> None:
    stage = Stage(options=RESTLESS)
    stage.wait(2.0)
    stage.say("n2", vote)
    stage.say("n3", vote)
    assert stage.server.role is Role.CANDIDATE


def test_a_candidate_that_hears_the_leader_of_its_term_follows_it() -> None:
    stage = Stage(options=RESTLESS)
    stage.wait(2.0)
    stage.forget()
    assert stage.ask("n2", append(1, 0, 0, *entries(1))).success
    assert (stage.server.role, stage.server.leader, stage.server.vote) == (Role.FOLLOWER, "n2", "n1")


def test_a_candidate_that_hears_the_leader_of_an_older_term_goes_on() -> None:
    stage = Stage(options=RESTLESS)
    stage.wait(2.0)
    stage.say("n2", append(0, 0, 0))
    assert stage.server.role is Role.CANDIDATE


def test_a_candidate_that_does_not_win_within_an_election_timeout_begins_another_term() -> None:
    stage = Stage(options=RESTLESS)
    stage.wait(2.0)
    assert stage.server.term == 1
    stage.wait(2.0)
    assert (stage.server.role, stage.server.vote) == (Role.CANDIDATE, "n1")
    assert stage.server.term in (2, 3)


# Leaders


def test_a_leader_tells_all_others_at_once_and_again_and_again() -> None:
    stage = Stage(options=RESTLESS)
    stage.lead(term=1)
    stage.wait(2.0)
    for peer in ("n2", "n3"):
        assert len(stage.heard(peer, AppendEntries)) == 4  # one each 0.5 s


def test_a_leader_is_heard_of_at_once() -> None:
    stage = Stage()
    for peer in ("n2", "n3"):
        stage.peer(peer).votes = True
    stage.say("n2", append(0, 0, 0), TimeoutNow(0))
    (first,) = stage.heard("n3", AppendEntries)
    assert (first.term, first.prev_index, first.prev_term) == (1, 0, 0)
    assert [entry.kind for entry in first.entries] == [Kind.NOOP]


def test_a_leader_appends_a_command_and_answers_when_it_is_executed() -> None:
    stage = Stage()
    stage.lead(term=1)
    stage.say("ann", Propose("x"))
    assert stage.log[-1] == (1, "x") and stage.heard("ann") == []
    stage.say("n2", Appended(1, True, 1, 0))
    assert stage.heard("ann") == []
    stage.say("n2", Appended(1, True, 2, 0))
    assert stage.heard("ann") == [Done(2, "")] and stage.server.machine.text == "x"


def test_a_leader_sends_a_follower_the_entries_from_next_index_on() -> None:
    stage = Stage()
    stage.fill(1, 1)
    stage.lead(term=2)
    stage.say("n2", Appended(2, True, 3, 0))
    stage.forget()
    stage.say("ann", Propose("x"), Propose("y"))
    sent = stage.heard("n2", AppendEntries)
    assert [(m.prev_index, m.prev_term, [e.data for e in m.entries]) for m in sent] == [(3, 2, ["x"]), (4, 2, ["y"])]


def test_a_success_moves_next_index_and_match_index() -> None:
    stage = Stage()
    stage.fill(1, 1)
    stage.lead(term=2)
    stage.say("n2", Appended(2, True, 3, 0))
    assert (stage.server.progress["n2"].next, stage.server.progress["n2"].match) == (4, 3)


def test_a_refusal_moves_next_index_back_and_is_tried_again_at_once() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    stage.lead(term=2)
    (again,) = stage.say("n2", Appended(2, False, 1, 0, hint_term=1, prev_index=3))
    assert (again.prev_index, again.prev_term, len(again.entries)) == (1, 1, 3)


@pytest.mark.parametrize(("size", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2), (7, 3)])
def test_an_entry_of_the_leaders_term_is_committed_once_a_majority_has_it(size: int, needed: int) -> None:
    stage = Stage(size=size)
    stage.lead(term=1)
    for follower in stage.peers[: needed - 1]:
        stage.say(follower, Appended(1, True, 1, 0))
    assert stage.server.commit == 0
    stage.say(stage.peers[needed - 1], Appended(1, True, 1, 0))
    assert stage.server.commit == 1


def test_an_entry_of_an_older_term_is_committed_only_under_one_of_the_leaders_own() -> None:
    stage = Stage()
    stage.fill(1, 1)
    stage.lead(term=2)
    stage.say("n2", Appended(2, True, 2, 0))
    stage.say("n3", Appended(2, True, 2, 0))
    assert stage.server.commit == 0
    stage.say("n2", Appended(2, True, 3, 0))
    assert stage.server.commit == 3
