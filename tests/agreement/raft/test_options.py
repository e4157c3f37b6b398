"""Options and founders that make no sense are refused with the argument, its value and the rule."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft import Options, Raft


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"heartbeat": 0.0}, "heartbeat is 0.0"),
        ({"heartbeat": 0.2}, "heartbeat is 0.2, election is (0.15, 0.3): they must rise"),
        ({"election": (0.3, 0.15)}, "election is (0.3, 0.15): they must rise"),
        ({"election": (0.15, float("inf"))}, "election is (0.15, inf): they must rise"),
        ({"size": 0}, "size is 0: it must be a whole number, 1 or more"),
        ({"batch": 2.5}, "batch is 2.5: it must be a whole number, 1 or more"),
        ({"batch": True}, "batch is True: it must be a whole number, 1 or more"),
        ({"batch": 0}, "batch is 0: it must be a whole number, 1 or more"),
        ({"window": 0}, "window is 0: it must be a whole number, 1 or more"),
        ({"compact_after": 0}, "compact_after is 0: it must be a whole number, 1 or more"),
        ({"chunk": -1}, "chunk is -1: it must be a whole number, 1 or more"),
        ({"drift": 1.0}, "drift is 1.0: it must be a share"),
        ({"drift": -0.1}, "drift is -0.1: it must be a share"),
        ({"lease": True, "check_quorum": False}, "lease is True, check_quorum is False"),
    ],
    ids=str,
)
def test_options_are_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError) as refused:
        Options(**given)
    assert text in str(refused.value)


def test_founders_are_named_once_each() -> None:
    with pytest.raises(ValueError) as refused:
        Raft(voters=("n1", "n2", "n1"))
    assert "voters is ('n1', 'n2', 'n1'): name each server once" in str(refused.value)
