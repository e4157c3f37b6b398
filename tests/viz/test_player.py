"""The player's forms: text, static page, widget; the same each time, and safe with any text in the run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lessons.viz import compare, play, widget
from tests.viz.runs import chatter, everything, lost_update, spoken

EVIL = """</script></pre><img src=x onerror="alert(1)"> & ' " <!-- \x00 \ud800"""


class Page(HTMLParser):
    """Collects the elements of a page, and the text in the ones that matter."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.texts: dict[str, list[str]] = {"script": [], "pre": [], "figcaption": [], "summary": []}
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        if tag in self.texts:
            self._open = tag
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data


def test_the_text_tells_title_caption_verdict_and_transcript() -> None:
    text = play(lost_update(), caption="Two clerks add 1.").text()
    assert text.startswith("Lost update\nTwo clerks add 1.\n\nseed 31: 14 events, NoLostUpdate is broken at 0.100 s:")
    assert text.endswith("\n".join(lost_update().lines()))


def test_a_run_that_held_says_so() -> None:
    assert "every invariant held (NoLostUpdate)" in play(lost_update(broken=False)).text()


def test_a_long_transcript_is_cut_in_the_middle_with_a_word() -> None:
    lines = play(chatter(100), title="Long").text().splitlines()
    assert len(lines) <= 64
    assert any("244 lines are left out here" in line for line in lines)


def test_the_static_form_has_picture_caption_transcript_and_document() -> None:
    player = play(lost_update(), caption="Two clerks add 1.")
    page = Page(player.html())
    assert page.tags == ["figure", "img", "figcaption", "details", "summary", "pre", "script"]
    assert page.attributes[0] == {"class": "lesson-player", "data-lesson": "1", "id": "player-lost-update"}
    assert str(page.attributes[1]["src"]).startswith("data:image/svg+xml;base64,")
    assert str(page.attributes[1]["alt"]).startswith("Lost update. Space-time diagram of 14 events")
    assert page.texts["figcaption"] == ["Two clerks add 1."]
    assert page.texts["pre"][0].split("\n") == lost_update().lines()
    assert page.attributes[5] == {"class": "lesson-transcript", "data-run": "0"}


def test_the_document_in_the_page_lacks_only_the_lines() -> None:
    player = play(everything(), title="All")
    document = json.loads(Page(player.html()).texts["script"][0])
    (run,) = document["runs"]
    assert "lines" not in run
    run["lines"] = player.document["runs"][0]["lines"]
    assert document == player.document


def test_every_run_has_its_transcript() -> None:
    page = Page(compare(lost_update(), lost_update(broken=False), title="Twice").html())
    assert page.texts["summary"] == ["Transcript: first draft", "Transcript: repaired"]
    assert [attributes.get("data-run") for attributes in page.attributes if "data-run" in attributes] == ["0", "1"]


def test_untrusted_text_stays_text_everywhere() -> None:
    player = play(spoken(EVIL), id="evil", title=EVIL, caption=EVIL)
    html = player.html()
    assert Page(html).tags == ["figure", "img", "figcaption", "details", "summary", "pre", "script"]
    assert html.count("</script>") == 1
    assert "<!--" not in html and "\x00" not in html
    html.encode("utf-8")
    document = json.loads(Page(html).texts["script"][0])
    assert document["runs"][0]["nodes"] == [EVIL]


def test_a_transcript_has_one_line_an_event_whatever_its_texts() -> None:
    trace = spoken("two\nlines\r\nand\u2028more")
    (pre,) = Page(play(trace, id="lines", title="Lines").html()).texts["pre"]
    assert len(pre.split("\n")) == len(trace)


def test_without_a_kernel_there_are_text_and_page_only_and_they_are_stable() -> None:
    first, second = (play(everything(), title="All")._repr_mimebundle_() for _ in range(2))
    assert first == second
    assert list(first) == ["text/plain", "text/html"]


def test_the_name_of_a_player_has_no_address() -> None:
    assert repr(play(lost_update())) == "Player('Lost update', 1 run)"


def test_the_trace_plays_itself() -> None:
    assert lost_update().play(title="Mine").scene.title == "Mine"


def test_the_page_of_a_chapter_run_is_small() -> None:
    assert len(play(chatter(100), title="Long").html()) < 150_000


def test_the_widget_carries_the_document_and_the_players_own_files() -> None:
    pytest.importorskip("anywidget")
    player = play(lost_update())
    live = player.live()
    assert live.document == player.document
    assert player.live() is live
    assert repr(live) == "LessonPlayer('Lost update')"
    assert str(live._esm).startswith(widget.static("player.js"))
    assert str(live._esm).endswith("export default { render: globalThis.LessonPlayer.render };\n")


def test_with_a_kernel_the_widget_is_offered_beside_text_and_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    monkeypatch.setattr(widget, "can_run", lambda: True)
    bundle = play(lost_update())._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", "application/vnd.jupyter.widget-view+json"]


def test_importing_the_pictures_needs_the_standard_library_only() -> None:
    code = (
        "import sys; import lessons.viz, lessons.classroom;"
        "late = ('anywidget', 'markdown_it', 'matplotlib', 'pygments', 'IPython', 'ipywidgets');"
        "print([name for name in late if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_page_names_no_other_host() -> None:
    assert not re.findall(r"https?://", play(everything(), title="All").html())


CELL = "from tests.viz.runs import lost_update; lost_update().play(caption='Two clerks.')"


def test_in_a_running_kernel_a_cell_gets_all_three_forms() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("anywidget")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    root = str(Path(__file__).parents[2])
    done = nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": root}}).execute()
    data = done.cells[0].outputs[0].data
    player = play(lost_update(), caption="Two clerks.")
    assert data["text/plain"] == player.text() and data["text/html"] == player.html()
    assert "application/vnd.jupyter.widget-view+json" in data
