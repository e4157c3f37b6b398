"""A fixture that opens a lab in a page; its Python is this process, behind the interface of the page's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from lessons.lab.desk import Desk
from lessons.lab.lab import Declared
from tests.lab.labs import COUNTERS, LABS, find

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE = Path(__file__).parents[3] / "src/lessons"
STYLES = ("viz/static/player.css", "viz/static/results.css", "lab/static/lab.css")
SCRIPTS = ("viz/static/player.js", "lab/static/lab.js")
BRIDGE = """
globalThis.LessonPython = Object.assign(new EventTarget(), {
  size: 11.2e6, state: "asleep", progress: 0, asked: [],
  async start() { if (globalThis.noPython) throw new Error("Python could not be started: no network"); },
  async request(kind, payload) {
    this.asked.push(payload.do);
    if (kind !== "lab") throw new Error(`kind is ${kind}`);
    return JSON.parse(await python(JSON.stringify(payload)));
  },
});
"""


class Opened(Protocol):
    """Opens a page with a lab; ``started``: and presses its button."""

    def __call__(
        self, lab: Declared = COUNTERS, theme: str = "light", anchor: str = "", started: bool = True
    ) -> Page: ...


def page_of(body: str, theme: str) -> str:
    """A page with this body and the scripts and styles of labs."""
    style = "body{font-family:system-ui,sans-serif;margin:0 auto;padding:0 16px;max-width:860px}"
    style += "html[data-theme=dark] body{background:#14181e;color:#e6e9ee}"
    style += "".join((SOURCE / name).read_text(encoding="utf-8") for name in STYLES)
    scripts = "".join(f'<script src="{(SOURCE / name).as_uri()}"></script>' for name in SCRIPTS)
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Lab</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style>'
        f"<script>{BRIDGE}</script>{scripts}</head><body><main><h1>Lab</h1>{body}</main></body></html>"
    )


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Iterator[Opened]:
    """Open a page with a lab; the test ends without console errors and without foreign requests."""
    desk = Desk(find)
    page.expose_function("python", lambda request: json.dumps(desk.answer(json.loads(request))))

    def opened(lab: Declared = COUNTERS, theme: str = "light", anchor: str = "", started: bool = True) -> Page:
        path = tmp_path / "lab.html"
        LABS.setdefault(lab.name, lab)
        path.write_text(page_of(lab.html(), theme), encoding="utf-8")
        page.goto(path.as_uri() + (f"#{anchor}" if anchor else ""))
        if started:
            page.locator(".ll-start").click()
            page.locator(".ll-acting").wait_for()
            settled(page)
        return page

    yield opened
    assert page.errors == []
    assert page.foreign == []


def settled(page: Page) -> None:
    """Wait until what can be done at this moment is on show, and Python is ready for it."""
    page.wait_for_function(
        "() => { const asked = LessonPython.asked; return ['prepare'].includes(asked[asked.length - 1]); }"
    )
    page.wait_for_timeout(30)


def at(page: Page, step: int) -> None:
    """Bring the player to an event, and wait until Python has said what can be done there."""
    page.evaluate("LessonPython.asked.push('...')")
    slider = page.locator(".lp-scrub")
    slider.evaluate("(it, step) => { it.value = step; it.dispatchEvent(new Event('input')) }", step)
    settled(page)


def on(page: Page, subject: str) -> None:
    """Choose what is acted on."""
    page.locator(f".ll-subject input[value='{subject}']").check(force=True)


def press(page: Page, name: str) -> None:
    """Press a button of the lab."""
    page.locator(".ll").get_by_role("button", name=name, exact=True).click()


def done(page: Page) -> list[str]:
    """What was done, as the page lists it, without the times."""
    return [text.split(" s ", 1)[-1].strip() for text in page.locator(".ll-done li").all_inner_texts()]


def state(page: Page) -> dict[str, Any]:
    """The state that the lab would save."""
    page.evaluate("""() => {
        const click = HTMLAnchorElement.prototype.click;
        globalThis.saved = null;
        HTMLAnchorElement.prototype.click = function () { globalThis.saved = this.href; };
        [...document.querySelectorAll(".ll-share button")].find((it) => it.textContent === "Save").click();
        HTMLAnchorElement.prototype.click = click;
    }""")
    text = page.evaluate("fetch(saved).then((it) => it.text())")
    found: dict[str, Any] = json.loads(text)
    return found
