"""The stories are the same on this Python as when they were written down."""

from __future__ import annotations

import pytest

from tests.agreement.replicated_kv.stories import GOLDEN, STORIES, told


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_as_it_is_kept(name: str) -> None:
    lines = told(name).splitlines()
    kept = (GOLDEN / f"{name}.txt").read_text(encoding="utf8").splitlines()
    for number, (line, old) in enumerate(zip(lines, kept, strict=False)):
        assert line == old, f"event {number} of {name} is not what it was"
    assert len(lines) == len(kept)


def test_every_story_is_kept_and_nothing_else() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(STORIES)


def test_the_stories_have_all_kinds_of_commands_and_messages() -> None:
    text = "".join(map(told, STORIES))
    kinds = (
        '"Register"', '"Put"', '"Append"', '"Txn"', '"Grant"', '"KeepAlive"', '"Tick"', '"lease":', '"number":2',
        '"Opened"', '"Changed"', '"Found"', '"Decided"', '"Granted"', "Read(", "ReadIndex(", "Watch(", "Told(",
        "Status(", "Report(", "consistency=bounded", "consistency=stale", "NotLeader(", "partition",
    )  # fmt: skip
    assert [kind for kind in kinds if kind not in text] == []
