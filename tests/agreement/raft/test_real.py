"""Beside a real etcd: writes come back when a leader is lost, and without a majority only old news can be read."""

from __future__ import annotations

import pytest

from lessons.agreement.raft.real import lost_members
from lessons.real import Missing


def test_a_write_comes_back_after_a_leader_is_lost_and_a_read_needs_a_majority_unless_it_may_be_old() -> None:
    found = lost_members()
    if isinstance(found, Missing):
        pytest.skip(str(found))
    assert [row[2] for row in found.rows] == ["done", "done", "2", "none", "2", "2"]


def test_where_etcd_is_missing_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_ETCD", "nowhere")
    assert repr(lost_members()) == "etcd is missing: LESSONS_ETCD is 'nowhere', which is no program."
