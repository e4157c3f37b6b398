"""What the player draws, and what a reader finds out by looking closer."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from tests.viz.browser import documents
from tests.viz.browser.driving import Open, keep, position, scrub, sentence

if TYPE_CHECKING:
    from playwright.sync_api import Page

# ---- what is drawn


def test_a_node_that_is_down_is_marked_by_pattern_and_word(show: Open) -> None:
    page = show(documents.election())
    scrub(page, 58)
    node = page.locator(".lp-node.is-down")
    assert node.locator(".lp-pill-text").text_content() == "down"
    assert node.locator(".lp-hatch").evaluate("it => getComputedStyle(it).visibility") == "visible"
    assert page.locator(".lp-table tr.is-off .lp-status").inner_text() == "down"
    assert page.locator(".lp-cut-line").count() == 6
    keep(page, "down-and-cut")


def test_a_lost_message_shows_a_cross_and_why(show: Open) -> None:
    page = show(documents.election())
    lost = next(i for i, event in enumerate(documents.election()["runs"][0]["events"]) if event[0] == "x")
    scrub(page, lost)
    cross = page.locator('.lp-cross[visibility="visible"]')
    assert cross.locator("text").text_content() == "lost: loss"


def test_a_copy_of_a_message_flies_a_second_time(show: Open) -> None:
    page = show(documents.election())
    lines = documents.election()["runs"][0]["lines"]
    scrub(page, next(i for i, line in enumerate(lines) if "n1  has this entry" in line) - 1)
    assert page.locator(".lp-flight.is-copy .lp-chip-text").text_content() == "Append again"


def test_a_change_shows_the_old_value_beside_the_new_one(show: Open) -> None:
    page = show(documents.election())
    scrub(page, 59)
    assert page.locator(".lp-table del").first.inner_text() == "follower"
    assert page.locator(".lp-table ins").first.inner_text() == "candidate"


def test_a_caption_is_shown_at_its_event_only(show: Open) -> None:
    document = documents.lost_update()
    event = document["runs"][0]["marks"][0]["event"]
    page = show(document)
    scrub(page, event)
    assert page.locator(".lp-caption").inner_text().startswith("Both clerks have read 0.")
    scrub(page, event + 1)
    assert page.locator(".lp-caption").is_hidden()


def test_an_invariant_light_breaks_at_its_event_with_shape_and_words(show: Open) -> None:
    page = show(documents.lost_update())
    light = page.locator(".lp-light").first
    holds = light.locator(".lp-light-icon path").get_attribute("d")
    assert "holds" in light.inner_text()
    light.locator("summary").click()
    light.get_by_role("button", name="Go to #28").click()
    assert position(page) == 28
    assert "broken at #28" in light.inner_text()
    assert "2 additions were acknowledged" in light.inner_text()
    assert light.locator(".lp-light-icon path").get_attribute("d") != holds
    page.get_by_role("button", name="One event back").click()
    assert "holds" in light.inner_text()


def test_on_a_phone_many_lights_are_one_button_and_a_broken_one_is_seen(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    document = documents.lost_update()
    document["runs"][0]["invariants"] += [documents.rule(f"Rule{number}", "A rule.") for number in (3, 4, 5)]
    show(document)
    scrub(page, 28)
    names = page.locator(".lp-light-name")
    assert [name.inner_text() for name in names.all() if name.is_visible()] == ["NoLostUpdate"]
    page.get_by_role("button", name="4 of 5 invariants hold").click()
    assert all(name.is_visible() for name in names.all())
    page.set_viewport_size({"width": 1280, "height": 740})
    assert page.get_by_role("button", name="4 of 5 invariants hold").is_hidden()


def rest_of_timers(page: Page) -> list[float | None]:
    """The part of its ring that each node's timer still has; None where none runs."""
    rest: list[float | None] = page.locator(".lp-timer").evaluate_all(
        "all => all.map(it => it.getAttribute('visibility') === 'hidden' ? null"
        " : parseFloat(it.getAttribute('stroke-dasharray')))"
    )
    return rest


def test_a_ring_shrinks_until_the_timer_of_its_node_fires(show: Open, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    show(documents.replicas())
    scrub(page, 14)
    assert rest_of_timers(page) == [1, 1, 1, 1, 1]
    scrub(page, 15)  # 100 ms later
    assert rest_of_timers(page) == pytest.approx([0, 0.329, 0.497, 0.598, 0.666], abs=0.002)
    scrub(page, 32)
    assert rest_of_timers(page)[0] is None  # a leader waits for nobody
    scrub(page, 37)
    assert rest_of_timers(page)[4] is None  # n5 is down
    name = page.locator(".lp-cluster-svg").get_attribute("aria-label") or ""
    assert "n3 up (follower, term 2, voted for n3, its timer fires in 0.060 s)" in name


def test_a_ring_goes_on_shrinking_between_events_while_the_run_plays(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, 37)
    page.get_by_label("Speed").select_option("0.25")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        """() => {
            const it = document.querySelectorAll(".lp-timer")[1];
            (window.seen ??= new Set()).add(it.getAttribute("stroke-dasharray"));
            return window.seen.size > 3;
        }"""
    )


