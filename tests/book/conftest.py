"""Fixtures of the book's tests: the built site, its address, and what a browser saw on every page of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.visits import Visit, page_files, visit_all
from tools import site as builder

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site; it is built anew only when its sources changed."""
    return builder.build()


@pytest.fixture(scope="session")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, served under a sub-path as a project's page often is."""
    top = tmp_path_factory.mktemp("served")
    (top / "some").mkdir()
    (top / "some" / "book").symlink_to(site)
    server = builder.server(0, top)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/book"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def visits(browser: Browser, site: Path, address: str) -> dict[str, Visit]:
    """What happened on each page, opened over http."""
    return visit_all(browser, address, page_files(site), closely=True)


@pytest.fixture(scope="session")
def file_visits(browser: Browser, site: Path) -> dict[str, Visit]:
    """What happened on each page, opened as a file."""
    return visit_all(browser, site.as_uri(), page_files(site), closely=False)
