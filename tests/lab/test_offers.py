"""What is offered makes sense at its moment; a client's wishes become forms."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.lab import Refused
from lessons.lab.asks import field_of
from lessons.lab.desk import Desk
from lessons.lab.moment import Moment
from lessons.sim import Action
from lessons.trace import Delivered, Dropped, Sent
from tests.lab.labs import COUNTERS, desk


def ids(at: Desk, reply: dict[str, Any], index: int | None = None) -> list[str]:
    """The offers at an event, at the last one unless given."""
    if index is None:
        index = reply["done"][-1]["index"]
    said = at.answer({"do": "offers", "state": reply["state"], "index": index})
    return [offer["id"] for offer in said["offers"]]


def after(at: Desk, *offers: str | tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The run in which these were done, one after the other at the same moment."""
    reply = at.answer({"do": "open", "lab": "tests/counters"})
    index = 40
    for each in offers:
        offer, values = each if isinstance(each, tuple) else (each, {})
        reply = at.answer({"do": "act", "state": reply["state"], "index": index, "offer": offer, "values": values})
        assert "refused" not in reply, reply
        index = reply["index"]
    return reply


@pytest.mark.parametrize(
    ("done", "there", "gone"),
    [
        (
            [],
            ["Crash a", "Pause a", "Cut off a", "ask ann add", "Partition"],
            ["Restart a", "Resume a", "Heal all cuts"],
        ),
        (["Crash a"], ["Restart a", "Crash b"], ["Crash a", "Pause a", "Resume a"]),
        (["Crash a", "Restart a"], ["Crash a", "Pause a"], ["Restart a"]),
        (["Pause a"], ["Resume a", "Crash a"], ["Pause a", "Restart a"]),
        (["Pause a", "Resume a"], ["Pause a"], ["Resume a"]),
        (["Cut off a"], ["Heal all cuts", "Cut off b"], ["Cut off a", "Cut one way a"]),
        (["Cut off a", "Heal all cuts"], ["Cut off a"], ["Heal all cuts"]),
        ([("Cut one way a", {"to": "b"})], ["Heal all cuts", "Cut off a", "Cut one way a"], []),
        (["Change the weather"], ["Clear the weather"], []),
        (["Change the weather", "Clear the weather"], [], ["Clear the weather"]),
        (["Drift clock a"], ["Right clock a 1.0"], ["Drift clock a"]),
        (["Slow disk a"], ["Repair disk a 1.0"], ["Slow disk a"]),
        (["Fill disk a 0"], ["Free disk a None"], ["Fill disk a 0"]),
        (["Fill disk a 0", "Free disk a None"], ["Fill disk a 0"], []),
        (["Crash ann"], ["Restart ann"], ["ask ann add"]),
    ],
)
def test_only_what_makes_sense_is_offered(done: list[Any], there: list[str], gone: list[str]) -> None:
    at = desk()
    reply = after(at, *done)
    found = ids(at, reply, None if done else 40)
    assert set(there) <= set(found) and not set(gone) & set(found)
    assert len(set(found)) == len(found)


def test_a_node_that_has_not_started_can_not_be_crashed() -> None:
    at = desk()
    assert "Crash b" not in ids(at, at.answer({"do": "open", "lab": "tests/counters"}), 0)


def test_the_messages_under_way_are_those_that_were_sent_and_not_received() -> None:
    trace = COUNTERS.run()
    for index in range(len(trace)):
        moment = Moment.of(trace, index)
        ended = {event.sent for event in trace.only(Delivered, Dropped) if event.index <= index}
        assert set(moment.messages) == {each.index for each in trace.only(Sent) if each.index <= index} - ended


def test_a_message_is_dropped_and_delayed_by_the_number_that_it_is_offered_with() -> None:
    at = desk()
    reply = at.answer({"do": "open", "lab": "tests/counters"})
    trace = COUNTERS.run()
    index = next(event.index for event in trace.only(Sent) if event.index > 60 and event.arrives)
    said = at.answer({"do": "offers", "state": reply["state"], "index": index})
    (drop,) = (each for each in said["offers"] if each["on"].get("send") == index and each["label"] == "Drop")
    assert drop["on"]["text"].endswith(f"from {trace[index].node} to {trace[index].to}")
    acted = at.answer({"do": "act", "state": reply["state"], "index": index, "offer": drop["id"]})
    again = acted["document"]["runs"][0]["events"][acted["index"] + 1]
    assert again[0] == "x" and again[2:] == [index, "dropped"]


