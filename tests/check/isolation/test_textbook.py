"""The examples of the textbooks: each anomaly in the history in which it was first described, in our words."""

from __future__ import annotations

import pytest

from lessons.check.isolation import Append, Isolation, Read, Transaction, Write, check_isolation


def titles(verdict: Isolation) -> list[str]:
    return [anomaly.title for anomaly in verdict.anomalies]


def around(verdict: Isolation, what: str) -> list[tuple[str, str, str]]:
    """The cycle of the one anomaly of that kind or name."""
    (anomaly,) = verdict.found(what)
    return [(edge.source, edge.target, edge.label) for edge in anomaly.cycle]


BANK = Transaction("T0", [Write("x", 50), Write("y", 50)])


def test_dirty_write_is_a_write_cycle() -> None:
    """Berenson et al. 1995, P0; Adya 1999, H_wcycle: w1(x) w2(x) w2(y) c2 w1(y) c1."""
    history = [
        Transaction("T1", [Write("x", 2), Write("y", 8)]),
        Transaction("T2", [Write("x", 5), Write("y", 5)]),
    ]
    verdict = check_isolation(history, versions={"x": [2, 5], "y": [5, 8]})
    assert titles(verdict) == ["G0"] and verdict.strongest == ()
    assert around(verdict, "G0") == [("T1", "T2", "ww x"), ("T2", "T1", "ww y")]
    assert check_isolation(history).allows("serializable"), "without the order of versions nobody can tell"
    assert check_isolation(history, versions={"x": [2, 5], "y": [8, 5]}).allows("serializable")


