"""Beside a real etcd: its clients' history is linearizable, and a changed answer in it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.replicated_kv import real
from lessons.agreement.replicated_kv.real import CLIENTS, OPERATIONS, Witness, etcd_judged, verdict
from lessons.real import Missing

WITHOUT_MAJORITY = ["done", "True", "False", "no answer", "2", "no answer", "2"]


def test_what_clients_of_etcd_saw_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    witness = Witness()
    monkeypatch.setattr(real, "Witness", lambda: witness)
    found = etcd_judged()
    if isinstance(found, Missing):
        pytest.skip(str(found))
    answers = [row[2] for row in found.rows]
    assert answers == ["linearizable", *WITHOUT_MAJORITY, "linearizable"]
    assert len(witness.history) == len(CLIENTS) * OPERATIONS + len(WITHOUT_MAJORITY)
    is_worth_judging(witness)


def is_worth_judging(witness: Witness) -> None:
    """Most operations had answers, swaps among them; and if one read had answered something else it would be found."""
    answered = [operation for operation in witness.history if operation.outcome == "ok"]
    assert len(answered) > len(witness.history) / 2
    assert {operation.value for operation in answered if operation.name == "cas"} == {True, False}
    read = next(operation for operation in reversed(answered) if operation.name == "get")
    witness.history[witness.history.index(read)] = replace(read, value="never written")
    assert verdict(witness) == "not linearizable"


def test_where_etcd_is_missing_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_ETCD", "nowhere")
    assert repr(etcd_judged()) == "etcd is missing: LESSONS_ETCD is 'nowhere', which is no program."
