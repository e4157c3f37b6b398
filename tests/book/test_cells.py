"""What the cells of notebooks show, in the style of the book: readable in light and dark, on a phone and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lessons.classroom import check, show, solution, task
from lessons.classroom.exercise import find
from lessons.node import Client
from lessons.viz import Diagram, Quiz, table, verdict
from tests.book.visits import PHONE, barriers_on, phone_width
from tests.browser import artifacts
from tests.viz.runs import lost_update

if TYPE_CHECKING:
    from playwright.sync_api import Page

EXERCISES = Path(__file__).parents[1] / "classroom" / "exercises"
NAME = "adding/adder"
INSERT = """outputs => document.querySelector("article.bd-article").insertAdjacentHTML("beforeend", outputs.map(
    html => `<div class="cell"><div class="cell_output"><div class="output text_html">${html}</div></div></div>`
).join(""))"""


def everything() -> list[Any]:
    """One of each thing that a cell can show beside a player."""
    wide = [{f"column {number}": "somelongword" for number in range(9)}]
    numbers = [{"design": "`first draft`", "runs": 1000, "lost": 12}, {"design": "`repaired`", "runs": 1000, "lost": 0}]
    exercise = find(NAME)
    attempts = [exercise.stub, exercise.solution, *exercise.bugs.values()]
    return [
        *(verdict("The first draft loses 12 additions.", holds) for holds in (None, True, False)),
        table(numbers, "Additions that were lost"),
        table(wide, "Nine columns"),
        Quiz("Who knows?", ["nobody", "`the counter`"], answer="B", why="It adds."),
        Diagram(lost_update(), caption="One addition is lost."),
        show(Client.request),
        task(NAME),
        *(check(NAME, attempt, hint=1) for attempt in attempts),
        solution(NAME),
    ]


@pytest.fixture
def cells(page: Page, address: str, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page of the book with all of it in cells."""
    monkeypatch.setenv("LESSONS_EXERCISES", str(EXERCISES))
    page.goto(f"{address}/book/teach.html")
    page.evaluate(INSERT, [thing.html() for thing in everything()])
    page.evaluate("document.querySelectorAll('article details').forEach(it => { it.open = true })")
    # The theme gives the keyboard's focus to what scrolls, a moment after it has changed.
    page.wait_for_function("() => document.querySelector('.output:has(> .lesson-table)').hasAttribute('tabindex')")
    return page


def set_theme(page: Page, name: str) -> None:
    """Let the system's setting change; the theme follows it."""
    page.emulate_media(color_scheme="dark" if name == "dark" else "light")
    page.wait_for_function("name => document.documentElement.dataset.theme === name", arg=name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_barrier_in_what_cells_show(cells: Page, scheme: str) -> None:
    set_theme(cells, scheme)
    assert barriers_on(cells) == []
    cells.screenshot(path=artifacts() / f"cells-{scheme}.png", full_page=True)


def test_what_is_wide_scrolls_by_itself_and_the_keyboard_reaches_it(cells: Page) -> None:
    assert phone_width(cells) <= PHONE["width"]
    wide = cells.locator(".output:has(> .lesson-table)").nth(1)
    assert wide.evaluate("it => it.scrollWidth > it.clientWidth")
    cells.wait_for_function("() => document.querySelectorAll('.output:has(> .lesson-table)')[1].tabIndex === 0")
    cells.screenshot(path=artifacts() / "cells-360-light.png", full_page=True)


def test_verdicts_differ_by_more_than_colour(cells: Page) -> None:
    texts = cells.locator(".lesson-verdict").evaluate_all(
        "all => all.map(it => getComputedStyle(it, '::before').content + it.textContent)"
    )
    signs = [next((sign for sign in "✓✗" if sign in text), None) for text in texts]
    assert signs == [None, "✓", "✗", None, "✓", "✗", "✗"]


def test_a_dark_page_is_printed_light(cells: Page) -> None:
    set_theme(cells, "dark")
    theme = "document.documentElement.dataset.theme"
    cells.evaluate(f"window.addEventListener('beforeprint', () => {{ window.printed = {theme} }})")
    cells.pdf(path=artifacts() / "cells.pdf")
    assert cells.evaluate("window.printed") == "light"
    assert cells.evaluate(theme) == "dark"
