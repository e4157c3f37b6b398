"""The pieces of a snapshot are put together in place: a snapshot of many pieces is copied once, not once a piece."""

from __future__ import annotations

from tests.agreement.raft.stage import Stage, piece

DATA = b"".join(b"%04d" % number for number in range(100))


def arriving(term: int, pieces: range) -> Stage:
    """A server that has the first of them, and the leader's."""
    stage = Stage()
    for number in pieces:
        stage.say("n2", piece(term, 7, 1, 4 * number, DATA[4 * number : 4 * number + 4], False))
    return stage


def test_a_piece_is_added_to_those_before_it_without_a_copy_of_them() -> None:
    stage = arriving(1, range(1))
    first = stage.server.arrived
    for number in range(1, 99):
        stage.say("n2", piece(1, 7, 1, 4 * number, DATA[4 * number : 4 * number + 4], False))
        assert stage.server.arrived is first
    assert first == DATA[: 4 * 99]


def test_what_has_arrived_is_let_go_when_another_snapshot_comes() -> None:
    stage = arriving(1, range(3))
    stage.say("n2", piece(1, 9, 1, 0, b"other", False))
    assert stage.server.arrived == b"other"
    stage.say("n3", piece(2, 9, 1, 5, b"more", False))  # of another leader: its first bytes may be others
    assert stage.server.arrived == b""


def test_a_piece_that_comes_twice_or_leaves_a_gap_is_not_added() -> None:
    stage = arriving(1, range(3))
    for start in (0, 8, 16):
        stage.say("n2", piece(1, 7, 1, start, DATA[start : start + 4], False))
    assert stage.server.arrived == DATA[:12]
