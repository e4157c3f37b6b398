"""Open as a notebook: JupyterLite in a tab, with the book's Python, a widget, and a player that plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.page.browser.reader import PATIENCE
from tests.page.browser.tab import move_a_slider, open_notebook, run

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

PLAYER = """from lessons.foundations.simulation.runs import counter_run
from lessons.viz import play
play(counter_run(3).run(0.5))"""


def test_a_slider_answers_and_a_player_plays_by_its_policy_and_without_another_host(
    page: Page, guarded: str, site: Path
) -> None:
    if not (site / "lite").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    foreign: list[str] = []
    page.context.on("request", lambda request: foreign.append(request.url) if is_foreign(request.url) else None)
    said: list[str] = []
    page.context.on("console", lambda message: said.append(message.text))
    tab = open_notebook(page, guarded)
    move_a_slider(tab)
    run(tab, 2, PLAYER)
    expect(tab.locator(".jp-OutputArea .lp").first).to_be_visible(timeout=PATIENCE)
    assert foreign == []
    assert [text for text in said if "Content Security Policy" in text] == []


def is_foreign(url: str) -> bool:
    """Say whether a request leaves this machine."""
    return url.startswith("http") and not url.startswith("http://127.0.0.1")
