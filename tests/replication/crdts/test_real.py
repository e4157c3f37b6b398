"""Beside a real Valkey: what is lost there when a cut heals is kept here."""

from __future__ import annotations

import pytest

from lessons.real import Missing
from lessons.replication.crdts.real import careful_primary, split_brain


def test_where_the_real_store_keeps_one_side_the_joined_counter_and_set_keep_both() -> None:
    found = split_brain()
    if isinstance(found, Missing):
        pytest.skip(str(found))
    first, cut, second, healed = ([row[1], row[2], row[3]] for row in found.rows)
    assert first == ["5, {milk}"] * 3
    assert cut == ["8, {milk, tea}", "5, {milk}", "5, {milk} | 8, {milk, tea}"]
    assert second == ["8, {milk, tea}", "7, {}", "7, {} | 8, {milk, tea}"]
    assert healed == ["7, {}", "7, {}", "10, {tea}"]
    assert "WAIT: 1 replica has it" in found.rows[0][0] and found.rows[1][0].endswith("WAIT: 0")


def test_a_primary_that_must_have_a_replica_refuses_a_write_without_one() -> None:
    found = careful_primary()
    if isinstance(found, Missing):
        pytest.skip(str(found))
    assert found.sentence.endswith(": NOREPLICAS Not enough good replicas to write.")


def test_where_valkey_is_missing_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_VALKEY", "nowhere")
    assert repr(split_brain()) == "Valkey is missing: LESSONS_VALKEY is 'nowhere', which is no program."
