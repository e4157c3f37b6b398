"""The ring in a page: it works without a kernel and without a network, what it says is what Python computes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lessons.partitioning.hash_ring import HashRing, Layout, Member, plan
from lessons.partitioning.hash_ring.view import WITH_A_KERNEL, ring_view
from tests.browser import artifacts

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATIC = Path(__file__).parents[2] / "src/lessons/viz/static"
RING = ring_view()
NAMES = ["ann", "bob", "cyd", "dan"]
Open = Callable[..., "Page"]


def page_of(body: str, theme: str) -> str:
    style = "body{font-family:system-ui,sans-serif;margin:0 auto;padding:0 16px;max-width:860px}"
    style += "".join((STATIC / name).read_text(encoding="utf-8") for name in ("player.css", "ring.css"))
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Ring</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style>'
        f'<script src="{(STATIC / "ring.js").as_uri()}"></script></head>'
        f"<body><main><h1>Ring</h1>{body}</main></body></html>"
    )


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Iterator[Open]:
    """Open a page with the chapter's ring, or with ``body``; it ends without errors and without foreign requests."""

    def opened(theme: str = "light", body: str | None = None) -> Page:
        path = tmp_path / "ring.html"
        path.write_text(page_of(RING.html() if body is None else body, theme), encoding="utf-8")
        page.goto(path.as_uri())
        return page

    yield opened
    assert page.errors == []
    assert page.foreign == []


def said(page: Page) -> str:
    return page.locator(".lr-line").inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose_points(page: Page, place: int) -> None:
    page.get_by_label("Points of a node").fill(str(place))


def moved(text: str) -> float:
    found = re.search(r"([\d.]+) % of the circle", text)
    assert found is not None, text
    return float(found[1]) / 100


def test_the_picture_gives_way_to_the_ring(show: Open) -> None:
    page = show()
    assert page.locator("figure > img").is_hidden() and page.locator(".lr-circle").is_visible()
    assert page.locator(".lr-row").count() == 5
    assert "2,441 keys, 0.98 of its share" in page.locator(".lr-row").first.inner_text()


@pytest.mark.parametrize(("place", "vnodes"), [(0, 1), (1, 4), (2, 16), (3, 64)])
def test_what_moves_on_a_join_is_what_the_plan_says(show: Open, place: int, vnodes: int) -> None:
    page = show()
    if vnodes != 4:
        choose_points(page, place)
    press(page, "Add eve")
    before = HashRing(NAMES, vnodes)
    work = plan(before, before.with_node("eve"))
    assert moved(said(page)) == pytest.approx(work.moved, abs=0.002)
    sources = sorted(source for source, _ in work.flows())
    givers = sources[0] if len(sources) == 1 else f"{len(sources)} nodes"
    assert said(page).startswith("eve joins.") and f"from {givers} to eve; at least" in said(page)


def test_a_leave_and_a_change_of_weight_are_said_and_are_what_the_plan_says(show: Open) -> None:
    page = show()
    choose_points(page, 3)
    ring = HashRing(NAMES, 64)
    press(page, "More weight for bob")
    heavier = ring.with_weight("bob", 2)
    assert said(page).startswith("bob has weight 2 now.")
    assert moved(said(page)) == pytest.approx(plan(ring, heavier).moved, abs=0.002)
    press(page, "Remove cyd")
    assert said(page).startswith("cyd leaves.") and "from cyd to 3 nodes" in said(page)
    assert moved(said(page)) == pytest.approx(plan(heavier, heavier.without("cyd")).moved, abs=0.002)
    press(page, "Less weight for bob")
    assert said(page).startswith("bob has weight 1 now.")


def test_the_last_node_cannot_be_removed(show: Open) -> None:
    page = show()
    for name in ("ann", "bob", "cyd"):
        press(page, f"Remove {name}")
    assert page.get_by_role("button", name="Remove dan").is_disabled()
    assert "dan, has 1.00 times its share" in said(page)
    press(page, "Start again")
    assert said(page) == "The fullest node, bob, has 1.46 times its share."


def test_every_arc_that_is_lit_had_another_owner(show: Open) -> None:
    page = show()
    assert page.locator(".lr-before").count() == 0
    press(page, "Add eve")
    owners = page.locator(".lr-before").evaluate_all("all => all.map(it => it.dataset.node)")
    assert owners and "4" not in owners
    assert page.locator(".lr-key.lr-moved.lp-tone4").count() == page.locator(".lr-key.lr-moved").count() > 5


