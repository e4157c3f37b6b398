"""The ring view: its document has every state, its forms say the same, what makes no sense is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise

import pytest

from lessons.partitioning.hash_ring.view import IN_THE_PAGE, ring_view
from lessons.viz.ring import STEPS, Choices, RingState, RingView
from lessons.viz.ring_picture import RingPicture, Stop, arcs_of, ring_picture

PLACES = {"a": (0.1, 0.6, 0.35, 0.85), "b": (0.2, 0.7, 0.45, 0.95)}


def compute(weights: Mapping[str, int], vnodes: int) -> RingState:
    points = {name: PLACES[name][: weight * vnodes] for name, weight in weights.items()}
    return RingState(points, {name: 10 * weight for name, weight in weights.items()})


def view(**changes: object) -> RingView:
    options: dict[str, object] = {"title": "A ring", "caption": "Two nodes.", "id": "two", "sample": (0.05, 0.5)}
    choices = Choices(("a", "b"), (1, 2), (1, 2))
    return RingView(compute, choices, ((1, 0), 1), **{**options, **changes})  # type: ignore[arg-type]


def test_the_document_has_every_state_that_can_be_chosen() -> None:
    document = view().document
    assert set(document["loads"]) == {
        f"{a},{b}/{vnodes}" for a in range(3) for b in range(3) for vnodes in (1, 2) if a or b
    }
    assert document["loads"]["1,2/1"] == [10, 20] and document["loads"]["0,1/2"] == [0, 10]
    assert document["counts"] == [[0, 0], [1, 2], [2, 4]] and document["start"] == {"weights": [1, 0], "vnodes": 1}
    assert document["points"] == [[int(place * STEPS) for place in PLACES[name]] for name in "ab"]
    assert json.loads(json.dumps(document)) == document


def test_the_documents_texts_cannot_leave_their_script() -> None:
    shown = view(title="</script><b>", caption="a < b").html()
    data = re.search(r'<script type="application/json">(.*?)</script>', shown, re.S)
    assert data is not None and json.loads(data[1])["title"] == "</script><b>"
    assert "<figcaption>a &lt; b</figcaption>" in shown


def test_every_form_says_the_same() -> None:
    ring = view()
    forms = ring._repr_mimebundle_()
    assert set(forms) == {"text/plain", "text/html"}
    assert forms["text/plain"].startswith("A ring\nTwo nodes.\n\nKeys of the fullest node")
    assert (
        'alt="A ring. A circle cut into arcs, each of which belongs to a node: a with 1 point and 10 keys."'
        in (forms["text/html"])
    )
    assert ring.numbers.rows == [["1", "1", "1"], ["2", "1", "1"]]
    assert repr(ring) == "RingView('A ring')"


@pytest.mark.parametrize("start", [((0, 0), 1), ((1, 3), 1), ((1,), 1), ((1, 1), 3)])
def test_a_start_that_is_no_choice_is_refused(start: object) -> None:
    with pytest.raises(ValueError, match=r"start is .*: it must be one of the choices"):
        RingView(compute, Choices(("a", "b"), (1, 2), (1, 2)), start, title="", caption="", id="x")  # type: ignore[arg-type]


def test_points_that_change_places_with_the_weight_are_refused() -> None:
    def jumpy(weights: Mapping[str, int], vnodes: int) -> RingState:
        return RingState({name: [weight / 10] * weight for name, weight in weights.items()}, dict(weights))

    ring = RingView(jumpy, Choices(("a",), (1, 2), (1,)), ((1,), 1), title="t", caption="c", id="x")
    with pytest.raises(ValueError, match="points of 'a' with weight 1 are not among those with more weight"):
        _ = ring.document


def test_the_kernel_answers_for_the_live_choices_and_for_no_others() -> None:
    ring = view(live=Choices(("a", "b"), (1, 2), (1, 2)))
    answer = ring.answer({"weights": [0, 2], "vnodes": 2, "number": 7})
    assert answer == {"number": 7, "points": [[], [int(place * STEPS) for place in PLACES["b"]]], "loads": [0, 20]}
    for wish in ({"weights": [0, 0], "vnodes": 1}, {"weights": [9, 1], "vnodes": 1}, {"weights": [1], "vnodes": 1}):
        with pytest.raises(ValueError, match=r"wish is .*: it is not one of the choices"):
            ring.answer({**wish, "number": 1})


def test_the_widget_passes_a_wish_to_the_kernel_and_the_state_back() -> None:
    pytest.importorskip("anywidget")
    ring = view()
    live = ring.live()
    assert ring.live() is live and live.document["loads"] == {"1,0/1": [10, 0]}
    live.wish = {"weights": [1, 1], "vnodes": 2, "number": 1}
    assert live.state == ring.answer(live.wish)
    assert repr(live) == "LessonRing('A ring')"
    live.close()


def test_arcs_cover_the_circle_once_and_neighbours_differ() -> None:
    for points in (PLACES, {"a": (0.3,), "b": (0.3, 0.31)}, {"a": (0.2, 0.4), "b": ()}):
        arcs = list(arcs_of(points))
        assert sum(end - start for _, start, end in arcs) == pytest.approx(1)
        assert len(arcs) == 1 or all(one[0] != other[0] for one, other in pairwise([*arcs, arcs[0]]))
    assert list(arcs_of({"a": (0.2,), "b": (0.7,)})) == [("a", 0.7, 1.2), ("b", 0.2, 0.7)]


def test_a_walk_has_a_dot_for_each_copy_and_a_cross_for_each_point_without() -> None:
    stops = [Stop(0.95, "b", True), Stop(0.1, "a", True), Stop(0.11, "b", False)]
    drawn = ring_picture(PLACES, 0.9, stops)
    assert drawn.count('class="write"') == 2 and drawn.count('class="cross"') == 1 and ">key<" in drawn
    assert drawn.count('class="tick"') == 8
    picture = RingPicture(drawn, "A walk.", "The caption.")
    assert picture._repr_mimebundle_()["text/plain"] == "The caption.\nA walk."
    assert 'alt="A walk."' in picture.html() and repr(picture) == "RingPicture('The caption.')"


def test_the_chapters_ring_is_small_enough_for_a_page() -> None:
    ring = ring_view()
    assert len(ring.html()) < 100_000
    assert len(ring.document["loads"]) == (3 ** len(IN_THE_PAGE.nodes) - 1) * len(IN_THE_PAGE.vnodes)
