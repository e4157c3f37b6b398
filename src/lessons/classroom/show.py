"""Showing source by name: the book's code is the code that runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from lessons.classroom.source import Listing, listing
from lessons.viz.markup import escape

MOST_LINES = 20
# From notebooks/<part>/<chapter>.html to the pages that Sphinx makes of the modules.
SOURCE_PAGES = "../../_modules"


class Source:
    """Source code to read, with a caption that says where it stands."""

    def __init__(self, shown: Listing) -> None:
        self.shown = shown

    def __repr__(self) -> str:
        return f"Source({self.shown.module}.{self.shown.name})"

    def place(self) -> str:
        """The file in the repository and the lines: "lessons/sim/kernel.py, lines 12-30"."""
        spans = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in self.shown.spans())
        return f"{file_of(self.shown.module)}, {'lines' if ',' in spans or '-' in spans else 'line'} {spans}"

    def html(self) -> str:
        """The code, highlighted, under its caption; the caption leads to the whole file in the built book."""
        place = f'<p class="lesson-place">{self._link()}</p>'
        return f'<div class="lesson-source">{place}{highlight(self.shown.text)}</div>'

    def _link(self) -> str:
        module = self.shown.module
        if not module.startswith("lessons."):
            return escape(self.place())
        href = f"{SOURCE_PAGES}/{module.replace('.', '/')}.html#{self.shown.name}"
        return f'<a href="{escape(href)}">{escape(self.place())}</a>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": f"# {self.place()}\n{self.shown.text}", "text/html": self.html()}


def show(obj: Any, *, only: Sequence[str] = (), docstring: bool = False, whole: bool = False) -> Source:
    """Show the source of a class, function, method or property; of a class, ``only`` these methods if given.

    Docstrings are left out unless asked for: the text around the code says what they say. More than 20
    lines are refused, unless ``whole`` says that they are wanted.

    Raises ValueError for too many lines, TypeError for something without a definition, LookupError for a
    method that the class does not have.
    """
    shown = listing(obj, only, docstring)
    if len(shown.lines) > MOST_LINES and not whole:
        raise ValueError(
            f"{shown.module}.{shown.name} has {len(shown.lines)} lines, more than {MOST_LINES}: show a part of it "
            "(only=...), or say whole=True"
        )
    return Source(shown)


def file_of(module: str) -> str:
    """The file of a module as the repository names it; of a notebook's own definitions, just that."""
    if module == "__main__":
        return "this notebook"
    is_package = hasattr(sys.modules.get(module), "__path__")
    return module.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def highlight(code: str) -> str:
    """Python source as HTML in the classes that the book colours; without Pygments, in one colour."""
    try:
        from pygments import highlight as coloured  # type: ignore[import-untyped, unused-ignore]
        from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped, unused-ignore]
        from pygments.lexers import PythonLexer  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return f'<div class="highlight"><pre>{escape(code)}</pre></div>'
    return str(coloured(code, PythonLexer(), HtmlFormatter(cssclass="highlight")))
