"""The still picture: a small, well-formed SVG that says what it leaves out; and the words that go with it."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.trace import Trace
from lessons.viz import Diagram, Look, Mark, picture
from lessons.viz.space import Box, Room, shorten, text_width
from lessons.viz.window import Columns, choose, lanes
from lessons.viz.words import alt_text, cut_in_the_middle
from tests.viz.runs import chatter, everything, lost_update, spoken

EVIL = """<script>alert("1")</script> & ' " ]]> </text> \x00 \ud800 é"""


def words_of(svg: str) -> list[str]:
    """All texts of an SVG."""
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("trace", [lost_update(), everything(), chatter(100), chatter(100, nodes=20)])
def test_a_picture_is_well_formed_and_small(trace: Trace) -> None:
    svg = picture(trace)
    ElementTree.fromstring(svg)
    assert len(svg) < 30_000


def test_the_same_run_gives_the_same_picture() -> None:
    assert picture(everything()) == picture(everything())


def test_a_picture_loads_nothing_and_runs_nothing() -> None:
    svg = picture(spoken(EVIL))
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "style", "defs", "marker", "path", "rect", "circle", "text"}
    assert not re.findall(r"(?:href|src|url)\s*[=(](?!#h\))", svg.replace("xmlns=", ""))


def test_untrusted_text_is_shown_as_text() -> None:
    assert any("<script>" in text for text in words_of(picture(spoken(EVIL))))


def test_every_kind_of_event_is_in_the_picture() -> None:
    texts = " ".join(words_of(picture(everything(), Look("role", {"leader": 1}))))
    for word in ("leader", "crash", "starts", "pause", "partition", "heal", "tick", "hello", "loss", "unknown"):
        assert word in texts, word


def test_the_violation_is_named() -> None:
    assert "NoLostUpdate is broken" in words_of(picture(lost_update()))


def test_marks_are_numbered_and_their_texts_stand_below() -> None:
    texts = words_of(picture(lost_update(), marks=[Mark(8, "Ann has read 0.")]))
    assert texts.count("1") == 2 and "Ann has read 0." in texts


def test_a_long_run_ends_with_its_violation_and_says_what_is_cut() -> None:
    trace = chatter(100)
    assert "Events 0 to 59 of 303 events are shown." in words_of(picture(trace))


def test_the_shown_part_is_around_the_marks() -> None:
    trace = chatter(100)
    shown = choose(trace, [200])
    assert len(shown) == 60 and 200 in shown and 206 in shown


@given(st.integers(1, 150), st.lists(st.integers(0, 449), max_size=3))
def test_the_shown_part_is_at_most_60_events_of_the_run(pairs: int, marked: list[int]) -> None:
    trace = chatter(pairs)
    inside = [number for number in marked if number < len(trace)]
    shown = choose(trace, inside)
    assert len(shown) == min(60, len(trace))
    assert shown.start >= 0 and shown.stop <= len(trace)
    if inside:
        assert min(inside) in shown


def test_of_many_nodes_only_those_with_a_part_have_a_lane() -> None:
    trace = chatter(10, nodes=70)
    names = lanes(trace, choose(trace))
    assert 0 < len(names) < 70
    assert "nodes without a part in them: not shown." in " ".join(words_of(picture(trace)))


def test_a_picture_of_one_event_works() -> None:
    trace = lost_update()
    assert picture(Trace.of(trace.events[:1], nodes=trace.nodes)).startswith("<svg")


TIMES = st.lists(st.floats(0, 1e5, allow_nan=False), min_size=1, max_size=60)


@given(TIMES)
def test_later_times_stand_further_right_and_inside(times: list[float]) -> None:
    columns = Columns.of(times, left=100, width=700, widest=80)
    places = [columns.x(time) for time in sorted(times)]
    assert places == sorted(places)
    assert places[0] == 100 and places[-1] <= 800.001


BOXES = st.builds(Box, *(st.floats(0, 500) for _ in range(2)), *(st.floats(1, 100) for _ in range(2)))


@given(st.lists(BOXES, max_size=30))
def test_labels_never_cover_each_other(wanted: list[Box]) -> None:
    room = Room(0, 500)
    placed = [box for box in (room.first_free([want]) for want in wanted) if box is not None]
    for number, box in enumerate(placed):
        assert not any(map(box.meets, placed[:number]))


def test_a_label_prefers_a_place_that_no_arrow_crosses() -> None:
    room = Room(0, 200, strokes=[(0, 0, 200, 0)])
    assert room.first_free([Box(100, 0, 40, 14), Box(100, 30, 40, 14)]) == Box(100, 30, 40, 14)
    assert room.first_free([Box(100, 0, 40, 14)]) == Box(100, 0, 40, 14)


@pytest.mark.parametrize(
    ("stroke", "crosses"),
    [
        ((0, 0, 100, 100), True),
        ((0, 50, 100, 50), True),
        ((50, 0, 50, 100), True),
        ((0, 0, 100, 0), False),
        ((0, 0, 10, 10), False),
        ((0, 80, 30, 100), False),
    ],
)
def test_a_stroke_crosses_a_box_or_does_not(stroke: tuple[float, float, float, float], crosses: bool) -> None:
    assert Box(50, 50, 20, 20).is_crossed(stroke) is crosses


def test_wide_letters_take_more_room() -> None:
    assert text_width("分布", 10) > text_width("ab", 10)


@pytest.mark.parametrize("letters", [9, 10, 49, 60, 100])
def test_the_width_of_a_text_is_the_same_on_every_python(letters: int) -> None:
    exact = Fraction(11.5 * 0.6) * letters
    assert text_width("x" * letters, 11.5) == float(exact)


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_fits(text: str, most: int) -> None:
    assert len(shorten(text, most)) <= most


def test_alt_text_tells_nodes_messages_faults_and_verdict() -> None:
    assert alt_text(lost_update()) == (
        "Space-time diagram of 14 events in 0.100 s. 3 nodes: ann, bob, counter. "
        "3 messages sent, 3 received, 0 dropped. "
        "NoLostUpdate is broken at 0.100 s: 2 additions returned, but the total is 1."
    )
    told = alt_text(everything())
    assert "fault: crash" in told.lower() and "and 1 more fault" in told
    assert "Every invariant held (SameEverywhere)." in told


@given(st.lists(st.text(max_size=3), max_size=100), st.integers(3, 60))
def test_a_cut_text_keeps_its_beginning_and_its_end_and_counts_the_rest(lines: list[str], most: int) -> None:
    cut = cut_in_the_middle(lines, most)
    assert len(cut) == min(len(lines), most)
    if len(lines) > most:
        assert cut[0] == lines[0] and cut[-1] == lines[-1]
        assert f"{len(lines) - most + 1} lines are left out" in cut[most // 2]


def test_a_diagram_is_a_picture_with_words() -> None:
    bundle = Diagram(lost_update(), caption="Two <clerks>.")._repr_mimebundle_()
    assert bundle["text/plain"] == "Two <clerks>.\n" + lost_update().transcript()
    assert 'alt="Space-time diagram of 14 events' in bundle["text/html"]
    assert "<figcaption>Two &lt;clerks&gt;.</figcaption>" in bundle["text/html"]
    assert "<svg" not in bundle["text/html"]


def test_the_trace_makes_its_diagram() -> None:
    assert lost_update().diagram().svg() == picture(lost_update())
    assert repr(lost_update().diagram()) == "Diagram(14 events)"
