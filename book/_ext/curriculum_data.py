"""The curriculum as data: parts and chapters from curriculum.yml, readiness from _toc.yml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "book" / "curriculum.yml"
CONTENTS = ROOT / "_toc.yml"


@dataclass(frozen=True)
class Chapter:
    """One chapter: `page` is the document it has, or will have, in the book."""

    part: str
    slug: str
    name: str
    claim: str
    line: str
    ready: bool

    @property
    def page(self) -> str:
        """The document name, as _toc.yml writes it."""
        return f"notebooks/{self.part}/{self.slug}"


@dataclass(frozen=True)
class Part:
    """One part of the book with its chapters in reading order; `page` is its introduction, if it has one."""

    slug: str
    name: str
    icon: str
    line: str
    chapters: tuple[Chapter, ...]
    page: str | None

    @property
    def ready(self) -> int:
        """How many of its chapters can be read."""
        return sum(chapter.ready for chapter in self.chapters)


def read_curriculum(data: Path = DATA, contents: Path = CONTENTS) -> tuple[Part, ...]:
    """Read all parts; a chapter is ready when its notebook stands in the table of contents."""
    pages = frozenset(files_in(yaml.safe_load(contents.read_text(encoding="utf8"))))
    return tuple(_part(row, pages) for row in yaml.safe_load(data.read_text(encoding="utf8")))


def files_in(toc: Any) -> Iterator[str]:
    """Every document that a table of contents names, without the suffix."""
    if isinstance(toc, dict):
        for key in ("root", "file"):
            if key in toc:
                yield str(toc[key]).removesuffix(".md").removesuffix(".ipynb")
        toc = list(toc.values())
    if isinstance(toc, list):
        for entry in toc:
            yield from files_in(entry)


def _part(row: dict[str, Any], pages: frozenset[str]) -> Part:
    slug = row["part"]
    page = f"book/{slug}"
    return Part(
        slug=slug,
        name=row["name"],
        icon=row["icon"],
        line=row["line"],
        chapters=tuple(_chapter(slug, chapter, pages) for chapter in row["chapters"]),
        page=page if page in pages else None,
    )


def _chapter(part: str, row: dict[str, str], pages: frozenset[str]) -> Chapter:
    return Chapter(part=part, ready=f"notebooks/{part}/{row['slug']}" in pages, **row)