def test_a_read_of_two_lists_shows_a_write_cycle() -> None:
    history = [
        Transaction("T1", [Append("x", 1), Append("y", 1)]),
        Transaction("T2", [Append("x", 2), Append("y", 2)]),
        Transaction("T3", [Read("x", [1, 2]), Read("y", [2, 1])]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G0"] and not verdict.allows("read uncommitted")
    assert verdict.anomalies[0].evidence == (
        "T2 appended 2 to x after T1 appended 1.",
        "T1 appended 1 to y after T2 appended 2.",
    )


def test_dirty_read_is_an_aborted_read() -> None:
    """Berenson et al. 1995, A1; Adya 1999, G1a: w1(x) r2(x) a1 c2."""
    history = [Transaction("T1", [Write("x", 1)], "aborted"), Transaction("T2", [Read("x", 1)])]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G1a"] and verdict.strongest == ("read uncommitted",)
    assert verdict.anomalies[0].evidence == ("T2 read x as 1; T1 wrote 1 to it but aborted.",)


@pytest.mark.parametrize(
    "history",
    [
        [Transaction("T1", [Write("x", 1), Write("x", 2)]), Transaction("T2", [Read("x", 1)])],
        [Transaction("T1", [Append("x", 1), Append("x", 2)]), Transaction("T2", [Read("x", [1])])],
    ],
    ids=["register", "list"],
)
def test_a_read_of_what_its_writer_writes_again_is_an_intermediate_read(history: list[Transaction]) -> None:
    """Adya 1999, G1b: w1(x, 1) r2(x, 1) w1(x, 2)."""
    verdict = check_isolation(history)
    assert "G1b" in titles(verdict) and verdict.strongest == ("read uncommitted",)
    assert verdict.found("G1b")[0].evidence[0].endswith("T1 wrote 1 to it and then wrote it again.")


def test_two_that_read_from_each_other_are_circular_information_flow() -> None:
    """Adya 1999, H_1c: w1(x) w2(y) r1(y) r2(x)."""
    history = [
        Transaction("T1", [Write("x", 1), Read("y", 2)]),
        Transaction("T2", [Write("y", 2), Read("x", 1)]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G1c"] and verdict.strongest == ("read uncommitted",)
    assert around(verdict, "G1c") == [("T1", "T2", "wr x"), ("T2", "T1", "wr y")]


def test_inconsistent_analysis_is_read_skew() -> None:
    """Berenson et al. 1995, H1: T2 adds up the two accounts in the middle of a transfer, and finds 60 of 100."""
    history = [
        BANK,
        Transaction("T1", [Read("x", 50), Write("x", 10), Read("y", 50), Write("y", 90)]),
        Transaction("T2", [Read("x", 10), Read("y", 50)]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G-single (read skew)"] and verdict.strongest == ("read committed",)
    assert around(verdict, "read skew") == [("T1", "T2", "wr x"), ("T2", "T1", "rw y")]


def test_read_skew_is_a_cycle_with_one_anti_dependency() -> None:
    """Berenson et al. 1995, H2 and A5A: T1 reads x before a transfer and y after it."""
    history = [
        BANK,
        Transaction("T1", [Read("x", 50), Read("y", 90)]),
        Transaction("T2", [Read("x", 50), Write("x", 10), Read("y", 50), Write("y", 90)]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G-single (read skew)"]
    assert verdict.anomalies[0].evidence == (
        "T1 read x as 50; T2 wrote 10 to it later.",
        "T1 read y as 90, which T2 wrote.",
    )


@pytest.mark.parametrize(
    "reads",
    [[Read("x", []), Read("x", [1])], [Read("x", []), Append("x", 2), Read("x", [1, 2])]],
    ids=["", "own write"],
)
def test_a_fuzzy_read_is_a_cycle_with_one_anti_dependency(reads: list[Read | Append]) -> None:
    """Berenson et al. 1995, A2: r1(x) w2(x) c2 r1(x) c1."""
    verdict = check_isolation([Transaction("T1", reads), Transaction("T2", [Append("x", 1)])])
    assert "G-single (non-repeatable read)" in titles(verdict) and verdict.strongest == ("read committed",)


def test_lost_update() -> None:
    """Berenson et al. 1995, H4 and P4: r1(x, 100) r2(x, 100) w2(x, 120) c2 w1(x, 130) c1."""
    history = [
        Transaction("T0", [Write("x", 100)]),
        Transaction("T1", [Read("x", 100), Write("x", 130)]),
        Transaction("T2", [Read("x", 100), Write("x", 120)]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G-single (lost update)"] and verdict.strongest == ("read committed",)
    known = check_isolation(history, versions={"x": [100, 120, 130]})
    assert around(known, "lost update") == [("T1", "T2", "rw x"), ("T2", "T1", "ww x")]


def test_a_lost_update_of_an_append_that_somebody_missed() -> None:
    """Kingsbury and Alvaro 2020, the lost update that they found in TiDB: T1 appended 4 without having seen 5."""
    history = [
        Transaction("T0", [Append(34, 2), Append(34, 1)]),
        Transaction("T1", [Read(34, [2, 1]), Append(36, 5), Append(34, 4)]),
        Transaction("T2", [Append(34, 5)]),
        Transaction("T3", [Read(34, [2, 1, 5, 4])]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G-single (lost update)"]
    assert around(verdict, "lost update") == [("T1", "T2", "rw 34"), ("T2", "T1", "ww 34")]
    assert verdict.anomalies[0].evidence == (
        "T1 read 34 as [2, 1]; T2 appended 5 to it later.",
        "T1 appended 4 to 34 after T2 appended 5.",
    )


def test_every_pair_of_a_lost_update_is_told() -> None:
    counters = [Transaction(f"T{number}", [Read("x", None), Write("x", number)]) for number in range(4)]
    found = check_isolation(counters).found("lost update")
    assert [[each.name for each in anomaly.transactions] for anomaly in found] == [
        ["T0", "T1"],
        ["T0", "T2"],
        ["T0", "T3"],
    ]


def test_write_skew() -> None:
    """Berenson et al. 1995, H5 and A5B: together the accounts may not be overdrawn, and both transactions checked."""
    history = [
        BANK,
        Transaction("T1", [Read("x", 50), Read("y", 50), Write("y", -40)]),
        Transaction("T2", [Read("x", 50), Read("y", 50), Write("x", -40)]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G2-item (write skew)"] and verdict.strongest == ("snapshot isolation",)
    assert around(verdict, "write skew") == [("T1", "T2", "rw x"), ("T2", "T1", "rw y")]


def test_a_read_only_transaction_can_break_serializability_under_snapshot_isolation() -> None:
    """Fekete, O'Neil and O'Neil 2004: without the balance that T3 reads, T2 and T1 are in order."""
    history = [
        Transaction("T0", [Write("x", 0), Write("y", 0)]),
        Transaction("T1", [Read("y", 0), Write("y", 20)]),
        Transaction("T2", [Read("x", 0), Read("y", 0), Write("x", -11)]),
    ]
    assert check_isolation(history).strongest == ("serializable",)
    verdict = check_isolation([*history, Transaction("T3", [Read("x", 0), Read("y", 20)])])
    assert titles(verdict) == ["G2-item"] and verdict.strongest == ("snapshot isolation",)
    assert around(verdict, "G2-item") == [("T1", "T3", "wr y"), ("T3", "T2", "rw x"), ("T2", "T1", "rw y")]


def test_a_long_fork_is_not_snapshot_isolation() -> None:
    """Cerone and Gotsman 2018: two readers see two writes in opposite orders, and no two rw edges are adjacent."""
    history = [
        Transaction("T1", [Append("x", 1)]),
        Transaction("T2", [Append("y", 1)]),
        Transaction("T3", [Read("x", [1]), Read("y", [])]),
        Transaction("T4", [Read("x", []), Read("y", [1])]),
    ]
    verdict = check_isolation(history)
    assert titles(verdict) == ["G-nonadjacent"] and verdict.strongest == ("read committed",)


def test_the_serializable_history_of_the_paper_is_serializable() -> None:
    """Adya, Liskov and O'Neil 2000, figure 3: T1 before T2 before T3, with all three kinds of edges."""
    history = [
        Transaction("T1", [Append("z", 1), Append("x", 1), Append("y", 1)]),
        Transaction("T2", [Read("x", [1]), Append("y", 2)]),
        Transaction("T3", [Read("y", [1, 2]), Append("z", 3)]),
        Transaction("T4", [Read("z", [1, 3])]),
    ]
    assert check_isolation(history).strongest == ("serializable",)


def test_a_stale_read_breaks_strictness_alone() -> None:
    """Adya 1999, PL-SS: T2 began after T1 had ended, and did not see it."""
    history = [
        Transaction("T1", [Append("x", 1)], process="a", start=0, end=1),
        Transaction("T2", [Read("x", [])], process="b", start=2, end=3),
    ]
    verdict = check_isolation(history, "real-time")
    assert titles(verdict) == ["G-single-realtime"]
    assert verdict.strongest == ("strong session serializable",)
    assert verdict.anomalies[0].evidence == (
        "T1 had ended at 1 before T2 began at 2.",
        "T2 read x as []; T1 appended 1 to it later.",
    )


def test_a_client_that_misses_its_own_write_breaks_its_session() -> None:
    """Daudjee and Salem 2004: strong session serializability is about each client's own order."""
    history = [
        Transaction("T1", [Append("x", 1)], process="a"),
        Transaction("T2", [Read("x", [])], process="a"),
    ]
    verdict = check_isolation(history, "session")
    assert titles(verdict) == ["G-single-process"] and verdict.strongest == ("serializable",)
    assert check_isolation(history).strongest == ("serializable",)
