"""Every page of the site, opened as a file: the book is read without a server and without a network too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.visits import Visit, found, page_files, visit_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Path) -> dict[str, Visit]:
    """What happened on each page."""
    return visit_all(browser, site.as_uri(), page_files(site), closely=False)


def test_no_page_asks_another_host_for_anything(visits: dict[str, Visit]) -> None:
    assert found(visits, "foreign") == {}


def test_no_page_has_a_script_error(visits: dict[str, Visit]) -> None:
    assert found(visits, "errors") == {}
