"""Majorities: of one group, and of both groups of a joint configuration (paper, section 6)."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.agreement.raft import Members

EXHAUSTIVE = settings(derandomize=True, deadline=None, max_examples=200, database=None)
NAMES = [f"n{number}" for number in range(1, 8)]
groups = st.sets(st.sampled_from(NAMES), min_size=1).map(lambda group: tuple(sorted(group)))


@pytest.mark.parametrize(("size", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)])
def test_a_majority_is_more_than_half(size: int, needed: int) -> None:
    members = Members(tuple(NAMES[:size]))
    assert not members.is_quorum(NAMES[: needed - 1]) and members.is_quorum(NAMES[:needed])


@pytest.mark.parametrize("size", range(1, 8))
def test_any_two_majorities_have_a_server_in_common(size: int) -> None:
    members = Members(tuple(NAMES[:size]))
    quorums = [set(some) for n in range(size + 1) for some in combinations(NAMES[:size], n) if members.is_quorum(some)]
    assert all(one & other for one in quorums for other in quorums)


@given(groups, groups, st.sets(st.sampled_from(NAMES)))
@EXHAUSTIVE
def test_a_joint_decision_needs_both_majorities(old: tuple[str, ...], new: tuple[str, ...], who: set[str]) -> None:
    both = Members(old).is_quorum(who) and Members(new).is_quorum(who)
    assert Members(new, outgoing=old).is_quorum(who) == both


@given(groups, st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
@EXHAUSTIVE
def test_majorities_before_and_after_a_step_of_one_voter_overlap(
    old: tuple[str, ...], one: str, some: set[str], others: set[str]
) -> None:
    new = tuple(sorted({*old} ^ {one}))
    if new and Members(old).is_quorum(some & {*old}) and Members(new).is_quorum(others & {*new}):
        assert some & others


def test_majorities_before_and_after_a_step_of_two_voters_may_not_overlap() -> None:
    old, new = Members(("n1", "n2", "n3")), Members(("n1", "n2", "n3", "n4", "n5"))
    assert old.is_quorum({"n1", "n2"}) and new.is_quorum({"n3", "n4", "n5"})


@given(groups, st.lists(st.integers(0, 9), min_size=7, max_size=7))
@EXHAUSTIVE
def test_what_is_agreed_is_the_greatest_value_that_a_majority_has_reached(
    group: tuple[str, ...], values: list[int]
) -> None:
    value_of = dict(zip(NAMES, values, strict=True))
    agreed = Members(group).agreed(value_of.__getitem__)
    reached = {value: {name for name in group if value_of[name] >= value} for value in range(11)}
    assert agreed == max(value for value, who in reached.items() if Members(group).is_quorum(who))


@given(groups, groups, st.lists(st.integers(0, 9), min_size=7, max_size=7))
@EXHAUSTIVE
def test_what_is_agreed_jointly_is_agreed_by_each_group(
    old: tuple[str, ...], new: tuple[str, ...], values: list[int]
) -> None:
    value_of = dict(zip(NAMES, values, strict=True)).__getitem__
    assert Members(new, outgoing=old).agreed(value_of) == min(
        Members(old).agreed(value_of), Members(new).agreed(value_of)
    )


@given(groups, groups, groups)
@EXHAUSTIVE
def test_a_configuration_comes_back_from_its_text(
    voters: tuple[str, ...], learners: tuple[str, ...], outgoing: tuple[str, ...]
) -> None:
    members = Members(voters, learners, outgoing)
    assert Members.from_text(members.to_text()) == members


def test_learners_get_the_log_and_do_not_vote() -> None:
    members = Members(("n1",), learners=("n2",))
    assert members.everybody == ("n1", "n2")
    assert members.votes("n1") and not members.votes("n2")
    assert members.is_quorum({"n1"}) and not members.is_quorum({"n2"})
