"""Beside real placements: the slots of a Valkey cluster, and uhashring's ring, key by key."""

from __future__ import annotations

import pytest

from lessons.partitioning.hash_ring.real import slot, uhashring_agrees, valkey_slots
from lessons.real import Missing
from tests.partitioning.hash_ring.kinds import KEYS


def test_slots_are_those_of_the_specification() -> None:
    # The CRC-16 of "123456789" is 0x31C3 in the specification's own test; its tags are "user1000", "" and "bar".
    assert slot("123456789") == 0x31C3
    assert slot("{user1000}.following") == slot("{user1000}.followers") == slot("user1000")
    assert (
        slot("foo{}{bar}") != slot("bar")
        and slot("foo{{bar}}zap") == slot("{bar")
        and slot("foo{bar}{zap}") == slot("bar")
    )
    assert slot("open{brace") != slot("brace")


def test_a_valkey_cluster_has_each_key_in_the_slot_that_we_compute() -> None:
    keys = [*KEYS[:300], "{a}1", "{}b", "x{y{z}", "ключ"]
    found = valkey_slots(keys)
    if isinstance(found, Missing):
        pytest.skip(str(found))
    assert found.caption.endswith("the slot is what ours says for 304 of them")
    assert [row[0] for row in found.rows] == ["n1", "n2", "n3"]
    bounds = [(int(row[1].replace(",", "")), int(row[2].replace(",", ""))) for row in found.rows]
    assert bounds[0][1] < 5461 <= bounds[1][0] and bounds[1][1] < 10_922 <= bounds[2][0]


@pytest.mark.parametrize("weights", [dict.fromkeys(["ann", "bob", "cyd", "dan"], 1), {"ann": 1, "bob": 2, "cyd": 5}])
def test_uhashring_has_every_key_where_our_ketama_ring_has_it(weights: dict[str, int]) -> None:
    found = uhashring_agrees(weights, KEYS)
    if isinstance(found, Missing):
        pytest.skip(str(found))
    assert found.holds and found.sentence == "2,000 of 2,000 keys are where uhashring puts them."


def test_where_uhashring_is_missing_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uhashring", None)
    assert repr(uhashring_agrees({"ann": 1}, KEYS)) == "The client library uhashring is missing: pip install uhashring."
