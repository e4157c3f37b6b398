"""The lab: updates by hand, at every type, in every way; what a reader can't do is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lessons.lab import answer
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.gossip import DeltaGossip
from lessons.replication.crdts.hand import HANDS, held
from lessons.replication.crdts.lab import LAB, ONLY, TYPES, WAYS, crdt_lab
from lessons.replication.crdts.runs import agreed
from lessons.trace import Noted

LABELS = {kind: label for label, kind in TYPES.items()}
FINISHED = [label for label in WAYS if not label.startswith("first draft")]


def opened() -> dict[str, Any]:
    return answer({"do": "open", "lab": "replication/crdts"})


def shown(state: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return answer({"do": "show", "state": {**state, "parameters": parameters}})


def test_the_first_run_is_what_its_caption_says() -> None:
    reply = opened()
    last = reply["verdict"]["text"].splitlines()[-1]
    assert last.startswith("[ann 2, bob 1] chats: ") and "joins [ann 2] and [ann 1, bob 1]" in last
    assert "all three show chats" in LAB.caption and reply["ends"] == ""
    assert len(json.dumps(reply["document"])) < 150_000


@pytest.mark.parametrize("way", FINISHED)
@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_a_first_run_in_which_two_branches_meet_and_all_agree(kind: str, way: str) -> None:
    reply = shown(opened()["state"], kind=kind, way=way)
    assert reply["ends"] == "" and len(reply["done"]) == 5
    last = reply["verdict"]["text"].splitlines()[-1]
    assert "joins [ann 2] and [ann 1, bob 1]" in last and all(name in last for name in ("ann,", "bob", "eve"))


def test_a_type_with_the_same_updates_keeps_what_was_done_and_another_begins_anew() -> None:
    state = shown(opened()["state"], kind="register, last writer wins")["state"]
    state["actions"][0]["args"] = ["cocoa"]
    kept = shown(state, kind="register that keeps all concurrent values")
    assert kept["done"][0]["text"] == "ask ann: write 'cocoa'"
    assert shown(state, kind="flag")["done"][0]["text"] == "ask ann: enable"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("before", TYPES)
def test_from_every_type_a_reader_gets_to_every_other(before: str, kind: str) -> None:
    state = shown(opened()["state"], kind=before)["state"]
    assert shown(state, kind=kind).get("refused") is None


@pytest.mark.parametrize("way", [label for label, node in WAYS.items() if node in ONLY])
def test_a_first_draft_of_one_type_asks_for_that_type(way: str) -> None:
    mine = LABELS[ONLY[WAYS[way]]]
    assert shown(opened()["state"], kind=mine, way=way).get("refused") is None
    words = shown(opened()["state"], kind="counter", way=way)["refused"]
    assert words == f"kind is 'pn-counter': this first draft is made for a {mine}, so choose that type as well"


def test_text_by_position_falls_apart_in_the_first_run() -> None:
    assert shown(opened()["state"], way="first draft: text by position")["ends"].startswith("Converged is broken")


def test_a_crash_by_hand_loses_nothing_that_was_done() -> None:
    sim = crdt_lab(kind="or-set")
    sim.at(0.1).ask("ann", "add", ["milk"])
    sim.at(0.11).crash("ann")
    sim.at(0.5).restart("ann")
    sim.at(0.6).ask("ann", "add", ["tea"])
    sim.run(2)
    assert agreed(sim) and sim.state["eve"].value == {"milk", "tea"}


@pytest.mark.parametrize(
    ("kind", "wish", "args", "why"),
    [
        ("text", "insert", [9, "x"], "position is 9: it must be 0 to 0, the length of the text"),
        ("or-set", "remove", ["milk"], "element is 'milk': it is not in the set, so it can't be removed"),
        ("pn-counter", "increment", [0], "amount is 0: it must be a whole number, 1 or more"),
        ("map", "remove_key", ["cart"], "key is 'cart': there is nothing under it"),
    ],
)
def test_an_update_that_makes_no_sense_is_noted_and_changes_nothing(
    kind: str, wish: str, args: list[Any], why: str
) -> None:
    sim = crdt_lab(kind=kind)
    sim.at(0.1).ask("ann", wish, args)
    (note,) = sim.run(0.2).only(Noted)
    assert note.text == "does not update" and note.facts["why"] == why
    assert sim.state["ann"].log == ()


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="replicas is 6: it must be 1 to 5"):
        crdt_lab(replicas=6)
    with pytest.raises(BadState, match="kind is 'g-set': there are hands for text, or-set"):
        held(DeltaGossip, "g-set")
    state = opened()["state"]
    state["actions"][0]["wish"] = "explode"
    assert answer({"do": "show", "state": state})["refused"].startswith(
        "wish is 'explode': ann can be asked for insert"
    )


def test_every_type_of_the_lab_has_a_hand() -> None:
    assert set(TYPES.values()) == set(HANDS)
