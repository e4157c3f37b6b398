"""Fixtures: the built site, under a sub-path or with its policy, and a chapter of it open in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.conftest import address, site  # noqa: F401
from tests.browser import new_page
from tests.page.browser.reader import Reader
from tools import policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def guarded(site: Path) -> Iterator[str]:  # noqa: F811
    """The address of the site, served with its policy."""
    allowed = cache(lambda place: policy.of(place, site))

    class Guarded(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object, **more: object) -> None:
            super().__init__(*arguments, directory=str(site), **more)  # type: ignore[arg-type, misc]

        def end_headers(self) -> None:
            place = self.path.partition("?")[0].lstrip("/")
            if place.endswith((".html", ".js")):
                self.send_header(
                    "Content-Security-Policy", allowed(place if place.startswith("lite/") else kind(place))
                )
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def kind(place: str) -> str:
    """The worker, or any page: the policy of one page is that of all."""
    return policy.WORKER if place == policy.WORKER else "index.html"


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
