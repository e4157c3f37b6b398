"""A reader's attempt is checked in words: never an error of ours, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessons.classroom import BadExercise, NoExercise, check, solution, task
from lessons.classroom.exercise import find, folder, read
from lessons.viz import widget

NAME = "adding/adder"
BROKEN = (
    "adding/adder: 1 of 2 sample checks pass\n"
    "  fails  the total grows\n"
    "  passes  a refused number leaves the total\n"
    "the total grows: adding 2 and 3 gave [2, 3], not [2, 5]"
)


@pytest.fixture(autouse=True)
def samples(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exercises of these tests, in place of the book's."""
    place = Path(__file__).parent / "exercises"
    monkeypatch.setenv("LESSONS_EXERCISES", str(place))
    return place


def bug(name: str) -> Any:
    return find(NAME).bugs[name]


def test_a_right_attempt_passes_every_check() -> None:
    report = check(NAME, find(NAME).solution)
    assert report
    assert report.headline() == "adding/adder: all 2 sample checks pass"
    assert report.player() is None


def test_a_wrong_attempt_is_told_its_first_failure_in_words() -> None:
    report = check(NAME, bug("returns the number and not the total"))
    assert not report
    assert report.text() == BROKEN
    assert repr(report) == "Report('adding/adder: 1 of 2 sample checks pass')"


def test_the_failing_run_plays_in_the_report() -> None:
    report = check(NAME, bug("returns the number and not the total"))
    html = report.html()
    assert 'id="player-report-adding-adder"' in html
    assert "Grows is broken" in html
    assert "<li>fails: the total grows</li>" in html


def test_a_hint_comes_on_request_only() -> None:
    wrong = bug("changes the total before it refuses")
    assert "Hint" not in check(NAME, wrong).text()
    assert check(NAME, wrong, hint=2).text().endswith("Hint 2 of 2: Check the number before you change anything.")
    assert "Hint 1 of 2: Keep the total" in check(NAME, wrong, hint=1).html()


@pytest.mark.parametrize("hint", [3, -1])
def test_a_hint_that_is_not_there_is_refused(hint: int) -> None:
    with pytest.raises(ValueError, match=f"hint is {hint}: it must be 1 to 2, or 0"):
        check(NAME, None, hint=hint)


class Adder:
    """A right answer."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, number: int) -> int:
        if number < 0:
            raise ValueError(number)
        self.total += number
        return self.total


class Copied:
    """The stub as a reader copies it, with another docstring."""

    def __init__(self) -> None: ...

    def add(self, number: int) -> int: ...


class Unwritten:
    def __init__(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("attempt", [None, ..., Copied, Unwritten], ids=["none", "dots", "copy", "unwritten"])
def test_a_stub_is_not_attempted_yet(attempt: Any) -> None:
    report = check(NAME, attempt, hint=1)
    assert report.text() == "adding/adder: not attempted yet\nHint 1 of 2: Keep the total in a field."
    assert not report and report.player() is None
    assert "lesson-verdict open" in report.html()


def test_the_stub_itself_is_not_attempted_yet() -> None:
    assert check(NAME, find(NAME).stub).headline() == "adding/adder: not attempted yet"


class Crashes:
    def add(self, number: int) -> int:
        raise RuntimeError(f"<b>{object()}</b>")


class HalfWritten:
    def add(self, number: int) -> int:
        if number < 0:
            raise NotImplementedError
        return 5 if number == 3 else 2


def test_what_the_attempt_raises_is_reported_without_addresses_and_as_text() -> None:
    report = check(NAME, Crashes)
    assert report.text().endswith("the total grows: your code raised RuntimeError: <b><object object></b>")
    assert "<b>" not in report.html()
    assert report.text() == check(NAME, Crashes).text()


def test_a_part_that_is_not_written_is_named_so() -> None:
    text = check(NAME, HalfWritten).text()
    assert text.endswith("a refused number leaves the total: a part is not written yet")


@pytest.mark.parametrize("attempt", [42, "text", lambda: None, object()])
def test_nothing_that_is_handed_in_raises(attempt: Any) -> None:
    assert "your code raised" in check(NAME, attempt).text()


def test_a_report_is_text_and_page_and_the_same_each_time() -> None:
    wrong = bug("returns the number and not the total")
    first, second = (check(NAME, wrong)._repr_mimebundle_() for _ in range(2))
    assert first == second and list(first) == ["text/plain", "text/html"]


@pytest.mark.parametrize("attempt", [None, Adder], ids=["untouched", "passing"])
def test_with_a_kernel_a_report_and_a_task_bring_their_style(monkeypatch: pytest.MonkeyPatch, attempt: Any) -> None:
    pytest.importorskip("anywidget")
    monkeypatch.setattr(widget, "can_run", lambda: True)
    kinds = ["text/plain", "text/html", "application/vnd.jupyter.widget-view+json"]
    assert list(check(NAME, attempt)._repr_mimebundle_()) == kinds
    assert list(task(NAME)._repr_mimebundle_()) == list(solution(NAME)._repr_mimebundle_()) == kinds
    assert "lesson-verdict" in str(widget.page_class()(html="")._css)


def test_with_a_kernel_the_failing_run_is_live_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    monkeypatch.setattr(widget, "can_run", lambda: True)
    bundle = check(NAME, bug("returns the number and not the total"))._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", "application/vnd.jupyter.widget-view+json"]


def test_the_task_has_its_level_its_time_and_the_stub() -> None:
    shown = task(NAME)
    assert shown.text().startswith("Add up what arrives (level 2 of 3, about 10 minutes)\n")
    assert "class Adder:" in shown.text()
    assert '<span aria-hidden="true">★★☆</span>' in shown.html()
    assert "whose <code>add</code> returns" in shown.html()
    assert "not attempted" not in shown.html() and "class Solved" not in shown.text()


MARKED = '''"""Task with **weight**.

