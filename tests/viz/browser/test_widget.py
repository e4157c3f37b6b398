"""The player as a widget: it draws its model, follows it, and leaves cleanly."""

from __future__ import annotations

from tests.viz.browser import documents
from tests.viz.browser.driving import Open, position

WIDGET = """([document, other]) => {
    let listener = null;
    const model = {
        get: () => window.shown,
        on: (name, act) => { listener = act },
        off: () => { listener = null },
    };
    window.shown = document;
    window.change = () => { window.shown = other; listener() };
    window.dispose = LessonPlayer.render({ model, el: globalThis.document.querySelector("main") });
    window.listens = () => listener !== null;
}"""


def test_the_widget_draws_follows_its_model_and_leaves_cleanly(show: Open) -> None:
    page = show()
    page.evaluate(WIDGET, [documents.lost_update(), documents.election()])
    assert page.locator(".lp-title").inner_text() == "Two clerks, one counter"
    page.locator(".lp-node").first.wait_for()
    assert page.locator(".lp-node").count() == 3
    page.get_by_role("button", name="One event on").click()
    assert position(page) == 4
    page.evaluate("change()")
    assert page.locator(".lp-title").inner_text() == "A leader is elected, lost, and replaced"
    page.get_by_role("button", name="Play").click()
    page.evaluate("dispose()")
    assert page.locator(".lp").count() == 0
    assert page.evaluate("listens()") is False


def test_the_widget_says_why_it_cannot_draw(show: Open) -> None:
    page = show()
    page.evaluate(WIDGET, [{"format": "nothing"}, documents.election()])
    assert '"nothing"' in page.locator(".lp-problem").inner_text()
    page.evaluate("change()")
    assert page.locator(".lp").count() == 1
