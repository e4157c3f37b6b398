"""Pytest fixtures that drive Chromium: `browser` (one a module) and `page` (a fresh context for each test).

tests/conftest.py imports them. A machine without Chromium or without Playwright
skips these tests and says why; with LESSONS_BROWSER=required in the environment they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first has no windows to draw
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The threads of two cores that compile WebAssembly spend more on each other than they win.
    "--js-flags=--wasm-num-compilation-tasks=1",
    # No name of another host leads anywhere. (Refusing each request in Python would cost a page half its time.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
WINDOW: ViewportSize = {"width": 1280, "height": 800}
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
OWN_SCHEMES = frozenset({"file", "data", "blob", "about"})


def without_browser(reason: str) -> NoReturn:
    """Skip the test, or fail it when LESSONS_BROWSER=required."""
    if os.environ.get("LESSONS_BROWSER") == "required":
        pytest.fail(f"LESSONS_BROWSER=required, but {reason}", pytrace=False)
    pytest.skip(f"browser test not run: {reason}")


def chromium_path() -> str | None:
    """Return where Chromium is: LESSONS_CHROMIUM if set, else the first known name on PATH."""
    named = os.environ.get("LESSONS_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def artifacts() -> Path:
    """Return the folder for screenshots and measurements (LESSONS_ARTIFACTS, else build/artifacts); makes it."""
    folder = Path(os.environ.get("LESSONS_ARTIFACTS", "build/artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, shared by the tests of a module. As long as it lives Playwright keeps asyncio's loop to itself."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without_browser("Playwright is not installed (pip install playwright)")
    path = chromium_path()
    if path is None:
        without_browser(f"no Chromium on PATH (looked for {', '.join(NAMES)}; or set LESSONS_CHROMIUM)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 x 800 in its own context, for one test."""
    with new_page(browser) as fresh:
        yield fresh


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 x 800 in its own context.

    `page.errors` lists console errors and uncaught exceptions; `page.foreign` lists the requests to other hosts, which
    are refused.
    """
    context = browser.new_context(viewport=WINDOW)
    fresh = context.new_page()
    watch(fresh)
    yield fresh
    context.close()


def watch(page: Page) -> None:
    """Give a page its `errors` and `foreign` lists."""
    errors: list[str] = []
    foreign: list[str] = []
    page.errors = errors  # type: ignore[attr-defined]
    page.foreign = foreign  # type: ignore[attr-defined]

    def on_console(message: ConsoleMessage) -> None:
        # The first page of the site only leads on and names no icon: the browser looks for one by itself.
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            errors.append(message.text)

    def on_request(request: Request) -> None:
        if not is_own(request.url):
            foreign.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", on_request)


def is_own(url: str) -> bool:
    """Say whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in OWN_SCHEMES or parts.hostname in OWN_HOSTS
