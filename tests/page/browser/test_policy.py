"""The Content-Security-Policy: the site passes a strict one, with Python, editing, players and notebooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.page.browser.reader import Reader
from tests.page.browser.tab import move_a_slider, open_notebook
from tools import policy

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = (
    "book/index",
    "book/glossary",
    "search",
    "genindex",
    "notebooks/foundations/simulation",
    "notebooks/partitioning/hash_ring",
    "_modules/lessons/sim/kernel",
)


@pytest.fixture(scope="module")
def guarded(site: Path) -> Iterator[str]:
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


def violations(page: Page) -> list[str]:
    """What the browser has refused."""
    errors: list[str] = page.errors  # type: ignore[attr-defined]
    return [error for error in errors if "Content Security Policy" in error]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_passes_the_policy(page: Page, guarded: str, name: str) -> None:
    page.goto(f"{guarded}/{name}.html", wait_until="load")
    page.evaluate("new Promise(requestIdleCallback)")
    assert violations(page) == []
    assert page.errors == []  # type: ignore[attr-defined]


def test_running_a_page_passes_the_policy(page: Page, guarded: str, site: Path) -> None:
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    reader = Reader(page, guarded)
    reader.ask_for_python()
    reader.run(2, "from lessons.viz import table\ntable([{'a': 1}], 'One')")
    reader.cell(1).locator("summary").first.click()
    reader.cell(1).get_by_role("button", name="Run cell 1").click()
    reader.wait_for("Cell 1 has run.")
    assert "One" in reader.output(2)
    assert violations(page) == []


def test_a_notebook_in_a_tab_passes_its_policy(page: Page, guarded: str, site: Path) -> None:
    if not (site / "lite").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    said: list[str] = []
    page.context.on("console", lambda message: said.append(message.text))
    move_a_slider(open_notebook(page, guarded))
    assert [text for text in said if "Content Security Policy" in text] == []


def test_the_buttons_of_the_theme_work(page: Page, guarded: str) -> None:
    page.add_init_script("window.print = () => (window.printed = true)")
    page.goto(f"{guarded}/book/teach.html")
    page.locator('[data-onclick="window.print()"]').evaluate("button => button.click()")
    assert page.evaluate("window.printed") is True
    page.locator('[data-onclick="toggleFullScreen()"]').click()
    page.evaluate(
        """() => document.fullscreenElement
            || new Promise((go) => document.addEventListener("fullscreenchange", () => go(true)))"""
    )
    assert violations(page) == []


def test_the_policy_forbids_what_it_should(page: Page, guarded: str) -> None:
    page.goto(f"{guarded}/book/index.html")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.stranger = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", '<img src="x:" onerror="window.stranger = true">');
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.stranger") is None
    assert len(violations(page)) >= 2


def test_pages_have_few_scripts_of_their_own_and_no_code_in_attributes(site: Path) -> None:
    assert len(policy.hashes(site)) <= 8
    pages = [path for path in site.rglob("*.html") if path.relative_to(site).parts[0] not in ("lite", "_static")]
    assert [str(path) for path in pages if " onclick=" in path.read_text(encoding="utf8")] == []


def test_only_the_worker_may_compile_webassembly(site: Path) -> None:
    assert "wasm" not in policy.of("index.html", site)
    assert "unsafe-eval'" not in policy.of("index.html", site)
    assert "'wasm-unsafe-eval'" in policy.of(policy.WORKER, site)
