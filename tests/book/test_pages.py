"""Every page of the site but those of source code, opened over http; and a bad page, in which all of it is found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.book.sweeps import SOURCE, OverHttp
from tests.book.visits import visit_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What a reader must never meet: a script error, files of another host, a line wider than a phone, a button without a
# name, and a text in light grey; the same grey comes four times.
BAD = f"""<!doctype html><html lang="en"><title>Bad</title><body><main><script>throw new Error("broken")</script>
<img alt="" src="http://192.0.2.1/one.png"><img alt="" src="http://a.example/x">
<p style="width: 900px">Wide</p><button></button>{'<p style="color: #ddd">grey</p>' * 4}</main>"""


class TestPages(OverHttp):
    @staticmethod
    def chosen(name: str) -> bool:
        return not name.startswith(SOURCE)


def test_a_bad_page_is_seen(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(BAD)
    visit = visit_all(browser, tmp_path.as_uri(), ["bad.html"], closely=True)["bad.html"]
    assert visit.foreign == ["http://192.0.2.1/one.png", "http://a.example/x"]
    assert any("broken" in error for error in visit.errors)
    assert visit.phone_width >= 900
    assert [line.partition(":")[0] for line in sorted(visit.barriers)] == ["button-name", *["color-contrast"] * 3]
