"""The panel of the replicated logs: what stands on the grid, and how every reader gets at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.viz.browser import documents
from tests.viz.browser.driving import Open, keep, scrub, wait_frames

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LEADS, LAGS, CAUGHT, COMPACTED = 36, 38, 39, 41  # events of the run of replicas


def cell(page: Page, row: int, index: int) -> Locator:
    return page.locator(f'.lp-cell[data-row="{row}"][data-index="{index}"]')


def words(page: Page) -> list[str]:
    return page.get_by_role("list", name="The logs in words").locator("li").all_inner_texts()


def test_a_committed_entry_is_solid_and_another_one_hatched_behind_the_bar(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LAGS)
    assert "is-committed" in (cell(page, 1, 5).get_attribute("class") or "")
    assert cell(page, 1, 5).locator("rect[fill^=url]").count() == 0
    assert "is-open" in (cell(page, 1, 6).get_attribute("class") or "")
    assert cell(page, 1, 6).locator("rect[fill^=url]").count() == 1
    bars = page.locator(".lp-logs-svg .lp-commit").evaluate_all("all => all.map(it => it.getBoundingClientRect().x)")
    ends = [box["x"] + box["width"] for box in (cell(page, row, 4).bounding_box() for row in (0, 2)) if box]
    assert len(bars) == 5 and all(min(abs(bar - end) for bar in bars) < 4 for end in ends)


def test_an_entry_shows_its_term_as_a_number_and_a_tone(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LEADS)
    assert cell(page, 0, 6).locator("text").all_text_contents() == ["3", "start"]
    tones = [
        cell(page, 0, index).locator(".lp-cell-box").evaluate("it => getComputedStyle(it).stroke") for index in (1, 6)
    ]
    assert tones[0] != tones[1]


def test_what_differs_from_the_leader_bears_a_sign_until_it_is_replaced(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LEADS)
    assert page.locator(".lp-logs-svg .lp-unequal").count() == 3
    assert "differs at 6 to 8" in words(page)[2]
    scrub(page, CAUGHT)
    assert page.locator(".lp-logs-svg .lp-unequal").count() == 0
    assert page.locator(".lp-logs-svg .lp-cell-fresh").count() == 3


def test_without_a_leader_what_most_logs_have_is_right(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, 16)
    assert page.locator(".lp-logs-svg .lp-unequal").count() == 0  # only n3 has entries there
    document = documents.replicas()
    document["runs"][0]["events"][9][3]["3"] = [0, 1, 8, 3, 4]  # n5 has another entry at 3
    page = show(document)
    scrub(page, 16)
    assert cell(page, 4, 3).locator(".lp-unequal").count() == 1
    assert page.locator(".lp-logs-svg .lp-unequal").count() == 1


def test_a_snapshot_is_one_wide_cell_and_a_prefix_that_all_have_compacted_one_column(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LEADS)
    wide = page.locator(".lp-snapshot rect").first.bounding_box()
    one, three = cell(page, 0, 1).bounding_box(), cell(page, 0, 3).bounding_box()
    assert wide and one and three
    assert page.locator(".lp-snapshot text").first.text_content() == "snapshot ≤ 3"
    assert abs(wide["x"] - one["x"]) < 2 and abs(wide["width"] - (three["x"] + three["width"] - one["x"])) < 4
    document = documents.replicas()
    for event in document["runs"][0]["events"][5:10]:
        event[3] |= {"3": [3, 4], "4": 1000}
    page = show(document)
    scrub(page, 16)
    assert page.locator(".lp-cell-index").all_text_contents() == ["1–1000", "1001", "1002"]
    assert page.locator(".lp-snapshot text").all_text_contents()[:5] == ["snapshot ≤ 1000"] * 5


def test_next_and_match_of_a_follower_stand_below_its_row(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, COMPACTED)
    marks = page.locator(".lp-progress:has(title)")
    assert marks.count() == 4
    match, sixth = marks.first.locator("circle").bounding_box(), cell(page, 1, 6).bounding_box()
    following = marks.first.locator(".lp-next").bounding_box()
    assert match and sixth and following
    assert sixth["x"] < match["x"] < sixth["x"] + sixth["width"] < following["x"]
    assert "the leader knows it has 6, and sends 8 next" in words(page)[1]


def test_entries_that_a_log_has_lost_are_shown_once_more_and_struck_out(show: Open) -> None:
    document = documents.replicas()
    document["runs"][0]["events"][CAUGHT][3]["3"] = [0, 1, 2, 3, 4]
    page = show(document)
    scrub(page, CAUGHT)
    assert page.locator(".lp-cell.is-lost .lp-cell-strike").count() == 3
    scrub(page, CAUGHT + 1)
    assert page.locator(".lp-cell.is-lost").count() == 0


def test_every_log_is_a_sentence_that_follows_the_steps(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LAGS - 1)
    assert words(page)[0] == "n1, leader, term 3: entries 1 to 8, the last one 3:y=5, committed up to 4."
    assert words(page)[1].startswith("n2, follower, term 3: entries 1 to 4, the last one 2:start, committed up to 4")
    assert words(page)[4].startswith("n5, down: ")
    page.get_by_role("button", name="One event on").click()
    assert words(page)[1].startswith("n2, follower, term 3: entries 1 to 6, the last one 3:start, committed up to 5")
    assert words(page)[1] in page.locator("[aria-live=polite]").inner_text()


def test_an_entry_and_a_row_are_inspected_by_a_click(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, LEADS)
    cell(page, 2, 6).click()
    facts = " ".join(page.locator(".lp-inspector").inner_text().split())
    assert facts == "Entry 6 of n3 term 2 says 2:y=7 committed no also on none another on n1, n4"
    assert "is-chosen" in (cell(page, 2, 6).get_attribute("class") or "")
    page.locator(".lp-logs").get_by_role("button", name="n2").click()
    assert "[1:start, 1:x=1, 1:y=2, 2:start]" in page.locator(".lp-inspector").inner_text()


def test_the_table_leaves_out_what_the_grid_and_the_rings_show(show: Open) -> None:
    page = show(documents.replicas())
    heads = page.locator(".lp-table thead th").all_inner_texts()
    assert heads == ["node", "role", "term", "vote", "base", "commit"]


# ---- long logs


def long(entries: int = 60) -> documents.Document:
    """Two replicas, one entry behind the other, in a log that is longer than the grid is wide."""
    run = documents.Run("long", 1, {"a": "Replica", "b": "Replica"}, (), ("log", "commit"))
    run.start(0, "a", "b")
    for at in range(1, entries + 1):
        log = [run.entry(1, f"v{number}") for number in range(at)]
        run.change(10 * at, "a", log=log, commit=at - 1)
        run.change(10 * at + 5, "b", log=log[:-1], commit=at - 1)
    logs = {"entries": "log", "commit": "commit", "first": 1}
    return documents.document("long", "A long log", "One entry after the other.", run, layout=["logs"], logs=logs)


def last_seen(page: Page) -> list[int]:
    """The indexes of the first row's entries that can be seen, once a step is drawn: that is in the next frame."""
    wait_frames(page, 2)
    seen: list[int] = page.locator(".lp-log-view").evaluate(
        """view => {
            const { left, right } = view.getBoundingClientRect();
            const from = left + view.querySelector(".lp-log-names").offsetWidth;
            return [...view.querySelectorAll('.lp-cell[data-row="0"]')]
                .filter(it => it.getBoundingClientRect().left >= from - 1 && it.getBoundingClientRect().right <= right)
                .map(it => Number(it.dataset.index)).sort((a, b) => a - b);
        }"""
    )
    return seen


