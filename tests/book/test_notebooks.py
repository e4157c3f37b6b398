"""The notebooks keep the house rules, and the rules can tell when one does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from nbclient.exceptions import CellExecutionError

from tools.notebooks.execute import run
from tools.notebooks.files import ROOT, all_notebooks, read, write
from tools.notebooks.normal import WIDGET_VIEW, normalise
from tools.notebooks.rules import problems_in, problems_of
from tools.notebooks.shape import SECTIONS


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda path: str(path.relative_to(ROOT)))
def test_notebook_keeps_the_rules(path: Path) -> None:
    assert problems_in(path) == []


def text(*lines: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "\n".join(lines)}


def code(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "c",
        "metadata": metadata,
        "source": source,
        "execution_count": 1,
        "outputs": list(outputs),
    }


def result(**data: str) -> dict[str, Any]:
    named = {mime.replace("_", "/"): value for mime, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def chapter(*cells: dict[str, Any]) -> dict[str, Any]:
    """A chapter in order, with more cells at its end."""
    words = ["# A claim that is the title"]
    for section in SECTIONS:
        words += [f"## {section}", "Words."]
    words += ["### Predict: what happens next?", "```{exercise}", ":label: one", "Do it.", "```"]
    return normalise(notebook(text(*words), *cells))


def test_a_chapter_in_order_has_no_problem() -> None:
    assert problems_of(chapter(code("1 + 1", result(text_plain="2")))) == []


WRONG_CELLS = {
    "was never run": code("1") | {"execution_count": None},
    "has 21 lines": code("\n".join("x = 1" for _ in range(21))),
    "is empty": code(" "),
    "names a path of this machine": code("open('/ho" + "me/ann/data.csv')"),
    "has a path of this machine": code("p", result(text_plain="/Use" + "rs/ann/book/src")),
    "has a memory address": code("p", result(text_plain="<Thing object at 0x7f62f625ede0>")),
    "has a time of day": code("p", result(text_plain="2026-11-23 20:15:07")),
    "a duration of this machine": code("p", {"output_type": "stream", "name": "stdout", "text": "Wall time: 3 ms"}),
    "ended in KeyError": code("p", {"output_type": "error", "ename": "KeyError", "evalue": "", "traceback": []}),
    "wrote to stderr": code("p", {"output_type": "stream", "name": "stderr", "text": "careful"}),
    "picture without alt text: metadata": code("p", result(**{"image_png": "iVBORw0KGgo="})),
    "picture without alt text: <img": code("p", result(text_html="<img src='data:image/svg+xml;base64,PHN2Zz4='>")),
}


@pytest.mark.parametrize("problem", WRONG_CELLS)
def test_a_wrong_cell_is_refused(problem: str) -> None:
    wrong = chapter()
    wrong["cells"].append(WRONG_CELLS[problem])
    assert any(problem in found for found in problems_of(wrong)), problems_of(wrong)


def test_cells_that_ran_in_another_order_are_refused() -> None:
    wrong = chapter(code("1"), code("2"))
    wrong["cells"][1]["execution_count"] = 7
    assert any("run all cells in order" in found for found in problems_of(wrong))


def test_stored_widgets_are_refused() -> None:
    state = chapter()
    state["metadata"] = state["metadata"] | {"widgets": {"state": {}}}
    view = chapter()
    view["cells"].append(code("w", result(**{WIDGET_VIEW.replace("/", "_"): "{}"})))
    assert any("state of widgets" in found for found in problems_of(state))
    assert any("stores a live widget" in found for found in problems_of(view))


def test_a_picture_with_words_is_accepted_and_so_is_a_time_in_a_cell_that_is_not_compared() -> None:
    good = chapter(
        code("p", result(image_png="iVBORw0KGgo="), mystnb={"image": {"alt": "Two lanes and one arrow."}}),
        code("q", result(text_plain="Wall time: 3 ms"), tags=["nbval-ignore-output"]),
        code("r", result(text_html='<img alt="a run" src="data:x;base64,0x7f62f625ede0">')),
    )
    assert problems_of(good) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_section_is_named(section: str) -> None:
    wrong = chapter()
    wrong["cells"][0]["source"] = [line for line in wrong["cells"][0]["source"] if line != f"## {section}\n"]
    assert f"has no section '## {section}'" in problems_of(wrong)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("## Model\n", "## The model\n", "not one of a chapter's"),
        ("## Model\n", "## Model\n# Another title\n", "must begin with its title"),
        ("### Predict: what happens next?\n", "### Think\n", "asks no question"),
        ("```{exercise}\n", "```{note}\n", "has no exercise"),
        ("Words.\n", "![](lanes.png)\n", "picture without alt text: lanes.png"),
        ("Words.\n", "```{figure} lanes.png\n:width: 3\n```\n", "picture without alt text: lanes.png"),
    ],
)
def test_a_chapter_of_another_shape_is_refused(old: str, new: str, problem: str) -> None:
    wrong = chapter()
    source = "".join(wrong["cells"][0]["source"]).replace(old, new, 1)
    wrong["cells"][0]["source"] = source.splitlines(keepends=True)
    assert any(problem in found for found in problems_of(wrong)), problems_of(wrong)


def test_sections_in_another_order_are_refused() -> None:
    wrong = chapter()
    source = "".join(wrong["cells"][0]["source"])
    source = source.replace("## Model", "## X").replace("## Synopsis", "## Model").replace("## X", "## Synopsis")
    wrong["cells"][0]["source"] = source.splitlines(keepends=True)
    assert any("another order" in found for found in problems_of(wrong))


def messy() -> dict[str, Any]:
    """What an editor leaves behind."""
    streams = [{"output_type": "stream", "name": "stdout", "text": part} for part in ("a\n", "b\n")]
    both = {"text/html": "<b>x</b>", "text/plain": "x", WIDGET_VIEW: {"model_id": "9f"}}
    shown = {"output_type": "execute_result", "execution_count": 41, "data": both, "metadata": {}}
    cell = code("1\n\n", *streams, shown, collapsed=False, execution={"iopub.execute_input": "2026"})
    cell["execution_count"] = 41
    return notebook(cell, copy.deepcopy(cell), language_info={"version": "3.11.7"}, widgets={})


def test_the_normal_form_drops_what_depends_on_who_ran_it() -> None:
    first, second = normalise(messy())["cells"]
    assert (first["execution_count"], second["execution_count"]) == (1, 2)
    assert first["metadata"] == {}
    assert first["source"] == ["1"]
    assert first["outputs"][0]["text"] == ["a\n", "b\n"]
    assert set(first["outputs"][1]["data"]) == {"text/html", "text/plain"}
    assert first["id"] != second["id"]
    assert "3.11.7" not in str(normalise(messy())["metadata"])


@pytest.mark.parametrize(
    "source", ["from lessons.viz import Quiz\n\nQuiz('Why?', answer='So.')", "play(run, predict=[Prediction(1)])"]
)
def test_the_source_of_a_question_is_folded(source: str) -> None:
    (cell,) = normalise(notebook(code(source)))["cells"]
    assert cell["metadata"] == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    assert normalise(notebook(code("from lessons.viz import Quiz")))["cells"][0]["metadata"] == {}


def test_the_normal_form_of_the_normal_form_is_itself() -> None:
    once = normalise(messy())
    assert normalise(once) == once


def test_running_a_notebook_twice_leaves_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    clock = code("import time\ntime.time_ns()", tags=["nbval-ignore-output"])
    unread = code("{1, 2} | {3}") | {"execution_count": None}
    write(path, notebook(text("# A"), unread, clock | {"id": "clock"}))
    assert run(path), "the first run stores outputs"
    stored = path.read_bytes()
    assert not run(path)
    assert path.read_bytes() == stored
    assert "".join(read(path)["cells"][1]["outputs"][0]["data"]["text/plain"]) == "{1, 2, 3}"


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write(path, notebook(code("1 / 0")))
    stored = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(path)
    assert path.read_bytes() == stored
