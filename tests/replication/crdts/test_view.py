"""The pictures show what happened: versions that branch and meet, and who typed which character."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from lessons.check import holds
from lessons.replication.crdts.gossip import DeltaGossip
from lessons.replication.crdts.runs import TROUBLE, crdt_run
from lessons.replication.crdts.specification import told
from lessons.replication.crdts.text import ListText
from lessons.replication.crdts.versions import concurrent, versions
from lessons.replication.crdts.view import MergePicture, TextPicture, watch
from lessons.sim import Constant, Link
from lessons.trace import Trace

SCRIPT = {
    "ann": ((0.05, "add", ("milk",)), (0.40, "remove", ("milk",))),
    "bob": ((0.41, "add", ("milk",)),),
}


def run() -> Trace:
    sim = crdt_run(4, DeltaGossip, "or-set", names=("ann", "bob"), network=Link(Constant(0.01)), script=SCRIPT)
    return holds(sim.run(until=2))


def test_the_versions_of_a_run_branch_and_meet() -> None:
    found = versions(run())
    assert [dict(version.name) for version in found] == [
        {}, {"ann": 1}, {"ann": 2}, {"ann": 1, "bob": 1}, {"ann": 2, "bob": 1},
    ]  # fmt: skip
    assert [version.value for version in found] == [set(), {"milk"}, set(), {"milk"}, {"milk"}]
    first, _, removed, added, last = found
    assert last.is_join and set(last.parents) == {removed.name, added.name} and concurrent(removed, added)
    assert set(last.replicas) == {"ann", "bob"} == set(first.replicas) and not concurrent(first, last)


def test_the_picture_is_drawn_with_its_words() -> None:
    picture = MergePicture(run(), "A set.")
    root = ElementTree.fromstring(picture.svg())
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ann", "bob", "{ }", "{milk}", "∥", "∨", "ann 2, bob 1"} <= set(texts)
    assert len(picture.pairs()) == 1
    assert picture.text().splitlines()[-1].startswith("[ann 2, bob 1] {milk}: ") and "joins [" in picture.text()
    assert picture.alt.startswith("Lattice of 5 versions at 2 replicas. Branches meet in 1 joins.")
    forms = picture._repr_mimebundle_()
    assert 'alt="Lattice of 5' in forms["text/html"] and forms["text/plain"] == picture.text()


def test_every_version_of_a_run_in_trouble_comes_after_those_that_it_is_made_of() -> None:
    for seed in range(10):
        trace = holds(crdt_run(seed, kind="g-counter", trouble=TROUBLE).run(until=6))
        found = versions(trace)
        values = {}
        for version in found:
            assert all(values[parent] <= version.value for parent in version.parents)
            values[version.name] = version.value
        ElementTree.fromstring(MergePicture(trace).svg())


def test_a_text_shows_who_typed_what_and_its_tombstones() -> None:
    here, there = ListText(), ListText()
    for mine, theirs in zip("cba", "zyx", strict=True):
        here.insert("ann", 0, mine)
        there.insert("bob", 0, theirs)
    here.merge(there)
    here.delete("ann", 0)
    picture = TextPicture(here, "Two words.")
    assert picture.text() == "Two words.\naybzc\nababa"
    assert picture.alt == (
        "6 characters, 1 of them tombstones. Who typed what, in order: ann: a; bob: y; ann: b; bob: z; ann: c."
    )
    texts = [e.text for e in ElementTree.fromstring(picture.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:4] == ["x", "b", "a", "a"] and "a: ann" in texts and "b: bob" in texts


@pytest.mark.parametrize(("length", "is_narrow"), [(16, True), (17, False)])
def test_a_short_text_keeps_its_size_on_a_phone_and_a_long_one_scrolls(length: int, is_narrow: bool) -> None:
    text = ListText()
    text.insert("ann", 0, "x" * length)
    assert ("lesson-narrow" in TextPicture(text).html()) is is_narrow


def test_a_picture_of_nothing_is_a_picture() -> None:
    picture = TextPicture(ListText())
    ElementTree.fromstring(picture.svg())
    assert picture.alt.endswith("in order: nothing.") and picture.text() == "\n"


def test_values_are_told_in_a_few_letters() -> None:
    assert [told(value) for value in (None, "", set(), {2, "b", "a"}, ["x"], 7, "tea", True, {"k": 1})] == [
        "nothing", "nothing", "{ }", "{2, a, b}", "{x}", "7", "tea", "True", "{'k': 1}",
    ]  # fmt: skip


def test_a_run_can_be_watched_in_the_player() -> None:
    player = watch(run(), title="A set", caption="Milk is removed and added at once.")
    assert player.document["look"]["badge"] == "value"
    assert "data-lesson" in player.html()
