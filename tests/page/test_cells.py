"""Cells: what a notebook would show, in the form of nbformat; errors that a reader can use; one namespace."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lessons.page import Cells
from lessons.page.outputs import MOST_OUTPUTS, MOST_PRINTED, MOST_SHOWN
from lessons.page.problems import STOPPED


@pytest.fixture
def cells() -> Iterator[Cells]:
    main = sys.modules["__main__"]
    yield Cells()
    sys.modules["__main__"] = main


def run(cells: Cells, source: str, number: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Run a cell that waits for nothing, without a loop: in a page, the loop is the browser's."""
    try:
        cells.run(source, number, **more).send(None)
    except StopIteration as done:
        return list(done.value)
    raise AssertionError("the cell waits for something")


def result(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_the_value_of_the_last_expression_is_the_result(cells: Cells) -> None:
    assert run(cells, "a = 2\na + 1") == [result("3")]


@pytest.mark.parametrize("source", ["", "# nothing", "a = 1", "None", "1;", "1;  # quiet", "pass"])
def test_other_cells_have_no_result(cells: Cells, source: str) -> None:
    assert run(cells, source) == []


def test_a_semicolon_in_a_text_or_between_statements_silences_nothing(cells: Cells) -> None:
    assert run(cells, "a = 1; ';'") == [result("';'")]


def test_cells_share_one_namespace_which_is_main(cells: Cells) -> None:
    run(cells, "class Mine: pass\nx = 5")
    assert run(cells, "x, Mine.__module__, Mine", 2) == [result("(5, '__main__', <class '__main__.Mine'>)")]
    assert sys.modules["__main__"] is cells.main


def test_new_cells_know_nothing_of_the_old(cells: Cells) -> None:
    run(cells, "x = 5")
    assert run(Cells(), "x")[0]["ename"] == "NameError"


def test_what_is_printed_comes_in_order_and_is_joined(cells: Cells) -> None:
    source = "import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\nprint('d')\n1"
    assert run(cells, source) == [printed("a\nb\n"), printed("c\n", "stderr"), printed("d\n"), result("1")]


def test_a_print_that_never_ends_is_cut_and_says_so(cells: Cells) -> None:
    (output,) = run(cells, f"for each in range({MOST_PRINTED}): print('line')")
    assert output["text"].endswith(f"... cut after {MOST_PRINTED:,} characters\n")
    assert len(output["text"]) < MOST_PRINTED + 60


def test_what_is_printed_is_told_while_the_cell_runs(cells: Cells) -> None:
    news: list[dict[str, Any]] = []
    run(cells, "import time\nprint('first')\ntime.sleep(0.11)\nprint('second')", tell=news.append)
    assert news == [{"printed": "first\nsecond"}]


def test_news_come_also_when_no_more_is_shown(cells: Cells) -> None:
    news: list[dict[str, Any]] = []
    source = f"import time\nprint('x' * {MOST_PRINTED + 1})\ntime.sleep(0.11)\nprint('more')"
    run(cells, source, tell=news.append)
    assert len(news) == 1
    assert news[0]["printed"].endswith("characters\n")


def test_displays_that_never_end_are_cut_and_told_so_that_they_can_be_stopped(cells: Cells) -> None:
    news: list[dict[str, Any]] = []
    source = f"import time\nfor each in range({MOST_OUTPUTS + 5}): display(each)\ntime.sleep(0.11)\ndisplay(1)\n7"
    *shown, cut, last = run(cells, source, tell=news.append)
    assert len(shown) == MOST_OUTPUTS and {output["output_type"] for output in shown} == {"display_data"}
    assert cut == printed(f"... no more is shown after {MOST_OUTPUTS:,} outputs\n") and last == result("7")
    assert len(news) >= 1


@pytest.mark.parametrize("base", ["Exception", "RuntimeError", "OSError"])
def test_an_error_that_can_not_say_what_it_is_is_shown_all_the_same(cells: Cells, base: str) -> None:
    source = f"class Odd({base}):\n    def __str__(self): raise ValueError('odd')\nprint('before')\nraise Odd()"
    before, problem = run(cells, source)
    assert before == printed("before\n")
    assert (problem["ename"], problem["evalue"]) == ("Odd", "(its text can't be made)")


@pytest.mark.parametrize("source", ["sim.faults", "sim.at(1.0)"])
def test_what_plans_faults_plans_none_when_it_is_shown(cells: Cells, source: str) -> None:
    run(cells, "from lessons.sim import Simulation\nsim = Simulation(1)")
    (output,) = run(cells, source)
    assert "Planner" in output["data"]["text/plain"] and cells.main.sim.actions == []


def test_an_object_is_shown_in_every_form_that_it_has(cells: Cells) -> None:
    source = """
class Shown:
    def __repr__(self): return "plain"
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_png_(self): return b"png"
Shown()"""
    forms = {"text/plain": "plain", "text/html": "<b>rich</b>", "image/png": "cG5n"}
    assert run(cells, source) == [{"output_type": "execute_result", "data": forms}]


def test_a_bundle_is_shown_without_its_live_widget(cells: Cells) -> None:
    source = """
class Bundle:
    def _repr_mimebundle_(self, **_):
        return {"text/plain": "p", "text/html": "h", "application/vnd.jupyter.widget-view+json": {}}, {"meta": 1}
display(Bundle(), 2)"""
    shown = [{"text/plain": "p", "text/html": "h"}, {"text/plain": "2"}]
    assert run(cells, source) == [{"output_type": "display_data", "data": data} for data in shown]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("int", "int"),
        ("class A: pass\nA", "__main__.A"),
        ("def f(): pass\nf", "<function __main__.f>"),
        ("{'b': 1, 'a': 2}", "{'b': 1, 'a': 2}"),
        ("list(range(30))", "[" + ",\n ".join(map(str, range(30))) + "]"),
        ("'x' * 100", repr("x" * 100)),
    ],
)
def test_plain_values_read_as_in_a_notebook(cells: Cells, source: str, text: str) -> None:
    assert run(cells, source) == [result(text)]


