"""Opening pages of the site in a browser and noting what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser import watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
FIRST = "index.html"
GRAVE = frozenset({"serious", "critical"})

# The rules of axe-core that are on unless one says otherwise, without those that never find anything grave.
GRAVE_RULES = """() => axe._audit.rules
    .filter(rule => rule.enabled && !rule.tags.includes("experimental"))
    .filter(rule => !rule.impact || ["serious", "critical"].includes(rule.impact)).map(rule => rule.id)"""

# Marks texts whose colours were seen before: the same text colour, size and weight on the same grounds. A page of
# source code has thousands of them, and axe-core would compute each one's contrast anew. It gets three of a look.
MARK_SAME_LOOKS = """() => {
    const grounds = new Map();
    const ground = it => {
        if (!it) return "";
        if (!grounds.has(it)) {
            const look = getComputedStyle(it);
            const own = [look.backgroundColor, look.backgroundImage, look.opacity, look.filter];
            grounds.set(it, `${ground(it.parentElement)}/${own},${look.position},${look.clipPath}`);
        }
        return grounds.get(it);
    };
    const seen = new Map();
    for (const it of document.body.querySelectorAll("*")) {
        if (it.childElementCount || !it.textContent.trim() || !it.checkVisibility({visibilityProperty: true})) continue;
        const look = getComputedStyle(it);
        const key = [look.color, look.fontSize, look.fontWeight, look.textShadow, ground(it)].join("|");
        seen.set(key, (seen.get(key) ?? 0) + 1);
        if (seen.get(key) > 3) it.setAttribute("data-same-look", "");
    }
}"""

FIND = """async ([rules, all]) => (await axe.run(
    all ? document : {include: [["html"]], exclude: [["[data-same-look]"]]},
    {resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: rules}},
)).violations"""


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
    """Open every page, one after the other in one tab; `closely` also measures it on a phone and asks axe-core."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    watch(page)
    try:
        return {name: _visit(page, f"{base}/{name}", closely) for name in names}
    finally:
        context.close()


def _visit(page: Page, address: str, closely: bool) -> Visit:
    page.errors.clear()
    page.foreign.clear()
    page.goto(address, wait_until="load")
    page.evaluate("new Promise(requestIdleCallback)")  # What scripts do at load has been done.
    errors, foreign = list(page.errors), list(page.foreign)
    width = phone_width(page) if closely else 0
    page.set_viewport_size(DESKTOP)
    return Visit(errors, foreign, width, barriers_on(page) if closely else [])


def found(visits: dict[str, Visit], what: str) -> dict[str, object]:
    """Return the pages on which something was noted."""
    return {name: getattr(visit, what) for name, visit in visits.items() if getattr(visit, what)}


def phone_width(page: Page) -> int:
    """Return how wide the page's content is on a screen of 360 px."""
    page.set_viewport_size(PHONE)
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def barriers_on(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, one line for each element; of texts that look the same, three."""
    page.evaluate("for (const motion of document.getAnimations()) motion.cancel()")  # Colours are those at rest.
    page.evaluate(axe_core())
    page.evaluate(MARK_SAME_LOOKS)
    rules = set(page.evaluate(GRAVE_RULES))
    colours = {"color-contrast"}
    found: list[dict[str, Any]] = [
        *page.evaluate(FIND, [sorted(rules - colours), True]),
        *page.evaluate(FIND, [sorted(colours), False]),
    ]
    return [
        f"{finding['id']}: {node['html'][:120]}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]


@cache
def axe_core() -> str:
    """Return the script axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe().axe_script
