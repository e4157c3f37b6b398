"""The book's own directives: a player made in the build, and what happens when there is none."""

from __future__ import annotations

import io
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from lesson_book import mark_code
from sphinx.application import Sphinx

from tests.browser import artifacts

if TYPE_CHECKING:
    from playwright.sync_api import Page



def build(folder: Path, text: str) -> tuple[str, str]:
    """Build a book of one page; return its HTML and the warnings."""
    (folder / "index.md").write_text(f"# Page\n\n{text}\n")
    warnings = io.StringIO()
    settings = {"extensions": ["myst_parser", "lesson_book"], "html_theme": "basic"}
    app = Sphinx(folder, None, folder / "out", folder / "trees", "html", settings, status=None, warning=warnings)
    app.build()
    return (folder / "out" / "index.html").read_text(), warnings.getvalue()


def test_the_player_that_a_function_returns_stands_in_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text("class P:\n    html = lambda self: '<figure id=x></figure>'\n\nlanding = P\n")
    monkeypatch.syspath_prepend(tmp_path)
    html, warnings = build(tmp_path, "```{lesson-player} shown:landing\n```")
    assert "<figure id=x></figure>" in html
    assert warnings == ""


@pytest.mark.parametrize("target", ["no_such_module:landing", "json:no_such_name", "json", "json:JSONDecoder"])
def test_a_player_that_cannot_be_had_is_a_warning_at_its_line(tmp_path: Path, target: str) -> None:
    _, warnings = build(tmp_path, f"```{{lesson-player}} {target}\n```")
    assert f"lesson-player {target}" in warnings
    assert "index.md:3" in warnings


def test_the_indented_example_of_a_module_becomes_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "explained.py").write_text('"""What it is.\n\n    a = 1\n\n    b = 2\n"""\n')
    monkeypatch.syspath_prepend(tmp_path)
    module = import_module("explained")
    lines = ["as autodoc has it"]
    mark_code(SimpleNamespace(), "module", "m", module, None, lines)  # type: ignore[arg-type]
    assert lines == ["What it is.", "", "::", "", "    a = 1", "", "    b = 2", ""]


def test_the_landing_page_has_a_player_that_plays(page: Page, address: str) -> None:
    page.goto(f"{address}/book/index.html")
    page.locator('figure[data-lesson][data-lesson-state="playing"]').wait_for()
    assert page.errors == []
    page.screenshot(path=artifacts() / "landing.png")  # The picture of README.md is a copy: book/landing.png.


def test_every_player_of_the_site_is_mounted(page: Page, site: Path, address: str) -> None:
    for path in site.rglob("*.html"):
        if re.search(r"<figure[^>]* data-lesson=", path.read_text(encoding="utf8")):
            page.goto(f"{address}/{path.relative_to(site)}")
            states = page.eval_on_selector_all("figure[data-lesson]", "all => all.map(f => f.dataset.lessonState)")
            assert set(states) == {"playing"}, path
    assert page.errors == []
