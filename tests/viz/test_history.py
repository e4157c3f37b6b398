"""The picture of a history: well formed, in lanes, no label outside its bar, with words for everything."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.viz.history import CORE, FAILED, MAYBE, WIDTH, Bar, HistoryPicture, columns
from lessons.viz.space import text_width
from tests.viz.test_picture import EVIL, words_of

LOST = [
    Bar("ann", "write(1)", 0.0, 1.0, CORE, must=True),
    Bar("bob", "read() = 0", 2.0, 3.0, CORE, must=True),
    Bar("cat", "write(5), no answer", 0.5, None, MAYBE),
    Bar("cat", "write(6), failed", 0.7, 0.9, FAILED),
]


def bars(number: int, clients: int = 5) -> list[Bar]:
    return [Bar(f"c{n % clients}", f"write({n})", float(n), n + 2.5) for n in range(number)]


@pytest.mark.parametrize("shown", [LOST, bars(1), bars(300), bars(40, clients=40), []])
def test_a_picture_is_well_formed_and_small(shown: list[Bar]) -> None:
    svg = HistoryPicture(shown, "caption").svg()
    ElementTree.fromstring(svg)
    assert len(svg) < 20_000


def test_every_operation_and_client_is_named() -> None:
    texts = words_of(HistoryPicture(LOST, "caption").svg())
    assert {"ann", "bob", "cat", *(bar.label for bar in LOST)} <= set(texts)


def test_the_failing_window_is_marked_in_words() -> None:
    assert "no order is right" in words_of(HistoryPicture(LOST, "caption", window=(0.0, 3.0)).svg())
    assert "no order is right" not in words_of(HistoryPicture(LOST, "caption").svg())


def test_signs_that_are_used_are_explained() -> None:
    texts = words_of(HistoryPicture(LOST, "caption").svg())
    assert "Dashed: may have taken effect or not." in texts and "Dotted: failed, and took no effect." in texts
    plain = words_of(HistoryPicture(bars(2), "caption").svg())
    assert not [text for text in plain if ":" in text]


def test_places_in_the_order_are_numbers() -> None:
    numbered = [Bar("a", "x", 0, 2, point=1.5, number=2), Bar("b", "y", 0, 2, point=0.5, number=1)]
    texts = words_of(HistoryPicture(numbered, "caption").svg())
    assert texts.count("1") == texts.count("2") == 1
    assert "Numbers: the order in which they take effect." in texts


def test_of_many_operations_those_are_shown_that_fit_and_the_rest_is_counted() -> None:
    picture = HistoryPicture(bars(300), "caption")
    root = ElementTree.fromstring(picture.svg())
    assert float(root.attrib["width"]) <= WIDTH
    shown = [text for text in words_of(picture.svg()) if text.startswith("write")]
    assert f"{300 - len(shown)} more operations: not shown." in words_of(picture.svg())


def test_what_must_be_shown_is_shown_however_wide() -> None:
    wide = [Bar("a", f"write({n})", 2.0 * n, 2 * n + 1.0, must=True) for n in range(30)]
    assert sum(text.startswith("write") for text in words_of(HistoryPicture(wide, "caption").svg())) == 30


def test_the_alt_text_tells_what_is_marked_and_in_which_order() -> None:
    assert HistoryPicture(LOST, "Not linearizable.").alt() == (
        "History of 4 operations of 3 clients: ann, bob, cat. "
        "Marked as contradicting each other: write(1) of ann, read() = 0 of bob. Not linearizable."
    )
    numbered = [Bar("a", "x", 0, 2, point=1.5, number=2), Bar("b", "y", 0, 2, point=0.5, number=1)]
    assert "They take effect in the order y, x." in HistoryPicture(numbered, "Fine.").alt()


def test_untrusted_text_is_shown_as_text() -> None:
    picture = HistoryPicture([Bar(EVIL, EVIL, 0, 1)], EVIL, notes=[EVIL], unit=EVIL)
    ElementTree.fromstring(picture.svg())
    assert "<script>" not in picture.html() and "<script>" not in picture.svg()


def test_times_have_their_unit() -> None:
    assert "0.5 s" in words_of(HistoryPicture([Bar("a", "x", 0.5, 1)], "c").svg())
    assert "line 3" in words_of(HistoryPicture([Bar("a", "x", 3, 9)], "c", unit="line").svg())


TIMES = st.integers(0, 30)
BARS = st.builds(lambda label, begin, length: Bar("a", label, begin, begin + length), st.text(max_size=9), TIMES, TIMES)


@given(st.lists(BARS, max_size=12))
def test_later_times_stand_further_right_and_labels_fit(shown: list[Bar]) -> None:
    places = columns(shown)
    assert list(places) == sorted(places) and list(places.values()) == sorted(places.values())
    for bar in shown:
        if bar.returned is not None and bar.returned > bar.called:
            assert places[bar.returned] - places[bar.called] >= text_width(bar.label, 11)