def form(at: Desk, wish: str) -> dict[str, Any]:
    reply = at.answer({"do": "open", "lab": "tests/counters"})
    said = at.answer({"do": "offers", "state": reply["state"], "index": 40})
    return next(offer for offer in said["offers"] if offer["id"] == f"ask ann {wish}")


def test_a_wish_is_a_form_made_from_its_method() -> None:
    add = form(desk(), "add")
    assert (add["label"], add["help"], add["on"]) == ("Add", "Have a number added.", {"node": "ann"})
    assert add["fields"]["amount"] == {"kind": "number", "step": 1, "unit": "", "start": 1, "help": ""}
    assert add["fields"]["to"]["proposals"] == ["a", "b", "c"]
    say = form(desk(), "say")["fields"]
    assert [say[name]["kind"] for name in say] == ["text", "switch", "texts", "choice"]
    assert "start" not in say["words"] and say["way"] == {
        "kind": "choice", "options": ["post", "phone"], "start": "post", "help": "",
    }  # fmt: skip
    assert form(desk(), "nonsense")["fields"]["name"]["optional"] is True


def test_a_type_that_no_form_can_show_is_refused_when_the_form_is_made() -> None:
    with pytest.raises(TypeError, match=r"x of f is of type .*bytes.*: a form has texts, numbers, switches"):
        field_of(bytes, "x of f")


def offered(wish: str) -> Any:
    at = desk()
    reply = at.answer({"do": "open", "lab": "tests/counters"})
    shown = at._shown_of(COUNTERS, COUNTERS.start)
    assert reply["state"] == COUNTERS.start.to_json()
    return next(offer for offer in shown.offers(40) if offer.id == wish)


@pytest.mark.parametrize(
    ("wish", "values", "text"),
    [
        ("ask ann say", {}, "words is missing: it must be a text of at most 200 characters"),
        ("ask ann say", {"words": 3}, "words is 3: it must be a text"),
        ("ask ann say", {"words": "a", "way": "pigeon"}, "way is 'pigeon': it must be one of post, phone"),
        ("ask ann say", {"sentence": "a"}, "ask ann say takes no sentence: it takes words, loud, to, way"),
        ("Crash a", {"node": "b"}, "Crash a takes no node: it takes nothing"),
        ("Step clock a", {"seconds": 1e9}, "seconds is 1000000000.0: it must be a number from -60 to 60"),
    ],
)
def test_an_offer_is_taken_as_its_form_has_it_or_refused(wish: str, values: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused) as refused:
        offered(wish).action(0.5, values)
    assert str(refused.value) == text or str(refused.value).startswith(text)


def test_an_offer_becomes_the_action_of_its_fault() -> None:
    asked = offered("ask ann say").action(0.5, {"words": "hi", "to": ["a"]})
    assert asked == Action(0.5, "ask", {"client": "ann", "wish": "say", "args": ["hi", False, ["a"]]})
    parted = offered("Partition").action(0.5, {"groups": [["a", "b"], ["c"]]})
    assert parted == Action(0.5, "partition", {"groups": [["a", "b"], ["c"]]})


@pytest.mark.parametrize(
    ("values", "args"),
    [
        ({"words": "hi"}, ["hi"]),
        ({"words": "hi", "loud": False, "to": [], "way": "post"}, ["hi"]),
        ({"words": "hi", "loud": True}, ["hi", True]),
        ({"words": "hi", "way": "phone"}, ["hi", False, [], "phone"]),
    ],
)
def test_of_a_wish_the_defaults_at_the_end_are_left_out(values: dict[str, Any], args: list[Any]) -> None:
    assert offered("ask ann say").action(0.5, values).args["args"] == args
