"""Two runs in lockstep, questions, and what a reader takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import artifacts
from tests.viz.browser import documents
from tests.viz.browser.driving import Open, keep, position, scrub, sentence

if TYPE_CHECKING:
    from playwright.sync_api import Page


# ---- two runs


def test_two_runs_move_together_until_they_differ(show: Open) -> None:
    page = show(documents.pair())
    lines = page.locator(".lp-sentence")
    scrub(page, 5)
    assert lines.nth(0).inner_text() == lines.nth(1).inner_text()
    page.get_by_role("button", name="First difference: #6").click()
    assert "sends Read" in lines.nth(0).inner_text()
    assert "sends Add" in lines.nth(1).inner_text()
    assert page.locator(".lp-tag").inner_text() == "First difference"
    assert page.locator(".lp-row.is-diff").count() == 2
    keep(page, "pair")


def test_two_runs_move_by_time_after_the_difference(show: Open) -> None:
    document = documents.pair()
    page = show(document)
    times = [[float(line.split()[0]) for line in run["lines"]] for run in document["runs"]]
    for step in range(6, 31, 3):
        scrub(page, step)
        here = page.locator(".lp-row.is-current").evaluate_all("all => all.map(it => Number(it.dataset.event))")
        now = max(run[at] for run, at in zip(times, here, strict=True))
        assert all(at + 1 == len(run) or run[at + 1] >= now for run, at in zip(times, here, strict=True)), (step, here)
    assert page.locator(".lp-light.is-broken").count() == 1


def test_a_run_is_chosen_from_the_list(show: Open) -> None:
    page = show(documents.election())
    page.get_by_label("Run").select_option(label="seed 12: no new term")
    page.locator(".lp").focus()
    page.keyboard.press("End")
    assert "n2 and n3 both lead term 1" in sentence(page)


def test_two_runs_stand_side_by_side_or_one_below_the_other(show: Open) -> None:
    page = show(documents.pair())
    wide = [box.bounding_box() for box in page.locator(".lp-stage").all()]
    assert wide[0]["y"] == wide[1]["y"]
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.lp-stage')].map(it => it.offsetLeft)).size === 1"
    )


# ---- questions


def test_playing_stops_before_the_event_that_a_question_is_about(show: Open) -> None:
    page = show(documents.lost_update())
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play").click()
    page.locator(".lp-ask").wait_for()
    assert position(page) == 14
    assert page.locator(".lp-curtain").is_visible()
    assert "held back" in page.locator(".lp-count").inner_text()
    keep(page, "question")
    page.get_by_label("2", exact=True).check()
    page.get_by_role("button", name="Answer").click()
    assert page.locator(".lp-verdict").inner_text().startswith("Not so: 1.")
    assert "writes 1 over Ann's 1" in page.locator(".lp-verdict").inner_text()
    keep(page, "question-answered")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_function("() => parseInt(document.querySelector('.lp-position').textContent) > 18")
    assert page.locator(".lp-ask").is_hidden()


def test_a_right_answer_is_called_right(show: Open) -> None:
    page = show(documents.lost_update())
    scrub(page, 14)
    page.get_by_role("button", name="One event on").click()
    page.get_by_role("button", name="Answer").click()
    assert "Choose one" in page.locator(".lp-verdict").inner_text()
    page.get_by_label("1", exact=True).check()
    page.get_by_role("button", name="Answer").click()
    assert page.locator(".lp-verdict").inner_text().startswith("Right.")


def test_a_question_can_be_skipped(show: Open) -> None:
    page = show(documents.lost_update())
    scrub(page, 14)
    page.get_by_role("button", name="One event on").click()
    page.get_by_role("button", name="Skip").click()
    assert position(page) == 15
    scrub(page, 14)
    page.get_by_role("button", name="One event on").click()
    assert page.locator(".lp-ask").is_hidden()


def test_scrubbing_past_a_question_does_not_lose_it(show: Open) -> None:
    page = show(documents.lost_update())
    scrub(page, 25)
    assert position(page) == 25
    page.get_by_role("button", name="Open question: #15").click()
    assert position(page) == 14
    assert page.locator(".lp-ask").is_visible()


# ---- taking something away


def test_a_permalink_opens_its_run_and_event(show: Open) -> None:
    page = show('<div style="height: 3000px"></div>', documents.election(), anchor="election:1:30")
    assert position(page) == 30
    assert page.get_by_label("Run").input_value() == "1"
    assert page.locator(".lp").bounding_box()["y"] < 200
    page.evaluate("location.hash = '#election:0:12'")
    page.wait_for_function("() => document.querySelector('.lp-position').textContent === '12 / 83'")


def test_a_permalink_opens_two_runs(show: Open) -> None:
    page = show(documents.pair(), anchor="draft-and-repair:ab:9")
    assert position(page) == 9
    assert page.locator(".lp-stage").count() == 2


@pytest.mark.parametrize("anchor", ["somewhere", "election:9:3", "other:0:3", "election", "%E0%A4%A"])
def test_other_anchors_are_left_alone(show: Open, anchor: str) -> None:
    page = show(documents.election(), anchor=anchor)
    assert position(page) == 10
    assert page.url.endswith(anchor)
    assert page.locator(".lp-problem").count() == 0


def test_copy_link_and_copy_transcript_fill_the_clipboard(show: Open) -> None:
    page = show(documents.lost_update())
    page.evaluate(
        "() => { window.copied = []; navigator.clipboard.writeText = async (text) => { window.copied.push(text) } }"
    )
    scrub(page, 9)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    page.get_by_role("button", name="Copy transcript").click()
    page.wait_for_function("() => window.copied.length === 2")
    link, transcript = page.evaluate("window.copied")
    assert link.endswith("players.html#lost-update:0:9")
    assert "sends Read() to counter" in transcript


def test_the_saved_picture_is_an_svg_that_needs_no_style_sheet(show: Open, page: Page) -> None:
    page = show(documents.election())
    scrub(page, 59)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    assert download.value.suggested_filename == "election-59.svg"
    path = artifacts() / "election-59.svg"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert "class=" not in text
    assert "var(" not in text
    page.goto(path.resolve().as_uri())
    assert page.evaluate("document.documentElement.nodeName") == "svg"
    page.screenshot(path=artifacts() / "player-saved-picture.png")
