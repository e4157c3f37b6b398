"""A notebook in a tab: the chapter on simulation, opened by its link and used as a reader would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.page.browser.reader import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Page

SLIDER = """import ipywidgets as w
slider, said = w.IntSlider(3, description="n"), w.HTML()
slider.observe(lambda change: setattr(said, "value", f"squared: {change.new ** 2}"), "value")
w.VBox([slider, said])"""


def open_notebook(page: Page, address: str) -> Page:
    """The tab, with a kernel that waits for cells."""
    page.goto(f"{address}/notebooks/foundations/simulation.html")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open as a notebook").click()
    tab = opened.value
    tab.set_default_timeout(PATIENCE)
    tab.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    return tab


def run(tab: Page, number: int, source: str) -> None:
    """Write a cell and run it."""
    tab.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(source)
    tab.keyboard.press("Shift+Enter")


def move_a_slider(tab: Page) -> None:
    """Make a slider in cell 1, move it, and wait for what Python answers."""
    run(tab, 1, SLIDER)
    tab.locator(".widget-slider .noUi-handle").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_text("squared: 16")).to_be_visible(timeout=PATIENCE)
