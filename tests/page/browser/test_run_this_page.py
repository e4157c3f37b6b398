"""Run this page, in a real browser: the chapter's own cells, edits, errors, an endless loop, a reload."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import artifacts
from tests.page.browser.conftest import needs_python
from tests.page.browser.reader import CHAPTER, Reader
from tests.page.chapters import NOT_COMPARED
from tests.page.inside import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

LOOP = "while True:\n    pass"


def test_nothing_is_loaded_before_the_reader_asks_and_the_size_is_said(page: Page, reader: Reader, site: Path) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    reader.open()
    page.wait_for_load_state("networkidle")
    assert not [url for url in requests if "/live/" in url or "codemirror" in url or "worker" in url]
    files = json.loads(page.locator('meta[name="lesson-python"]').get_attribute("content") or "")
    assert f"{files['bytes'] / 1e6:.1f} MB" in reader.status.inner_text()


def test_the_size_that_is_said_is_what_is_loaded(page: Page, reader: Reader) -> None:
    loaded: dict[str, int] = {}
    page.on("response", lambda answer: loaded.update({answer.url: int(answer.headers.get("content-length", 0))}))
    reader.ask_for_python()
    bytes_said = page.evaluate("LessonPython.size")
    wheels_and_core = [size for url, size in loaded.items() if "/live/" in url and "lock-" not in url]
    assert sum(wheels_and_core) == bytes_said


def test_every_cell_of_the_page_is_the_notebooks(page: Page, reader: Reader) -> None:
    notebook = json.loads((ROOT / f"{CHAPTER}.ipynb").read_text())
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [text.rstrip("\n") for text in page.locator(".cell_input pre").all_text_contents()] == sources


def test_the_whole_chapter_runs_by_the_sites_policy_and_shows_what_the_book_shows(
    page: Page, guarded: str, site: Path
) -> None:
    needs_python(site)
    reader = Reader(page, guarded)
    notebook = json.loads((ROOT / f"{CHAPTER}.ipynb").read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    compared = [NOT_COMPARED not in cell["metadata"].get("tags", ()) for cell in code]
    before = shown_on(page)
    reader.ask_for_python()
    reader.button("Run all").click()
    reader.wait_for(f"{len(code)} cells ran.")
    page.screenshot(path=artifacts() / "run-this-page.png")
    after = shown_on(page)
    assert len(after) == len(code)
    different = [
        (number, old, new)
        for number, (old, new, wanted) in enumerate(zip(before, after, compared, strict=True), start=1)
        if wanted and old != new and "Not run" not in reader.says(number)
    ]
    assert different == []
    assert page.locator(".lesson-live-output").count() > len(code) // 2, "most outputs are those of this run"
    assert page.errors == []  # type: ignore[attr-defined]
    assert page.foreign == []  # type: ignore[attr-defined]


def shown_on(page: Page) -> list[str]:
    """What stands below each cell, without the moving parts of players."""
    script = """cells => cells.map(cell => {
        const output = cell.querySelector(".cell_output")?.cloneNode(true);
        for (const moving of output?.querySelectorAll(".lp, .lr, img, script, button") ?? []) moving.remove();
        return output?.textContent.replace(/\\s+/g, "") ?? "";
    })"""
    found = page.locator(".bd-article div.cell:has(.cell_input)").evaluate_all(script)
    assert isinstance(found, list)
    return found


def test_a_player_that_a_cell_makes_plays(running: Reader) -> None:
    cell = running.cell(1)
    cell.locator("summary").first.click()
    cell.get_by_role("button", name="Run cell 1").click()
    running.wait_for("Cell 1 has run.")
    expect(cell.locator(".lesson-live-output figure[data-lesson-state=playing]")).to_have_count(1)
    cell.locator(".lesson-live-output").get_by_role("button", name=re.compile("Play|Step")).first.click()


def test_the_stored_output_stays_until_the_cell_has_run(page: Page, reader: Reader) -> None:
    stored = reader.output(2)
    reader.ask_for_python()
    assert reader.output(2) == stored
    reader.run(2, "print('mine')")
    assert reader.output(2).strip() == "mine"
    reader.cell(2).get_by_role("button", name="Undo edit").click()
    assert reader.output(2) == stored


def test_an_error_shows_the_line_and_the_cells_above_can_be_run(reader: Reader) -> None:
    reader.ask_for_python()
    reader.run(3, "def f():\n    return 1 / 0\nf()")
    assert "ZeroDivisionError" in reader.says(3)
    assert 'File "cell 3", line 2, in f' in reader.output(3)
    reader.run(3, "Counter")
    reader.cell(3).get_by_role("button", name="Run the cells above, then this one").click()
    reader.wait_for("3 cells ran.")
    assert "Counter" in reader.output(3)


def test_an_endless_loop_is_stopped_and_what_that_costs_is_said(page: Page, reader: Reader) -> None:
    reader.ask_for_python()
    reader.run(2, "x = 5")
    reader.write(3, LOOP)
    page.keyboard.press("Control+Enter")
    expect(reader.button("Stop")).to_be_enabled()
    page.wait_for_timeout(200)
    reader.button("Stop").click()
    reader.wait_for("Python starts anew: what the cells had defined is gone.")
    reader.run(4, "'x' in globals(), 1 + 1")
    assert reader.output(4).strip() == "(False, 2)"


def test_a_new_start_forgets_what_was_defined(reader: Reader) -> None:
    reader.ask_for_python()
    reader.run(2, "x = 5")
    reader.button("Restart").click()
    reader.wait_for("Python is as new")
    reader.run(3, "'x' in globals()")
    assert reader.output(3).strip() == "False"


def test_edits_live_through_a_reload_and_can_be_discarded(page: Page, reader: Reader) -> None:
    original = page.locator(".cell_input pre").nth(1).text_content()
    reader.ask_for_python()
    reader.write(2, "answer = 42")
    reader.open()
    assert "You have edited 1 cell." in reader.status.inner_text()
    reader.ask_for_python()
    assert reader.editor(2).inner_text() == "answer = 42"
    reader.button("Discard 1 edit").click()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lesson-edits'))") == []
    reader.open()
    assert "edited" not in reader.status.inner_text()
    assert page.locator(".cell_input pre").nth(1).text_content() == original


OTHER_TAB = """() => {
    const code = document.querySelectorAll(".cell_input pre")[2].textContent.trimEnd();
    const name = `lesson-edits:${location.pathname}`;
    const kept = JSON.parse(localStorage.getItem(name) ?? "{}");
    localStorage.setItem(name, JSON.stringify({ ...kept, [code]: "other = 'tab'" }));
}"""


def test_edits_of_two_tabs_are_both_kept(page: Page, reader: Reader) -> None:
    original = page.locator(".cell_input pre").nth(2).text_content()
    page.evaluate(OTHER_TAB)
    reader.ask_for_python()
    assert reader.editor(3).inner_text() == "other = 'tab'"
    reader.open()
    reader.ask_for_python()
    reader.button("Discard 1 edit").click()
    assert page.locator(".cell_input pre").nth(2).text_content() == original, "what paper gets"
    page.evaluate(OTHER_TAB)
    reader.write(2, "answer = 42")
    reader.open()
    assert "You have edited 2 cells." in reader.status.inner_text()


def test_an_edit_of_code_that_the_book_has_changed_is_shown(page: Page, reader: Reader) -> None:
    kept = json.dumps({"old code of the book": "my <b>work</b>"})
    page.evaluate("kept => localStorage.setItem(`lesson-edits:${location.pathname}`, kept)", kept)
    reader.open()
    fold = page.locator(".lesson-orphans")
    assert fold.locator("summary").inner_text() == "1 edit of yours to code that the book has changed since"
    fold.locator("summary").click()
    assert fold.locator("pre").inner_text() == "my <b>work</b>"
    fold.get_by_role("button", name="Forget them").click()
    reader.open()
    expect(page.locator(".lesson-orphans")).to_have_count(0)


def test_what_something_else_wrote_there_breaks_nothing(page: Page, reader: Reader) -> None:
    page.evaluate("localStorage.setItem(`lesson-edits:${location.pathname}`, '[1, {')")
    reader.open()
    assert reader.status.inner_text().startswith("Python runs in your browser")


def test_a_cell_that_needs_threads_keeps_the_books_output(running: Reader) -> None:
    stored = running.output(2)
    running.run(2, "import threading\nthreading.Thread(target=print).start()")
    assert running.says(2) == "Not run: it needs threads, and a browser’s Python has none. The output is the book’s."
    assert running.output(2) == stored


def test_the_page_can_be_used_while_python_boots(page: Page, reader: Reader) -> None:
    page.route("**/pyodide.asm.wasm", lambda route: None)  # It never comes.
    reader.button("Run this page").click()
    reader.wait_for("Starting Python. You can read and edit meanwhile.")
    reader.write(2, "a = 1")
    assert reader.editor(2).inner_text() == "a = 1"
    reader.button("Stop").click()
    reader.wait_for("Python was not started.")


def test_files_that_are_gone_are_told_and_may_be_asked_for_again(page: Page, reader: Reader) -> None:
    page.route("**/pyodide.mjs", lambda route: route.fulfill(status=404))
    reader.button("Run this page").click()
    reader.wait_for("Python could not be started")
    page.unroute("**/pyodide.mjs")
    page.errors.clear()  # type: ignore[attr-defined]
    reader.run(2, "1 + 1")
    assert reader.output(2).strip() == "2"


def test_a_page_that_is_opened_as_a_file_says_what_to_do(page: Page, site: Path) -> None:
    page.goto((site / f"{CHAPTER}.html").as_uri())
    page.get_by_role("button", name="Run this page").click()
    expect(page.locator(".lesson-run-status")).to_contain_text("python -m http.server")
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_site_without_python_says_so(page: Page, address: str) -> None:
    page.route("**/simulation.html", without_meta)
    page.goto(f"{address}/{CHAPTER}.html")
    page.get_by_role("button", name="Run this page").click()
    expect(page.locator(".lesson-run-status")).to_contain_text("built without Python in the page")


def without_meta(route: object) -> None:
    """Give the page as LIVE=0 makes it."""
    answer = route.fetch()  # type: ignore[attr-defined]
    body = re.sub(r'<meta name="lesson-[^>]*>', "", answer.text())
    route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]
