"""What the tests of the player do with one in a page, and read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser import artifacts

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]


def scrub(player: Page | Locator, step: int) -> None:
    slider = player.locator(".lp-scrub").first
    slider.evaluate("(it, step) => { it.value = step; it.dispatchEvent(new Event('input')) }", step)


def position(player: Page | Locator) -> int:
    """The number of the current event, as the player and the transcript count: from 0."""
    return int(player.locator(".lp-position").first.inner_text().split("/")[0])


def sentence(player: Page | Locator) -> str:
    return " ".join(player.locator(".lp-sentence").first.inner_text().split())


def wait_frames(page: Page, count: int) -> None:
    page.evaluate(
        "count => new Promise(done => { (function next() { count-- ? requestAnimationFrame(next) : done() })() })",
        count,
    )


def keep(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page; its window is as high, so that nothing sticks in the middle."""
    width = page.viewport_size["width"]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    wait_frames(page, 20)  # the page has come to rest after a smooth scroll
    page.screenshot(path=artifacts() / f"player-{name}.png", full_page=True)
