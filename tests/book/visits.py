"""Opening pages of the site in a browser and noting what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
FIRST = "index.html"
GRAVE = frozenset({"serious", "critical"})
CONTRAST = "color-contrast"

# The rules of axe-core that are on unless one says otherwise, without those that never find anything grave.
GRAVE_RULES = """() => axe._audit.rules
    .filter(rule => rule.enabled && !rule.tags.includes("experimental"))
    .filter(rule => !rule.impact || ["serious", "critical"].includes(rule.impact)).map(rule => rule.id)"""

# Marks texts of a look that is not known. The same text colour, size and weight on the same grounds has the same
# contrast, and axe-core would compute it anew for each word of the source code. It gets the first three of a look.
# Returns all looks, those that were known too.
MARK_NEW_LOOKS = """known => {
    const grounds = new Map([[null, ""]]);
    const ground = it => {
        if (!grounds.has(it)) {
            const {backgroundColor, backgroundImage, opacity, filter, position} = getComputedStyle(it);
            const own = [backgroundColor, backgroundImage, opacity, filter, position];
            const plain = ["rgba(0, 0, 0, 0)", "none", "1", "none", "static"];
            grounds.set(it, ground(it.parentElement) + own.filter((value, at) => value !== plain[at]).join());
        }
        return grounds.get(it);
    };
    const seen = new Map(known.map(look => [look, 3]));
    for (const it of document.body.querySelectorAll("*")) {
        if (![...it.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
        if (!it.checkVisibility({visibilityProperty: true})) continue;
        const {color, fontSize, fontWeight, textShadow, clipPath} = getComputedStyle(it);
        const look = [color, fontSize, fontWeight, textShadow, clipPath, ground(it)].join("|");
        seen.set(look, (seen.get(look) ?? 0) + 1);
        if (seen.get(look) <= 3) it.setAttribute("data-new-look", "");
    }
    return [...seen.keys()];
}"""

# Takes away the words' own elements in source code, which have a colour and nothing else: for the rules that are not
# about colours they are text, and looking at each of them takes half of the time.
PLAIN_CODE = """() => {
    for (const word of document.querySelectorAll("pre span"))
        if (word.getAttributeNames().every(name => name === "class")) word.replaceWith(...word.childNodes);
}"""

# Violations of these rules in what a selector names.
FIND = """async ([rules, parts]) => document.querySelector(parts) ? (await axe.run(
    {include: [[parts]]}, {resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: rules}},
)).violations : []"""


@dataclass(frozen=True)
class Visit:
    """What one page did: script errors, requests to other hosts, width on a phone, grave findings of axe-core."""

    errors: list[str]
    foreign: list[str]
    phone_width: int = 0
    barriers: list[str] = field(default_factory=list)


def page_files(site: Path) -> list[str]:
    """Return every page of the site; no template of the theme, none of JupyterLite, not the first, which leads on."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(str(path) for path in found if path.parts[0] not in ("_static", "lite") and str(path) != FIRST)


def visit_all(browser: Browser, base: str, names: Sequence[str], *, closely: bool) -> dict[str, Visit]:
    """Open every page, one after the other in one tab; `closely` also measures it on a phone and asks axe-core."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    watch(page)
    known: set[str] = set()
    try:
        return {name: _visit(page, f"{base}/{name}", known if closely else None) for name in names}
    finally:
        context.close()


def _visit(page: Page, address: str, known: set[str] | None) -> Visit:
    page.errors.clear()
    page.foreign.clear()
    page.goto(address, wait_until="load")
    page.evaluate("new Promise(requestIdleCallback)")  # What scripts do at load has been done.
    errors, foreign = list(page.errors), list(page.foreign)
    if known is None:
        return Visit(errors, foreign)
    width = phone_width(page)
    page.set_viewport_size(DESKTOP)
    return Visit(errors, foreign, width, barriers_on(page, known))


def phone_width(page: Page) -> int:
    """Return how wide the page's content is on a screen of 360 px."""
    page.set_viewport_size(PHONE)
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def barriers_on(page: Page, known: set[str] | None = None) -> list[str]:
    """Return what axe-core finds serious or critical, one line for each element.

    Texts of a look in `known` are not asked about again; those of this page are added to it. The page is then left
    with uncoloured code.
    """
    looks = set() if known is None else known
    page.evaluate("for (const motion of document.getAnimations()) motion.cancel()")  # Colours are those at rest.
    page.evaluate(axe_core())
    rules = set(page.evaluate(GRAVE_RULES)) - {CONTRAST}
    looks.update(page.evaluate(MARK_NEW_LOOKS, list(looks)))
    found = page.evaluate(FIND, [[CONTRAST], "[data-new-look]"])
    if known is not None:
        page.evaluate(PLAIN_CODE)
    found += page.evaluate(FIND, [list(rules), "html"])
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