def test_captions_stand_below_the_badge_while_a_node_is_up(show: Open) -> None:
    page = show(documents.replicas())
    scrub(page, 37)
    captions = [page.locator(f'.lp-node[data-node="{node}"] .lp-node-caption') for node in (0, 4)]
    assert captions[0].all_text_contents() == ["term 3", "voted for n1"]
    assert captions[1].all_text_contents() == ["", ""]


@pytest.mark.parametrize("width", [1280, 360])
def test_timers_badges_and_captions_have_room(show: Open, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(documents.replicas())
    for step in (14, 16, 38):
        scrub(page, step)
        labels = boxes_of(page, ".lp-pill") + [box for box in boxes_of(page, ".lp-node-caption") if box[2] > box[0]]
        left, top, right, bottom = boxes_of(page, ".lp-cluster-svg")[0]
        assert [box for box in labels if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom] == []
        assert overlapping(labels) == []


def test_a_message_bears_its_own_words_where_it_has_some(show: Open) -> None:
    document = documents.lost_update()
    document["runs"][0]["events"][6].append("what is the total?")
    page = show(document)
    scrub(page, 6)
    assert "what is the total?" in page.locator(".lp-chip-text").all_text_contents()


# ---- room for what is drawn


@pytest.mark.parametrize("layout", [["cluster"], ["cluster", "lanes"], ["cluster", "logs", "events"]])
def test_a_cluster_with_nothing_beside_it_takes_the_width(show: Open, layout: list[str]) -> None:
    page = show(documents.replicas() | {"layout": layout})
    stage, cluster = (boxes_of(page, css)[0] for css in (".lp-grid", ".lp-cluster"))
    assert cluster[0] == stage[0] and cluster[2] == stage[2]
    drawn = boxes_of(page, ".lp-body")
    assert max(box[2] for box in drawn) - min(box[0] for box in drawn) > 0.7 * (stage[2] - stage[0])
    page.locator(".lp-node").first.click()
    assert boxes_of(page, ".lp-cluster")[0][2] == stage[2]
    assert boxes_of(page, ".lp-inspector")[0][1] >= cluster[3]
    keep(page, f"cluster-{len(layout)}")


def overlapping(boxes: list[list[float]]) -> list[tuple[list[float], list[float]]]:
    """The pairs of boxes (left, top, right, bottom) that cover each other by more than a hair."""
    return [
        (one, other)
        for one, other in combinations(boxes, 2)
        if min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1
    ]


def boxes_of(page: Page, css: str) -> list[list[float]]:
    """Where the visible elements stand."""
    boxes: list[list[float]] = page.locator(css).evaluate_all(
        "all => all.filter(it => it.checkVisibility({visibilityProperty: true})).map(it => it.getBoundingClientRect())"
        ".map(box => [box.left, box.top, box.right, box.bottom])"
    )
    return boxes


@pytest.mark.parametrize("nodes", [6, 10, 20])
def test_names_of_messages_do_not_cover_each_other(show: Open, nodes: int) -> None:
    page = show(documents.broadcast(nodes))
    for step in range(2 * nodes + 1, 3 * nodes, 3):
        scrub(page, step)
        assert page.locator(".lp-flight").count() >= step - 2 * nodes
        assert overlapping(boxes_of(page, ".lp-flight:not(.is-current) .lp-chip-box")) == [], step
        assert len(boxes_of(page, ".lp-flight.is-current .lp-chip-box")) == 1


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("nodes", [2, 3, 5, 9, 14, 24])
def test_names_and_badges_of_nodes_stand_in_the_picture_and_apart(
    show: Open, page: Page, nodes: int, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(documents.broadcast(nodes))
    scrub(page, 2 * nodes)
    labels = boxes_of(page, ".lp-node-name") + boxes_of(page, ".lp-pill")
    left, top, right, bottom = boxes_of(page, ".lp-cluster-svg")[0]
    assert [box for box in labels if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom] == []
    if page.locator(".lp-outside").count() == 0:  # names around a ring are turned: their boxes say little
        assert overlapping(labels) == []
    keep(page, f"broadcast-{nodes}-{width}")


def test_a_lane_has_the_tone_of_the_badge_for_as_long_as_it_lasts(show: Open) -> None:
    page = show(documents.election())
    tones = page.locator(".lp-band").evaluate_all("all => all.map(it => /lp-tone(\\d)/.exec(it.className.baseVal)[1])")
    assert {"0", "4", "7"} == set(tones)  # leader, candidate, follower


def test_on_a_phone_the_names_of_many_lanes_are_turned(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(documents.crowd())
    left, _, right, _ = boxes_of(page, ".lp-lane-view")[0]
    seen = [box for box in boxes_of(page, ".lp-lane-names span") if box[0] >= left and box[2] <= right]
    assert len(seen) >= 10
    assert overlapping(seen) == []


def test_the_list_of_events_cuts_no_row(show: Open) -> None:
    page = show(documents.crowd())
    for step in (700, 1203, 1999):
        scrub(page, step)
        assert page.locator(".lp-list").evaluate("it => it.scrollTop % it.querySelector('.lp-row').offsetHeight") == 0


def test_the_list_keeps_the_present_in_sight_when_its_rows_grow(show: Open, page: Page) -> None:
    show(documents.election())
    scrub(page, 70)
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function("() => document.querySelector('.lp-row').offsetHeight >= 40")
    row, part = boxes_of(page, ".lp-row.is-current")[0], boxes_of(page, ".lp-list")[0]
    assert part[1] - 1 <= row[1] and row[3] <= part[3] + 1


def test_on_a_phone_a_long_line_of_the_list_goes_on_below(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(documents.election())
    lines = page.locator(".lp-row .lp-what").evaluate_all("all => all.map(it => [it.offsetHeight, it.textContent])")
    long, short = ([height for height, text in lines if (len(text) > 24) is wanted] for wanted in (True, False))
    assert min(long) > 1.5 * max(short)


# ---- looking closer


def test_a_click_on_a_message_shows_its_fields_and_its_causes(show: Open) -> None:
    page = show(documents.lost_update())
    scrub(page, 13)
    page.locator(".lp-flight", has_text="Total").first.locator(".lp-chip").click()
    facts = page.locator(".lp-inspector").inner_text()
    assert "Total message" in facts
    assert re.search(r"total\s+0", facts)
    assert re.search(r"caused by\s+\d+ events", facts)
    page.keyboard.press("Escape")
    assert page.locator(".lp-inspector").is_hidden()


def test_causes_and_effects_stand_out_and_the_rest_is_dimmed(show: Open) -> None:
    page = show(documents.pair())
    page.get_by_label("Run").select_option("0")
    scrub(page, 12)  # ann has read: bob's request is neither cause nor effect
    page.get_by_role("button", name="Inspect").click()
    drawn = page.locator(".lp-lanes-svg")
    assert drawn.locator(".lp-arrow.is-past").count() >= 1
    assert drawn.locator(".lp-arrow.is-future").count() >= 1
    unrelated = drawn.locator(".lp-mark:not(.is-past):not(.is-future):not(.is-self)").first
    assert float(unrelated.evaluate("it => getComputedStyle(it).opacity")) < 0.3
    keep(page, "causes")
    page.get_by_role("button", name="Clear the selection").click()
    assert float(unrelated.evaluate("it => getComputedStyle(it).opacity")) == 1


def test_a_node_is_inspected_from_the_picture_and_from_the_table(show: Open) -> None:
    page = show(documents.election())
    scrub(page, 59)
    page.locator('.lp-node[data-node="2"]').click()
    assert page.locator(".lp-inspector strong").inner_text() == "n3"
    page.get_by_role("button", name="n2", exact=True).click()
    assert re.search(r"status\s+down", page.locator(".lp-inspector").inner_text())


def test_a_click_in_the_lanes_goes_to_the_event(show: Open) -> None:
    page = show(documents.pair())
    page.get_by_label("Run").select_option("0")
    mark = page.locator(".lp-lanes-svg .lp-mark.is-change").nth(1).bounding_box()
    assert mark is not None
    page.mouse.click(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    assert sentence(page) == "0.136 ann seen is now 0"


def test_the_lanes_keep_only_what_is_near_in_the_page(show: Open) -> None:
    page = show(documents.crowd())
    drawn = page.locator(".lp-lanes-svg .lp-mark")
    assert drawn.count() < 400
    scrub(page, 1990)
    page.wait_for_function("() => document.querySelector('.lp-lane-view').scrollLeft > 5000")
    page.wait_for_function("() => document.querySelectorAll('.lp-lanes-svg .lp-mark.is-current').length === 1")
    assert drawn.count() < 400


def test_events_are_filtered_by_text_and_by_node(show: Open) -> None:
    page = show(documents.crowd())
    page.get_by_label("Filter events by node").select_option("n07")
    page.get_by_label("Filter events by text").fill("Push")
    page.wait_for_function("() => /^\\d+ of 2000 events$/.test(document.querySelector('.lp-count').textContent)")
    rows = page.locator(".lp-row").all_inner_texts()
    assert rows
    assert all("Push" in row and "n07" in row for row in rows)
    page.locator(".lp-row").nth(2).click()
    assert page.locator(".lp-row.is-current").inner_text() == rows[2]
    assert page.locator(".lp-row").count() < 60


def test_the_list_follows_the_event_and_its_arrow_keys_walk_the_filtered_rows(show: Open) -> None:
    page = show(documents.crowd())
    scrub(page, 1500)
    assert page.locator(".lp-row.is-current").is_visible()
    page.get_by_label("Filter events by text").fill("Pull")
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    assert "Pull" in sentence(page)
    assert position(page) > 1500
