"""The built site as a whole: its first page, search, dark pages, the contents on a phone, its links."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from tests.book.visits import FIRST, PHONE, barriers_on, page_files, phone_width
from tests.browser import artifacts

if TYPE_CHECKING:
    from playwright.sync_api import Page

READ_MOST = ("book/index", "book/foundations", "book/curriculum", "book/glossary", "book/teach", "book/api")


def test_the_first_page_leads_to_the_landing_page(page: Page, address: str, site: Path) -> None:
    for first in (f"{address}/", f"{site.as_uri()}/index.html"):
        page.goto(first)
        page.wait_for_url("**/book/index.html")
        assert page.locator("article h1").inner_text().startswith("Distributed Systems from Scratch")
    assert page.errors == []


def test_search_finds_a_word_and_leads_to_its_page(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=partition")
    hit = page.locator("#search-results li a", has_text="Glossary").first
    hit.wait_for()
    hit.click()
    assert page.locator("article h1").inner_text().startswith("Glossary")
    assert page.errors == []


def test_search_says_so_when_nothing_is_found(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=zyzzyva")
    page.get_by_text("did not match any documents").wait_for()


@pytest.mark.parametrize("name", READ_MOST)
def test_dark_pages_are_dark_and_readable(page: Page, address: str, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/{name}.html")
    brightest = page.evaluate("Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3))")
    assert brightest < 64, "the background is not dark"
    assert barriers_on(page) == []


@pytest.mark.parametrize("name", READ_MOST)
def test_screenshots_are_kept(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/{name}.html")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 768, 360):
            page.set_viewport_size({"width": width, "height": 900})
            picture = artifacts() / f"{name.replace('/', '-')}-{width}-{scheme}.png"
            page.screenshot(path=picture, full_page=True)
            assert picture.stat().st_size > 10_000, f"{picture} is nearly empty"


def test_icons_are_letters_of_a_font_that_comes_with_the_site(page: Page, site: Path) -> None:
    page.goto((site / "book" / "index.html").as_uri())
    loaded = """() => document.fonts.ready.then(() => [...document.fonts].filter(font => font.status === "loaded")
        .map(font => font.family.replaceAll('"', "")))"""
    assert "Font Awesome 6 Free" in page.evaluate(loaded)
    icons = page.locator("i.fa-solid, i.fas").filter(visible=True)
    assert icons.count() > 5 and all(icon.bounding_box()["width"] > 5 for icon in icons.all())  # type: ignore[index]
    assert page.locator("script[src*=fontawesome]").count() == 0
    assert list(site.rglob("fontawesome*.js*")) == []


def test_a_reader_of_a_phone_can_open_the_contents(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{address}/book/teach.html")
    page.locator("button.primary-toggle").first.click()
    page.get_by_role("link", name="Glossary").first.click()
    assert page.url.endswith("glossary.html")
    assert phone_width(page) <= PHONE["width"]


class Links(HTMLParser):
    """The links of a page, and the names that others can link to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = {""}
        self.feed(path.read_text(encoding="utf8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that matter."""
        for key, value in attrs:
            if key in {"href", "src"} and value:
                self.links.append(value)
            elif key in {"id", "name"} and value:
                self.names.add(value)


def broken_links(site: Path) -> list[str]:
    """Return each link inside the site that leads nowhere."""
    pages = {(site / name).resolve(): Links(site / name) for name in [FIRST, *page_files(site)]}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing_name = target in pages and unquote(parts.fragment) not in pages[target].names
            if not target.exists() or missing_name:
                broken.append(f"{path.relative_to(site.resolve())}: {link}")
    return broken


def test_every_link_inside_the_site_leads_somewhere(site: Path) -> None:
    assert broken_links(site) == []


def test_the_link_check_sees_a_missing_page_and_a_missing_heading(tmp_path: Path) -> None:
    (tmp_path / FIRST).write_text('<a href="a.html"></a>')
    (tmp_path / "a.html").write_text('<a href="b.html#there"></a><a href="b.html#gone"></a><a href="c.html"></a>')
    (tmp_path / "b.html").write_text('<h2 id="there"></h2>')
    assert broken_links(tmp_path) == ["a.html: b.html#gone", "a.html: c.html"]
