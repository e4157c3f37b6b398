"""The judges: each safety property of Figure 3 finds what breaks it, and lets pass what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lessons.agreement.raft import Entry, Role
from lessons.agreement.raft.invariants import (
    ElectionSafety,
    LeaderAppendOnly,
    LeaderCompleteness,
    LogMatching,
    Persistence,
    StateMachineSafety,
)
from lessons.sim import NodeState, State
from tests.agreement.raft.stage import entries

Judge = Callable[[State], str | None]


def server(name: str, *terms: int, log: tuple[Entry, ...] | None = None, up: bool = True, **fields: Any) -> NodeState:
    """A server as it shows itself; by default a follower of the last term in its log."""
    shown = {
        "role": Role.FOLLOWER, "term": max(terms, default=0), "vote": None, "commit": 0, "applied": 0,
        "entries": entries(*terms) if log is None else log, "base": 0, **fields,
    }  # fmt: skip
    state = NodeState(name, "Raft", shown)
    state.up = up
    return state


def world(*nodes: NodeState) -> State:
    """A moment."""
    state = State()
    for node in nodes:
        state.add(node)
    return state


def verdicts(judge: type[Judge], *moments: State) -> list[bool]:
    """Whether the property is broken, moment by moment."""
    look = judge()  # type: ignore[call-arg]
    return [look(moment) is not None for moment in moments]


LEADS = {"role": Role.LEADER}


def test_election_safety_is_broken_by_two_leaders_of_one_term_also_one_after_the_other() -> None:
    one, other = server("n1", 1, **LEADS), server("n2", 1, **LEADS)
    assert verdicts(ElectionSafety, world(one, other)) == [True]
    assert verdicts(ElectionSafety, world(one, server("n2", 1)), world(server("n1", 1), other)) == [False, True]
    assert verdicts(ElectionSafety, world(one, server("n2", 2, **LEADS)), world(one)) == [False, False]


@pytest.mark.parametrize(
    ("later", "broken"),
    [((1, 2, 2), False), ((1, 2, 2, 2), False), ((1, 2), True), ((1, 1, 2), True), ((), True)],
)
def test_leader_append_only_is_broken_by_a_leader_that_loses_or_changes_an_entry(
    later: tuple[int, ...], broken: bool
) -> None:
    before, after = server("n1", 1, 2, 2, **LEADS), server("n1", *later, **{**LEADS, "term": 2})
    assert verdicts(LeaderAppendOnly, world(before), world(after)) == [False, broken]


def test_leader_append_only_lets_a_leader_compact_and_a_follower_change_its_log() -> None:
    compacted = server("n1", log=entries(2, start=3), base=2, term=2, **LEADS)
    assert verdicts(LeaderAppendOnly, world(server("n1", 1, 2, 2, **LEADS)), world(compacted)) == [False, False]
    lost = server("n1", log=(), base=2, term=2, **LEADS)
    assert verdicts(LeaderAppendOnly, world(server("n1", 1, 2, 2, **LEADS)), world(lost)) == [False, True]
    assert verdicts(LeaderAppendOnly, world(server("n1", 1, 2, 2)), world(server("n1", 1))) == [False, False]


def test_log_matching_is_broken_by_other_entries_of_one_index_and_term_or_before_them() -> None:
    other = (entries(1)[0], Entry(2, entries(2)[0].kind, "another"))
    assert verdicts(LogMatching, world(server("n1", 1, 2), server("n2", log=other))) == [True]
    assert verdicts(LogMatching, world(server("n1", 1, 2), server("n2", 2, 2))) == [True]
    assert verdicts(LogMatching, world(server("n1", 1, 2, 2), server("n2", 1, 3), server("n3"))) == [False]


def test_state_machine_safety_is_broken_by_two_commands_committed_at_one_index() -> None:
    assert verdicts(StateMachineSafety, world(server("n1", 1, 2, commit=2), server("n2", 1, 3, commit=2))) == [True]
    assert verdicts(StateMachineSafety, world(server("n1", 1, 2, commit=2), server("n2", 1, 3, commit=1))) == [False]
    now, later = world(server("n1", 1, 2, commit=2)), world(server("n1", 1, 3, commit=0), server("n2", 1, 3, commit=2))
    assert verdicts(StateMachineSafety, now, later) == [False, True]


def test_leader_completeness_is_broken_by_a_later_leader_without_a_committed_entry() -> None:
    committed = world(server("n1", 1, 2, commit=2))
    assert verdicts(LeaderCompleteness, committed, world(server("n2", 1, 3, **LEADS))) == [False, True]
    assert verdicts(LeaderCompleteness, committed, world(server("n2", 1, 2, 3, **LEADS))) == [False, False]
    assert verdicts(LeaderCompleteness, committed, world(server("n2", log=(), base=2, term=3, **LEADS))) == [False] * 2


def test_leader_completeness_says_nothing_of_leaders_from_before_the_entry_was_committed() -> None:
    # An entry of term 2 that was committed in term 4; the leader of term 3 has been away since, and does not know.
    committed = world(server("n1", 1, 2, 4, commit=3))
    assert verdicts(LeaderCompleteness, committed, world(server("n2", 1, 3, **LEADS))) == [False, False]


@pytest.mark.parametrize(
    ("term", "vote", "broken"),
    [(2, "n1", False), (3, None, False), (3, "n3", False), (2, None, True), (2, "n3", True), (1, "n1", True)],
)
def test_persistence_is_broken_by_a_term_that_falls_and_a_vote_that_changes(
    term: int, vote: str | None, broken: bool
) -> None:
    before, after = server("n1", term=2, vote="n1"), server("n1", term=term, vote=vote)
    assert verdicts(Persistence, world(before), world(after)) == [False, broken]


def test_a_server_that_is_down_is_not_judged() -> None:
    down = server("n2", 1, **LEADS, up=False)
    assert verdicts(ElectionSafety, world(server("n1", 1, **LEADS), down)) == [False]
