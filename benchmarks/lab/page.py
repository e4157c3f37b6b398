"""A page with Raft's lab and a Python of its own, served on this machine, and a reader who presses its buttons."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from json import dumps
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any

from lessons.agreement.raft.lab import LAB
from tests.browser import chromium_path
from tools.live import core
from tools.site import server

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "src/lessons"
# Press a button; give the milliseconds until Python has answered, and until the page has drawn it.
PRESS = """async (label) => {
  const ask = LessonPython.request.bind(LessonPython);
  let answered = 0;
  LessonPython.request = async (kind, request, options) => {
    const begin = performance.now();
    const reply = await ask(kind, request, options);
    if (request.do === "act") answered = performance.now() - begin;
    return reply;
  };
  const begin = performance.now();
  const drawn = new Promise((done) => {
    const frame = () => requestAnimationFrame(() => done(performance.now() - begin));
    new MutationObserver(frame).observe(document.querySelector(".ll-done"), { childList: true });
  });
  [...document.querySelectorAll(".ll-offers button")].find((it) => it.textContent === label).click();
  const spent = await drawn;
  LessonPython.request = ask;
  return [answered, spent];
}"""


@contextmanager
def opened(folder: Path, link: str) -> Iterator[Page]:
    """The page in Chromium, with the run of a link on show; ``folder`` is empty, and holds the page afterwards."""
    from playwright.sync_api import sync_playwright

    with served(folder) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/sub/lab.html#lab={link}")
        page.locator(".ll-start").click()
        page.locator(".ll-done li").first.wait_for(timeout=60_000)
        yield page
        chromium.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the page with its Python; gives the address."""
    described = core.build(folder / "live").described()
    (folder / "_static").mkdir()
    (folder / "sub").mkdir()
    for name in ("viz", "lab", "page"):
        for each in (SOURCE / name / "static").iterdir():
            copy(each, folder / "_static")
    (folder / "sub/lab.html").write_text(page_of(described), encoding="utf-8")
    site = server(0, folder)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    site.server_close()


def page_of(described: dict[str, Any]) -> str:
    """The page; ``described`` is what it must know of its Python."""
    links = "".join(f'<link rel="stylesheet" href="../_static/{name}.css">' for name in ("player", "results", "lab"))
    scripts = "".join(f'<script src="../_static/{name}.js"></script>' for name in ("python", "player", "lab"))
    return (
        '<!doctype html><html lang="en" data-content_root="../"><head><meta charset="utf-8"><title>Lab</title>'
        f'<link rel="icon" href="data:,"><meta name="lesson-python" content="{escape(dumps(described))}">'
        f"{links}{scripts}</head><body><main>{LAB.html()}</main></body></html>"
    )


def go(page: Page, index: int, subject: str) -> None:
    """Stand behind event ``index``, wait until Python is ready, and choose what is acted on."""
    page.locator(".lp-scrub").evaluate("(it, at) => { it.value = at; it.dispatchEvent(new Event('input')) }", index)
    page.wait_for_timeout(1000)
    page.locator(f".ll-subject input[value={subject}]").check(force=True)


def undo(page: Page) -> None:
    """Take the last action back."""
    page.locator(".ll-tools button").first.click()
    page.wait_for_timeout(1000)