def test_a_long_log_follows_the_newest_entry_and_draws_what_can_be_seen(show: Open) -> None:
    page = show(long())
    for step in (20, 60, 118, 90, 120):
        scrub(page, step)
        assert (step - 1) // 2 - 1 <= last_seen(page)[-1] <= (step + 1) // 2
    assert page.locator(".lp-cell[data-row]").count() < 80


def test_page_up_scrolls_back_and_the_grid_then_stays_where_it_is(show: Open) -> None:
    page = show(long())
    scrub(page, 110)
    page.get_by_role("group", name="Replicated logs").focus()
    for _ in range(8):
        page.keyboard.press("PageUp")
    page.wait_for_function("() => document.querySelector('.lp-log-view').scrollLeft === 0")
    wait_frames(page, 2)  # the grid hears of it in the next frame
    page.keyboard.press("ArrowRight")
    assert last_seen(page)[0] == 1
    for _ in range(8):
        page.keyboard.press("PageDown")
    rest = "view.scrollWidth - view.clientWidth - view.scrollLeft"
    page.wait_for_function(f"() => {{ const view = document.querySelector('.lp-log-view'); return {rest} < 1 }}")
    wait_frames(page, 2)
    page.keyboard.press("ArrowRight")
    assert last_seen(page)[-1] == 56


