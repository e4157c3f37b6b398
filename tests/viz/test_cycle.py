"""The picture of a cycle: nothing covers anything, all is said in words too, and no text is markup."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from lessons.viz.cycle import LONGEST_LINE, WIDTH, CyclePicture, cycle_picture, fitted, placed
from lessons.viz.space import text_width

SIZES = range(2, 9)
EVIL = """<script>alert("1")</script> & ' ]]> \x00 \ud800"""


def cycle(size: int, lines: int = 2) -> CyclePicture:
    items = [(f"T{number}", [f"read k{line} {number}" for line in range(lines + number % 2)]) for number in range(size)]
    arrows = [(f"rw k{number}", f"T{number} read k{number}.") for number in range(size)]
    return CyclePicture(items, arrows, "A cycle.")


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("size", SIZES)
def test_no_box_covers_another_and_all_are_inside(size: int) -> None:
    boxes, height = placed(cycle(size).items)
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    for box in boxes:
        assert box.x - box.width / 2 > 0 and box.x + box.width / 2 < WIDTH
        assert box.y - box.height / 2 > 0 and box.y + box.height / 2 < height


@pytest.mark.parametrize("size", SIZES)
def test_every_item_and_every_arrow_is_drawn(size: int) -> None:
    picture = cycle(size)
    svg = picture.svg()
    assert svg.count('marker-end="url(#h)"') == size
    for word in [*(name for name, _ in picture.items), *(label for label, _ in picture.arrows)]:
        assert word in texts(svg)


@pytest.mark.parametrize("size", SIZES)
def test_no_arrow_crosses_a_box(size: int) -> None:
    boxes, _ = placed(cycle(size).items)
    ways = re.findall(r'd="M([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)" marker', cycle(size).svg())
    assert len(ways) == size
    for way in ways:
        x, y, end, goal = map(float, way)
        middle = (x + (end - x) * 0.05, y + (goal - y) * 0.05, end, goal)  # it begins at the edge of its own box
        assert not any(box.is_crossed(middle) for box in boxes)


def test_a_label_tells_its_kind_by_its_stroke_too() -> None:
    items = [("T1", []), ("T2", [])]
    svg = cycle_picture(items, ["ww x", "rw x"])
    assert 'class="flight"' in svg and 'class="lost"' in svg
    assert cycle_picture(items, ["process a", "realtime"]).count('class="open"') == 2


def test_what_does_not_fit_into_a_box_is_counted() -> None:
    shown = texts(cycle(2, lines=20).svg())
    assert "… and 14 more" in shown and "read k5 0" in shown and "read k6 0" not in shown


@pytest.mark.parametrize("line", ["read x [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "漢字" * 20, "", "W" * 200])
def test_a_line_fits_into_its_box(line: str) -> None:
    assert len(fitted(line)) <= LONGEST_LINE and text_width(fitted(line), 12) <= 172


def test_every_form_says_the_same() -> None:
    forms = CyclePicture(
        [("T1", ["read x"]), ("T2", [])], [("rw x", "Because."), ("ww y", "So.")], "Two."
    )._repr_mimebundle_()
    assert forms["text/plain"].splitlines() == [
        "Two.",
        "  T1: read x",
        "  T2: ",
        "  T1 -> T2 (rw x): Because.",
        "  T2 -> T1 (ww y): So.",
    ]
    assert re.search("<figcaption>Two.<ul[^>]*><li>Because.</li><li>So.</li></ul></figcaption>", forms["text/html"])
    assert "Between them an arrow rw x from T1 to T2, an arrow ww y from T2 to T1." in forms["text/html"]


def test_untrusted_text_is_shown_as_text() -> None:
    picture = CyclePicture([(EVIL, [EVIL]), ("T2", [EVIL])], [(EVIL, EVIL), ("", EVIL)], EVIL)
    ElementTree.fromstring(picture.svg())
    assert "<script" not in picture.html() and "<script" not in picture.svg()
    assert not re.findall(r"(?:href|src|url)\s*[=(](?!#h\))", picture.svg())
    picture.html().encode("utf-8")


@pytest.mark.parametrize(("items", "arrows"), [(1, 1), (0, 0), (2, 1), (3, 4)])
def test_what_is_no_cycle_is_refused(items: int, arrows: int) -> None:
    with pytest.raises(ValueError, match=f"{items} items and {arrows} arrows: a cycle has two or more"):
        CyclePicture([("T", [])] * items, [("rw", "")] * arrows, "")
