"""Opening pages of the site in a browser and noting what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
FIRST = "index.html"
GRAVE = frozenset({"serious", "critical"})


@dataclass(frozen=True)
class Visit:
    """What one page did: script errors, requests to other hosts, width on a phone, grave findings of axe-core."""

    errors: list[str]
    foreign: list[str]
    phone_width: int
    barriers: list[str]


def page_files(site: Path) -> list[str]:
    """Return every page of the site; neither the theme's templates nor the first page, which only leads on."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(str(path) for path in found if "_static" not in path.parts and str(path) != FIRST)


def visit_all(browser: Browser, base: str, names: Sequence[str], *, closely: bool) -> dict[str, Visit]:
    """Open every page in a fresh tab; `closely` also measures it on a phone and asks axe-core."""
    context = browser.new_context(viewport=DESKTOP)
    try:
        return {name: _visit(context.new_page(), f"{base}/{name}", closely) for name in names}
    finally:
        context.close()


def _visit(page: Page, address: str, closely: bool) -> Visit:
    watch(page)
    page.goto(address, wait_until="load")
    page.evaluate("new Promise(requestIdleCallback)")  # What scripts do at load has been done.
    errors, foreign = list(page.errors), list(page.foreign)  # Before axe-core asks for files of its own.
    visit = Visit(
        errors=errors,
        foreign=foreign,
        barriers=barriers_on(page) if closely else [],
        phone_width=phone_width(page) if closely else 0,
    )
    page.close()
    return visit


def phone_width(page: Page) -> int:
    """Return how wide the page's content is on a screen of 360 px."""
    page.set_viewport_size(PHONE)
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def barriers_on(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, one line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("for (const motion of document.getAnimations()) motion.cancel()")  # Colours are those at rest.
    # Only what is wrong: the list of everything that is right is long and slow to hand over.
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:120]}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
