"""Source is shown by name: the lines that matter, where they stand, and never too many."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

import lessons
from lessons.classroom import show
from lessons.classroom.show import MOST_LINES, file_of
from lessons.node import Client, Node, message
from lessons.viz.space import Box, shorten


@message
class Ask:
    """A question."""

    text: str = "<b>"


class Sample:
    """Says what it says."""

    def __init__(self) -> None:
        """Begins."""
        self.value = 1

    @property
    def twice(self) -> int:
        """Twice the value."""
        return self.value * 2

    async def later(self) -> int:
        """Does nothing but say so."""

    @staticmethod
    def plain() -> str:
        return """Not
a docstring."""


def numbered(text: str, module: str) -> list[str]:
    """The lines of ``module``'s file that ``text`` consists of, checked one by one."""
    lines = (Path(lessons.__file__).parent / module).read_text().splitlines()
    return [line for line in text.splitlines() if line and line not in lines]


def test_a_function_is_shown_without_its_docstring() -> None:
    assert show(shorten).shown.text == (
        "def shorten(text: str, most: int) -> str:\n"
        '    return text if len(text) <= most else text[: most - 1].rstrip() + "…"'
    )


def test_the_docstring_is_shown_if_asked_for() -> None:
    assert '    """``text``, or its beginning' in show(shorten, docstring=True).shown.text


def test_the_caption_names_file_and_lines_as_they_are_in_the_repository() -> None:
    source = show(shorten)
    path = Path(lessons.__file__).parent / "viz/space.py"
    first = path.read_text().splitlines().index("def shorten(text: str, most: int) -> str:") + 1
    assert source.place() == f"lessons/viz/space.py, lines {first}, {first + 2}"
    assert source.shown.spans() == [(first, first), (first + 2, first + 2)]


def test_the_caption_leads_to_the_built_page_of_the_module() -> None:
    assert '<a href="../../_modules/lessons/viz/space.html#shorten">lessons/viz/space.py, lines' in show(shorten).html()
    assert "#Box.meets" in show(Box.meets).html()


def test_of_a_class_some_methods_can_be_shown() -> None:
    text = show(Client, only=["start"]).shown.text
    assert text == "class Client(Node):\n    def start(self) -> None:\n        self.spawn(self.session())"
    assert numbered(text, "node/client.py") == []


def test_methods_come_in_the_order_of_the_file_with_a_gap_between_them() -> None:
    text = show(Sample, only=["twice", "__init__"]).shown.text
    assert text.splitlines() == [
        "class Sample:",
        "    def __init__(self) -> None:",
        "        self.value = 1",
        "",
        "    @property",
        "    def twice(self) -> int:",
        "        return self.value * 2",
    ]


def test_a_property_a_bound_method_and_a_wrapped_function_are_found() -> None:
    @functools.wraps(shorten)
    def wrapped(*args: Any) -> str:
        return shorten(*args)

    assert "self.value * 2" in show(Sample.twice).shown.text
    assert "self.value * 2" not in show(Sample().plain).shown.text
    assert show(wrapped).shown.name == "shorten"


def test_a_message_class_is_shown_with_its_decorator() -> None:
    assert show(Ask).shown.text == '@message\nclass Ask:\n    text: str = "<b>"'


def test_a_text_that_is_no_docstring_stays() -> None:
    assert 'return """Not\n' in show(Sample.plain).shown.text


def test_a_definition_that_is_only_a_docstring_keeps_it() -> None:
    assert "Does nothing but say so." in show(Sample.later).shown.text


def test_more_than_20_lines_are_refused_unless_wanted() -> None:
    with pytest.raises(ValueError, match=r"lessons\.node\.node\.Node has \d+ lines, more than 20: show a part"):
        show(Node)
    assert len(show(Node, whole=True).shown.lines) > MOST_LINES


@pytest.mark.parametrize("obj", [42, "text", lessons, len])
def test_what_has_no_definition_is_refused(obj: Any) -> None:
    with pytest.raises(TypeError, match=r"obj is .*it must be a class, a function, a method or a property"):
        show(obj)


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match="Sample has no method 'other'; it has: __init__, twice, later, plain"):
        show(Sample, only=["other"])


def test_methods_of_a_function_cannot_be_chosen() -> None:
    with pytest.raises(TypeError, match="it must list methods of a class"):
        show(shorten, only=["start"])
    with pytest.raises(TypeError, match="it must list methods of a class"):
        show(Sample, only="twice")


def test_the_output_has_code_as_text_and_no_path_of_this_machine() -> None:
    bundle = show(Ask)._repr_mimebundle_()
    assert bundle == show(Ask)._repr_mimebundle_()
    assert bundle["text/plain"].startswith("# tests/classroom/test_show.py, lines ")
    assert "<b>" not in bundle["text/html"] and 'class="highlight"' in bundle["text/html"]
    assert str(Path(__file__).parent) not in bundle["text/html"] + bundle["text/plain"]
    assert "<a " not in bundle["text/html"]


def test_without_pygments_the_code_is_shown_in_one_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pygments", None)
    assert '<div class="highlight"><pre>def shorten(text: str' in show(shorten).html()


def test_a_package_and_a_notebook_have_their_file_names() -> None:
    assert file_of("lessons.viz") == "lessons/viz/__init__.py"
    assert file_of("lessons.viz.space") == "lessons/viz/space.py"
    assert file_of("__main__") == "this notebook"
