"""Packages that do not come with the site: asked of another host when the reader says so, and never before."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.page.browser.reader import PATIENCE, Reader
from tools.live.lock import SERVER

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

HOST = SERVER.partition("{")[0]


@pytest.fixture
def needy(running: Reader) -> Iterator[Reader]:
    """A reader whose cell needs numpy, and does not get it."""
    running.run(2, "import numpy\nnumpy.answer()")
    yield running
    running.page.unroute_all()
    running.page.foreign.clear()  # type: ignore[attr-defined]


def test_nothing_is_asked_of_another_host_and_the_output_stays(needy: Reader) -> None:
    assert needy.says(2).startswith("Not run: it needs numpy, which does not come with this site.")
    assert needy.page.foreign == []  # type: ignore[attr-defined]


def test_a_server_out_of_reach_is_told_and_the_page_works_on(needy: Reader) -> None:
    page = needy.page
    page.route(f"{HOST}**", lambda route: route.abort())
    needy.cell(2).get_by_role("button", name="Load numpy from Pyodide’s server").click()
    needy.wait_for("numpy could not be loaded")
    needy.run(3, "1 + 1")
    assert needy.output(3).strip() == "2"
    assert set(page.foreign) == {url for url in page.foreign if url.startswith(HOST)}  # type: ignore[attr-defined]


def test_a_package_that_is_not_what_was_published_is_refused(needy: Reader) -> None:
    needy.page.route(
        f"{HOST}**", lambda route: route.fulfill(body=wheel("def answer(): return 'wrong'"), headers=ANYBODY)
    )
    needy.cell(2).get_by_role("button", name="Load numpy").click()
    needy.wait_for("numpy could not be loaded")


def test_what_is_loaded_is_used_by_the_cell(page: Page, reader: Reader) -> None:
    data = wheel("def answer(): return 42")
    page.route(f"{HOST}**", lambda route: route.fulfill(body=data, headers=ANYBODY))
    page.route("**/live/lock-*.json", lambda route: lock_with(route, "numpy", hashlib.sha256(data).hexdigest()))
    reader.ask_for_python()
    reader.run(2, "import numpy\nnumpy.answer()")
    reader.cell(2).get_by_role("button", name="Load numpy").click()
    expect(reader.cell(2).locator(".lesson-live-output")).to_have_text("42", timeout=PATIENCE)
    page.foreign.clear()  # type: ignore[attr-defined]


ANYBODY = {"Access-Control-Allow-Origin": "*"}


def wheel(code: str) -> bytes:
    """A package numpy of one line, under the name of the published file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("numpy/__init__.py", code)
        archive.writestr("numpy-2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\n")
    return written.getvalue()


def lock_with(route: Route, name: str, sha256: str) -> None:
    """Give the lock file of the site with another hash for one package."""
    lock: dict[str, Any] = route.fetch().json()
    lock["packages"][name]["sha256"] = sha256
    route.fulfill(body=json.dumps(lock))
