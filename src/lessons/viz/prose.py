"""Prose: the Markdown of authors as HTML. What is HTML in it is shown as text, and no picture is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from lessons.viz.markup import escape


def prose(text: str) -> str:
    """Paragraphs, lists, code and tables of ``text``; without markdown-it-py, its lines as they stand."""
    parser = _parser()
    if parser is None:
        return f'<p style="white-space: pre-line">{escape(text.strip())}</p>'
    return str(parser.render(text)).strip()


def phrase(text: str) -> str:
    """Emphasis, code and links within a line of ``text``; without markdown-it-py, the line as it stands."""
    parser = _parser()
    return escape(text) if parser is None else str(parser.renderInline(text))


def code(text: str) -> str:
    """``text`` that is data: nothing in it is markup, but `back-ticked` parts are code."""
    parser = _parser("zero", enable="backticks")
    return escape(text) if parser is None else str(parser.renderInline(text))


@cache
def _parser(rules: str = "commonmark", enable: str = "table") -> Any:
    """A parser without HTML and pictures; None without markdown-it-py: the package needs the standard library only."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        return None
    parser = MarkdownIt(rules, {"html": False}).enable(enable).disable("image")
    for name, rule in (("text", _text), ("code_inline", _code), ("softbreak", _gap), ("paragraph_close", _end)):
        parser.add_render_rule(name, rule)
    return parser


def _text(renderer: Any, tokens: Sequence[Any], place: int, *_: Any) -> str:
    """Escaped as everything else is, so that it may hold what XML can't carry."""
    return escape(tokens[place].content)


def _code(renderer: Any, tokens: Sequence[Any], place: int, *_: Any) -> str:
    return f"<code>{escape(tokens[place].content)}</code>"


def _gap(*_: Any) -> str:
    """A line of the source ends where its editor's did: that is a blank."""
    return " "


def _end(renderer: Any, tokens: Sequence[Any], place: int, *_: Any) -> str:
    return "" if tokens[place].hidden else "</p>"
