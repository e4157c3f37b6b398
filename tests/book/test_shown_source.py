"""Every piece of source that a chapter shows is linked to its place in the module."""

from __future__ import annotations

from pathlib import Path

from shown_source import LINK


def test_the_link_of_shown_source_leads_to_the_definition(site: Path) -> None:
    links = [
        (page, match)
        for page in (site / "notebooks").rglob("*.html")
        for match in LINK.finditer(page.read_text(encoding="utf8"))
    ]
    assert links, "no chapter shows source"
    for page, match in links:
        target = site / "_modules" / f"{match[1]}.html"
        assert target.is_file(), f"{page.name}: {match[0]}"
        assert f'id="{match[2]}"' in target.read_text(encoding="utf8"), f"{page.name}: {match[0]}"
