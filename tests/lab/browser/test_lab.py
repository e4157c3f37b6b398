"""A lab in a page: what a reader does by hand is answered by Python, and the player goes on from there."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from lessons.agreement.raft.lab import LAB as RAFT
from lessons.lab import State, to_link
from lessons.lab.desk import Desk
from tests.browser import artifacts
from tests.lab.browser.conftest import Opened, at, done, on, press, settled, state
from tests.lab.labs import COUNTERS, SHELF, find
from tests.viz.browser.driving import position, sentence

if TYPE_CHECKING:
    from playwright.sync_api import Page


def crash_b(page: Page) -> None:
    """Crash b after event 50, and wait until that is done."""
    at(page, 50)
    on(page, "b")
    press(page, "Crash")
    page.locator(".ll-done li").nth(1).wait_for()


def test_the_page_is_whole_without_python_and_says_what_the_button_loads(show: Opened) -> None:
    page = show(started=False)
    assert page.locator(".lp-cluster-svg").is_visible() and page.locator(".ll").count() == 0
    assert page.get_by_role("button", name="Break it yourself").is_visible()
    assert page.locator(".ll-size").inner_text() == (
        "Loads Python into your browser: 11 MB, once. Nothing leaves your computer."
    )
    assert page.evaluate("LessonPython.asked") == []


def test_what_keeps_python_from_starting_is_said(show: Opened, page: Page) -> None:
    show(started=False)
    page.evaluate("globalThis.noPython = true")
    page.get_by_role("button", name="Break it yourself").click()
    assert page.locator(".ll-invite .ll-problem").inner_text() == "Python could not be started: no network"
    page.evaluate("globalThis.noPython = false")
    page.get_by_role("button", name="Break it yourself").click()
    page.locator(".ll-acting").wait_for()


def test_the_lab_begins_where_the_reader_was(show: Opened) -> None:
    page = show(started=False)
    page.locator(".lp-scrub").evaluate("it => { it.value = 33; it.dispatchEvent(new Event('input')) }")
    page.locator(".ll-start").click()
    page.locator(".ll-acting").wait_for()
    settled(page)
    assert position(page) == 33 and done(page) == ["ask ann: add 2, 'b'"]
    assert page.locator(".ll-invite").is_hidden()


def test_an_action_is_done_at_the_readers_moment_and_the_run_goes_on_from_there(show: Opened) -> None:
    page = show()
    crash_b(page)
    assert done(page) == ["ask ann: add 2, 'b'", "crash b"]
    assert sentence(page).endswith("b fault: crash(node='b')") and position(page) >= 51
    assert page.locator(".ll [role=status]").inner_text() == "Done: crash b."
    assert page.locator(".ll-where").inner_text().endswith(f"after event #{position(page)}")
    settled(page)
    assert page.locator(".ll-subject").filter(has_text="b").first.inner_text().split() == ["b", "down"]
    assert page.locator(".ll").get_by_role("button", name="Restart", exact=True).is_visible()
    assert page.locator(".ll").get_by_role("button", name="Crash", exact=True).count() == 0


def test_undo_and_redo_bring_back_the_run_and_the_moment(show: Opened) -> None:
    page = show()
    first = state(page)
    crash_b(page)
    second, where = state(page), position(page)
    press(page, "Undo")
    page.wait_for_function("() => document.querySelectorAll('.ll-done li').length === 1")
    assert state(page) == first and position(page) == 50
    assert page.locator(".ll [role=status]").inner_text() == "Undone."
    press(page, "Redo")
    page.locator(".ll-done li").nth(1).wait_for()
    assert state(page) == second and position(page) == where
    assert page.get_by_role("button", name="Redo", exact=True).is_disabled()


def test_undone_as_often_as_done_all_is_as_at_first_and_done_again_as_at_last(show: Opened) -> None:
    page, random = show(), Random(5)
    states = [state(page)]
    for step in range(6):
        at(page, random.randrange(30, 60))
        on(page, random.choice("abc"))
        press(page, random.choice(["Cut off", "Fill disk"]) if step % 2 else "Pause")
        page.wait_for_function("() => LessonPython.asked.filter((it) => it === 'act').length === " + str(step + 1))
        settled(page)
        states.append(state(page))
    for before in reversed(states[:-1]):
        press(page, "Undo")
        page.wait_for_timeout(150)
        assert state(page) == before
    assert page.get_by_role("button", name="Undo", exact=True).is_disabled()
    for after in states[1:]:
        press(page, "Redo")
        page.wait_for_timeout(150)
        assert state(page) == after


def test_a_form_asks_for_what_an_action_needs(show: Opened) -> None:
    page = show()
    at(page, 45)
    on(page, "ann")
    press(page, "Add…")
    form = page.locator(".ll-acting .ll-form")
    assert form.locator(".ll-help").first.inner_text() == "Have a number added."
    form.get_by_label("amount").fill("7")
    form.get_by_label("to", exact=True).fill("c")
    form.get_by_role("button", name="Add", exact=True).click()
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1] == "ask ann: add 7, 'c'"


def test_what_can_not_be_done_is_said_and_nothing_has_changed(show: Opened) -> None:
    page = show()
    at(page, 45)
    before = state(page)
    on(page, "a")
    press(page, "Step clock…")
    form = page.locator(".ll-acting .ll-form")
    form.evaluate("it => { it.noValidate = true }")
    form.get_by_label("seconds").fill("1000")
    form.get_by_role("button", name="Step clock").click()
    problem = page.locator(".ll-acting .ll-problem")
    problem.filter(has_text="seconds").wait_for()
    assert problem.inner_text() == "seconds is 1000: it must be a number from -60 to 60"
    assert problem.get_attribute("role") == "alert" and state(page) == before
    assert form.get_by_label("seconds").input_value() == "1000"


def middle(page: Page, node: int) -> tuple[float, float]:
    box = page.locator(f".lp-node[data-node='{node}'] .lp-body").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def lasso(page: Page, node: int) -> None:
    x, y = middle(page, node)
    page.mouse.move(x - 45, y - 45)
    page.mouse.down()
    for dx, dy in ((45, -45), (45, 45), (-45, 45), (-45, -40)):
        page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()


def test_a_line_drawn_around_a_node_cuts_it_off(show: Opened) -> None:
    page = show()
    at(page, 50)
    page.locator(".lp-cluster-svg").scroll_into_view_if_needed()
    lasso(page, 0)
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1] == "partition a"
    assert page.locator(".lp-cuts path").count() > 0 and page.locator(".ll-lasso").count() == 0


def test_a_partition_by_list(show: Opened) -> None:
    page = show()
    at(page, 50)
    on(page, "network")
    press(page, "Partition…")
    page.get_by_label("Group of a", exact=True).select_option("group 1")
    page.get_by_label("Group of b").select_option("group 2")
    page.locator(".ll-acting .ll-form").get_by_role("button", name="Partition").click()
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1] == "partition a | b"
    settled(page)
    press(page, "Heal all cuts")
    page.locator(".ll-done li").nth(2).wait_for()
    assert page.locator(".lp-cuts path").count() == 0


def test_the_menu_of_a_node_has_what_can_be_done_to_it(show: Opened) -> None:
    page = show()
    at(page, 50)
    page.locator(".lp-node[data-node='1']").click(button="right")
    menu = page.get_by_role("menu")
    menu.wait_for()
    assert menu.get_attribute("aria-label") == "b"
    assert page.evaluate("document.activeElement.textContent") == "Crash"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Pause"
    page.keyboard.press("Escape")
    assert menu.is_hidden() and done(page) == ["ask ann: add 2, 'b'"]
    page.locator(".lp-node[data-node='1']").click(button="right")
    menu.wait_for()
    menu.get_by_role("menuitem", name="Pause").click()
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1] == "pause b"


def test_a_message_is_dropped_where_it_flies(show: Opened) -> None:
    page = show()
    events = COUNTERS.first_document()["runs"][0]["events"]
    at(page, next(index for index, event in enumerate(events) if event[0] == "s" and index > 40))
    on(page, "messages")
    row = page.locator(".ll-messages li").first
    assert " from " in row.inner_text()
    row.get_by_role("button", name="Drop").click()
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1].startswith("drop message ")


def test_what_is_chosen_in_the_player_is_what_is_acted_on(show: Opened) -> None:
    page = show()
    at(page, 50)
    page.locator(".lp-node[data-node='2']").click()
    assert page.locator(".ll-subject input:checked").get_attribute("value") == "c"
    on(page, "a")
    assert page.locator(".lp-node.is-chosen").get_attribute("data-node") == "0"


def test_a_run_that_plays_goes_on_by_itself_until_it_is_paused(show: Opened) -> None:
    page = show()
    last = int(page.locator(".lp-position").inner_text().split("/")[1])
    at(page, last - 20)
    page.get_by_label("Speed").select_option("8×")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => parseInt(document.querySelector('.lp-position').textContent) > {last + 5}")
    page.locator(".lp-play").click()
    assert state(page)["until"] > 0.6 and page.get_by_role("button", name="Undo", exact=True).is_disabled()


def test_to_act_while_it_plays_holds_the_run_and_lets_it_go_on_afterwards(show: Opened) -> None:
    page = show()
    at(page, 45)
    on(page, "b")
    page.get_by_role("button", name="Play", exact=True).click()
    press(page, "Crash")
    page.locator(".ll-done li").nth(1).wait_for()
    assert page.locator(".lp-play").get_attribute("aria-label") == "Pause"


def test_seed_and_parameters(show: Opened) -> None:
    page = show()
    page.get_by_text("Seed and parameters").click()
    setup = page.locator(".ll-setup")
    setup.get_by_label("servers").fill("5")
    setup.get_by_label("seed").fill("9")
    setup.get_by_label("kind").select_option("forgetful")
    setup.get_by_role("button", name="Run it so").click()
    page.locator(".lp-node").nth(5).wait_for()
    made = state(page)
    assert (made["seed"], made["parameters"]) == (9, {"servers": 5, "kind": "forgetful"})
    assert made["actions"] == COUNTERS.start.to_json()["actions"]
    press(page, "Start again")
    page.wait_for_function("() => document.querySelectorAll('.lp-node').length === 4")
    assert state(page) == COUNTERS.start.to_json()
    assert setup.get_by_label("servers").input_value() == "3"


def test_the_link_opens_the_same_run(show: Opened, page: Page) -> None:
    show()
    crash_b(page)
    made = state(page)
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (it) => (window.copied = it) } })"
    )
    press(page, "Copy link to this run")
    page.wait_for_function("() => window.copied")
    anchor = page.evaluate("copied").split("#")[1]
    page.goto("about:blank")
    show(anchor=anchor, started=False)
    page.get_by_role("button", name="Open the run in this link").click()
    page.locator(".ll-done li").nth(1).wait_for()
    assert state(page) == made


HOSTILE = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>'


def test_nothing_in_a_link_is_read_as_markup(show: Opened, page: Page) -> None:
    actions = [
        {"at": 0.1, "do": "ask", "client": "ann", "wish": "say", "args": [HOSTILE, True, [HOSTILE], "phone"]},
        {"at": 0.2, "do": "ask", "client": "ann", "wish": "add", "args": [1, "a"]},
    ]
    data = {**COUNTERS.start.to_json(), "seed": "<b>1</b>", "parameters": {"motto": HOSTILE}, "actions": actions}
    page_ = show(anchor=f"lab={to_link(State.from_json(data))}", started=False)
    page_.locator(".ll-start").click()
    page_.locator(".ll-done li").nth(1).wait_for()
    at(page_, 40)
    on(page_, "ann")
    press(page_, "Show the Python")
    page_.get_by_text("Seed and parameters").click()
    page_.wait_for_timeout(200)
    assert page_.evaluate("globalThis.hacked") is None
    assert page_.locator(".lp img, .lp script, .ll b").count() == 0
    assert HOSTILE in page_.locator(".ll-code").inner_text()


@pytest.mark.parametrize("text", ["tests/counters:AAAA", "tests/counters:" + "A" * 7000])
def test_a_link_that_can_not_be_read_is_refused_in_words(show: Opened, text: str) -> None:
    page = show(anchor=f"lab={text}", started=False)
    page.get_by_role("button", name="Open the run in this link").click()
    problem = page.locator(".ll-invite .ll-problem")
    problem.filter(has_text="link").wait_for()
    assert problem.inner_text().startswith("the link ")


def test_a_file_opens_the_run_that_was_saved(show: Opened, tmp_path: Path) -> None:
    page = show()
    crash_b(page)
    made = state(page)
    press(page, "Start again")
    page.wait_for_function("() => document.querySelectorAll('.ll-done li').length === 1")
    path = tmp_path / "run.json"
    path.write_text(json.dumps(made))
    page.locator(".ll-share input[type=file]").set_input_files(path)
    page.locator(".ll-done li").nth(1).wait_for()
    assert state(page) == made
    path.write_text("no JSON")
    page.locator(".ll-share input[type=file]").set_input_files(path)
    page.locator(".ll-acting .ll-problem").filter(has_text="no JSON").wait_for()
    assert state(page) == made


def test_the_python_is_shown_and_hidden(show: Opened) -> None:
    page = show()
    press(page, "Show the Python")
    code = page.locator(".ll-code")
    code.wait_for()
    assert code.inner_text().strip() == Desk(find).answer({"do": "program", "state": state(page)})["text"].strip()
    press(page, "Show the Python")
    assert code.is_hidden()


def test_the_verdict_is_drawn(show: Opened) -> None:
    page = show()
    assert page.locator(".ll-verdict").inner_text() == "✓ 1 operations <b>"


def test_a_board_is_acted_on_in_the_same_way(show: Opened) -> None:
    page = show(SHELF)
    assert (
        page.locator(".ll-board").inner_text() == "Emma" and page.locator(".ll-where").inner_text() == "After 1 action"
    )
    assert page.locator(".ll-subjects").is_hidden() and page.get_by_role("button", name="Go on").is_hidden()
    assert page.get_by_role("button", name="Draw around nodes").count() == 0
    press(page, "Put…")
    form = page.locator(".ll-acting .ll-form")
    form.get_by_label("title").fill("<i>Ulysses</i>")
    form.get_by_role("button", name="Put").click()
    page.locator(".ll-board").filter(has_text="Ulysses").wait_for()
    assert page.locator(".ll-board").inner_text() == "<i>Ulysses</i>, Emma"
    press(page, "Undo")
    page.wait_for_function("() => document.querySelector('.ll-board').textContent === 'Emma'")


def test_the_change_that_was_sent_makes_the_document_that_a_replay_has(show: Opened) -> None:
    page = show()
    crash_b(page)
    shown = page.evaluate("""() => {
        const run = LessonPlayer.of(document.querySelector('figure')).doc.runs[0];
        return { events: run.events, lines: run.lines };
    }""")
    run = Desk(find).answer({"do": "show", "state": state(page)})["document"]["runs"][0]
    assert shown == {"events": run["events"], "lines": run["lines"]}


def test_keyboard_alone(show: Opened) -> None:
    page = show(started=False)
    page.locator(".ll-start").focus()
    page.keyboard.press("Enter")
    page.locator(".ll-acting").wait_for()
    settled(page)
    at(page, 50)
    page.locator(".ll-subject input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".ll-subject input:checked").evaluate("it => it === document.activeElement")
    assert page.locator(".ll-subject input:checked").get_attribute("value") == "network"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Crash"
    page.keyboard.press("Enter")
    page.locator(".ll-done li").nth(1).wait_for()
    assert done(page)[1] == "crash b"
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelectorAll('.ll-done li').length === 1")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 360])
def test_it_fits_every_width(show: Opened, page: Page, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(RAFT, theme)
    at(page, 225)
    on(page, "n2") if width > 560 else page.locator(".ll-unfold").click()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(150)
    page.screenshot(path=artifacts() / f"lab-{width}-{theme}.png")
    page.get_by_text("Seed and parameters").click()
    press(page, "Show the Python")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=artifacts() / f"lab-whole-{width}-{theme}.png", full_page=True)


def test_touch_targets_are_large_enough_on_a_phone(show: Opened, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show()
    page.locator(".ll-unfold").click()
    page.get_by_text("Seed and parameters").click()
    press(page, "Show the Python")
    inputs = "input[type=text], input[type=number]"
    targets = page.locator(f".ll :is(button, select, summary, .ll-subject, .ll-box, {inputs})")
    is_small = "(it) => it.offsetParent && Math.min(it.offsetHeight, it.offsetWidth) < 40"
    assert targets.evaluate_all(f"all => all.filter({is_small}).map((it) => it.outerHTML)") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility_checker_has_nothing_to_say(show: Opened, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = show(theme=theme)
    at(page, 50)
    on(page, "network")
    press(page, "Partition…")
    page.get_by_text("Seed and parameters").click()
    press(page, "Show the Python")
    page.wait_for_timeout(200)
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_print_keeps_what_was_done_and_drops_the_buttons(show: Opened, page: Page) -> None:
    show()
    page.emulate_media(media="print")
    assert page.locator(".ll-done").is_visible() and page.locator(".ll-acts").is_hidden()
    assert page.locator(".ll-share").is_hidden()


def test_actions_wait_for_each_other_and_none_is_lost(show: Opened) -> None:
    page = show()
    at(page, 50)
    page.evaluate("""() => {
        const button = (subject, label) => {
            document.querySelector(`.ll-subject input[value=${subject}]`).click();
            [...document.querySelectorAll('.ll-offers button')].find((it) => it.textContent === label).click();
        };
        button('a', 'Pause');
        button('b', 'Crash');
        button('c', 'Cut off');
    }""")
    page.locator(".ll-done li").nth(3).wait_for()
    assert done(page)[1:] == ["pause a", "crash b", "isolate c"]
    press(page, "Undo")
    page.wait_for_function("() => document.querySelectorAll('.ll-done li').length === 3")


def test_what_python_does_not_answer_undoes_nothing(show: Opened) -> None:
    page = show()
    crash_b(page)
    settled(page)
    page.evaluate("""() => {
        const { request } = LessonPython;
        LessonPython.request = async () => { LessonPython.request = request; throw new Error('Stopped.'); };
    }""")
    press(page, "Undo")
    page.locator(".ll-acting .ll-problem").filter(has_text="Stopped.").wait_for()
    assert len(done(page)) == 2
    press(page, "Undo")
    page.wait_for_function("() => document.querySelectorAll('.ll-done li').length === 1")


def test_a_form_that_is_open_stays_while_the_reader_looks_around(show: Opened) -> None:
    page = show()
    at(page, 50)
    on(page, "ann")
    press(page, "Say…")
    form = page.locator(".ll-acting .ll-form")
    form.get_by_label("words").fill("half a sentence")
    at(page, 55)
    assert form.get_by_label("words").input_value() == "half a sentence"
    form.get_by_role("button", name="Say").click()
    page.locator(".ll-done li").nth(1).wait_for()


def test_a_long_run_shows_its_progress_and_can_be_stopped(show: Opened) -> None:
    page = show()
    before = state(page)
    page.evaluate("""() => {
        LessonPython.request = (kind, payload, { onProgress, signal }) => new Promise((resolve, reject) => {
            onProgress?.({ done: 0.25 });
            signal?.addEventListener('abort', () => reject(new Error('Stopped before it was done.')));
        });
    }""")
    press(page, "Start again")
    wait = page.locator(".ll-wait")
    wait.wait_for()
    wait.get_by_role("button", name="Stop").click()
    page.locator(".ll-acting .ll-problem").filter(has_text="Stopped before").wait_for()
    assert wait.is_hidden() and state(page) == before


def test_what_is_asked_beside_a_long_run_does_not_keep_it_from_being_stopped(show: Opened) -> None:
    page = show()
    page.evaluate("""() => {
        LessonPython.request = (kind, payload, { signal }) => new Promise((resolve, reject) => {
            if (payload.do === 'program') return resolve({ text: 'the program' });
            signal?.addEventListener('abort', () => reject(new Error('Stopped before it was done.')));
        });
    }""")
    press(page, "Start again")
    page.locator(".ll-wait").wait_for()
    press(page, "Show the Python")
    page.locator(".ll-code").filter(has_text="the program").wait_for()
    page.locator(".ll-wait").get_by_role("button", name="Stop").click()
    page.locator(".ll-acting .ll-problem").filter(has_text="Stopped before").wait_for()
