"""The proof of an exercise: its stub does not pass, its solution does, and every planted bug is caught in words."""

from __future__ import annotations

from lessons.classroom.attempt import is_untouched, outcomes
from lessons.classroom.exercise import Exercise

LEAST_WORDS = 4  # of a reason that a reader can use


def complaints(exercise: Exercise) -> list[str]:
    """Everything that is wrong with ``exercise``, in sentences; nothing if it is proved."""
    return [*of_the_stub(exercise), *of_the_solution(exercise), *of_the_bugs(exercise)]


def of_the_stub(exercise: Exercise) -> list[str]:
    if not is_untouched(exercise.stub, exercise.stub):
        return ["the stub is not recognised as untouched"]
    found = outcomes(exercise, exercise.stub)
    if not found:
        return ["there are no sample checks"]
    passed = all(outcome.failure is None for outcome in found)
    return ["the stub passes every sample check"] if passed else []


def of_the_solution(exercise: Exercise) -> list[str]:
    found = outcomes(exercise, exercise.solution)
    return [f"the solution fails: {outcome.claim}: {outcome.failure}" for outcome in found if outcome.failure]


def of_the_bugs(exercise: Exercise) -> list[str]:
    wrong = []
    for name, bug in exercise.bugs.items():
        reasons = [outcome.failure for outcome in outcomes(exercise, bug) if outcome.failure]
        if not reasons:
            wrong.append(f"the planted bug {name!r} is not caught")
        elif len(reasons[0].split()) < LEAST_WORDS:
            wrong.append(f"the planted bug {name!r} is caught without a readable reason: {reasons[0]!r}")
    return wrong
