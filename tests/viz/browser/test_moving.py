"""The player in a browser: it takes the picture's place, and moves through a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.viz.browser import documents
from tests.viz.browser.driving import Open, position, scrub, sentence, wait_frames

if TYPE_CHECKING:
    from playwright.sync_api import Page

# ---- the figure becomes a player


def test_the_still_picture_gives_way_and_the_transcript_stays(show: Open) -> None:
    page = show(documents.lost_update())
    assert page.locator("figure > img").is_hidden()
    assert page.locator(".lp-cluster-svg").is_visible()
    assert page.locator("figure > details summary").is_visible()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: d.update(format="lessons-player/9"), "lessons-player/9"),
        (lambda d: d["runs"][0]["events"].append(["q", 0, 0]), "transcript lines"),
        (lambda d: d["runs"][0]["events"].__setitem__(3, ["q", 0, 0]), 'unknown kind "q"'),
        (lambda d: d["runs"][0]["events"].__setitem__(3, ["d", 0, 1]), "names send 1"),
        (lambda d: d["runs"][0]["events"].__setitem__(3, ["w", 0, 99, {}]), "names node 99"),
        (lambda d: d["predict"][0].update(event=999), "predict[0]"),
        (lambda d: d.update(runs=[]), "no runs"),
    ],
)
def test_a_malformed_recording_keeps_the_picture_and_says_why(
    show: Open, spoil: Callable[[documents.Document], None], says: str
) -> None:
    broken = documents.lost_update()
    spoil(broken)
    page = show(broken, documents.pair())
    assert page.locator("figure > img").first.is_visible()
    assert says in page.locator(".lp-problem").inner_text()
    assert page.locator(".lp").count() == 1  # the other player of the page is not harmed


def test_a_recording_that_is_not_json_keeps_the_picture(show: Open) -> None:
    form = re.sub(r'json">.*?</script>', 'json">{"format": </script>', documents.static_form(documents.lost_update()))
    page = show(form)
    assert page.locator("figure > img").is_visible()
    assert "not JSON" in page.locator(".lp-problem").inner_text()


def test_texts_of_the_document_are_text_and_never_markup(show: Open) -> None:
    document = documents.lost_update()
    document["title"] = "<img src=x onerror=alert(1)>"
    document["runs"][0]["nodes"][0] = "<b>ann</b>"
    document["runs"][0]["lines"][0] = "    0.000  <b>ann</b>  <script>alert(1)</script>"
    page = show(document)
    assert page.locator(".lp-title").inner_text() == "<img src=x onerror=alert(1)>"
    assert page.locator(".lp img, .lp b, .lp script").count() == 0


# ---- moving


def test_a_reader_starts_where_all_nodes_have_started(show: Open) -> None:
    page = show(documents.lost_update())
    assert position(page) == 3
    assert page.locator(".lp-node.is-not-started").count() == 0


def test_playing_reaches_later_events_and_pausing_stops_there(show: Open) -> None:
    page = show(documents.election())
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => parseInt(document.querySelector('.lp-position').textContent) >= 14")
    page.get_by_role("button", name="Pause").click()
    stopped = position(page)
    wait_frames(page, 2)
    assert position(page) == stopped
    assert page.get_by_role("button", name="Play").is_visible()


def test_messages_glide_while_playing(show: Open) -> None:
    page = show(documents.pair())
    scrub(page, 6)
    page.get_by_role("button", name="Play").click()
    places = page.evaluate(
        """() => new Promise(done => {
            const seen = new Set();
            const look = () => {
                const chip = document.querySelector(".lp-chip");
                if (chip) seen.add(chip.getAttribute("transform"));
                if (seen.size > 8) done(seen.size); else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    assert places > 8


def test_playing_ends_at_the_last_event_and_starts_again(show: Open) -> None:
    page = show(documents.pair())
    page.get_by_label("Speed").select_option("8")
    scrub(page, 28)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.lp-position').textContent === '30 / 30'")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => parseInt(document.querySelector('.lp-position').textContent) < 20")


def test_steps_go_both_ways_and_the_state_comes_back(show: Open) -> None:
    page = show(documents.election())
    rows = page.locator(".lp-table tbody")
    scrub(page, 55)
    before = rows.inner_text()
    for _ in range(12):
        page.get_by_role("button", name="One event on").click()
    assert rows.inner_text() != before
    for _ in range(12):
        page.get_by_role("button", name="One event back").click()
    assert rows.inner_text() == before
    assert position(page) == 55


def test_the_state_is_the_same_however_an_event_is_reached(show: Open) -> None:
    page = show(documents.crowd(20, 700))
    scrub(page, 655)
    jumped = page.locator(".lp-table tbody").inner_text()
    scrub(page, 630)
    page.locator(".lp").focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    assert position(page) == 655
    marks = r"\b(stale|fresh) (?=stale|fresh)"  # a fresh change also shows the old value
    assert re.sub(marks, "", jumped) == re.sub(marks, "", page.locator(".lp-table tbody").inner_text())


# Where the present is: 0 at the beginning of what can be seen of the lanes, 1 at its end.
PRESENT = """() => {
    const view = document.querySelector(".lp-lane-view");
    const [box, names, now] = [view, view.querySelector(".lp-lane-names"), view.querySelector(".lp-veil")]
        .map(it => it.getBoundingClientRect());
    const down = document.querySelector(".is-vertical");
    return down ? (now.top - names.bottom) / (box.bottom - names.bottom)
                : (now.left - names.right) / (box.right - names.right);
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_present_stays_in_sight_however_fast_a_reader_steps(
    show: Open, page: Page, width: int, motion: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion=motion)
    show(documents.election())
    scrub(page, 14)  # behind the question
    page.locator(".lp").focus()
    hidden = []
    for key, times in {"ArrowRight": 60, "ArrowLeft": 50, "Shift+ArrowRight": 5, "Shift+ArrowLeft": 6}.items():
        for _ in range(times):
            page.keyboard.press(key)
            present = page.evaluate(PRESENT)
            if not 0 <= present <= 1:
                hidden.append((key, position(page), present))
    for step in (80, 3, 45, 46, 83, 0, 30):
        scrub(page, step)
        if not 0 <= page.evaluate(PRESENT) <= 1:
            hidden.append(("scrub", step, page.evaluate(PRESENT)))
    assert hidden == []


def test_the_present_stays_in_sight_while_names_of_many_lanes_take_room(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(documents.crowd(40, 300))
    scrub(page, 60)
    page.locator(".lp").focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        assert 0 <= page.evaluate(PRESENT) <= 1, position(page)


def test_the_present_stays_in_sight_while_the_run_plays_fast(show: Open, page: Page) -> None:
    show(documents.crowd(8, 400))
    page.get_by_label("Speed").select_option("8")
    page.evaluate(
        f"""() => {{
            const present = {PRESENT};
            window.worst = [1, 0];
            (function look() {{
                const now = present();
                window.worst = [Math.min(window.worst[0], now), Math.max(window.worst[1], now)];
                requestAnimationFrame(look);
            }})();
        }}"""
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => parseInt(document.querySelector('.lp-position').textContent) > 200")
    least, most = page.evaluate("window.worst")
    assert least >= -0.02 and most <= 1.02


def test_scrubbing_shows_the_event_under_the_thumb(show: Open) -> None:
    page = show(documents.lost_update())
    scrub(page, 26)
    assert position(page) == 26
    assert sentence(page) == "0.169 bob receives Done from counter"


def test_keys_move_only_the_player_that_has_the_focus(show: Open) -> None:
    page = show(documents.election(), documents.pair())
    first, second = page.locator(".lp").all()
    there = position(second)
    first.focus()
    keys = {"Home": 0, "ArrowRight": 1, "Shift+ArrowRight": 11, "ArrowLeft": 10, "Shift+ArrowLeft": 0, "End": 83}
    for key, now in keys.items():
        page.keyboard.press(key)
        assert position(first) == now, key
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert first.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press("Space")
    assert first.get_by_role("button", name="Play").is_visible()
    assert position(second) == there


def test_keys_of_the_player_do_not_reach_the_page_around_it(show: Open) -> None:
    page = show(documents.lost_update())
    page.evaluate("() => { window.heard = []; document.addEventListener('keydown', event => heard.push(event.key)) }")
    page.locator(".lp").focus()
    for key in ("ArrowRight", "End", "Escape", "x"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["x"]


def test_keys_typed_into_the_filter_are_text(show: Open) -> None:
    page = show(documents.lost_update())
    page.get_by_label("Filter events by text").press_sequentially("sends T")
    assert page.get_by_label("Filter events by text").input_value() == "sends T"
    assert position(page) == 3
    assert page.get_by_role("button", name="Play").is_visible()


def test_speed_changes_how_fast_events_pass(show: Open) -> None:
    page = show(documents.election())
    passed = {}
    for speed in ("0.25", "8"):
        scrub(page, 40)
        page.get_by_label("Speed").select_option(speed)
        page.get_by_role("button", name="Play").click()
        wait_frames(page, 45)
        page.get_by_role("button", name="Pause").click()
        passed[speed] = position(page) - 40
    assert passed["8"] > passed["0.25"]


def test_a_player_out_of_sight_stands_still(show: Open) -> None:
    page = show(documents.pair(), '<div style="height: 4000px"></div>', documents.election())
    page.get_by_role("button", name="Play").first.click()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => document.querySelector('.lp').getBoundingClientRect().bottom < 0")
    wait_frames(page, 2)
    there = position(page)
    wait_frames(page, 90)
    assert position(page) == there
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"() => parseInt(document.querySelector('.lp-position').textContent) > {there}")
