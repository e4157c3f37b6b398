"""Every page of the site, opened over http as a reader of the published book does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.visits import PHONE, Visit, found, page_files, visit_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What a reader must never meet: a script error, files of another host, a line wider than a phone, a button without a
# name, and a text in light grey; the same grey comes four times.
BAD = f"""<!doctype html><html lang="en"><title>Bad</title><body><main><script>throw new Error("broken")</script>
<img alt="" src="http://192.0.2.1/one.png"><img alt="" src="http://a.example/x">
<p style="width: 900px">Wide</p><button></button>{'<p style="color: #ddd">grey</p>' * 4}</main>"""


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Path, address: str) -> dict[str, Visit]:
    """What happened on each page."""
    return visit_all(browser, address, page_files(site), closely=True)


def test_no_page_asks_another_host_for_anything(visits: dict[str, Visit]) -> None:
    assert found(visits, "foreign") == {}


def test_no_page_has_a_script_error(visits: dict[str, Visit]) -> None:
    assert found(visits, "errors") == {}


def test_axe_finds_no_serious_barrier_on_any_page(visits: dict[str, Visit]) -> None:
    assert found(visits, "barriers") == {}


def test_no_page_is_wider_than_a_phone(visits: dict[str, Visit]) -> None:
    too_wide = {name: visit.phone_width for name, visit in visits.items() if visit.phone_width > PHONE["width"]}
    assert too_wide == {}


def test_a_bad_page_is_seen(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(BAD)
    visit = visit_all(browser, tmp_path.as_uri(), ["bad.html"], closely=True)["bad.html"]
    assert visit.foreign == ["http://192.0.2.1/one.png", "http://a.example/x"]
    assert any("broken" in error for error in visit.errors)
    assert visit.phone_width >= 900
    assert [line.partition(":")[0] for line in sorted(visit.barriers)] == ["button-name", *["color-contrast"] * 3]
