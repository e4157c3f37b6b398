"""Fixtures: the built site under a sub-path, and a chapter of it open in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.conftest import address, site  # noqa: F401
from tests.browser import new_page
from tests.page.browser.reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def reader(page: Page, address: str, site: Path) -> Iterator[Reader]:  # noqa: F811
    """A reader of the chapter on simulation, who has not asked for Python yet."""
    needs_python(site)
    yield Reader(page, address)
    assert page.foreign == [], "asked another host"  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def running(browser: Browser, address: str, site: Path) -> Iterator[Reader]:  # noqa: F811
    """A reader whose Python is ready, for all tests of a module to which it does not matter what ran before."""
    needs_python(site)
    with new_page(browser) as page:
        reader = Reader(page, address)
        reader.ask_for_python()
        yield reader
        assert page.foreign == [], "asked another host"  # type: ignore[attr-defined]


def needs_python(site: Path) -> None:  # noqa: F811
    """Skip the test where the site has no Python for the browser."""
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
