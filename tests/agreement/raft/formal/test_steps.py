"""From a run to the steps of the specification; no Java is needed for this."""

from __future__ import annotations

import pytest

from lessons.agreement.raft import Options
from lessons.agreement.raft.breaks import broken_by
from lessons.agreement.raft.drafts import StepsAtOnce
from lessons.agreement.raft.formal import Step, steps, stormy
from lessons.agreement.raft.formal.activations import activations
from lessons.agreement.raft.formal.validation import asks_around, record, servers_of, specification
from lessons.agreement.raft.messages import Appended, AppendEntries
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import raft_run
from lessons.trace import Delivered, Fired, Sent, Started

SERVERS = frozenset({"n1", "n2", "n3"})


def of(action: str, found: list[Step]) -> list[Step]:
    return [step for step in found if step.action == action]


def test_a_quiet_run_has_one_leader_that_commits_what_is_proposed() -> None:
    found = steps(raft_run(1, commands=2, options=Options(pre_vote=False)).run(1.0))
    assert [step.server for step in of("lead", found)] == [of("campaign", found)[-1].server]
    assert [step.argument for step in of("propose", found)] == ["a1", "a2"]
    assert max(step.argument for step in of("advance", found)) == 3
    assert not of("restart", found) and not of("step down", found)


def test_every_activation_begins_with_what_woke_the_server() -> None:
    for activation in activations(stormy(4).run(1.0), SERVERS):
        assert isinstance(activation.cause, Started | Delivered | Fired)
        assert all(sent.node == activation.server for sent in activation.sent)


def test_an_answer_comes_after_the_message_that_it_answers() -> None:
    trace = stormy(2).run(1.5)
    begun = [activation.cause.index for activation in activations(trace, SERVERS)]
    assert begun == sorted(begun)
    for activation in activations(trace, SERVERS):
        for sent in activation.sent:
            if isinstance(sent.message, Appended):
                assert isinstance(activation.cause, Delivered) and isinstance(activation.cause.message, AppendEntries)


def test_an_activation_that_a_crash_cut_off_ends_as_the_server_comes_back() -> None:
    trace = raft_run(1, options=Options(pre_vote=False)).run(1.0)
    asked = next(event for event in trace.only(Delivered) if type(event.message).__name__ == "RequestVote")
    again = raft_run(1, options=Options(pre_vote=False))
    again.at(asked.time + 0.0005).restart(asked.node)  # its disk needs 1 ms for the vote
    cut = [each for each in activations(again.run(1.0), SERVERS) if each.cause.index == asked.index]
    assert [each.cut for each in cut] == [True]
    assert cut[0].end["role"].value == "follower" and "term" in cut[0].end


def test_storms_have_everything_in_them() -> None:
    found = [step.action for seed in range(20) for step in steps(stormy(seed).run(1.5))]
    assert {"adopt", "campaign", "lead", "restart", "advance", "compact", "snapshot", "hand over", "ask"} <= {*found}


def test_changes_of_members_are_not_judged() -> None:
    with pytest.raises(ValueError, match="the specification knows no changes of members"):
        steps(broken_by(StepsAtOnce).run(Raft))


def test_a_step_is_a_record_of_tla() -> None:
    seen = {"term": 1, "vote": "n1", "role": "leader", "commit": 0, "base": 0, "entries": ()}
    assert record(Step("n1", "lead", 0, 7, seen)) == (
        '[s |-> "n1", act |-> "lead", arg |-> 0, seen |-> <<[term |-> 1, vote |-> "n1", role |-> "leader", '
        "commit |-> 0, base |-> 0, entries |-> <<>>]>>]"
    )
    assert record(Step("n1", "sync", [], 7, None)).endswith("arg |-> {}, seen |-> <<>>]")


def test_who_takes_part_and_whether_they_ask_around_is_read_from_the_run() -> None:
    with_it = raft_run(1, options=Options(pre_vote=True)).run(1.0)
    without = raft_run(1, options=Options(pre_vote=False)).run(1.0)
    assert (servers_of(with_it), asks_around(with_it)) == (("n1", "n2", "n3"), True)
    assert not asks_around(without) and without.only(Sent)


def test_a_missing_specification_says_where_it_would_be() -> None:
    with pytest.raises(FileNotFoundError, match=r"None\.tla is not at .*spec.* in the book's repository"):
        specification("None.tla")
