"""The first drafts break, each in a run of its own and in its own way; Raft does not, in the very same runs."""

from __future__ import annotations

import inspect

import pytest

from lessons.agreement.raft import Kind, Raft, Role, drafts
from lessons.agreement.raft.breaks import BREAKS, Break
from lessons.agreement.raft.invariants import Persistence
from lessons.sim import Faults, Simulation
from lessons.sim.actions import Planner
from lessons.trace import Changed, Faulted, Noted, Returned, Trace

OF = {broken.draft.__name__: broken for broken in BREAKS}
EACH = pytest.mark.parametrize("broken", BREAKS, ids=list(OF))


@EACH
def test_the_draft_breaks_what_is_said_and_raft_in_the_same_run_breaks_nothing(broken: Break) -> None:
    assert broken.verdict(broken.draft) == broken.invariant
    assert broken.verdict(Raft) is None


@EACH
def test_raft_also_keeps_the_rule_of_persistence_which_does_not_end_these_runs(broken: Break) -> None:
    sim, judge = broken.build(Raft), Persistence()
    while sim.now < broken.end:
        assert sim.step() and judge(sim.state) is None


@EACH
def test_the_draft_is_raft_but_for_a_few_lines(broken: Break) -> None:
    assert issubclass(broken.draft, Raft) and len(inspect.getsource(broken.draft).splitlines()) <= 20


@EACH
def test_the_run_is_short_and_the_same_every_time(broken: Break) -> None:
    first = broken.run(broken.draft)
    assert len(first) < 155
    assert first.diff(broken.run(broken.draft)) is None


