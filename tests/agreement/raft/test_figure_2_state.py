"""Figure 2 of the paper, box "State": one test per sentence."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft import Entry, Kind, Propose
from lessons.agreement.raft.messages import Appended, RequestVote, Vote
from lessons.sim import DiskModel
from tests.agreement.raft.stage import Stage, append, entries

LOSES = DiskModel(keep=0.0)  # whatever is not synced


def test_the_first_term_is_0() -> None:
    assert Stage().server.term == 0


def test_the_term_is_the_latest_that_was_seen_and_never_falls() -> None:
    stage = Stage()
    seen = []
    for term in (3, 1, 7, 2, 7, 8):
        stage.say("n2", append(term, 0, 0))
        seen.append(stage.server.term)
    assert seen == [3, 3, 7, 7, 7, 8]


def test_the_vote_is_for_the_candidate_that_got_it_in_this_term_or_for_nobody() -> None:
    stage = Stage()
    votes = [stage.server.vote]
    for sender, message in [("n2", RequestVote(1, 0, 0)), ("n3", append(2, 0, 0)), ("n3", RequestVote(2, 0, 0))]:
        stage.say(sender, message)
        votes.append(stage.server.vote)
    assert votes == [None, "n2", None, "n3"]


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (RequestVote(5, 0, 0), (5, "n2", [])),
        (append(5, 0, 0), (5, None, [])),
        (append(5, 0, 0, *entries(4, 5)), (5, None, [(4, "x1"), (5, "x2")])),
        (append(5, 3, 3, *entries(5, start=4)), (5, None, [])),
        (Vote(5, False), (5, None, [])),
        (Appended(5, False, 0, 0), (5, None, [])),
    ],
    ids=["a vote", "a heartbeat", "entries", "a refusal", "a newer term in a vote", "a newer term in an answer"],
)
def test_term_vote_and_log_are_on_disk_before_a_server_answers(message: Any, kept: tuple[Any, ...]) -> None:
    stage = Stage(disk=LOSES)
    stage.say("n2", message)
    stage.crash()
    assert (stage.server.term, stage.server.vote, stage.log) == kept


def test_an_entry_has_its_command_and_the_term_in_which_the_leader_received_it() -> None:
    stage = Stage()
    stage.lead(term=4)
    stage.say("ann", Propose("x"))
    assert stage.server.log.entry(2) == Entry(4, Kind.COMMAND, "x")


def test_the_first_index_is_1() -> None:
    stage = Stage()
    stage.fill(1)
    assert (stage.server.log.last, stage.server.log.entry(1).data) == (1, "x1")


def test_commit_index_and_last_applied_begin_with_0_and_never_fall() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    seen = [(stage.server.commit, stage.server.applied)]
    for commit in (2, 1, 0, 3):
        stage.say("n2", append(1, 3, 1, commit=commit))
        seen.append((stage.server.commit, stage.server.applied))
    assert seen == [(0, 0), (2, 2), (2, 2), (2, 2), (3, 3)]


def test_commit_index_and_last_applied_are_volatile() -> None:
    stage = Stage()
    stage.fill(1, 1, commit=2)
    assert (stage.server.commit, stage.server.applied) == (2, 2)
    stage.crash()
    assert (stage.server.commit, stage.server.applied) == (0, 0)


def test_next_index_begins_behind_the_leaders_log_and_match_index_with_0() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    stage.lead(term=2)
    # The entry that begins the term stands at index 4.
    assert [(p.next, p.match) for p in stage.server.progress.values()] == [(4, 0), (4, 0)]


def test_next_index_and_match_index_begin_anew_with_every_election() -> None:
    stage = Stage()
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    assert stage.server.progress["n2"].match == 1
    stage.lead(term=3)
    assert [(p.next, p.match) for p in stage.server.progress.values()] == [(2, 0), (2, 0)]


def test_match_index_never_falls() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    stage.lead(term=2)
    seen = []
    for index in (3, 4, 1, 4):
        stage.say("n2", Appended(2, True, index, 0))
        seen.append(stage.server.progress["n2"].match)
    assert seen == [3, 4, 4, 4]
