"""The list of all chapters: complete, and honest about what can be read."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from curriculum_data import CONTENTS, ROOT, files_in, read_curriculum

# Part: its chapters, in reading order. These names are in addresses of pages, so they never change.
EXPECTED = {
    "foundations": "simulation clocks failure_detection peer_to_peer merkle_trees",
    "replication": "crdts data_sync quorums multi_region cache",
    "partitioning": "hash_ring sharding sketches",
    "agreement": "raft replicated_kv locks coordination configuration transactions blockchain",
    "storage": "storage_engine sql_engine distributed_sql file_system object_store search time_series graph_database"
    " vector_database spatial_database analytics_engine",
    "dataflow": "message_queue event_processing stream_processing compute machine_learning",
    "operations": "delayed_tasks scheduler workflow service_registry gateway deployment autoscaling tracing monitoring"
    " edge",
    "capstone": "user_service",
}


def contents() -> set[str]:
    return set(files_in(yaml.safe_load(CONTENTS.read_text())))


def test_the_curriculum_has_exactly_the_chapters_that_were_promised() -> None:
    assert {part.slug: [c.slug for c in part.chapters] for part in read_curriculum()} == {
        part: slugs.split() for part, slugs in EXPECTED.items()
    }


def test_there_are_46_chapters_and_a_capstone() -> None:
    *parts, capstone = read_curriculum()
    assert (sum(len(part.chapters) for part in parts), len(capstone.chapters)) == (46, 1)


def test_every_chapter_makes_a_claim_and_says_what_is_built() -> None:
    for chapter in (chapter for part in read_curriculum() for chapter in part.chapters):
        assert len(chapter.claim.split()) >= 5, f"{chapter.slug}: {chapter.claim!r} is not a claim"
        assert not chapter.claim.endswith("."), f"{chapter.slug}: a title has no full stop"
        assert chapter.line.endswith("."), f"{chapter.slug}: the line is a sentence"


def test_a_chapter_is_ready_when_its_notebook_is_in_the_contents(tmp_path: Path) -> None:
    toc = tmp_path / "toc.yml"
    toc.write_text("root: book/index\nparts:\n  - chapters:\n      - file: notebooks/storage/search.ipynb\n")
    ready = [c.slug for part in read_curriculum(contents=toc) for c in part.chapters if c.ready]
    assert ready == ["search"]


def test_every_page_of_the_contents_is_there_and_every_notebook_is_in_the_contents() -> None:
    for name in contents():
        assert any((ROOT / f"{name}{suffix}").is_file() for suffix in (".md", ".ipynb")), f"_toc.yml: no {name}"
    notebooks = {str(path.relative_to(ROOT).with_suffix("")) for path in (ROOT / "notebooks").rglob("*.ipynb")}
    assert {name for name in notebooks if ".ipynb_checkpoints" not in name} <= contents()


def test_every_notebook_in_the_contents_is_a_chapter_of_the_curriculum() -> None:
    pages = {chapter.page for part in read_curriculum() for chapter in part.chapters}
    assert {name for name in contents() if name.startswith("notebooks/")} <= pages


def test_a_part_with_a_chapter_has_an_introduction() -> None:
    for part in read_curriculum():
        assert part.page or not part.ready, f"book/{part.slug}.md must stand in _toc.yml"


def test_the_page_lists_every_chapter_with_its_status(site: Path) -> None:
    html = (site / "book" / "curriculum.html").read_text()
    for part in read_curriculum():
        for chapter in part.chapters:
            row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*<strong>.*?{re.escape(chapter.name)}.*?</tr>", html, re.S)
            assert row, f"{chapter.name} is not on the page"
            assert ("ready" if chapter.ready else "planned") in row.group()


def test_the_landing_page_has_a_card_for_each_part(site: Path) -> None:
    html = (site / "book" / "index.html").read_text()
    for part in read_curriculum():
        assert part.line.split(",")[0].replace('"', "").split(".")[0] in re.sub(r"[“”]", "", html), part.name


def test_the_glossary_names_only_chapters_and_pages_that_exist() -> None:
    pages = set(re.findall(r"title: (.+)", (ROOT / "_toc.yml").read_text()))
    names = {chapter.name for part in read_curriculum() for chapter in part.chapters} | {"Foundations"} | pages
    glossary = (ROOT / "book" / "glossary.md").read_text()
    named = re.findall(r"\*([A-Z][A-Za-z, -]+)\*\n", glossary)
    assert named
    assert {name for group in named for name in group.split(", ")} <= names
