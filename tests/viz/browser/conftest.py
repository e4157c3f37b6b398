"""A fixture that opens players in a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.viz.browser import documents
from tests.viz.browser.driving import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Iterator[Open]:
    """Open a page with players from a file; ``anchor`` is what follows the # of its address.

    The test ends with no console error and no request to another host.
    """

    def opened(*made: documents.Document | str, theme: str = "light", anchor: str = "") -> Page:
        figures = [one if isinstance(one, str) else documents.static_form(one) for one in made]
        path = tmp_path / "players.html"
        path.write_text(documents.page_of(*figures, theme=theme), encoding="utf-8")
        page.goto(path.as_uri() + (f"#{anchor}" if anchor else ""))
        return page

    yield opened
    assert page.errors == []
    assert page.foreign == []
