"""Verdicts: levels, words and pictures, for eyes, for terminals, for those who can't see."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from lessons.check.isolation import LEVELS, Append, Isolation, Read, Transaction, check_isolation
from lessons.check.isolation.anomalies import CYCLIC, KINDS, NAMES, Anomaly
from lessons.check.isolation.levels import compatible, level, strongest
from tests.check.isolation.databases import NoIsolation, Workload

SKEW = [Transaction("T1", [Read("x", []), Append("y", 1)]), Transaction("T2", [Read("y", []), Append("x", 1)])]


# Levels


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("internal", ()),
        ("G0", ()),
        ("G1a", ("read uncommitted",)),
        ("G1b", ("read uncommitted",)),
        ("G1c", ("read uncommitted",)),
        ("incompatible order", ("read uncommitted",)),
        ("G-single", ("read committed",)),
        ("G-nonadjacent", ("read committed",)),
        ("G2-item", ("strong snapshot isolation",)),
        ("G0-process", ("serializable",)),
        ("G-single-process", ("serializable",)),
        ("G2-item-process", ("serializable", "strong snapshot isolation")),
        ("G-single-realtime", ("strong session serializable",)),
        ("G2-item-realtime", ("strong session serializable", "strong snapshot isolation")),
    ],
)
def test_each_kind_rules_out_its_levels(kind: str, held: tuple[str, ...]) -> None:
    assert tuple(each.name for each in strongest(compatible({kind}, "real-time"))) == held


def test_every_kind_is_forbidden_by_the_strongest_level() -> None:
    orders = ("", "-process", "-realtime")
    kinds = {*KINDS, *(kind + order for kind in CYCLIC for order in orders)}
    assert kinds <= level("strict serializable").forbids
    assert all(each.forbids <= level("strict serializable").forbids for each in LEVELS)


def test_levels_of_data_are_a_ladder_with_one_fork() -> None:
    weak_to_strong = ["read uncommitted", "read committed", "snapshot isolation", "serializable", "strict serializable"]
    assert all(level(more).is_above(level(less)) for less, more in pairwise(weak_to_strong))
    assert not level("strong snapshot isolation").is_above(level("repeatable read"))
    assert not level("repeatable read").is_above(level("strong snapshot isolation"))


def test_a_level_needs_the_order_that_it_promises() -> None:
    verdict = check_isolation(SKEW)
    with pytest.raises(ValueError, match="level is 'strict serializable': check the history with order='real-time'"):
        verdict.allows("strict serializable")
    with pytest.raises(ValueError, match="level is 'perfect': choose from read uncommitted, read committed"):
        verdict.allows("perfect")
    assert verdict.levels == ("read uncommitted", "read committed", "snapshot isolation")


def test_anomalies_are_found_by_kind_and_by_name_and_by_level() -> None:
    verdict = check_isolation(SKEW)
    assert verdict.found("write skew") == verdict.found("G2-item") == verdict.against("serializable")
    assert verdict.found("G0") == verdict.against("snapshot isolation") == ()


# Words


def test_the_sentence_says_what_holds_what_does_not_and_why() -> None:
    assert check_isolation(SKEW).sentence == (
        "2 transactions, compatible with snapshot isolation, not with repeatable read: G2-item (write skew)."
    )
    assert check_isolation(SKEW[:1]).sentence == "1 transaction, no anomaly: compatible with serializable."
    broken = [Transaction("T1", [Append("x", 1), Read("x", [])])]
    assert check_isolation(broken).sentence == (
        "1 transaction, compatible with no level, not even read uncommitted: internal."
    )


def test_the_text_has_transactions_and_evidence() -> None:
    assert check_isolation(SKEW).text().splitlines()[2:] == [
        "G2-item (write skew). Two transactions each wrote what the other had read, without seeing it.",
        "  T1: read x []; append y 1",
        "  T2: read y []; append x 1",
        "  - T1 -> T2 (rw x): T1 read x as []; T2 appended 1 to it later.",
        "  - T2 -> T1 (rw y): T2 read y as []; T1 appended 1 to it later.",
    ]


def test_of_many_anomalies_the_first_are_told_and_the_rest_counted() -> None:
    history = [Transaction(f"T{number}", [Read(f"x{number}", [number])]) for number in range(25)]
    verdict = check_isolation(history)
    assert verdict.sentence.endswith("not even read uncommitted: 25 × garbage read.")
    assert verdict.text().endswith("... and 5 more anomalies.") and len(verdict.anomalies) == 25


def test_of_a_long_cycle_the_beginning_and_the_end_are_told_and_it_is_not_drawn() -> None:
    size = 40
    ring = [Transaction(f"T{at}", [Read(at, []), Append((at + 1) % size, 1)]) for at in range(size)]
    verdict = check_isolation(ring)
    assert len(verdict.anomalies[0].cycle) == size and verdict.html().count("<img") == 0
    told = verdict.text().splitlines()
    assert len(told) == 3 + 2 * 13 and told.count("  ... 28 more ...") == 2
    assert "  T0: read 0 []; append 1 1" in told and told[-1].startswith("  - T1 -> T0 (rw 1)")


def test_every_anomaly_has_a_definition_and_a_source() -> None:
    assert check_isolation(SKEW).anomalies[0].cite == "Adya 1999; Berenson et al. 1995, A5B"
    for kind in KINDS:
        assert Anomaly(kind, (), ()).definition.endswith(".") and Anomaly(kind, (), ()).cite
    for name in NAMES:
        assert Anomaly("G-single", (), (), name).definition.endswith(".")
    assert "the order of transactions in time" in Anomaly("G0-realtime", (), ()).definition


def test_the_rules_behind_a_cycle_are_named() -> None:
    assert [rule.split(":")[0] for rule in check_isolation(SKEW).anomalies[0].rules] == ["Traceability"]


def test_the_worst_comes_first() -> None:
    history = [
        *SKEW,
        Transaction("T3", [Append("z", 1), Read("z", [])], process="a", start=0, end=1),
    ]
    assert [anomaly.kind for anomaly in check_isolation(history).anomalies] == ["internal", "G2-item"]


def test_the_same_history_gives_the_same_words_whatever_the_hashes() -> None:
    program = (
        "from tests.check.isolation.databases import NoIsolation, Workload\n"
        "from lessons.check.isolation import check_isolation\n"
        "print(check_isolation(Workload(1).run(NoIsolation(), 80), 'real-time').text())\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


# Pictures


def test_a_verdict_draws_its_cycles() -> None:
    forms = check_isolation(SKEW)._repr_mimebundle_()
    assert forms["text/plain"] == check_isolation(SKEW).text()
    assert forms["text/html"].count("<img") == 1 and "lesson-verdict broken" in forms["text/html"]
    assert 'alt="A cycle of 2 boxes. T1: read x []; append y 1. T2: read y []; append x 1.' in forms["text/html"]
    assert "<summary>The evidence</summary>" in forms["text/html"]


def test_a_verdict_without_anomalies_is_its_sentence() -> None:
    assert check_isolation([]).html() == (
        '<p class="lesson-verdict held">✓ 0 transactions, no anomaly: compatible with serializable.</p>'
    )


def test_a_few_cycles_are_drawn_of_many() -> None:
    verdict = check_isolation(Workload(3).run(NoIsolation(), 100))
    assert sum(bool(anomaly.cycle) for anomaly in verdict.anomalies) > 3
    assert verdict.html().count("<img") == 3


def test_an_anomaly_draws_itself_if_it_is_a_cycle() -> None:
    (skew,) = check_isolation(SKEW).anomalies
    assert set(skew._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert repr(skew.picture()).startswith("CyclePicture('G2-item (write skew).")
    (garbage,) = check_isolation([Transaction("T1", [Read("x", 1)])]).anomalies
    assert set(garbage._repr_mimebundle_()) == {"text/plain"}
    with pytest.raises(ValueError, match="garbage read is no cycle: there is nothing to draw"):
        garbage.picture()


def test_what_comes_from_outside_is_shown_as_text() -> None:
    evil = "<script>alert(1)</script>"
    history = [
        Transaction(evil, [Read("x", []), Append(evil, 1)]),
        Transaction("T2", [Read(evil, []), Append("x", evil)]),
    ]
    assert "<script" not in check_isolation(history).html()


def test_a_verdict_shows_itself_in_a_terminal() -> None:
    assert repr(Isolation(0, ())) == "<Isolation: 0 transactions, no anomaly: compatible with serializable.>"
