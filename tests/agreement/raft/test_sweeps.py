"""The sweeps themselves: they find planted bugs, they bring into play what they should, and they can be repeated."""

from __future__ import annotations

from collections import Counter

import pytest

from lessons.agreement.raft import Raft, Role
from lessons.agreement.raft.crowd import Operation
from lessons.agreement.raft.drafts import ForgetsVotes
from lessons.agreement.raft.messages import InstallSnapshot, TimeoutNow
from lessons.agreement.raft.runs import trial
from lessons.agreement.raft.verdicts import broken_promises, stale
from lessons.sim import KINDS
from lessons.trace import Changed, Faulted, Sent
from tests.agreement.raft.planted import VotesForAnybody
from tests.agreement.raft.sweeps import verdict


@pytest.mark.parametrize("kind", [ForgetsVotes, VotesForAnybody])
def test_a_planted_bug_is_found_within_some_runs(kind: type[Raft]) -> None:
    runs = ((seed, size) for seed in range(20) for size in (3, 5, 7))
    assert any(verdict(seed, size, kind) for seed, size in runs)


def test_the_same_seed_is_the_same_run() -> None:
    assert trial(7, 3).run(3.0).transcript() == trial(7, 3).run(3.0).transcript()


def test_there_are_faults_of_all_kinds_changes_of_members_and_leaders_and_snapshots() -> None:
    seen: Counter[str] = Counter()
    for seed in range(20):
        sim = trial(seed, 5)
        sim.run(2.0)
        seen.update(event.name for event in sim.trace.only(Faulted))
        seen.update(type(event.message).__name__ for event in sim.trace.only(Sent))
        seen.update(field for event in sim.trace.only(Changed) for field in event.after)
        seen["leaders"] += sum(event.after.get("role") is Role.LEADER for event in sim.trace.only(Changed))
    faults = {"crash", "pause", "partition", "cut", "bridge", "weather", "step_clock", "drift_clock", "slow_disk"}
    assert len(KINDS) == 10 and all(seen[name] > 0 for name in {*faults, "limit_disk"})
    assert seen[InstallSnapshot.__name__] > 10 and seen[TimeoutNow.__name__] > 10
    assert seen["voters"] > 100 and seen["leaders"] > 20


DONE = Operation("propose", "a", 0.0, 1.0, "Done", "1")


@pytest.mark.parametrize(
    ("operation", "ledger", "kept"),
    [
        (DONE, ["a", "b"], True),
        (DONE, [], False),
        (DONE, ["b", "a"], False),
        (DONE, ["a", "a"], False),
        (Operation("propose", "a", 0.0, 1.0, "Lost"), ["b"], True),
        (Operation("propose", "a", 0.0, 1.0, "Lost"), ["a"], False),
        (Operation("propose", "a", 0.0, 1.0, "Refused"), ["b", "a"], False),
        (Operation("propose", "a", 0.0, 1.0, "Unknown"), ["a"], True),
        (Operation("propose", "a", 0.0, 1.0, "Unknown"), ["a", "a"], False),
        (Operation("propose", "a", 0.0), ["a"], True),
        (Operation("propose", "a", 0.0), ["a", "b", "a"], False),
    ],
    ids=str,
)
def test_a_promise_is_kept_or_not(operation: Operation, ledger: list[str], kept: bool) -> None:
    assert (list(broken_promises([operation], ledger)) == []) is kept


@pytest.mark.parametrize(
    ("name", "asked", "result", "old"),
    [
        ("query", 2.0, "a", False),
        ("query", 2.0, "", True),
        ("query", 0.5, "", False),
        ("query", 2.0, "a b", False),
        ("propose", 2.0, "2", False),
        ("propose", 2.0, "1", True),
    ],
)
def test_an_answer_is_old_if_it_lacks_what_was_known_when_it_was_asked_for(
    name: str, asked: float, result: str, old: bool
) -> None:
    assert (list(stale([DONE, Operation(name, "", asked, asked + 1, "Done", result)])) != []) is old
