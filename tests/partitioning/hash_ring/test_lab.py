"""The ring to change by hand: what it says is what the ring does, and what can't be done is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.lab import answer
from lessons.partitioning.hash_ring import HashRing, Member, moves
from lessons.partitioning.hash_ring.lab import LAB, ring_board
from lessons.partitioning.hash_ring.view import KEYS, points_of
from lessons.viz.ring_picture import Arc, arcs_of

FOUR = ["ann", "bob", "cyd", "dan"]
MINE = [f"user 1:{number}" for number in range(KEYS)]


def opened() -> dict[str, Any]:
    return answer({"do": "open", "lab": "partitioning/hash_ring"})


def act(reply: dict[str, Any], wish: str, **values: Any) -> dict[str, Any]:
    state = reply["state"]
    asked = {"do": "act", "state": state, "index": len(state["actions"]), "offer": f"ask {wish}", "values": values}
    return answer(asked)


def test_the_first_step_is_what_the_caption_says() -> None:
    reply = opened()
    assert reply["document"]["text"].startswith("eve joins. 32.8 % of the data moves, at least 20.0 % must: ann to eve")
    assert reply["done"] == [{"at": 1.0, "text": "add 'eve'", "index": 1}]
    assert "Eve joins" in LAB.caption and "<svg" not in reply["document"]["html"], "the picture is an image"


def test_loads_and_moves_are_those_of_the_ring() -> None:
    board = ring_board()
    before = board.ring
    board.ask_add("eve", 2.0)
    assert board.picture().loads == {
        name: list(board.ring.owners(MINE)).count(name) for name in ("ann", "bob", "cyd", "dan", "eve")
    }
    assert board.work is not None
    assert board.work.moved == pytest.approx(
        moves(before, HashRing([*FOUR, Member("eve", 2)], 4), MINE).moved, abs=0.01
    )
    assert sum(end - start for _, start, end in board.picture().lit()) == pytest.approx(board.work.moved)


def owner_at(arcs: list[Arc], part: float) -> str:
    return next(name for name, start, end in arcs if start < part <= end or start < part + 1 <= end)


def test_what_is_lit_is_shown_under_the_name_of_who_had_it() -> None:
    board = ring_board()
    before = list(arcs_of(points_of(board.ring)))
    board.ask_add("eve")
    after = list(arcs_of(points_of(board.ring)))
    for source, start, end in board.picture().lit():
        middle = (start + end) / 2 % 1
        assert owner_at(before, middle) == source and owner_at(after, middle) == "eve"


def test_copies_are_kept_in_different_zones_and_a_key_shows_its_walk() -> None:
    board = ring_board(copies=2)
    assert sum(board.picture().loads.values()) == 2 * KEYS
    for name, zone in zip(FOUR, "eeww", strict=True):
        board.ask_put_into_zone(name, zone)
    board.ask_find("k")
    assert {board.ring.members[name].zone for name in board.ring.replicas("k", 2)} == {"e", "w"}
    assert board.said.startswith("'k' is kept by ") and "a walk clockwise from the key 'k'" in board.picture().alt
    assert board.picture().lit() == []


def test_a_change_that_changes_nothing_moves_nothing() -> None:
    board = ring_board()
    board.ask_weigh("ann", 1.0)
    assert board.said == "ann weighs 1. Nothing moves." and board.picture().lit() == []


def test_another_number_of_points_moves_much_that_nothing_asks_for() -> None:
    board = ring_board()
    board.ask_set_points(64)
    assert "of the data moves, and nothing has to: " in board.said and "other pairs." in board.said
    assert board.ring.vnodes == 64 and board.names == tuple(FOUR)


def test_a_node_that_left_keeps_its_colour_for_its_return() -> None:
    board = ring_board()
    colours = list(board.colours)
    board.ask_remove("bob")
    board.ask_add("bob")
    assert list(board.colours) == colours and board.names == ("ann", "cyd", "dan", "bob")


@pytest.mark.parametrize(
    ("wish", "values", "words"),
    [
        ("remove", {"node": "zoe"}, "remove: there is no node 'zoe'; known nodes: ann, bob, cyd, dan, eve"),
        ("add", {"name": "ann", "weight": 1, "zone": None}, "add: node 'ann' is there twice: names must differ"),
        ("add", {"name": "", "weight": 1, "zone": None}, "name"),
        ("add", {"name": "n" * 21, "weight": 1, "zone": None}, "it must have at most 20 letters"),
        ("add", {"name": "fay", "weight": 9, "zone": None}, "weight is 9: it must be a number from 0.25 to 8"),
        ("set_points", {"points": 1000}, "points is 1000: it must be a whole number from 1 to 256"),
        ("set_copies", {"copies": 6}, "set_copies: count is 6: it must be 1 to 5, the number of nodes"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(wish: str, values: dict[str, Any], words: str) -> None:
    reply = opened()
    assert words in act(reply, wish, **values)["refused"]
    assert answer({"do": "show", "state": reply["state"]})["document"]["text"] == reply["document"]["text"]


def test_the_last_copies_keep_a_node_from_leaving() -> None:
    board = ring_board(nodes=2, copies=2)
    with pytest.raises(ValueError, match="count is 2: it must be 1 to 1, the number of nodes"):
        board.ask_remove("ann")
    assert board.names == ("ann", "bob") and board.said.startswith("2 nodes share")
    with pytest.raises(ValueError, match="count is 3: it must be 1 to 2"):
        ring_board(nodes=2, copies=3)


def test_a_board_takes_twelve_nodes() -> None:
    board = ring_board(nodes=8)
    for number in range(4):
        board.ask_add(f"more{number}")
    with pytest.raises(ValueError, match="there are 12 nodes, and this board has no room for more"):
        board.ask_add("one more")


def test_a_name_is_shown_as_text_and_not_as_markup() -> None:
    reply = act(opened(), "add", name="<b>&", weight=1, zone=None)
    assert "&lt;b&gt;&amp; joins" in reply["document"]["html"] and "<b>" not in reply["document"]["html"]
