"""Fixtures: the built site under a sub-path, and a chapter of it open in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.conftest import address, site  # noqa: F401
from tests.page.browser.reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def reader(page: Page, address: str, site: Path) -> Iterator[Reader]:  # noqa: F811
    """A reader of the chapter on simulation, who has not asked for Python yet."""
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    yield Reader(page, address)
    assert page.foreign == [], "asked another host"  # type: ignore[attr-defined]
