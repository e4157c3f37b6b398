"""Elections beyond Figure 2: pre-votes, protection of a leader, check-quorum, votes on disk, clusters of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from lessons.agreement.raft import Entry, Kind, Members, Options, Raft, Role
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.messages import Appended, RequestVote, TimeoutNow, Vote
from lessons.sim import DiskModel, Simulation
from lessons.trace import Changed, Sent
from tests.agreement.raft.stage import QUIET, Stage, append, entries
from tests.agreement.raft.troupe import Troupe

#: As a cluster is run: elections after 150 to 300 ms, heartbeats each 50 ms.
LIVELY = Options()
#: The same proportions, slower, for a stage: its steps take 10 ms.
PROTECTED = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0), check_quorum=True)


def cluster(size: int = 3, seed: int = 1, **options: Any) -> Troupe:
    """A cluster with a leader."""
    names = {f"n{number}": () for number in range(1, size + 1)}
    troupe = Troupe(names, options=replace(LIVELY, **options), seed=seed)
    troupe.until(lambda: bool(leaders(troupe)))
    troupe.wait(0.1)
    return troupe


def leaders(troupe: Troupe, names: Sequence[str] | None = None) -> list[str]:
    """Who leads, of these or of all, as far as they know."""
    asked = troupe.names if names is None else names
    return [name for name in asked if troupe.server(name).role is Role.LEADER]


# Pre-votes (thesis 9.6)


def test_before_it_stands_a_server_asks_whether_it_would_win_and_keeps_its_term() -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=True))
    stage.fill(1, 3)
    stage.wait(2.0)
    assert (stage.server.role, stage.server.term) == (Role.PRECANDIDATE, 3)
    assert stage.heard("n2")[:1] == [RequestVote(4, 2, 3, pre=True)]


def test_a_majority_of_promises_lets_it_stand() -> None:
    stage = Stage(size=5, options=replace(PROTECTED, pre_vote=True))
    stage.wait(2.0)
    stage.say("n2", Vote(1, True, pre=True), Vote(1, True, pre=True))
    assert stage.server.role is Role.PRECANDIDATE
    stage.say("n3", Vote(1, True, pre=True))
    assert (stage.server.role, stage.server.term, stage.server.vote) == (Role.CANDIDATE, 1, "n1")


@pytest.mark.parametrize("answer", [Vote(0, True, pre=True), Vote(1, False, pre=True), Vote(1, True)], ids=str)
def test_other_answers_do_not(answer: Vote) -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=True))
    stage.wait(2.0)
    stage.say("n2", answer)
    assert stage.server.role is not Role.CANDIDATE


def test_a_refusal_brings_a_later_term() -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=True))
    stage.wait(2.0)
    stage.say("n2", Vote(6, False, pre=True))
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 6)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (RequestVote(4, 2, 3, pre=True), Vote(4, True, pre=True)),
        (RequestVote(9, 3, 3, pre=True), Vote(9, True, pre=True)),
        (RequestVote(3, 2, 3, pre=True), Vote(3, False, pre=True)),
        (RequestVote(2, 2, 3, pre=True), Vote(3, False, pre=True)),
        (RequestVote(4, 1, 3, pre=True), Vote(3, False, pre=True)),
        (RequestVote(9, 9, 2, pre=True), Vote(3, False, pre=True)),
    ],
    ids=str,
)
def test_a_promise_needs_a_later_term_and_a_log_that_is_as_good(request_: RequestVote, answer: Vote) -> None:
    stage = Stage()
    stage.fill(1, 3)
    assert stage.ask("n3", request_) == answer


def test_a_promise_changes_neither_term_nor_vote_nor_timer_nor_disk() -> None:
    stage = Stage(options=replace(PROTECTED, check_quorum=False, pre_vote=True))
    before = (stage.server.term, stage.server.vote, stage.server.clock, stage.server.disk.read("raft.log"))
    stage.say("n2", RequestVote(9, 9, 9, pre=True))
    assert (stage.server.term, stage.server.vote, stage.server.clock, stage.server.disk.read("raft.log")) == before


def test_promises_may_go_to_several_and_do_not_bind() -> None:
    stage = Stage()
    assert stage.ask("n2", RequestVote(1, 0, 0, pre=True)).granted
    assert stage.ask("n3", RequestVote(1, 0, 0, pre=True)).granted
    assert stage.ask("n3", RequestVote(1, 0, 0)).granted


@pytest.mark.parametrize("size", [3, 5])
def test_a_server_that_was_cut_off_does_not_disturb(size: int) -> None:
    troupe = cluster(size)
    (leader,) = leaders(troupe)
    away = next(name for name in troupe.names if name != leader)
    term = troupe.server(leader).term
    troupe.sim.faults.isolate(away)
    troupe.wait(5.0)
    assert troupe.server(away).term == term
    troupe.sim.faults.heal()
    troupe.wait(1.0)
    assert leaders(troupe) == [leader] and troupe.server(leader).term == term


def test_without_pre_votes_it_comes_back_with_a_term_that_ends_the_leaders() -> None:
    troupe = cluster(3, pre_vote=False)
    (leader,) = leaders(troupe)
    away = next(name for name in troupe.names if name != leader)
    term = troupe.server(leader).term
    troupe.sim.faults.isolate(away)
    troupe.wait(5.0)
    assert troupe.server(away).term > term + 5
    troupe.sim.faults.heal()
    troupe.wait(1.0)
    assert troupe.server(leader).term > term + 5


# Protection of a leader (paper, end of section 6; thesis 4.2.3)


@pytest.mark.parametrize("pre", [True, False])
def test_who_has_just_heard_a_leader_does_not_hear_candidates(pre: bool) -> None:
    stage = Stage(options=PROTECTED)
    stage.wait(0.5)
    stage.say("n2", append(1, 0, 0))
    stage.forget()
    stage.wait(0.9)
    assert stage.say("n3", RequestVote(7, 9, 7, pre)) == []
    assert (stage.server.term, stage.server.vote, stage.server.leader) == (1, None, "n2")


def test_a_leader_of_an_older_term_does_not_count_as_one_that_was_heard() -> None:
    stage = Stage(options=PROTECTED)
    stage.say("n2", append(3, 0, 0))
    stage.wait(0.9)
    stage.say("n2", append(2, 0, 0))
    stage.wait(0.1)
    assert Vote(4, True) in stage.say("n3", RequestVote(4, 0, 0))


def test_once_the_shortest_election_timeout_is_over_they_are_heard_again() -> None:
    stage = Stage(options=PROTECTED)
    stage.say("n2", append(1, 0, 0))
    stage.wait(1.0)
    assert Vote(7, True) in stage.say("n3", RequestVote(7, 9, 7))


def test_who_starts_may_have_heard_a_leader_just_before_its_crash() -> None:
    stage = Stage(options=PROTECTED)
    stage.say("n2", append(1, 0, 0))
    stage.crash()
    stage.forget()
    assert stage.say("n3", RequestVote(7, 9, 7)) == []
    stage.wait(1.0)
    assert Vote(7, True) in stage.say("n3", RequestVote(7, 9, 7))


def test_a_leader_that_is_heard_does_not_hear_candidates() -> None:
    stage = Stage(options=PROTECTED)
    stage.lead(term=1)
    assert stage.say("n3", RequestVote(7, 9, 7)) == []
    assert (stage.server.role, stage.server.term) == (Role.LEADER, 1)


def test_a_candidate_that_the_leader_has_sent_is_heard() -> None:
    stage = Stage(options=PROTECTED)
    stage.say("n2", append(1, 0, 0))
    assert Vote(2, True) in stage.say("n3", RequestVote(2, 9, 1, transfer=True))


# Check-quorum (thesis 6.2)


def test_a_leader_that_no_majority_hears_steps_down() -> None:
    troupe = cluster(5)
    (leader,) = leaders(troupe)
    others = [name for name in troupe.names if name != leader]
    troupe.separate(others[1:], [leader, others[0]])
    troupe.wait(LIVELY.election[1] + 2 * LIVELY.heartbeat)
    assert leaders(troupe, (leader, others[0])) == []


def test_a_leader_that_a_majority_hears_stays() -> None:
    troupe = cluster(5)
    (leader,) = leaders(troupe)
    others = [name for name in troupe.names if name != leader]
    troupe.separate([leader, *others[:2]], others[2:])
    troupe.wait(3.0)
    assert leaders(troupe) == [leader]


def test_without_check_quorum_it_leads_in_a_minority_for_ever() -> None:
    troupe = cluster(3, check_quorum=False)
    (leader,) = leaders(troupe)
    others = [name for name in troupe.names if name != leader]
    troupe.separate(others, [leader])
    troupe.wait(3.0)
    assert len(leaders(troupe)) == 2


def test_a_leader_whose_messages_arrive_and_that_hears_nothing_steps_down() -> None:
    troupe = cluster(3)
    (leader,) = leaders(troupe)
    for name in troupe.names:
        if name != leader:
            troupe.sim.faults.cut(name, leader)
    troupe.wait(LIVELY.election[1] + 2 * LIVELY.heartbeat)
    assert leader not in leaders(troupe)


# Votes are on disk before anybody hears of them


@pytest.mark.parametrize("at", [moment / 1000 for moment in range(0, 70, 5)])
@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
def test_a_vote_that_was_heard_of_survives_a_crash_at_any_moment(at: float, keep: float) -> None:
    stage = Stage(disk=DiskModel(sync=0.03, keep=keep))
    stage.peer("n2").send("n1", RequestVote(1, 0, 0))
    stage.wait(at)
    stage.crash()
    stage.wait(0.1)
    answers = stage.heard("n2")
    assert answers in ([], [Vote(1, True)])
    if answers:
        assert (stage.server.term, stage.server.vote) == (1, "n2")


@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_a_candidate_has_its_own_vote_on_disk_before_it_asks_others(keep: float) -> None:
    for moment in range(0, 120, 5):
        stage = Stage(options=replace(PROTECTED, pre_vote=False), disk=DiskModel(sync=0.05, keep=keep))
        stage.wait(1.0)
        while stage.server.term == 0:
            stage.wait(0.001)
        stage.wait(moment / 1000)
        stage.crash()
        stage.wait(0.1)
        asked = stage.heard("n2", RequestVote)
        assert not asked or (stage.server.term, stage.server.vote) == (1, "n1")


def test_a_full_disk_gives_no_votes_and_begins_no_terms() -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=False))
    stage.sim.faults.limit_disk("n1", 0)
    stage.wait(1.0)
    assert stage.say("n2", RequestVote(1, 0, 0)) == []
    stage.wait(5.0)
    assert (stage.server.role, stage.server.term, stage.server.vote) == (Role.FOLLOWER, 0, None)
    assert stage.heard("n2") == []


# Who stands and who is asked


def test_a_learner_neither_stands_nor_is_asked() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, options=LIVELY, voters=("n1",))
    troupe.wait(1.0)
    assert leaders(troupe) == ["n1"]
    troupe.sim.faults.crash("n1")
    troupe.wait(5.0)
    assert [troupe.server(name).role for name in ("n2", "n3")] == [Role.FOLLOWER] * 2
    assert not [event for event in troupe.sim.trace.only(Sent) if isinstance(event.message, RequestVote)]


def test_a_vote_of_a_learner_does_not_count() -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=False, check_quorum=False))
    stage.say("n2", append(1, 0, 0, Entry(1, Kind.MEMBERS, Members(("n1", "n2", "n3"), ("ann", "bob")).to_text())))
    stage.wait(2.0)
    stage.say("ann", Vote(2, True))
    stage.say("bob", Vote(2, True))
    assert stage.server.role is Role.CANDIDATE


def test_who_is_asked_votes_even_if_it_does_not_know_that_it_may() -> None:
    # The candidate may have a newer configuration (thesis 4.2): only its count decides.
    stage = Stage(voters=())
    assert stage.ask("n2", RequestVote(1, 5, 1)) == Vote(1, True)


def test_a_server_without_any_configuration_waits_to_be_asked() -> None:
    stage = Stage(voters=(), options=PROTECTED)
    stage.wait(20.0)
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 0)
    stage.say("n2", TimeoutNow(0))
    assert stage.server.role is Role.FOLLOWER


@pytest.mark.parametrize("size", range(1, 8))
@pytest.mark.parametrize("up", [False, True])
def test_a_cluster_has_a_leader_as_long_as_a_majority_is_up(size: int, up: bool) -> None:
    down = (size - 1) // 2 if up else (size - 1) // 2 + 1
    troupe = Troupe({f"n{number}": () for number in range(1, size + 1)}, options=LIVELY)
    for number in range(1, down + 1):
        troupe.sim.faults.crash(f"n{number}")
    troupe.wait(2.0)
    assert len(leaders(troupe, troupe.names[down:])) == up


def test_a_cluster_of_one_elects_itself_and_commits() -> None:
    troupe = Troupe({"n1": ()}, options=LIVELY)
    troupe.wait(0.5)
    assert (leaders(troupe), troupe.server("n1").commit, troupe.server("n1").term) == (["n1"], 1, 1)


def test_election_timeouts_are_drawn_anew_by_each_server_each_time() -> None:
    names = ("n1", "n2", "n3")
    sim = Simulation(3)
    sim.add(names, Raft, voters=names, options=replace(LIVELY, pre_vote=False))
    for name in names:
        for other in names:
            sim.at(0.0).cut(name, other)
    trace = sim.run(5.0)
    waits = {name: [event.time for event in trace.only(Changed, node=name) if "term" in event.after] for name in names}
    gaps = [round(after - before, 6) for times in waits.values() for before, after in pairwise(times[1:])]
    assert len(gaps) > 30 and len(set(gaps)) == len(gaps)
    assert min(gaps) >= 0.15 and max(gaps) <= 0.3


def test_an_election_of_two_candidates_of_one_term_has_one_winner_at_most() -> None:
    for seed in range(50):
        names = tuple(f"n{number}" for number in range(1, 5))
        sim = Simulation(seed, invariants=SAFETY)
        sim.add(names, Raft, voters=names, options=replace(LIVELY, election=(0.15, 0.16), pre_vote=False))
        assert sim.run(1.0).violation is None


def test_a_leader_that_falls_waits_for_the_next_one_as_others_do() -> None:
    stage = Stage(options=replace(PROTECTED, pre_vote=False))
    stage.lead(term=1)
    stage.say("n2", Appended(4, False, 0, 0))
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 4)
    stage.wait(2.0)
    assert stage.server.term >= 5


def test_entries_of_a_leader_are_heard_as_well_as_its_heartbeats() -> None:
    stage = Stage(options=PROTECTED)
    for index in range(1, 8):
        stage.wait(0.9)
        stage.say("n2", append(1, index - 1, min(1, index - 1), *entries(1, start=index)))
    assert stage.server.role is Role.FOLLOWER
