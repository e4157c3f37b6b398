"""Every exercise of the book is proved; and the proof itself can fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lessons.classroom.exercise import NoExercise, files, name_of, read
from tests.classroom.proof import complaints

ADDER = Path(__file__).parent / "exercises/samples/adding/adder.py"


def every_exercise() -> list[Path]:
    """The files of the book's exercises; none where the package is installed without them."""
    try:
        return files()
    except NoExercise:
        return []


@pytest.mark.parametrize("path", [ADDER, *every_exercise()], ids=name_of)
def test_stub_fails_solution_passes_and_every_planted_bug_is_caught(path: Path) -> None:
    assert complaints(read(path)) == []


def changed(**parts: Any) -> list[str]:
    return complaints(replace(read(ADDER), **parts))


def test_a_solution_as_stub_is_noticed() -> None:
    assert changed(stub=read(ADDER).solution) == ["the stub passes every sample check"]


def test_a_wrong_solution_is_noticed() -> None:
    forgets = next(iter(read(ADDER).bugs.values()))
    assert changed(solution=forgets) == ["the solution fails: the total grows: adding 2 and 3 gave [2, 3], not [2, 5]"]


def test_a_bug_that_no_check_catches_is_noticed() -> None:
    assert changed(bugs={"none": read(ADDER).solution}) == ["the planted bug 'none' is not caught"]


def test_a_bug_that_is_caught_without_words_is_noticed() -> None:
    def samples(attempt: Any) -> Any:
        def it_works() -> None:
            if attempt is not read(ADDER).solution:
                raise AssertionError("no")

        return [it_works]

    complaint, _ = changed(samples=samples)
    assert complaint.endswith("'returns the number and not the total' is caught without a readable reason: 'no'")


def test_an_exercise_without_checks_is_noticed() -> None:
    assert "there are no sample checks" in changed(samples=lambda attempt: [])
