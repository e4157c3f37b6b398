"""Transfer of leadership (thesis 3.10): the heir catches up first, stands at once, or the transfer is given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import ChangeMembers, Done, NotLeader, Propose, Refused, Role, TransferLeadership
from lessons.agreement.raft.messages import Appended, AppendEntries, RequestVote, TimeoutNow
from tests.agreement.raft.stage import QUIET, Stage, append
from tests.agreement.raft.troupe import Troupe

#: Transfers are given up after 2 s; heartbeats each 0.5 s.
BRIEF = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0))


def led(lease: bool = False) -> Stage:
    """A leader of term 1 with two entries, the first of which n2 and n3 have."""
    stage = Stage(options=replace(BRIEF, lease=lease, check_quorum=lease))
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    stage.say("n3", Appended(1, True, 1, 0))
    stage.say("ann", Propose("x"))
    stage.forget()
    return stage


def test_the_heir_is_told_once_it_has_the_whole_log_and_not_before() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    assert stage.heard("n2", TimeoutNow) == []
    stage.say("n3", Appended(1, True, 2, 0))
    assert stage.heard("n2", TimeoutNow) == stage.heard("n3", TimeoutNow) == []
    stage.peer("n2").send("n1", Appended(1, True, 2, 0))
    stage.wait()
    assert stage.heard("n2", TimeoutNow) == [TimeoutNow(1)]


def test_an_heir_that_has_it_is_told_at_once() -> None:
    stage = led()
    stage.say("n3", Appended(1, True, 2, 0))
    stage.say("bob", TransferLeadership("n3"))
    assert stage.heard("n3") == [TimeoutNow(1)]


def test_what_was_proposed_at_the_same_moment_is_in_the_heirs_log_first() -> None:
    stage = led()
    stage.say("n3", Appended(1, True, 2, 0))
    stage.peer("ann").send("n1", Propose("y"))
    stage.peer("bob").send("n1", TransferLeadership("n3"))
    stage.wait()
    assert len(stage.log) == 3 and stage.heard("n3", TimeoutNow) == []
    assert TimeoutNow(1) in stage.say("n3", Appended(1, True, 3, 0))


def test_what_is_lost_is_said_again_with_the_next_heartbeat() -> None:
    stage = led()
    stage.say("n3", Appended(1, True, 2, 0))
    stage.say("bob", TransferLeadership("n3"))
    stage.forget()
    stage.wait(0.5)
    (heartbeat,) = stage.heard("n3", AppendEntries)
    assert stage.say("n3", Appended(1, True, 2, heartbeat.round)) == [TimeoutNow(1)]


def test_meanwhile_proposals_are_sent_to_the_heir() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    assert stage.ask("bob", Propose("y")) == NotLeader("n2")
    assert stage.server.log.last == 2


def test_the_administrator_hears_when_the_heir_leads() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    stage.say("n2", Appended(1, True, 2, 0))
    stage.say("n2", RequestVote(2, 2, 1, transfer=True))
    assert (stage.server.role, stage.server.vote, stage.heard("bob")) == (Role.FOLLOWER, "n2", [])
    stage.say("n2", append(2, 2, 1))
    assert stage.heard("bob") == [Done(2, "n2")]


def test_a_transfer_that_another_server_wins_is_refused() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    stage.say("n3", append(2, 1, 1))
    (answer,) = stage.heard("bob")
    assert isinstance(answer, Refused) and "n2" in answer.why


def test_after_an_election_timeout_it_is_given_up_and_the_leader_goes_on() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    stage.wait(1.9)
    assert stage.heard("bob") == []
    stage.wait(0.2)
    (answer,) = stage.heard("bob")
    assert isinstance(answer, Refused) and stage.server.role is Role.LEADER
    stage.say("ann", Propose("y"))
    assert stage.server.log.last == 3
    stage.say("n2", Appended(1, True, 3, 0))
    assert stage.heard("ann") == [Done(2, ""), Done(3, "x")]


@pytest.mark.parametrize("to", ["n1", "ann", "bob", "nobody"])
def test_the_heir_must_be_another_voter(to: str) -> None:
    stage = led()
    stage.say("n2", Appended(1, True, 2, 0))
    stage.say("n3", ChangeMembers(("n1", "n2", "n3"), ("ann",), joint=False))
    stage.forget()
    (answer,) = stage.say("bob", TransferLeadership(to))
    assert isinstance(answer, Refused) and to in answer.why


def test_there_is_one_transfer_at_a_time() -> None:
    stage = led()
    stage.say("bob", TransferLeadership("n2"))
    assert isinstance(stage.ask("bob", TransferLeadership("n3")), Refused)


def test_a_follower_names_the_leader() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0))
    assert stage.ask("ann", TransferLeadership("n3")) == NotLeader("n2")


# The heir


def test_the_heir_stands_at_once_without_a_pre_vote() -> None:
    stage = Stage(options=replace(BRIEF, pre_vote=True, check_quorum=True))
    stage.say("n2", append(4, 0, 0))
    stage.say("n2", TimeoutNow(4))
    assert (stage.server.role, stage.server.term) == (Role.CANDIDATE, 5)
    assert stage.heard("n3") == [RequestVote(5, 0, 0, transfer=True)]


@pytest.mark.parametrize("term", [3, 5])
def test_an_order_of_another_term_is_ignored(term: int) -> None:
    stage = Stage()
    stage.say("n2", append(4, 0, 0))
    stage.say("n2", TimeoutNow(term))
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 4)


def test_a_copy_of_the_order_begins_no_second_election() -> None:
    stage = Stage()
    stage.say("n2", append(4, 0, 0))
    stage.say("n2", TimeoutNow(4), TimeoutNow(4))
    assert stage.server.term == 5


# Whole clusters


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_transfer_takes_less_than_an_election_timeout_and_loses_nothing(size: int) -> None:
    troupe = Troupe({f"n{number}": () for number in range(1, size + 1)})
    troupe.elect("n1")
    troupe.wait(0.1)
    for number in range(10):
        troupe.say("n1", Propose(f"c{number}"))
    troupe.say("n1", TransferLeadership("n2"), sender="bob")
    troupe.wait(0.05)
    assert troupe.heard("bob") == [Done(11, "n2")]
    assert troupe.heard("ann") == [Done(2 + number, f"c{number - 1}" if number else "") for number in range(10)]
    assert [troupe.server(name).role is Role.LEADER for name in troupe.names] == [n == 1 for n in range(size)]
    troupe.say("n2", Propose("last"))
    troupe.wait(0.05)
    assert troupe.heard("ann") == [Done(13, "c9")]


def test_a_transfer_to_a_server_that_is_away_leaves_the_cluster_as_it_was() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, options=replace(BRIEF, check_quorum=True))
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.sim.faults.crash("n3")
    troupe.say("n1", TransferLeadership("n3"))
    troupe.wait(2.2)
    assert isinstance(troupe.heard()[0], Refused)
    assert (troupe.server("n1").role, troupe.server("n1").term) == (Role.LEADER, 1)
