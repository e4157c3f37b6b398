"""Figure 2 of the paper, box "AppendEntries RPC", receiver: one test per step, and per trap in it."""

from __future__ import annotations

import pytest

from lessons.agreement.raft.messages import Appended
from tests.agreement.raft.stage import Stage, append, entries


def test_step_1_a_leader_of_an_older_term_is_refused_and_told_the_term() -> None:
    stage = Stage()
    stage.fill(1, term=5)
    assert stage.ask("n3", append(4, 1, 1, *entries(4, start=2))) == Appended(5, False, 0, 0)
    assert stage.terms == [1]


def test_step_1_a_leader_of_an_older_term_does_not_count_as_a_leader() -> None:
    stage = Stage()
    stage.fill(1, term=5)
    stage.say("n3", append(4, 1, 1))
    assert stage.server.leader == "n2"


@pytest.mark.parametrize(("index", "term"), [(2, 2), (2, 3), (3, 1), (9, 1)])
def test_step_2_an_entry_that_is_missing_or_of_another_term_before_the_new_ones_is_a_refusal(
    index: int, term: int
) -> None:
    stage = Stage()
    stage.fill(1, 1)
    answer = stage.ask("n2", append(3, index, term, *entries(3, start=index + 1)))
    assert (answer.term, answer.success, answer.prev_index) == (3, False, index)
    assert stage.terms == [1, 1]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_step_2_before_the_first_entry_and_at_every_entry_of_the_same_term_the_logs_agree(index: int) -> None:
    stage = Stage()
    stage.fill(1, 2)
    assert stage.ask("n2", append(3, index, (0, 1, 2)[index])).success


def test_step_3_an_entry_of_another_term_goes_with_all_that_follow_it() -> None:
    stage = Stage()
    stage.fill(1, 1, 2, 2, 2)
    assert stage.ask("n3", append(3, 2, 1, *entries(3, start=3))).success
    assert stage.terms == [1, 1, 3]


def test_step_3_a_conflict_is_found_at_any_of_the_new_entries_not_at_the_first_only() -> None:
    stage = Stage()
    stage.fill(1, 1, 2)
    stage.say("n3", append(3, 1, 1, *entries(1, 3, 3, start=2)))
    assert stage.terms == [1, 1, 3, 3]


def test_step_3_without_a_conflict_nothing_is_deleted() -> None:
    stage = Stage()
    stage.fill(1, 1, 1, 1)
    # An old message, late: what follows its entries may have been acknowledged already.
    assert stage.ask("n2", append(1, 0, 0, *entries(1, 1))) == Appended(1, True, 2, 0)
    assert stage.terms == [1, 1, 1, 1]


def test_step_4_entries_that_are_new_are_appended_and_others_are_not_repeated() -> None:
    stage = Stage()
    stage.fill(1, 1)
    assert stage.ask("n2", append(2, 1, 1, *entries(1, 2, 2, start=2))) == Appended(2, True, 4, 0)
    assert stage.log == [(1, "x1"), (1, "x2"), (2, "x3"), (2, "x4")]


@pytest.mark.parametrize(("leaders", "ours"), [(1, 1), (2, 2), (9, 3)])
def test_step_5_the_commit_index_is_the_leaders_but_not_beyond_the_last_new_entry(leaders: int, ours: int) -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0, *entries(1, 1, 1), commit=leaders))
    assert stage.server.commit == ours


def test_step_5_the_last_new_entry_is_that_of_the_message_not_of_the_log() -> None:
    stage = Stage()
    stage.fill(1, 1, 2)
    # The leader of term 3 has another entry at 3: ours must not be committed because it has committed its own.
    stage.say("n3", append(3, 1, 1, *entries(1, start=2), commit=3))
    assert (stage.server.commit, stage.terms) == (2, [1, 1, 2])


def test_step_5_a_heartbeat_commits_no_further_than_where_the_logs_are_known_to_agree() -> None:
    stage = Stage()
    stage.fill(1, 1, 1)
    stage.say("n2", append(1, 2, 1, commit=3))
    assert stage.server.commit == 2


def test_step_5_a_commit_index_that_is_behind_ours_changes_nothing() -> None:
    stage = Stage()
    stage.fill(1, 1, 1, commit=3)
    stage.say("n2", append(1, 3, 1, commit=1))
    assert stage.server.commit == 3
