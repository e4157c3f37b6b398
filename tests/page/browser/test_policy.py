"""The Content-Security-Policy: pages pass a strict one; Python in them and notebooks do so in their own tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
