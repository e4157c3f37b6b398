"""Changes of whole clusters: with crashes, restarts and snapshots at any moment in the middle of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import ChangeMembers, Done, Members, Options, Propose, Raft, Refused, Role
from lessons.agreement.raft.drafts import StepsAtOnce
from lessons.agreement.raft.ledger import Ledger
from lessons.sim import DiskModel
from tests.agreement.raft.troupe import STEADY, Troupe

LIVELY = Options()
OLD, NEW = ("n1", "n2", "n3"), ("n3", "n4", "n5")
EVERYBODY = tuple(sorted({*OLD, *NEW}))


def learning(options: Options, voters: tuple[str, ...] = OLD, kind: type[Raft] = Raft) -> Troupe:
    """n1 leads; all servers that are no voters are learners and have caught up."""
    learners = tuple(name for name in EVERYBODY if name not in voters)
    troupe = Troupe(
        dict.fromkeys(EVERYBODY, ()), kind=kind, options=options, machine=Ledger, disk=DiskModel(sync=0.001),
        spares=learners, voters=voters,
    )  # fmt: skip
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.say("n1", ChangeMembers(voters, learners, joint=False))
    troupe.wait(1.2)
    assert isinstance(troupe.heard()[0], Done)
    return troupe


def moments(options: Options) -> int:
    """How many events there are while a change through a joint configuration goes on without a fault."""
    troupe, events = learning(options), 0
    troupe.say("n1", ChangeMembers(NEW))
    while not troupe.sim.node("ann").heard:
        troupe.sim.step()
        events += 1
    return events


@pytest.mark.parametrize("compact_after", [1, 1000])
def test_a_change_comes_through_a_crash_of_its_leader_at_any_moment(compact_after: int) -> None:
    options = replace(LIVELY, compact_after=compact_after)
    for moment in range(moments(options) + 1):
        troupe = learning(options)
        troupe.say("n1", ChangeMembers(NEW))
        for _ in range(moment):
            troupe.sim.step()
        troupe.sim.faults.restart("n1")
        agree(troupe)


def agree(troupe: Troupe) -> None:
    """The cluster ends with the old members or the new, all of them know it, and it works."""
    troupe.wait(2.0)
    leaders = [name for name in EVERYBODY if troupe.server(name).role is Role.LEADER]
    members = troupe.server(leaders[0]).members
    assert len(leaders) == 1 and members in (Members(NEW), Members(OLD, ("n4", "n5")))
    troupe.heard()
    troupe.say(leaders[0], Propose("afterwards"))
    troupe.wait(0.2)
    assert isinstance(troupe.heard()[0], Done)
    assert all(troupe.server(name).members == members for name in members.voters)


@pytest.mark.parametrize("joint", [True, False])
def test_a_change_one_server_at_a_time_and_one_at_once_lead_to_the_same(joint: bool) -> None:
    troupe = learning(LIVELY)
    steps = [NEW] if joint else [("n1", "n2", "n3", "n4"), EVERYBODY, ("n1", "n3", "n4", "n5"), NEW]
    for voters in steps:
        leader = next(name for name in EVERYBODY if troupe.server(name).role is Role.LEADER)
        learners = tuple(name for name in NEW if name not in voters)
        troupe.say(leader, ChangeMembers(voters, learners, joint))
        troupe.wait(1.0)
        assert isinstance(troupe.heard()[0], Done)
    agree(troupe)
    assert troupe.server("n3").members == Members(NEW)


def test_a_joint_change_that_no_majority_of_the_new_voters_hears_waits_and_so_does_all_else() -> None:
    troupe = learning(LIVELY)
    troupe.sim.faults.partition(["n4", "n5"])
    troupe.say("n1", ChangeMembers(NEW))
    troupe.say("n1", Propose("x"))
    troupe.wait(0.2)
    assert troupe.server("n1").members.joint and troupe.heard() == []
    troupe.sim.faults.heal()
    troupe.wait(2.0)
    assert troupe.server("n3").members == Members(NEW) and "x" in troupe.server("n3").machine.commands


def test_a_change_that_only_its_leader_knows_is_forgotten_when_another_is_elected() -> None:
    troupe = learning(LIVELY)
    troupe.sim.faults.partition(["n1", "ann"])
    troupe.say("n1", ChangeMembers(("n1",)))
    troupe.wait(0.1)
    assert troupe.server("n1").members == Members(("n1",), (), OLD)
    troupe.wait(1.0)
    troupe.sim.faults.heal()
    troupe.wait(1.0)
    assert all(troupe.server(name).members == Members(OLD, ("n4", "n5")) for name in EVERYBODY)
    assert [type(answer).__name__ for answer in troupe.heard()] == ["Lost"]


# The bug of 2015 (Ongaro, "bug in single-server membership changes", raft-dev)


def two_steps(kind: type[Raft]) -> tuple[Troupe, object]:
    """n1 adds n5, and only n5 hears of it; n2, elected without them, removes n1, and only n3 hears of that."""
    troupe = learning(STEADY, voters=("n1", "n2", "n3", "n4"), kind=kind)
    troupe.separate(["n1", "n5"], ["n2", "n3", "n4"])
    troupe.say("n1", ChangeMembers(EVERYBODY, joint=False))
    troupe.wait(0.1)
    troupe.separate(["n2", "n3", "n4"], ["n1", "n5"])
    troupe.elect("n2")
    troupe.separate(["n2", "n3"], ["n1", "n5"], ["n4"])
    troupe.wait(1.2)
    troupe.say("n2", ChangeMembers(("n2", "n3", "n4"), joint=False))
    troupe.wait(1.2)
    answers = troupe.heard()
    troupe.separate(["n1", "n4", "n5"], ["n2", "n3"])
    troupe.stand("n1")  # in a term that n4 knows already
    troupe.wait(0.1)
    troupe.stand("n1")
    troupe.wait(1.2)
    return troupe, answers[-1]


def test_a_step_waits_for_an_entry_of_its_leaders_term() -> None:
    troupe, answer = two_steps(Raft)
    assert isinstance(answer, Refused)
    assert troupe.server("n2").commit == troupe.server("n3").commit == 2


def test_without_that_two_majorities_that_do_not_overlap_commit_different_entries() -> None:
    troupe, answer = two_steps(StepsAtOnce)
    assert isinstance(answer, Done)
    one, other = troupe.server("n1"), troupe.server("n2")
    index = min(one.commit, other.commit)
    assert index > 2 and one.log.entry(index) != other.log.entry(index)
