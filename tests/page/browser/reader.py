"""A reader of a chapter's page, in a browser: what they do with "Run this page", and what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CHAPTER = "notebooks/foundations/simulation"
PATIENCE = 120_000  # milliseconds, on a machine with much else to do


class Reader:
    """Opens a chapter and works with its cells, which are numbered from 1."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        page.set_default_timeout(PATIENCE)
        self.open()

    def open(self, chapter: str = CHAPTER) -> None:
        """Open a chapter anew."""
        self.page.goto(f"{self.address}/{chapter}.html")

    def ask_for_python(self) -> None:
        """Press the button, and wait until Python is there."""
        self.button("Run this page").click()
        self.wait_for("Ready.")

    def button(self, name: str, **more: Any) -> Locator:
        """A button of the bar."""
        return self.page.locator(".lesson-run").get_by_role("button", name=name, **more)

    @property
    def status(self) -> Locator:
        """What the bar says."""
        return self.page.locator(".lesson-run-status")

    def wait_for(self, words: str) -> None:
        """Wait until the bar says so."""
        expect(self.status).to_contain_text(words, timeout=PATIENCE)

    def cell(self, number: int) -> Locator:
        """A cell."""
        return self.page.locator(".bd-article div.cell:has(.cell_input)").nth(number - 1)

    def editor(self, number: int) -> Locator:
        """The text of a cell's editor."""
        return self.cell(number).locator(".cm-content")

    def write(self, number: int, source: str) -> None:
        """Replace the code of a cell by typing it."""
        self.editor(number).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, number: int, source: str) -> None:
        """Write a cell, run it, and wait until it has ended."""
        self.write(number, source)
        self.status.evaluate("bar => (bar.textContent = '')")  # it may speak of an earlier run of the cell
        self.page.keyboard.press("Control+Enter")
        self.wait_for(f"Cell {number}")

    def output(self, number: int) -> str:
        """The text below a cell."""
        return self.cell(number).locator(".cell_output").inner_text()

    def says(self, number: int) -> str:
        """What the cell says of itself."""
        return self.cell(number).locator(".lesson-cell-status").inner_text()
