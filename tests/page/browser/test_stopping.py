"""Stopping by what a page can do: where Python tells news, and where memory may be shared, what was defined stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.page.browser.reader import PATIENCE, Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Isolated(SimpleHTTPRequestHandler):
    """Serves files with the two headers that let a page share memory."""

    def end_headers(self) -> None:
        """Add them."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def isolated(page: Page, site: Path) -> Iterator[Reader]:
    """A reader of a site with the headers."""
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Isolated, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Reader(page, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


PRINTS = """async () => {
    const stop = new AbortController();
    const source = "for each in range(10 ** 9): print(each)";
    const options = { signal: stop.signal, onProgress: () => stop.abort() };
    const { outputs } = await LessonPython.request("run", { cell: 1, source }, options);
    return outputs.at(-1).ename;
}"""
WAITS = """async () => {
    const stop = new AbortController();
    const first = LessonPython.request("run", { cell: 1, source: "import time; time.sleep(0.3); x = 6" });
    const second = LessonPython.request("run", { cell: 2, source: "x = 0" }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    const refused = await second.catch((error) => error.name);
    await first;
    return refused;
}"""


def test_a_request_that_tells_news_can_be_stopped_without_a_new_start(running: Reader) -> None:
    running.run(2, "x = 5")
    assert running.page.evaluate(PRINTS) == "Stopped"
    running.run(3, "x")
    assert running.output(3).strip() == "5"


def test_a_new_start_in_the_middle_of_a_start_is_one(page: Page, reader: Reader) -> None:
    both = """async () => {
        const first = LessonPython.start().catch((error) => error.name);
        await LessonPython.restart();
        return [await first, LessonPython.state];
    }"""
    assert page.evaluate(both) == ["Stopped", "ready"]


def test_a_cell_that_calls_itself_without_end_is_an_error_and_no_more(running: Reader) -> None:
    running.run(2, "def f():\n    f()\nf()")
    assert "RecursionError" in running.says(2)
    running.run(3, "1 + 1")
    assert running.output(3).strip() == "2"


def test_a_request_that_waits_is_dropped(running: Reader) -> None:
    assert running.page.evaluate(WAITS) == "Stopped"
    running.run(3, "x")
    assert running.output(3).strip() == "6"


LATE = """async () => {
    const first = LessonPython.request("run", { cell: 1, source: "x = 6" });
    await new Promise((go) => setTimeout(go, 5));
    for (const end = performance.now() + 1000; performance.now() < end; ); // the answer waits to be heard
    const anew = await LessonPython.interrupt();
    await first;
    const { outputs } = await LessonPython.request("run", { cell: 2, source: "x" });
    return [anew, outputs[0].data["text/plain"]];
}"""


def test_a_stop_that_comes_too_late_stops_nothing_else(page: Page, isolated: Reader) -> None:
    isolated.ask_for_python()
    assert page.evaluate(LATE) == [False, "6"]


def test_a_stopped_cell_ends_alone(page: Page, isolated: Reader) -> None:
    assert page.evaluate("crossOriginIsolated") is True
    page.evaluate("ms => (LessonPython.patience = ms)", PATIENCE)
    isolated.ask_for_python()
    isolated.run(2, "x = 5")
    isolated.write(3, "import time\ntime.sleep(0.2)\nprint('begun')\nwhile True:\n    pass")
    page.keyboard.press("Control+Enter")
    expect(isolated.cell(3).locator(".lesson-cell-status")).to_contain_text("begun", timeout=PATIENCE)
    isolated.button("Stop").click()
    isolated.wait_for("Cell 3: KeyboardInterrupt.")
    assert "begun" in isolated.output(3)
    isolated.run(4, "x")
    assert isolated.output(4).strip() == "5"
