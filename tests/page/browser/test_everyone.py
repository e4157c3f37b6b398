"""A live page for everyone: by keyboard alone, with a screen reader, on a phone, in the dark, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.book.visits import PHONE, barriers_on, phone_width
from tests.browser import artifacts
from tests.page.browser.reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_axe_finds_nothing_grave_before_and_after_cells_have_run(page: Page, reader: Reader) -> None:
    for_each_scheme(page, "waiting")
    reader.ask_for_python()
    reader.run(2, "print('text')\n1 / 0")
    reader.run(3, "from lessons.viz import table\ntable([{'a': 1}], 'One')")
    for_each_scheme(page, "run")


def for_each_scheme(page: Page, when: str) -> None:
    """Ask axe-core by day and by night, and keep a picture."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.locator(f'html[data-theme="{scheme}"]').wait_for()
        assert barriers_on(page) == []
        page.screenshot(path=artifacts() / f"run-this-page-{when}-{scheme}.png")


def test_the_keyboard_alone_is_enough(page: Page, reader: Reader) -> None:
    reader.button("Run this page").focus()
    page.keyboard.press("Enter")
    reader.wait_for("Ready.")
    expect(reader.button("Run all")).to_be_focused()
    reader.editor(2).focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("print('typed')")
    page.keyboard.press("Shift+Enter")
    reader.wait_for("Cell 2 has run.")
    assert reader.output(2).strip() == "typed"
    expect(reader.editor(3)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(reader.cell(3).get_by_role("button", name="Run cell 3")).to_be_focused()


def test_tab_indents_in_a_cell(running: Reader) -> None:
    running.write(2, "pass")
    running.page.keyboard.press("Home")
    running.page.keyboard.press("Tab")
    assert running.editor(2).inner_text() == "    pass"


def test_what_happens_is_said_to_a_screen_reader(running: Reader) -> None:
    assert running.status.get_attribute("role") == "status"
    assert running.editor(2).get_attribute("aria-label") == "Code of cell 2"
    assert "Escape" in (running.editor(2).get_attribute("aria-description") or "")


def test_a_phone_shows_all_of_it(page: Page, reader: Reader) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    reader.ask_for_python()
    reader.run(2, "print('x' * 300)\n'y' * 300")
    reader.run(3, "1 / 0")
    assert phone_width(page) <= PHONE["width"]
    reader.cell(2).scroll_into_view_if_needed()
    page.screenshot(path=artifacts() / "run-this-page-360.png")
    bar = page.locator(".lesson-run").bounding_box()
    assert bar is not None and bar["height"] <= 150, "the bar leaves room to read"


def test_paper_has_the_code_and_no_buttons(page: Page, reader: Reader) -> None:
    reader.ask_for_python()
    reader.run(2, "'for paper'")
    page.emulate_media(media="print")
    expect(page.locator(".lesson-run")).to_be_hidden()
    expect(reader.cell(2).locator(".lesson-cell-tools")).to_be_hidden()
    expect(reader.cell(2).locator(".lesson-editor")).to_be_hidden()
    expect(reader.cell(2).locator(".cell_input pre")).to_have_text("'for paper'")
    expect(reader.cell(2).locator(".cell_input pre")).to_be_visible()
