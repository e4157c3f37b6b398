"""Fixtures: the built site, under a sub-path or with its policy, and a chapter of it open in a browser.

The browser keeps what it has compiled, as a reader's does: all starts of Python but the first cost half.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.conftest import address, site  # noqa: F401
from tests.browser import FLAGS, WINDOW, chromium_path, watch
from tests.page.browser.reader import Reader
from tools import policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

STORED = "local_storage,session_storage,indexeddb,cookies"


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


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser keeps what it has compiled."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def visitor(browser: Browser, profile: Path) -> Iterator[BrowserContext]:
    """Somebody who comes back to the site: one context for a module, with that profile."""
    visitor = browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium_path(), args=list(FLAGS), viewport=WINDOW
    )
    yield visitor
    visitor.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """A page of 1280 x 800 for one test, and no edits of earlier tests."""
    with open_page(visitor) as page:
        yield page


@contextmanager
def open_page(visitor: BrowserContext) -> Iterator[Page]:
    """A page whose site forgets at its end what it has stored."""
    page = visitor.new_page()
    watch(page)
    yield page
    for origin in {page.evaluate("location.origin") for page in visitor.pages} - {"null"}:
        visitor.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    page.close()


@pytest.fixture
def reader(page: Page, address: str, site: Path) -> Iterator[Reader]:  # noqa: F811
    """A reader of the chapter on simulation, who has not asked for Python yet."""
    needs_python(site)
    yield Reader(page, address)
    assert page.foreign == [], "asked another host"  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def running(visitor: BrowserContext, address: str, site: Path) -> Iterator[Reader]:  # noqa: F811
    """A reader whose Python is ready, for all tests of a module to which it does not matter what ran before."""
    needs_python(site)
    with open_page(visitor) as page:
        reader = Reader(page, address)
        reader.ask_for_python()
        yield reader
        assert page.foreign == [], "asked another host"  # type: ignore[attr-defined]


def needs_python(site: Path) -> None:  # noqa: F811
    """Skip the test where the site has no Python for the browser."""
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
