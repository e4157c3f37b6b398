"""Labs in a page: its Python answers as a kernel does, to the last byte, and a reader can act with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.lab.page import PRESS, go, opened, undo
from lessons.agreement.raft.lab import LAB
from lessons.lab import to_link
from lessons.lab.desk import Desk
from tests.browser import chromium_path, without_browser
from tests.lab.told import told
from tests.page.inside import AT_HOME, Inside


def test_a_page_answers_as_a_kernel_does(inside: Inside) -> None:
    done = inside.run(f"{AT_HOME}\nfrom tests.lab.told import told\nprint(told())\n0")
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-1000:]}"
    assert done.stdout.strip() == told()


def test_an_action_is_done_and_undone_by_the_python_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    if chromium_path() is None:
        without_browser("no Chromium on PATH")
    with opened(tmp_path, to_link(LAB.start)) as page:
        go(page, 150, "n1")
        page.evaluate(PRESS, "Crash")
        crashed = page.locator(".ll-done li").filter(has_text="crash n1")
        assert crashed.count() == 1 and page.locator(".ll-acting .ll-problem").inner_text() == ""
        shown = page.evaluate("() => LessonPlayer.of(document.querySelector('figure')).doc.runs[0].lines")
        reply = Desk().answer({"do": "act", "state": LAB.start.to_json(), "index": 150, "offer": "Crash n1"})
        assert shown == reply["document"]["runs"][0]["lines"] and "crash" in shown[reply["index"]]
        undo(page)
        assert crashed.count() == 0
