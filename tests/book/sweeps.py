"""The tests that hold for every page of the site. Each part of it has its file, so that workers share them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.book.visits import PHONE, Visit, page_files, visit_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SOURCE = "_modules/"  # where Sphinx puts the pages of source code

Visits = Mapping[str, Visit]


def found(visits: Visits, what: str) -> dict[str, object]:
    """Return the pages on which something was noted."""
    return {name: getattr(visit, what) for name, visit in visits.items() if getattr(visit, what)}


EVERY = 10  # pages of source code are alike but for their text: so many of them are opened over http for one as a file


class AsFiles:
    """Every page that somebody wrote and some of source code, opened as files."""

    @pytest.fixture(scope="class")
    @classmethod
    def visits(cls, browser: Browser, site: Path) -> Visits:
        """What happened on each page."""
        names = page_files(site)
        source = [name for name in names if name.startswith(SOURCE)]
        chosen = [name for name in names if not name.startswith(SOURCE)] + source[::EVERY]
        return visit_all(browser, site.as_uri(), chosen, closely=False)

    def test_no_page_asks_another_host_for_anything(self, visits: Visits) -> None:
        assert found(visits, "foreign") == {}

    def test_no_page_has_a_script_error(self, visits: Visits) -> None:
        assert found(visits, "errors") == {}


class OverHttp(AsFiles):
    """The pages that `chosen` says, opened as a reader of the published book does, and looked at closely."""

    @staticmethod
    def chosen(name: str) -> bool:
        """Say whether the page belongs to this part."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def visits(cls, browser: Browser, site: Path, address: str) -> Visits:
        """What happened on each page."""
        return visit_all(browser, address, list(filter(cls.chosen, page_files(site))), closely=True)

    def test_axe_finds_no_serious_barrier_on_any_page(self, visits: Visits) -> None:
        assert found(visits, "barriers") == {}

    def test_no_page_is_wider_than_a_phone(self, visits: Visits) -> None:
        assert visits
        too_wide = {name: visit.phone_width for name, visit in visits.items() if visit.phone_width > PHONE["width"]}
        assert too_wide == {}
