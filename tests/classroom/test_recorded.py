"""Tables of recorded benchmarks."""

from __future__ import annotations

import pytest

from lessons.classroom import NotRecorded, recorded


def test_a_recorded_table_says_what_was_measured_and_on_which_python() -> None:
    shown = recorded("kernel")
    assert "100 nodes" in shown.caption
    assert "Python 3." in shown.caption
    assert shown.rows[0][0].startswith("lessons.sim")


def test_what_is_not_recorded_is_refused_with_what_is() -> None:
    with pytest.raises(NotRecorded, match=r"name is 'speed': recorded are .*kernel.*; python -m benchmarks NAME"):
        recorded("speed")