Do this:

- first `one`,
- then *two*. <b>Not this.</b>
"""
LEVEL, MINUTES, HINTS, BUGS = 1, 5, ["Look:\\n\\n1. here\\n2. there"], {"bug": None}
stub = solution = None
def samples(attempt):
    def it_is_even():
        assert attempt() % 2 == 0, f"`{attempt()}` is **odd**"
    return [it_is_even]
'''


@pytest.fixture
def marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an exercise whose texts are Markdown."""
    path = tmp_path / "part" / "tale" / "marked.py"
    path.parent.mkdir(parents=True)
    path.write_text(MARKED)
    monkeypatch.setenv("LESSONS_EXERCISES", str(tmp_path))
    monkeypatch.setattr("lessons.classroom.exercise.Exercise.stub_source", lambda _: "def even(): ...")
    return "tale/marked"


def test_task_hints_and_the_words_of_checks_are_markdown(marked: str) -> None:
    shown = task(marked).html()
    assert "<li>first <code>one</code>,</li>" in shown and "<em>two</em>. &lt;b&gt;Not this.&lt;/b&gt;" in shown
    assert "Task with <strong>weight</strong>" in shown
    report = check(marked, lambda: 3, hint=1).html()
    assert "<p><strong>it is even</strong>: <code>3</code> is <strong>odd</strong></p>" in report
    assert "<li>here</li>" in report


def failing() -> int:
    raise TypeError("__init__() takes *args and `self`")


def test_what_the_attempt_raises_is_not_markdown(marked: str) -> None:
    assert "TypeError: __init__() takes *args and `self`</p>" in check(marked, failing).html()


def test_the_solution_is_folded() -> None:
    shown = solution(NAME)
    assert shown.html().startswith('<div class="lesson-solution"><details><summary>A solution</summary>')
    assert shown.text().startswith("class Solved(Adder):")
    assert repr(shown) == "solution adding/adder"


@pytest.mark.parametrize("name", ["adder", "../etc/passwd", "adding/", "Adding/Adder", "adding/adder/x"])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="it must be chapter and exercise, such as 'simulation/retry'"):
        find(name)


def test_an_unknown_exercise_names_the_known_ones() -> None:
    with pytest.raises(NoExercise, match=r"no exercise 'adding/other'; there are: adding/adder"):
        find("adding/other")


def test_a_missing_folder_says_how_to_name_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESSONS_EXERCISES", str(tmp_path / "none"))
    with pytest.raises(NoExercise, match="name the folder in LESSONS_EXERCISES"):
        folder()


GOOD = '''"""Task."""
LEVEL, MINUTES, HINTS, BUGS = 1, 5, ["hint"], {"bug": None}
stub = solution = None
def samples(attempt):
    return []
'''


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("stub = solution = None", "stub = None", "exercise tale/one lacks solution"),
        ('"""Task."""', "", "lacks its docstring, the task"),
        ("= 1, 5", "= 4, 5", "LEVEL of exercise tale/one is 4: it must be 1, 2 or 3"),
        ('["hint"]', "[]", "no HINTS or no BUGS"),
        ('{"bug": None}', "{}", "no HINTS or no BUGS"),
    ],
)
def test_an_incomplete_file_says_what_it_lacks(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "part" / "tale" / "one.py"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    assert read(path).title == "Task"
    other = tmp_path / "other" / "tale" / "one.py"
    other.parent.mkdir(parents=True)
    other.write_text(GOOD.replace(old, new))
    with pytest.raises(BadExercise, match=words):
        read(other)


def test_a_file_that_cannot_be_run_leaves_nothing_behind(tmp_path: Path) -> None:
    import sys

    path = tmp_path / "part" / "tale" / "bad.py"
    path.parent.mkdir(parents=True)
    path.write_text("1 / 0")
    with pytest.raises(ZeroDivisionError):
        read(path)
    assert "exercises.part.tale.bad" not in sys.modules