def test_a_document_adds_to_lists_and_a_list_that_is_not_there_is_refused(show: Open) -> None:
    document = documents.replicas()
    change = document["runs"][0]["events"][CAUGHT]
    whole, change[3]["3"] = change[3]["3"], None
    del change[3]["3"]
    change.append({"3": [0, 5, whole[5:]]})
    page = show(document)
    scrub(page, CAUGHT)
    assert page.locator(".lp-logs-svg .lp-cell-fresh").count() == 3
    change[4]["3"] = [3, 9, []]
    assert "adds to a list that is not there" in show(document).locator(".lp-problem").inner_text()


def test_a_node_with_parts_has_a_row_for_each(show: Open) -> None:
    run = documents.Run("parts", 1, {"b1": "Broker", "b2": "Broker"}, (), ("log", "commit", "leads"))
    run.start(0, "b1", "b2")
    one, two = run.entry(1, "a"), run.entry(1, "b")
    run.change(1, "b1", log={"p0": [one, two], "p1": [one]}, commit={"p0": 0, "p1": 0}, leads={"p0": True, "p1": False})
    run.change(1, "b2", log={"p0": [one, one], "p1": [one]}, commit={"p0": 0, "p1": 0}, leads={"p0": False, "p1": True})
    logs = {"entries": "log", "commit": "commit", "leader": ["leads", True], "first": 0}
    page = show(documents.document("parts", "Parts", "Two partitions.", run, layout=["logs"], logs=logs))
    scrub(page, 3)
    assert page.locator(".lp-log-name .lp-name").all_inner_texts() == ["b1 p0", "b1 p1", "b2 p0", "b2 p1"]
    assert page.locator(".lp-cell-index").all_text_contents() == ["0", "1"]
    assert page.locator(".lp-log-track.is-leader").count() == 2
    assert page.locator(".lp-logs-svg .lp-unequal").count() == 1
    assert cell(page, 2, 1).locator(".lp-unequal").count() == 1


# ---- for everyone


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_the_grid_fits_every_width_and_axe_finds_nothing(show: Open, page: Page, width: int, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    show(documents.replicas(), theme=theme)
    scrub(page, LAGS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    result: Any = Axe().run(page, options={"preload": False})
    assert result.violations_count == 0, result.generate_report()
    keep(page, f"replicas-{width}-{theme}")


def test_in_print_the_grid_is_there_and_in_the_saved_picture_too(show: Open, page: Page) -> None:
    show(documents.replicas(), theme="dark")
    scrub(page, LAGS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "y=7" in text and "follower, term 2" in text and "var(" not in text
    page.emulate_media(media="print")
    assert page.locator(".lp-logs-svg").is_visible()
    keep(page, "replicas-print")
