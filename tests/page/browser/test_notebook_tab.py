"""Open as a notebook: JupyterLite in a tab, with the book's Python, a widget, and a player that plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.page.browser.reader import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

SLIDER = """import ipywidgets as w
slider, said = w.IntSlider(3, description="n"), w.HTML()
slider.observe(lambda change: setattr(said, "value", f"squared: {change.new ** 2}"), "value")
w.VBox([slider, said])"""
PLAYER = """from lessons.foundations.simulation.runs import counter_run
from lessons.viz import play
play(counter_run(3).run(0.5))"""


@pytest.fixture
def notebook(page: Page, address: str, site: Path) -> Page:
    """The chapter on simulation, opened by its link."""
    if not (site / "lite").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    page.goto(f"{address}/notebooks/foundations/simulation.html")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open as a notebook").click()
    opened.value.set_default_timeout(PATIENCE)
    return opened.value


def run(notebook: Page, number: int, source: str) -> None:
    """Write a cell and run it."""
    cell = notebook.locator(".jp-CodeCell").nth(number)
    cell.locator(".cm-content").click()
    notebook.keyboard.press("Control+A")
    notebook.keyboard.insert_text(source)
    notebook.keyboard.press("Shift+Enter")


def test_a_slider_answers_and_a_player_plays_without_another_host(notebook: Page) -> None:
    foreign: list[str] = []
    notebook.context.on("request", lambda request: foreign.append(request.url) if is_foreign(request.url) else None)
    notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    run(notebook, 1, SLIDER)
    notebook.locator(".widget-slider .noUi-handle").focus()
    notebook.keyboard.press("ArrowRight")
    expect(notebook.get_by_text("squared: 16")).to_be_visible(timeout=PATIENCE)
    run(notebook, 2, PLAYER)
    expect(notebook.locator(".jp-OutputArea .lp").first).to_be_visible(timeout=PATIENCE)
    assert foreign == []


def is_foreign(url: str) -> bool:
    """Say whether a request leaves this machine."""
    return url.startswith("http") and not url.startswith("http://127.0.0.1")
