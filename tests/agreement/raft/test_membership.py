"""Changes of the cluster: when a configuration is in force, what is refused, and what the administrator hears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import ChangeMembers, Done, Entry, Kind, Lost, Members, NotLeader, Propose, Refused, Role
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, AppendEntries, RequestVote, TransferLeadership
from tests.agreement.raft.stage import QUIET, Stage, append, entries, piece

OLD, NEW = ("n1", "n2", "n3"), ("n1", "ann", "bob")


def settled(size: int = 3, **parameters: object) -> Stage:
    """A leader of term 1 whose first entry is committed, and ann and bob as learners that have caught up."""
    stage = Stage(size=size, **parameters)  # type: ignore[arg-type]
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    stage.say("n3", ChangeMembers(tuple(f"n{number}" for number in range(1, size + 1)), ("ann", "bob"), joint=False))
    for follower in (*stage.peers[: size - 1], "ann", "bob"):
        stage.say(follower, Appended(1, True, 2, 0))
    assert stage.server.commit == 2
    stage.forget()
    return stage


def acknowledge(stage: Stage, index: int, *followers: str) -> int:
    """Let followers answer that they have everything up to ``index``; returns what is committed then."""
    for follower in followers:
        stage.say(follower, Appended(1, True, index, 0))
    commit: int = stage.server.commit
    return commit


# Joint consensus


def test_a_joint_configuration_is_committed_by_both_majorities_and_not_by_one() -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(NEW))
    assert stage.server.members == Members(tuple(sorted(NEW)), (), OLD)
    assert acknowledge(stage, 3, "n2", "n3") == 2  # all of the old, one of three of the new
    assert acknowledge(stage, 3, "ann") == 3

    stage = settled()
    stage.say("n2", ChangeMembers(NEW))
    assert acknowledge(stage, 3, "ann", "bob") == 2  # all of the new, one of three of the old
    assert acknowledge(stage, 3, "n2") == 3


def test_so_is_everything_else_while_it_is_in_force() -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(NEW))
    stage.say("n2", Propose("x"))
    assert acknowledge(stage, 4, "n2", "n3") == 2
    assert acknowledge(stage, 4, "bob") == 4


def test_the_new_configuration_follows_once_the_joint_one_is_committed_and_needs_the_new_majority_only() -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(NEW))
    acknowledge(stage, 3, "n2", "ann")
    assert stage.server.members == Members(tuple(sorted(NEW)))
    assert acknowledge(stage, 4, "n2", "n3") == 3
    assert Done not in map(type, stage.heard("n2"))
    assert acknowledge(stage, 4, "bob") == 4
    assert stage.heard("n2")[-1:] == [Done(4, "")]


def test_a_candidate_with_a_joint_configuration_needs_both_majorities() -> None:
    for voters, wins in [(("n2", "n3"), False), (("ann", "bob"), False), (("n2", "bob"), True)]:
        stage = Stage(options=replace(QUIET, heartbeat=0.5, election=(1.0, 1.1), pre_vote=False))
        joint = Entry(1, Kind.MEMBERS, Members(NEW, (), OLD).to_text())
        stage.say("n2", append(1, 0, 0, joint))
        for voter in voters:
            stage.peer(voter).votes = True
        stage.wait(1.5)
        assert (stage.server.role is Role.LEADER) is wins


def test_a_candidate_with_a_joint_configuration_asks_the_voters_of_both() -> None:
    stage = Stage(options=replace(QUIET, heartbeat=0.5, election=(1.0, 1.1), pre_vote=False))
    stage.say("n2", append(1, 0, 0, Entry(1, Kind.MEMBERS, Members(NEW, (), OLD).to_text())))
    stage.wait(1.5)
    assert all(stage.heard(peer, RequestVote) for peer in ("n2", "n3", "ann", "bob"))


def test_a_leader_that_finds_a_joint_configuration_in_its_log_goes_on_to_the_new_one() -> None:
    stage = Stage()
    joint = Entry(1, Kind.MEMBERS, Members(NEW, (), OLD).to_text())
    stage.say("n2", append(1, 0, 0, joint))
    stage.lead(term=2)
    for follower in ("n2", "ann"):
        stage.say(follower, Appended(2, True, 2, 0))
    assert stage.server.commit == 2 and stage.server.members == Members(NEW)


def test_a_full_disk_leaves_the_configuration_joint_until_a_heartbeat_finds_room() -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(NEW))
    stage.sim.faults.limit_disk("n1", 0)
    acknowledge(stage, 3, "n2", "ann")
    stage.server.after(0, stage.server.beat)
    stage.wait()
    assert stage.server.commit == 3 and stage.server.members.joint
    stage.sim.faults.limit_disk("n1", None)
    stage.server.after(0, stage.server.beat)
    stage.wait()
    assert stage.server.members == Members(tuple(sorted(NEW)))


def test_or_until_the_next_entry() -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(NEW), Propose("x"))
    stage.sim.faults.limit_disk("n1", 0)
    acknowledge(stage, 3, "n2", "ann")
    assert stage.server.commit == 3 and stage.server.members.joint
    stage.sim.faults.limit_disk("n1", None)
    acknowledge(stage, 4, "n2", "ann")
    assert stage.server.members == Members(tuple(sorted(NEW)))


# In force when appended, and no longer when removed


def test_a_follower_uses_a_configuration_as_soon_as_it_is_in_its_log() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0, Entry(1, Kind.MEMBERS, Members(NEW).to_text())))
    assert stage.server.commit == 0 and stage.server.members == Members(NEW)


def test_a_leader_uses_a_configuration_as_soon_as_it_has_appended_it() -> None:
    stage = Stage(options=replace(QUIET, heartbeat=0.5))
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    stage.say("n2", ChangeMembers(OLD, ("ann",), joint=False))
    assert stage.server.commit == 1
    stage.wait(0.5)
    assert stage.heard("ann", AppendEntries)


def test_a_configuration_that_is_removed_from_the_log_gives_way_to_the_one_before() -> None:
    stage = Stage()
    first = Entry(1, Kind.MEMBERS, Members(("n1", "n2")).to_text())
    second = Entry(2, Kind.MEMBERS, Members(("n1",)).to_text())
    stage.say("n2", append(2, 0, 0, first, second))
    assert stage.server.voters == ("n1",)
    stage.say("n3", append(3, 1, 1, *entries(3, start=2)))
    assert stage.server.voters == ("n1", "n2")
    stage.say("n3", append(4, 0, 0, *entries(4)))
    assert stage.server.voters == OLD


def test_the_last_configuration_of_the_log_survives_a_crash_and_a_snapshot() -> None:
    stage = Stage(options=replace(QUIET, compact_after=3), machine=Ledger)
    joint = Entry(1, Kind.MEMBERS, Members(NEW, ("n3",), OLD).to_text())
    stage.say("n2", append(1, 0, 0, *entries(1), joint))
    stage.crash()
    assert stage.server.members == Members(NEW, ("n3",), OLD)
    stage.say("n2", append(1, 2, 1, *entries(1, start=3), commit=3))
    assert (stage.server.base, stage.server.members) == (3, Members(NEW, ("n3",), OLD))
    stage.crash()
    assert (stage.server.base, stage.server.members) == (3, Members(NEW, ("n3",), OLD))


def test_a_snapshot_has_the_configuration_of_its_last_entry_not_of_the_log() -> None:
    stage = Stage(options=replace(QUIET, compact_after=2), machine=Ledger)
    later = Entry(1, Kind.MEMBERS, Members(("n1",)).to_text())
    stage.say("n2", append(1, 0, 0, *entries(1, 1), later, commit=2))
    assert stage.server.base == 2 and stage.server.voters == ("n1",)
    stage.say("n3", append(2, 2, 1, *entries(2, start=3)))
    assert stage.server.voters == OLD


def test_a_snapshot_from_the_leader_brings_its_configuration() -> None:
    stage = Stage()
    stage.say("n2", piece(1, 5, 1, 0, b"x", True, Members(NEW).to_text()))
    assert stage.server.members == Members(NEW)


# What is refused


def test_a_follower_names_the_leader() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0))
    assert stage.ask("ann", ChangeMembers(("n1",))) == NotLeader("n2")


def test_a_leader_whose_first_entry_is_not_committed_changes_nothing() -> None:
    # Else two changes of one voter that know nothing of each other could both be committed (Ongaro 2015).
    stage = Stage()
    stage.lead(term=1)
    answer = stage.ask("ann", ChangeMembers(("n1", "n2"), joint=False))
    assert isinstance(answer, Refused) and "its term" in answer.why
    stage.say("n2", Appended(1, True, 1, 0))
    assert stage.say("ann", ChangeMembers(("n1", "n2"), joint=False)) == []
    assert stage.server.voters == ("n1", "n2")


@pytest.mark.parametrize("joint", [True, False])
def test_two_changes_at_once_are_refused(joint: bool) -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(("n1", "n2"), joint=joint))
    for index in (3, 4) if joint else (3,):  # a joint change goes on to its second half
        answer = stage.ask("bob", ChangeMembers(OLD, joint=joint))
        assert isinstance(answer, Refused) and "under way" in answer.why
        acknowledge(stage, index, "n2", "n3")
    stage.say("bob", ChangeMembers(("n1",), joint=joint))
    assert stage.server.voters == ("n1",)


@pytest.mark.parametrize("voters", [("n1",), ("n1", "n2", "n3", "ann", "bob"), ("n1", "n2", "ann"), NEW])
def test_single_steps_are_of_one_voter(voters: tuple[str, ...]) -> None:
    stage = settled()
    answer = stage.ask("n2", ChangeMembers(voters, joint=False))
    assert isinstance(answer, Refused) and "one at a time" in answer.why
    assert stage.server.voters == OLD


@pytest.mark.parametrize("voters", [("n1", "n2"), ("ann", "n1", "n2", "n3"), OLD])
def test_a_step_of_one_voter_or_of_learners_alone_begins(voters: tuple[str, ...]) -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(voters, joint=False))
    assert stage.server.voters == voters and stage.server.log.last == 3


@pytest.mark.parametrize("change", [ChangeMembers(()), ChangeMembers(("n1", "n2"), ("n2",))], ids=str)
def test_a_cluster_has_a_voter_and_nobody_is_both(change: ChangeMembers) -> None:
    stage = settled()
    answer = stage.ask("bob", change)
    assert isinstance(answer, Refused) and str(change.voters) in answer.why
    assert stage.server.log.last == 2


@pytest.mark.parametrize("change", [ChangeMembers(OLD, ("nobody",)), ChangeMembers((*OLD, "nobody"))], ids=str)
def test_a_server_that_does_not_exist_does_not_become_a_member(change: ChangeMembers) -> None:
    stage = settled()
    answer = stage.ask("bob", change)
    assert isinstance(answer, Refused) and "nobody" in answer.why
    stage.wait(60.0)
    assert stage.server.log.last == 2


@pytest.mark.parametrize("joint", [True, False])
def test_a_server_that_is_named_twice_has_one_vote(joint: bool) -> None:
    stage = settled()
    stage.say("n2", ChangeMembers(("n1", "n1", "n2", "n3"), ("ann", "ann"), joint))
    assert (stage.server.members.voters, stage.server.members.learners) == (OLD, ("ann",))


@pytest.mark.parametrize("joint", [True, False])
def test_a_learner_that_is_behind_by_more_than_a_message_does_not_become_a_voter(joint: bool) -> None:
    stage = settled(options=replace(QUIET, batch=3))
    stage.say("n2", *[Propose("x")] * 4)
    acknowledge(stage, 6, "n2", "n3")
    answer = stage.say("n3", ChangeMembers((*OLD, "ann"), joint=joint))[-1]
    assert isinstance(answer, Refused) and "ann" in answer.why
    acknowledge(stage, 4, "ann")
    stage.say("n3", ChangeMembers((*OLD, "ann"), joint=joint))
    assert "ann" in stage.server.voters


@pytest.mark.parametrize("joint", [True, False])
def test_a_server_that_is_no_learner_yet_does_not_become_a_voter(joint: bool) -> None:
    stage = Stage()
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    answer = stage.ask("bob", ChangeMembers((*OLD, "ann"), joint=joint))
    assert isinstance(answer, Refused) and "ann" in answer.why


def test_during_a_transfer_of_leadership_nothing_changes() -> None:
    stage = settled()
    stage.say("n3", Propose("x"))  # n2 lacks it, so that the transfer takes its time
    stage.say("bob", TransferLeadership("n2"))
    answer = stage.say("bob", ChangeMembers(("n1", "n2"), joint=False))[-1]
    assert isinstance(answer, Refused) and "transfer" in answer.why


def test_a_full_disk_refuses_and_nothing_changes() -> None:
    stage = settled()
    stage.sim.faults.limit_disk("n1", 0)
    answer = stage.ask("bob", ChangeMembers(("n1", "n2"), joint=False))
    assert isinstance(answer, Refused) and "full" in answer.why
    assert (stage.server.voters, stage.server.log.last) == (OLD, 2)


# What the administrator hears


def test_a_change_is_done_once_it_is_committed() -> None:
    stage = settled()
    assert stage.say("bob", ChangeMembers(("n1", "n2"), joint=False)) == []
    acknowledge(stage, 3, "n2")
    assert stage.heard("bob") == [Done(3, "")]


def test_a_change_is_lost_once_another_entry_is_committed_in_its_place_and_not_before() -> None:
    stage = settled()
    stage.say("n2", Propose("x"))
    stage.say("bob", ChangeMembers(("n1", "n2"), joint=False))
    assert stage.server.log.last == 4
    stage.say("n3", append(2, 3, 1, *entries(2, start=4), commit=3))
    assert stage.server.voters == OLD and stage.server.commit == 3
    assert stage.heard("bob") == []  # another server may still bring it back
    stage.say("n3", append(2, 4, 2, commit=4))
    assert stage.heard("bob") == [Lost(4)]


@pytest.mark.parametrize("joint", [True, False])
def test_a_leader_that_falls_answers_later_what_others_have_made_of_the_change(joint: bool) -> None:
    stage = settled()
    stage.say("bob", ChangeMembers(("n1", "n2"), joint=joint))
    rest = [Entry(2, Kind.NOOP)]
    if joint:
        rest.append(Entry(2, Kind.MEMBERS, Members(("n1", "n2")).to_text()))
    rest.append(Entry(2, Kind.MEMBERS, Members(("n1", "n2"), ("bob",)).to_text()))
    last = 3 + len(rest)
    stage.say("n2", append(2, 3, 1, *rest, commit=last))
    (answer,) = stage.heard("bob")
    assert isinstance(answer, Done)


def test_a_learner_that_hears_nothing_for_an_election_timeout_names_nobody_as_leader() -> None:
    stage = Stage(options=replace(QUIET, heartbeat=0.5, election=(1.0, 1.1)))
    stage.say("n2", append(1, 0, 0, Entry(1, Kind.MEMBERS, Members(("n2",), ("n1",)).to_text()), commit=1))
    assert stage.ask("ann", Propose("x")) == NotLeader("n2")
    stage.wait(1.2)
    assert stage.ask("ann", Propose("x")) == NotLeader(None)
    assert (stage.server.role, stage.server.term) == (Role.FOLLOWER, 1)