def test_a_node_can_be_shown_alone_so_that_no_colour_is_needed(show: Open) -> None:
    page = show()
    press(page, "Show ann alone")
    assert page.locator(".lr-now:not(.lr-faint)").get_attribute("data-node") == "0"
    assert page.get_by_role("button", name="Show ann alone").get_attribute("aria-pressed") == "true"
    press(page, "Show ann alone")
    assert page.locator(".lr-faint").count() == 0


def test_it_works_with_the_keyboard_alone_and_is_heard(show: Open) -> None:
    page = show()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Each node has 16 points a unit of weight now.")
    assert page.get_by_label("Points of a node").get_attribute("aria-valuetext") == "16 points"
    assert page.locator(".lr-line").get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Add eve").focus()
    page.keyboard.press("Enter")
    assert said(page).startswith("eve joins.")
    assert "eve 16 points" in str(page.locator(".lr-circle").get_attribute("aria-label"))


def test_its_keys_do_not_reach_the_notebook_around_it(show: Open) -> None:
    page = show()
    page.evaluate("document.addEventListener('keydown', event => (window.heard = event.key))")
    page.get_by_label("Points of a node").focus()
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Each node has 16 points") and page.evaluate("window.heard") is None
    assert page.locator(".lr").get_attribute("data-lm-suppress-shortcuts") == "true"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 360])
def test_it_fits_every_width(show: Open, page: Page, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(theme)
    press(page, "Add eve")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=artifacts() / f"ring-{width}-{theme}.png", full_page=True)


def test_touch_targets_are_large_enough_on_a_phone(show: Open, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show()
    small = page.locator(".lr :is(button, input)").evaluate_all(
        "all => all.filter(it => Math.min(it.offsetHeight, it.offsetWidth) < 40).map(it => it.outerHTML)"
    )
    assert small == []


def test_print_keeps_the_picture_and_drops_the_buttons(show: Open, page: Page) -> None:
    show()
    page.emulate_media(media="print")
    assert page.locator(".lr-circle").is_visible() and page.locator(".lr-step").first.is_hidden()


def test_accessibility_checker_has_nothing_to_say(show: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = show()
    press(page, "Add eve")
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_a_document_that_cannot_be_read_leaves_the_picture_and_says_why(show: Open) -> None:
    page = show(body=RING.html().replace("lessons-ring/1", "lessons-ring/9"))
    assert page.locator("figure > img").is_visible()
    assert "cannot be used: its format is lessons-ring/9" in page.locator(".lp-problem").inner_text()


LIVE = """async (document_) => {
  const listeners = {};
  const values = { document: document_ };
  const model = {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    on: (event, call) => (listeners[event] = call),
    off: (event) => delete listeners[event],
    save_changes: async () => {
      values.state = await window.kernel(values.wish);
      listeners["change:state"]?.();
    },
  };
  window.done = LessonRing.render({ model, el: document.querySelector("main") });
}"""


def test_live_the_kernel_is_asked_for_what_the_document_does_not_have(show: Open, page: Page) -> None:
    asked: list[dict[str, Any]] = []

    def kernel(wish: dict[str, Any]) -> dict[str, Any]:
        asked.append(wish)
        return RING.answer(wish)

    pytest.importorskip("anywidget")
    page.expose_function("kernel", kernel)
    show(body="")
    page.evaluate(LIVE, RING.live().document)
    assert page.locator(".lr-row").count() == 8 and not asked
    choose_points(page, WITH_A_KERNEL.vnodes.index(256))
    page.wait_for_function("() => document.querySelector('.lr-line').textContent.startsWith('Each node has 256')")
    press(page, "Add hal")
    page.wait_for_function("() => document.querySelector('.lr-line').textContent.startsWith('hal joins')")
    before = HashRing([*NAMES], 256)
    assert moved(said(page)) == pytest.approx(plan(before, before.with_node("hal")).moved, abs=0.002)
    assert [wish["number"] for wish in asked] == [1, 2]
    page.evaluate("window.done()")


def test_the_loads_are_those_of_the_layout() -> None:
    ring = HashRing([Member("ann", 2), "bob"], 16)
    counted = RING.compute({"ann": 2, "bob": 1}, 16).loads
    keys = [f"user:{number}" for number in range(10_000)]
    assert counted == {name: ring.owners(keys).count(name) for name in ring.members}
    assert Layout.of(ring).circle == ring.circle
