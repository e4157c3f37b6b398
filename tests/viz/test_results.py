"""Quizzes, tables, verdicts and figures: readable as text, accessible as HTML, refused when they say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.viz import Quiz, figure, table, verdict
from lessons.viz import prose as prose_module
from lessons.viz.markup import escape, script_data
from lessons.viz.prose import code, phrase, prose

EVIL = """<img src=x onerror="alert(1)"> & '"""


@given(st.text())
def test_escaped_text_has_no_markup_and_can_be_written(text: str) -> None:
    escaped = escape(text)
    assert not set('<>"') & set(escaped)
    escaped.encode("utf-8")


@given(st.text())
def test_no_text_ends_the_script_that_carries_it(text: str) -> None:
    assert script_data({"text": text}).lower().count("</script") == 1


def test_prose_is_markdown_in_paragraphs_and_phrases_are_within_a_line() -> None:
    assert phrase("call `a<b` **now**") == "call <code>a&lt;b</code> <strong>now</strong>"
    assert prose("one\nline\n\n`two`") == "<p>one line</p><p><code>two</code></p>"
    assert prose("- one\n- two") == "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    assert prose("```\nx < 1\n```") == "<pre><code>x &lt; 1\n</code></pre>"
    assert "<td>2</td>" in prose("| a | b |\n|---|---|\n| 1 | 2 |")


@pytest.mark.parametrize(
    "text",
    [EVIL, f"`{EVIL}`", f"[a]({EVIL})", "<script>x</script>", "[a](javascript:alert(1))", "![a](http://a.example/x)"],
)
def test_no_html_no_picture_and_no_script_comes_out_of_prose(text: str) -> None:
    for shown in (prose(text), phrase(text), code(text)):
        assert "<img" not in shown and "<script" not in shown and 'href="javascript' not in shown


@given(st.text())
def test_any_text_is_prose_that_can_be_written(text: str) -> None:
    prose(text).encode("utf-8")
    assert "\x00" not in phrase(text) and not set("<>") & set(escape(text))


def test_in_data_code_alone_is_markup() -> None:
    assert code("2*3*4 of __init__ in `a*b*c`") == "2*3*4 of __init__ in <code>a*b*c</code>"


def test_without_markdown_it_texts_are_shown_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose_module, "_parser", lambda *_, **__: None)
    assert phrase("**a** < b") == code("**a** < b") == "**a** &lt; b"
    assert prose("**a**\nb") == '<p style="white-space: pre-line">**a**\nb</p>'


def test_a_quiz_folds_its_answer() -> None:
    quiz = Quiz("What is the total?", ["1", "2"], answer="A", why="Both wrote `1`.")
    assert quiz.html() == (
        '<div class="lesson-quiz"><p>What is the total?</p><ol type="A"><li>1</li><li>2</li></ol>'
        "<details><summary>Answer</summary><p>A: 1</p><p>Both wrote <code>1</code>.</p></details></div>"
    )
    assert quiz.text() == "What is the total?\n  A. 1\n  B. 2\nAnswer: A: 1\n\nBoth wrote `1`."
    assert repr(quiz) == "Quiz('What is the total?')"


def test_a_quiz_may_have_a_free_answer() -> None:
    quiz = Quiz("Which line keeps I2?", answer="`if term < self.term`")
    assert "<ol" not in quiz.html() and "<code>if term &lt; self.term</code>" in quiz.html()


def test_a_quiz_shows_text_as_text() -> None:
    assert "<img" not in Quiz(EVIL, [EVIL, "b"], answer="A", why=EVIL).html()


@pytest.mark.parametrize(
    ("options", "answer", "words"),
    [
        (["a", "b"], "C", "answer is 'C': it must be one of the letters A, B"),
        (["a", "b"], "AB", "answer is 'AB'"),
        (["only"], "A", "give two or more"),
        ("ab", "A", "options is 'ab'"),
        ([], " ", "neither may be empty"),
    ],
)
def test_a_quiz_that_cannot_be_answered_is_refused(options: Any, answer: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Quiz("?", options, answer=answer)


ROWS = [{"design": "first draft", "lost": 1234, "share": 0.12345}, {"design": "`repaired`", "lost": 0, "share": 0.0}]


def test_a_table_is_aligned_as_text() -> None:
    assert table(ROWS, "Lost updates").text() == (
        "Lost updates\n"
        "design        lost   share\n"
        "-----------  -----  ------\n"
        "first draft  1,234  0.1235\n"
        "`repaired`       0       0"
    )


def test_a_table_has_caption_and_header_cells() -> None:
    html = table(ROWS, "Lost updates").html()
    assert "<caption>Lost updates</caption>" in html
    assert '<th scope="col">design</th><th scope="col" class="number">lost</th>' in html
    assert '<th scope="row"><code>repaired</code></th><td class="number">0</td>' in html


def test_a_table_shows_text_as_text() -> None:
    assert "<img" not in table([{EVIL: EVIL}], EVIL).html()


def test_a_table_of_sequences_needs_columns() -> None:
    assert table([[1, True]], "One", columns=["n", "ok"]).text().endswith("1  yes")
    with pytest.raises(ValueError, match="columns is None: name them"):
        table([[1, 2]], "One")


@pytest.mark.parametrize("row", [{"a": 1}, {"a": 1, "c": 2}, [1], [1, 2, 3]])
def test_a_row_that_does_not_fit_is_refused(row: Any) -> None:
    with pytest.raises(ValueError, match="does not fit the columns: a, b"):
        table([row], "One", columns=["a", "b"])


def test_an_empty_table_is_possible_and_an_empty_caption_is_not() -> None:
    assert "<tbody>" in table([], "Nothing was found", columns=["a"]).html()
    with pytest.raises(ValueError, match="caption is ''"):
        table(ROWS, "")


def test_a_verdict_is_a_sentence_with_a_sign() -> None:
    assert repr(verdict("Under 1,000 seeds the first draft loses 12.")) == "Under 1,000 seeds the first draft loses 12."
    assert verdict("It <holds>.", holds=True).html() == '<p class="lesson-verdict held">✓ It &lt;holds&gt;.</p>'
    assert "✗" in verdict("It breaks.", holds=False).html()
    with pytest.raises(ValueError, match="sentence is"):
        verdict("")


def test_a_figure_is_a_picture_with_words_and_the_same_bytes_each_time() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    def drawn() -> Any:
        fig = Figure(figsize=(2, 1))
        fig.subplots().plot([1, 2, 3])
        return figure(fig, alt='A line that "rises"', caption="Growth.")

    bundle = drawn()._repr_mimebundle_()
    assert bundle == drawn()._repr_mimebundle_()
    assert bundle["text/plain"] == 'Figure: A line that "rises"\nGrowth.'
    assert 'alt="A line that &quot;rises&quot;" src="data:image/png;base64,' in bundle["text/html"]
    assert repr(drawn()) == "Picture('A line that \"rises\"')"


def test_a_figure_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="alt is ' '"):
        figure(None, alt=" ")  # type: ignore[arg-type]


def test_a_figure_shown_is_closed() -> None:
    pytest.importorskip("matplotlib")
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    fig, _ = pyplot.subplots()
    figure(fig, alt="Nothing but axes")
    assert not pyplot.get_fignums()
