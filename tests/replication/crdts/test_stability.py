"""Stability: forgotten is only what every replica is known to have seen."""

from __future__ import annotations

from lessons.replication.crdts.stability import Stability, covers, joined


def test_what_all_have_seen_is_stable() -> None:
    group = Stability(["ann", "bob", "eve"])
    group.heard("ann", {"ann": 3, "bob": 1})
    group.heard("bob", {"ann": 2, "bob": 4})
    assert group.stable() == {}
    group.heard("eve", {"ann": 5, "eve": 1})
    assert group.stable() == {"ann": 2}
    group.heard("eve", {"bob": 1})
    assert group.stable() == {"ann": 2, "bob": 1}, "news may be late: what was heard before still holds"


def test_a_stranger_holds_nothing_up_and_proves_nothing() -> None:
    group = Stability(["ann", "bob"])
    group.heard("eve", {"ann": 9})
    group.heard("ann", {"ann": 2})
    group.heard("bob", {"ann": 1})
    assert group.stable() == {"ann": 1}


def test_a_mark_is_ripe_once_its_version_is_stable_and_is_told_once() -> None:
    group = Stability(["ann", "bob"])
    group.mark({"ann": 1}, "first")
    group.mark({"ann": 1}, "the same version again")
    group.mark({"ann": 2, "bob": 1}, "second")
    group.heard("ann", {"ann": 2, "bob": 1})
    assert group.ripe() == []
    group.heard("bob", {"ann": 1, "bob": 1})
    assert group.ripe() == ["first"] and group.ripe() == []
    group.heard("bob", {"ann": 2, "bob": 1})
    assert group.ripe() == ["second"]


def test_vectors_are_compared_and_joined_by_member() -> None:
    assert covers({"ann": 2, "bob": 1}, {"ann": 2}) and not covers({"ann": 2}, {"bob": 1})
    assert joined({"ann": 2}, {"bob": 1, "ann": 1}) == {"ann": 2, "bob": 1}