@EACH
def test_nothing_that_is_done_to_the_draft_can_be_left_out(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    done = broken.run(broken.draft).only(Faulted)
    assert done
    for left_out in range(len(done)):
        with monkeypatch.context() as patched:
            leave_out(left_out, patched)
            assert broken.verdict(broken.draft) != broken.invariant, done[left_out]


def leave_out(number: int, patched: pytest.MonkeyPatch) -> None:
    """Let simulations schedule all but one of the actions that they are told to."""
    at, told = Simulation.at, iter(range(1000))

    def most_at(sim: Simulation, time: float) -> Faults:
        return Planner(lambda name, args: None).as_faults() if next(told) == number else at(sim, time)

    patched.setattr(Simulation, "at", most_at)


def run(name: str, kind: type[Raft] | None = None) -> tuple[Simulation, Trace]:
    """The run of the draft of that name, with Raft unless another kind is given."""
    broken = OF[name]
    sim = broken.build(kind or Raft)
    return sim, sim.run(broken.end)


def commands(sim: Simulation, server: str) -> list[str]:
    """The commands that a server has committed."""
    shown = sim.state[server]
    return [entry.data for entry in shown.entries[: shown.commit] if entry.kind is Kind.COMMAND]


def outcomes(trace: Trace, client: str) -> list[str]:
    """What became of a client's operations: ok, unknown, or the answer by which they failed."""
    returned = trace.only(Returned, node=client)
    return [type(event.value).__name__ if event.outcome == "fail" else event.outcome for event in returned]


def leaders(trace: Trace) -> list[tuple[float, str]]:
    """Who has been elected, and when."""
    return [(event.time, event.node) for event in trace.only(Changed) if event.after.get("role") is Role.LEADER]


# A vote on disk


def test_a_vote_on_disk_leaves_one_leader() -> None:
    sim, trace = run("ForgetsVotes")
    assert [name for _, name in leaders(trace)] == ["n1"]
    assert all((shown.leader, shown.term) == ("n1", 1) for shown in sim.state.values())


def test_a_vote_that_is_gone_breaks_the_rule_of_persistence_as_soon_as_the_server_is_back() -> None:
    sim, judge = OF["ForgetsVotes"].build(drafts.ForgetsVotes), Persistence()
    while judge(sim.state) is None:
        assert sim.step()
    assert sim.now == 0.164 and sim.trace.violation is None


# Figure 8


def test_what_a_draft_calls_committed_and_tells_a_client_is_missing_at_the_next_leader() -> None:
    sim, trace = run("CountsReplicas", drafts.CountsReplicas)
    assert sim.state["ann"].told == (2, "x") and sim.state["n1"].commit == 2
    assert [name for _, name in leaders(trace)] == ["n1", "n3", "n1", "n3"]
    assert [entry.term for entry in sim.state["n3"].entries] == [1, 2, 4]


def test_raft_tells_her_that_it_was_lost_and_does_it_when_she_asks_again() -> None:
    sim, trace = run("CountsReplicas")
    assert [name for _, name in leaders(trace)] == ["n1", "n3", "n1", "n3"]
    assert outcomes(trace, "ann") == ["Lost", "NotLeader", "ok"]
    assert [commands(sim, name) for name in ("n2", "n3")] == [["x"]] * 2


# A new term for every election


def test_candidates_that_stay_in_their_term_do_so_for_ever() -> None:
    sim = OF["StaysInTerm"].build(drafts.StaysInTerm)
    sim.run(30.0)
    assert [sim.state[name].term for name in ("n1", "n2")] == [1, 1]
    assert leaders(sim.trace) == []


def test_candidates_that_begin_a_new_term_elect_one_of_them_at_the_second_attempt() -> None:
    _, trace = run("StaysInTerm")
    ((time, _),) = leaders(trace)
    assert time < 0.5


def test_with_a_new_term_no_half_elects_anybody_and_the_whole_does() -> None:
    sim, trace = run("CountsVotes")
    ((time, name),) = leaders(trace)
    assert time > 0.4 and {shown.leader for shown in sim.state.values()} == {name}


def test_votes_may_be_counted_as_a_number_once_every_election_has_its_term() -> None:
    class CountsVotesOfATerm(drafts.CountsVotes):
        def campaign(self, transfer: bool = False) -> None:
            self.votes = 1
            Raft.campaign(self, transfer)

    assert OF["CountsVotes"].verdict(CountsVotesOfATerm) is None


# What is acknowledged is on disk


def test_a_server_whose_disk_is_full_says_nothing_and_the_client_gets_her_answer_from_the_next_leader() -> None:
    sim, trace = run("TrustsMemory")
    assert [event.node for event in trace.only(Noted)] == ["n2"]
    assert [name for _, name in leaders(trace)] == ["n1", "n3"]
    assert outcomes(trace, "ann")[0] == "unknown" and outcomes(trace, "ann")[-1] == "ok"
    assert [commands(sim, name) for name in ("n2", "n3")] == [["x"]] * 2


# What is confirmed is committed


def test_a_leader_that_is_cut_off_answers_late_that_it_was_lost_and_never_early() -> None:
    sim, trace = run("AnswersEarly")
    assert outcomes(trace, "ann") == ["Lost", "NotLeader", "ok"]
    assert [commands(sim, name) for name in ("n1", "n2", "n3")] == [["x"]] * 3


def test_the_draft_is_punished_by_a_partition_of_a_fifth_of_a_second() -> None:
    sim, trace = run("AnswersEarly", drafts.AnswersEarly)
    assert outcomes(trace, "ann") == ["ok"] and trace.end < 0.45
    assert commands(sim, "n3") == []


# The bug of 2015


def test_of_two_changes_raft_makes_one_and_refuses_the_other() -> None:
    sim, trace = run("StepsAtOnce")
    assert outcomes(trace, "ann") == ["ok"] and outcomes(trace, "bob") == ["Refused"]
    assert [sim.state[name].voters for name in ("n1", "n3", "n4")] == [("n1", "n3", "n4")] * 3


def test_without_the_rule_both_are_in_force_and_their_majorities_do_not_meet() -> None:
    sim, trace = run("StepsAtOnce", drafts.StepsAtOnce)
    assert outcomes(trace, "bob") == ["ok"]
    assert sim.state["n1"].voters == ("n1", "n3", "n4") and sim.state["n2"].voters == ("n2", "n3", "n4")
    assert [name for _, name in leaders(trace)] == ["n1", "n2", "n1"]
    assert sim.state["n2"].commit == 3 > sim.state["n1"].commit


# Reads


def test_a_leader_that_is_cut_off_does_not_answer_and_the_next_one_has_what_was_confirmed() -> None:
    sim, trace = run("ReadsAtOnce")
    assert outcomes(trace, "ann") == ["NotLeader", "ok"]
    assert sim.state["ann"].read == (2, 3, "x")


def test_without_a_read_index_it_answers_from_before_what_was_confirmed() -> None:
    sim, _ = run("ReadsAtOnce", drafts.ReadsAtOnce)
    assert sim.state["bob"].told == (3, "x") and sim.state["ann"].read == (1, 1, "")
