"""Queries: the leader makes sure that it leads, and knows what is committed, before it answers (thesis 6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lessons.agreement.raft import Done, NotLeader, Options, Propose, Query, Raft, Role, TransferLeadership
from lessons.agreement.raft.drafts import ReadsAtOnce
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, AppendEntries
from tests.agreement.raft.planted import Unprotected
from tests.agreement.raft.stage import DELAY, QUIET, Stage, append
from tests.agreement.raft.troupe import Troupe

LEASE = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0), check_quorum=True, lease=True, drift=0.1)


def led(size: int = 3, options: Options = QUIET) -> Stage:
    """A leader of term 1 that has committed its first entry and the command "x"."""
    stage = Stage(size=size, options=options)
    stage.lead(term=1)
    stage.say("ann", Propose("x"))
    for follower in stage.peers[: size - 1]:
        stage.say(follower, Appended(1, True, 2, 0))
    stage.forget()
    return stage


def rounds(stage: Stage, peer: str) -> list[int]:
    """The rounds of the heartbeats that ``peer`` has heard since the last look."""
    return [heartbeat.round for heartbeat in stage.heard(peer, AppendEntries)]


# Read index


def test_who_builds_on_raft_gets_the_read_index_by_itself_and_none_from_whoever_does_not_lead() -> None:
    stage = led()
    asked = stage.server.spawn(stage.server.read_index())
    stage.wait()
    assert not asked.done
    stage.say("n2", Appended(1, True, 2, rounds(stage, "n2")[0]))
    assert asked.result() == 2
    stage.say("n2", append(2, 2, 1))
    assert stage.server.spawn(stage.server.read_index()).result() is None


def test_a_follower_names_the_leader() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0))
    assert stage.ask("ann", Query("")) == NotLeader("n2")


@pytest.mark.parametrize(("size", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_an_answer_waits_for_a_majority_to_answer_a_heartbeat(size: int, needed: int) -> None:
    stage = led(size)
    assert stage.say("ann", Query("")) == []
    (round_,) = rounds(stage, "n2")
    for follower in stage.peers[: needed - 1]:
        assert stage.say(follower, Appended(1, True, 2, round_)) == [] == stage.heard("ann")
    stage.say(stage.peers[needed - 1], Appended(1, True, 2, round_))
    assert stage.heard("ann") == [Done(2, "x")]


def test_a_heartbeat_from_before_the_query_does_not_count() -> None:
    stage = led()
    stage.say("bob", Query(""))
    (earlier,) = rounds(stage, "n2")
    stage.say("ann", Query(""))
    stage.say("n2", Appended(1, True, 2, earlier))
    stage.say("n3", Appended(1, True, 2, earlier))
    assert stage.heard("bob") == [Done(2, "x")] and stage.heard("ann") == []


def test_a_refusal_of_entries_is_an_answer_to_the_heartbeat_all_the_same() -> None:
    stage = led()
    stage.say("ann", Query(""))
    (round_,) = rounds(stage, "n2")
    stage.say("n2", Appended(1, False, 0, round_, 0, 2))
    assert stage.heard("ann") == [Done(2, "x")]


def test_an_answer_of_a_later_term_is_none() -> None:
    stage = led()
    stage.say("ann", Query(""))
    (round_,) = rounds(stage, "n2")
    stage.say("n2", Appended(2, False, 0, round_))
    assert stage.heard("ann") == [NotLeader(None)]


def test_queries_wait_for_the_first_entry_of_the_leaders_term() -> None:
    # It may not know yet what an earlier leader has committed (thesis 6.4, step 1).
    stage = Stage()
    stage.say("n2", append(1, 0, 0, *(led().server.log.entries)))
    stage.lead(term=2)
    stage.say("ann", Query(""))
    (round_,) = rounds(stage, "n2")
    stage.say("n2", Appended(2, True, 2, round_))
    assert stage.heard("ann") == []
    stage.say("n2", Appended(2, True, 3, round_))
    assert stage.heard("ann") == [Done(3, "x")]


def test_a_cluster_of_one_needs_to_ask_nobody() -> None:
    stage = Stage(size=1, options=replace(QUIET, heartbeat=0.5, election=(1.0, 1.1)))
    stage.wait(2.0)
    stage.say("ann", Propose("x"))
    stage.forget()
    assert stage.ask("bob", Query("")) == Done(2, "x")


def test_a_leader_that_falls_sends_askers_away() -> None:
    stage = led()
    assert stage.say("ann", Query(""), Query("")) == []
    stage.say("n3", append(2, 0, 0))
    assert stage.heard("ann") == [NotLeader(None), NotLeader(None)]


def test_a_query_writes_nothing() -> None:
    stage = led()
    before = (stage.server.log.entries, stage.server.disk.read("raft.log"))
    stage.say("ann", Query(""))
    assert (stage.server.log.entries, stage.server.disk.read("raft.log")) == before


def deposed(
    options: Options, seed: int, rates: tuple[float, float] = (1.0, 1.0), kind: type[Raft] = Raft
) -> Iterator[bool]:
    """A leader is cut off with one follower while the others elect another and go on; bob asks it all the time.

    One of the others has heard nothing of the leader for a while already. Clocks run at the two ``rates`` on the
    leader's side and on the other. Yields for each of its answers whether it is too old: the other side had confirmed
    something before the question, and it can't know of that.
    """
    names = ("n1", "n2", "n3", "n4", "n5")
    troupe = Troupe(dict.fromkeys(names, ()), kind=kind, options=options, seed=seed, machine=Ledger)
    troupe.elect("n1")
    for name in names:
        troupe.sim.faults.drift_clock(name, rates[name not in ("n1", "n2")])
    troupe.wait(0.5)
    troupe.sim.faults.cut("n1", "n5")
    troupe.wait(0.15 + 0.01 * seed)
    troupe.sim.faults.partition(["n1", "n2", "bob"])
    confirmed = False
    for moment in range(300):
        troupe.say("n1", Query(""), sender="bob")
        others = [name for name in names[2:] if troupe.server(name).role is Role.LEADER]
        if others and moment % 5 == 0:
            troupe.say(others[0], Propose("x"))
        troupe.wait(3 * DELAY)
        yield from [confirmed for answer in troupe.heard("bob") if isinstance(answer, Done)]
        confirmed = confirmed or any(isinstance(answer, Done) for answer in troupe.heard("ann"))
    assert confirmed, "the other side has elected nobody"


STALE = Options(election=(0.15, 0.3), heartbeat=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_a_deposed_leader_in_a_minority_never_answers(seed: int) -> None:
    assert list(deposed(STALE, seed)) == []


def test_a_leader_that_does_not_ask_around_gives_old_answers() -> None:
    assert any(old for seed in range(5) for old in deposed(STALE, seed, kind=ReadsAtOnce))


# Leases


def renewed(stage: Stage, *followers: str) -> None:
    """Let followers answer the next heartbeat, at once."""
    stage.forget()
    while not stage.peer("n2").heard:
        stage.wait(0.001)
    round_ = rounds(stage, "n2")[-1]
    for follower in followers or ("n2",):
        stage.say(follower, Appended(1, True, 2, round_))
    stage.forget()


def test_with_a_lease_the_leader_answers_at_once() -> None:
    stage = led(options=LEASE)
    renewed(stage)
    assert stage.ask("ann", Query("")) == Done(2, "x")
    assert stage.heard("n2") == []


def test_a_lease_begins_when_the_heartbeat_was_sent_and_ends_before_anybody_else_may_be_elected() -> None:
    stage = led(options=LEASE)
    renewed(stage)  # about 12 ms have passed since the heartbeat was sent
    stage.wait(0.87)
    assert stage.say("ann", Query("")) == [Done(2, "x")]
    stage.wait(0.02)
    assert stage.say("ann", Query("")) == []


def test_without_the_option_there_is_no_lease() -> None:
    stage = led(options=replace(LEASE, lease=False))
    renewed(stage)
    assert stage.say("ann", Query("")) == []


def test_a_minority_gives_no_lease() -> None:
    stage = led(size=5, options=LEASE)
    renewed(stage, "n2")
    assert stage.say("ann", Query("")) == []
    renewed(stage, "n2", "n3")
    assert stage.say("bob", Query("")) == [Done(2, "x")]


def test_a_lease_is_no_use_before_the_first_entry_of_the_term_is_committed() -> None:
    stage = Stage(options=LEASE)
    stage.lead(term=1)
    stage.wait(0.5)
    (round_,) = rounds(stage, "n2")
    stage.say("n2", Appended(1, False, 0, round_, 0, 0))
    assert stage.server.commit == 0 and stage.say("ann", Query("")) == []


def test_a_lease_does_not_outlive_the_term() -> None:
    stage = led(options=LEASE)
    renewed(stage)
    stage.say("n2", Appended(2, False, 0, 0))
    assert stage.say("ann", Query("")) == [NotLeader(None)]


def test_a_lease_ends_when_the_heir_may_stand_and_not_before() -> None:
    stage = led(options=LEASE)
    stage.say("ann", Propose("y"))
    renewed(stage)
    stage.say("bob", TransferLeadership("n2"))
    assert stage.say("ann", Query("")) == [Done(2, "x")]
    stage.say("n2", Appended(1, True, 3, 0))
    stage.forget()
    assert stage.say("ann", Query("")) == []


def test_a_lease_is_off_for_the_rest_of_a_term_in_which_an_heir_was_asked_to_stand() -> None:
    stage = led(options=LEASE)
    stage.say("bob", TransferLeadership("n2"))
    for _ in range(5):
        renewed(stage, "n3")
    assert stage.server.heir is None and stage.server.role is Role.LEADER
    # The order to the heir may still be on its way, and nobody protects the leader from an heir.
    assert stage.say("ann", Query("")) == []


def test_a_jump_of_the_time_of_day_does_not_make_a_lease_longer() -> None:
    stage = led(options=LEASE)
    renewed(stage)
    stage.sim.faults.step_clock("n1", -10.0)
    stage.wait(0.9)
    assert stage.say("ann", Query("")) == []


WITHIN = [(1.0, 1.0), (0.95, 1.04), (1.0, 1.1), (0.9, 0.9), (1.5, 1.6)]


@pytest.mark.parametrize("rates", WITHIN, ids=str)
def test_leases_never_give_old_answers_while_clocks_differ_by_no_more_than_drift(rates: tuple[float, float]) -> None:
    answers = [old for seed in range(8) for old in deposed(replace(STALE, lease=True, drift=0.1), seed, rates)]
    assert len(answers) > 20 and not any(answers)


def test_leases_give_old_answers_when_a_leader_that_was_just_heard_is_not_protected() -> None:
    trusting = replace(STALE, lease=True, drift=0.1)
    assert any(old for seed in range(8) for old in deposed(trusting, seed, kind=Unprotected))


def test_leases_give_old_answers_when_clocks_differ_by_more() -> None:
    trusting = replace(STALE, lease=True, drift=0.1)
    assert any(old for seed in range(8) for old in deposed(trusting, seed, rates=(0.5, 1.0)))


def test_a_drift_that_is_foreseen_makes_the_same_clocks_harmless() -> None:
    careful = replace(STALE, lease=True, drift=0.5)
    assert not any(old for seed in range(8) for old in deposed(careful, seed, rates=(0.5, 1.0)))
