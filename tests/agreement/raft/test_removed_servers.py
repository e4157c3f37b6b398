"""A server that is removed: it leads until that is committed, stands if it must, and then disturbs nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import ChangeMembers, Done, Options, Role
from tests.agreement.raft.troupe import Troupe

LIVELY = Options()


@pytest.mark.parametrize("joint", [False, True])
def test_a_leader_leads_on_until_its_removal_is_committed_and_not_longer(joint: bool) -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()})
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.say("n1", ChangeMembers(("n2", "n3"), joint=joint))
    roles = set()

    def committed() -> bool:
        leader = troupe.server("n1")
        if leader.role is Role.LEADER:
            roles.add((leader.voters, leader.members_index > leader.commit))
        return leader.role is Role.FOLLOWER

    troupe.until(committed)
    assert (("n2", "n3"), True) in roles and (("n2", "n3"), False) not in roles
    troupe.wait(0.1)
    (answer,) = troupe.heard()
    assert isinstance(answer, Done)


def test_a_leader_that_is_being_removed_does_not_count_itself() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()})
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.sim.faults.crash("n3")
    troupe.say("n1", ChangeMembers(("n2", "n3"), joint=False))
    troupe.wait(0.5)
    assert troupe.server("n2").log.last == 2 and troupe.server("n1").commit == 1
    troupe.sim.faults.restart("n3")
    troupe.wait(2.5)
    assert troupe.server("n1").commit == 2


@pytest.mark.parametrize("joint", [False, True])
def test_a_server_whose_removal_only_it_has_in_its_log_stands_for_election_if_it_must(joint: bool) -> None:
    # n2 cannot win against the longer log of n1, whose vote it needs as long as it does not know better (thesis 4.2.2).
    troupe = Troupe({"n1": (), "n2": ()}, options=LIVELY)
    troupe.until(lambda: troupe.server("n1").role is Role.LEADER or troupe.server("n2").role is Role.LEADER)
    leader, other = ("n1", "n2") if troupe.server("n1").role is Role.LEADER else ("n2", "n1")
    troupe.wait(0.1)
    troupe.say(leader, ChangeMembers((other,), joint=joint))
    troupe.until(lambda: troupe.server(leader).voters == (other,) and not troupe.server(leader).members.joint)
    troupe.sim.faults.isolate(leader)
    troupe.wait(0.1)
    troupe.sim.faults.restart(leader)
    troupe.sim.faults.heal()
    troupe.wait(2.0)
    assert (troupe.server(other).role, troupe.server(other).voters) == (Role.LEADER, (other,))
    assert troupe.server(leader).role is Role.FOLLOWER


def test_a_server_that_knows_that_its_removal_is_committed_does_not_stand() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, options=replace(LIVELY, election=(0.5, 0.6)))
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.say("n1", ChangeMembers(("n2", "n3"), joint=False))
    troupe.wait(0.2)
    assert troupe.server("n1").role is Role.FOLLOWER
    term = troupe.server("n1").term
    troupe.sim.faults.isolate("n1")
    troupe.wait(5.0)
    assert (troupe.server("n1").role, troupe.server("n1").term) == (Role.FOLLOWER, term)


@pytest.mark.parametrize("pre_vote", [True, False])
def test_a_removed_server_that_does_not_know_it_disturbs_nobody(pre_vote: bool) -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": (), "n4": ()}, options=replace(LIVELY, pre_vote=pre_vote))
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.sim.faults.isolate("n4")
    troupe.say("n1", ChangeMembers(("n1", "n2", "n3"), joint=False))
    troupe.wait(0.1)
    assert troupe.server("n1").commit == troupe.server("n1").members_index == 2
    term = troupe.server("n1").term
    troupe.sim.faults.heal()
    troupe.wait(5.0)
    assert troupe.server("n4").voters == ("n1", "n2", "n3", "n4")
    assert (troupe.server("n1").role, troupe.server("n1").term) == (Role.LEADER, term)
    assert (troupe.server("n4").term > term) is not pre_vote
