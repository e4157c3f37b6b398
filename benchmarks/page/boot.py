"""Python in a page: bytes and seconds until a first cell has its output, beside the same chapter in JupyterLite.

A browser is involved, so the time is that of a clock, and says something on a quiet machine only. A first visit has an
empty cache, a later one finds in it what the first has left. Needs Chromium and a site that was built with Python.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any

from benchmarks.report import Goal, Report, Row, rounded
from tests.browser import chromium_path
from tools.site import HTML

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

CHAPTER = "foundations/simulation"
SOURCE = "print(6 * 7)"
PATIENCE = 120_000  # milliseconds
VISITS = ("first", "second", "third")  # what was compiled is in the cache from the third on
LIMIT = 4.0  # seconds
ALONE, OURS, LITE = "Python alone", "Run this page", "JupyterLite"

Visit = Callable[["Page", str], float]  # returns the time at which it began


class Counting(SimpleHTTPRequestHandler):
    """Serves the site and counts what it sends."""

    sent = 0

    def copyfile(self, source: Any, outputfile: IO[bytes]) -> None:  # type: ignore[override]
        """Send a file."""
        data = source.read()
        Counting.sent += len(data)
        outputfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def alone(page: Page, address: str) -> float:
    """Start the worker of a chapter that is open already, as a lab does, and wait until it is ready."""
    page.goto(f"{address}/notebooks/{CHAPTER}.html", wait_until="networkidle")
    begin = perf_counter()
    page.evaluate("LessonPython.start()")
    return begin


def in_page(page: Page, address: str) -> float:
    """Open the chapter, press the button, run a cell, and see what it printed."""
    begin = perf_counter()
    page.goto(f"{address}/notebooks/{CHAPTER}.html")
    page.get_by_role("button", name="Run this page").click()
    cell = page.locator(".lesson-live-cell").nth(1)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(SOURCE)
    page.keyboard.press("Control+Enter")
    cell.locator(".lesson-live-output", has_text="42").wait_for()
    return begin


def in_notebook(page: Page, address: str) -> float:
    """Do the same in JupyterLite."""
    begin = perf_counter()
    page.goto(f"{address}/lite/notebooks/index.html?path={CHAPTER}.ipynb")
    cell = page.locator(".jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(SOURCE)
    page.keyboard.press("Control+Enter")
    cell.locator(".jp-OutputArea-output", has_text="42").wait_for()
    return begin


def measure(repetitions: int, long: bool, count: int = len(VISITS)) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    ways = {ALONE: alone, OURS: in_page, LITE: in_notebook}
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    with served(HTML) as address:
        for _ in range(repetitions):
            for name, way in ways.items():
                for time, visit in zip(VISITS, visits(way, address, count), strict=False):
                    found.setdefault((name, time), []).append(visit)
    last = VISITS[count - 1]
    seconds = {key: median(taken for _, taken in every) for key, every in found.items()}
    return Report(
        name="boot",
        title="Python in a reader's browser",
        workload=(
            "The chapter Simulation from a server on this machine, in Chromium: open it, start Python, run "
            "print(6 * 7), see 42; alone: only start Python, in a page that is open. A first visit has an empty cache."
        ),
        unit="MB sent by the server, uncompressed, and seconds of a clock",
        rows=[row(name, time, found[name, time]) for name, time in found],
        ratios={f"{LITE}, {time} visit": rounded(seconds[LITE, time] / seconds[OURS, time]) for time in VISITS[:count]},
        goals=[
            Goal("seconds until Python is ready, first visit", rounded(seconds[ALONE, "first"]), LIMIT, at_least=False),
            Goal(f"seconds to the first output, {last} visit", rounded(seconds[OURS, last]), LIMIT, at_least=False),
        ],
        conclusion=conclusion(found, seconds, last),
        repetitions=repetitions,
    )


def visits(way: Visit, address: str, count: int) -> Iterator[tuple[int, float]]:
    """Visit some times with one profile of the browser, closed in between; give bytes and seconds of each."""
    with tempfile.TemporaryDirectory() as profile:
        for _ in range(count):
            with browser(profile) as context:
                page = context.new_page()
                page.set_default_timeout(PATIENCE)
                Counting.sent = 0
                begin = way(page, address)
                yield Counting.sent, perf_counter() - begin
                page.wait_for_timeout(1000)  # compiled code goes into the cache


@contextmanager
def browser(profile: str) -> Iterator[BrowserContext]:
    """Chromium with a profile on disk; another one keeps no compiled code."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium_path()
        context = playwright.chromium.launch_persistent_context(profile, executable_path=path, args=["--no-sandbox"])
        yield context
        context.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the site."""
    if not (folder / "live").is_dir():
        raise FileNotFoundError(f"{folder} has no live/: build the site first, with make site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def row(name: str, time: str, every: list[tuple[int, float]]) -> Row:
    """One line of the table."""
    return {
        "way": name,
        "visit": time,
        "MB": rounded(median(sent for sent, _ in every) / 1e6),
        "seconds": rounded(median(seconds for _, seconds in every)),
        "best": rounded(min(seconds for _, seconds in every)),
    }


def conclusion(
    found: dict[tuple[str, str], list[tuple[int, float]]], seconds: dict[tuple[str, str], float], last: str
) -> str:
    """What the figures say."""
    megabytes = median(sent for sent, _ in found[OURS, "first"]) / 1e6
    return (
        f"A first visit loads {megabytes:.1f} MB, page included, and Python is ready {seconds[ALONE, 'first']:.1f} s "
        f"after the click, later {seconds[ALONE, last]:.1f} s; from a cache the first output is there "
        f"{seconds[OURS, 'first'] / seconds[OURS, last]:.1f} times as fast. JupyterLite takes "
        f"{seconds[LITE, last] / seconds[OURS, last]:.1f} times as long: it starts a whole user interface and IPython "
        "too."
    )
