"""Tasks and reports as they look where no style sheet of the book is: in JupyterLab, light and dark, on any screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lessons.classroom import check, solution, task
from lessons.classroom.exercise import find
from lessons.viz import widget
from tests.browser import artifacts

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "adding/adder"
# What JupyterLab's themes say of the colours and fonts that outputs use.
THEMES = {
    "light": "--jp-layout-color1:#fff;--jp-ui-font-color2:rgba(0,0,0,.54);--jp-content-font-color1:rgba(0,0,0,.87);"
    "--jp-content-link-color:#1565c0;--jp-mirror-editor-keyword-color:#008000;--jp-mirror-editor-string-color:#ba2121",
    "dark": "--jp-layout-color1:#111;--jp-ui-font-color2:rgba(255,255,255,.54);"
    "--jp-content-font-color1:rgba(255,255,255,1);--jp-content-link-color:#90caf9;"
    "--jp-mirror-editor-keyword-color:#4caf50;--jp-mirror-editor-string-color:#ff7070",
}
SHARED = "--jp-content-font-family:system-ui,sans-serif;--jp-content-font-size1:14px;--jp-code-font-family:monospace"
RENDER = """([script, html]) => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    return import(address).then(it => it.default.render(
        { model: { get: () => html }, el: document.querySelector("main") }));
}"""


@pytest.fixture(autouse=True)
def samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_EXERCISES", str(Path(__file__).parent / "exercises"))


def show(page: Page, theme: str, html: str) -> None:
    """Open ``html`` as the widget shows it, in a page with the colours of JupyterLab."""
    colours = f"background:var(--jp-layout-color1);color:var(--jp-content-font-color1);{THEMES[theme]};{SHARED}"
    page.set_content(
        f'<!doctype html><html lang="en"><title>Live</title><style>body{{{colours};--jp-code-font-size:13px}}'
        f"{widget.static('results.css')}</style>"
        f'<body data-jp-theme-light="{str(theme == "light").lower()}"><main><h1>Exercise</h1></main>'
    )
    page.evaluate(RENDER, [widget.PAGE, html])


@pytest.mark.parametrize(("theme", "width"), [("light", 900), ("dark", 900), ("light", 360)])
def test_task_report_and_solution_look_right_without_the_book(page: Page, theme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    broken = check(NAME, find(NAME).bugs["returns the number and not the total"], hint=1)
    held, untouched = check(NAME, find(NAME).solution), check(NAME, None)
    parts = [task(NAME).html(), *(report._words() for report in (untouched, broken, held)), solution(NAME).html()]
    show(page, theme, "".join(parts))
    looks = page.locator(".lesson-verdict").evaluate_all("all => all.map(it => getComputedStyle(it).borderLeft)")
    assert len(set(looks)) == 3 and "dashed" in looks[0]
    signs = page.locator(".lesson-verdict").evaluate_all(
        "all => all.map(it => getComputedStyle(it, '::before').content)"
    )
    assert [sign[1] for sign in signs[1:]] == ["✗", "✓"]
    for name in ("task", "report", "solution"):
        box = page.locator(f".lesson-{name}").first
        assert box.evaluate("it => getComputedStyle(it).borderRadius") == "10px"
        assert box.evaluate("it => parseFloat(getComputedStyle(it).paddingLeft)") >= 9
    page.get_by_text("A solution").click()
    keyword, plain = (page.locator(f".lesson-solution .{name}").first for name in ("k", "p"))
    assert keyword.evaluate("it => getComputedStyle(it).color") != plain.evaluate("it => getComputedStyle(it).color")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    result: Any = Axe().run(page, options={"preload": False})
    assert result.violations_count == 0, result.generate_report()
    page.screenshot(path=artifacts() / f"report-live-{width}-{theme}.png", full_page=True)