def test_a_result_that_no_page_could_bear_is_not_shown(cells: Cells) -> None:
    assert run(cells, f"'x' * {MOST_SHOWN}") == [result(f"... not shown: longer than {MOST_SHOWN:,} characters")]


def test_an_error_has_the_lines_of_the_cells_and_none_of_ours(cells: Cells) -> None:
    run(cells, "def divide(a):\n    return a / 0", 1)
    (output,) = run(cells, "x = 1\ndivide(x)", 2)
    lines = [line for line in output["traceback"] if not set(line) <= set(" ~^")]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "cell 2", line 2, in <module>',
        "    divide(x)",
        '  File "cell 1", line 2, in divide',
        "    return a / 0",
        "ZeroDivisionError: division by zero",
    ]
    assert (output["ename"], output["evalue"], output["lacks"]) == ("ZeroDivisionError", "division by zero", [])


def test_what_was_shown_before_an_error_stays(cells: Cells) -> None:
    outputs = run(cells, "print('so far')\n1 / 0")
    assert outputs[0] == printed("so far\n")
    assert outputs[1]["ename"] == "ZeroDivisionError"


def test_a_cell_that_cannot_be_read_shows_where(cells: Cells) -> None:
    (output,) = run(cells, "a = 1\nb = = 2", 7)
    assert output["traceback"][:2] == ['  File "cell 7", line 2', "    b = = 2"]


def test_an_error_in_how_a_value_is_shown_is_the_cells(cells: Cells) -> None:
    (output,) = run(cells, "class Bad:\n    def __repr__(self): raise ValueError('no')\nBad()")
    assert (output["ename"], output["evalue"]) == ("ValueError", "no")


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit"])
def test_a_cell_that_is_stopped_ends_alone(cells: Cells, error: str) -> None:
    (output,) = run(cells, f"raise {error}")
    assert output["ename"] == error
    assert run(cells, "1 + 1") == [result("2")]


def test_a_stop_reads_as_one(cells: Cells) -> None:
    assert run(cells, "raise KeyboardInterrupt")[0]["evalue"] == STOPPED


@pytest.mark.parametrize(
    ("source", "lacks"),
    [
        ("raise ModuleNotFoundError('x', name='matplotlib.pyplot')", ["matplotlib"]),
        ('raise RuntimeError("can\'t start new thread")', ["threads"]),
        ("raise OSError('emscripten does not support processes.')", ["processes"]),
        ("import nothing_of_this_name", []),
    ],
)
def test_what_a_page_lacks_is_told_from_a_mistake(cells: Cells, source: str, lacks: list[str]) -> None:
    assert run(cells, source)[0]["lacks"] == lacks


@pytest.mark.parametrize("source", ["Missing('no server')", "raise Missing('no server')"])
def test_a_server_that_is_missing_is_told_from_a_mistake(cells: Cells, source: str) -> None:
    (output,) = run(cells, f"from lessons.real import Missing\n{source}")
    assert (output["ename"], output["lacks"]) == ("Missing", ["servers"])


def test_source_of_a_cell_can_be_shown_also_after_a_change(cells: Cells) -> None:
    run(cells, "def f():\n    return 1")
    old = cells.main.f
    run(cells, "def f():\n    return 2")
    assert inspect.getsource(old) == "def f():\n    return 1"
    assert inspect.getsource(cells.main.f) == "def f():\n    return 2"


def test_a_cell_may_await(cells: Cells) -> None:
    assert run(cells, "async def three(): return 3\nawait three()") == [result("3")]


def test_a_cell_may_wait_for_the_loop(cells: Cells) -> None:
    if sys.platform == "emscripten":
        pytest.skip("the loop is the browser's, and runs already")
    source = "import asyncio\nawait asyncio.sleep(0)\n4"
    assert asyncio.run(cells.run(source, 1)) == [result("4")]


def test_an_open_figure_is_shown_when_the_cell_ends(cells: Cells) -> None:
    pytest.importorskip("matplotlib")
    (output,) = run(cells, "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2]);")
    assert output["output_type"] == "display_data"
    assert output["data"]["image/png"].startswith("iVBOR")
    assert output["data"]["text/plain"] == "<Figure size 640x480 with 1 Axes>"
    assert run(cells, "1") == [result("1")]
