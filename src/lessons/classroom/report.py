"""What a reader sees of an exercise: the task, the report on an attempt, the folded solution."""

from __future__ import annotations

from typing import Any

from lessons.classroom.attempt import Outcome, is_untouched, outcomes
from lessons.classroom.exercise import Exercise, find
from lessons.classroom.show import highlight
from lessons.viz import widget
from lessons.viz.markup import escape, folded
from lessons.viz.player import Player, play
from lessons.viz.prose import phrase, prose


class Report:
    """The result of checking an attempt: how many sample checks pass, the first failure, a hint if wanted."""

    def __init__(self, exercise: Exercise, found: list[Outcome], untouched: bool, hint: str) -> None:
        self.exercise, self.outcomes, self.hint = exercise, found, hint
        failures = [outcome for outcome in found if outcome.failure is not None]
        self.first_failure = failures[0] if failures else None
        self.passed = len(found) - len(failures)
        self.attempted = not untouched and not (
            failures and self.passed == 0 and all(outcome.unwritten for outcome in failures)
        )

    def __repr__(self) -> str:
        return f"Report({self.headline()!r})"

    def __bool__(self) -> bool:
        """Whether every sample check passes."""
        return self.attempted and self.first_failure is None

    def headline(self) -> str:
        """The result in one line."""
        if not self.attempted:
            return f"{self.exercise.name}: not attempted yet"
        total = len(self.outcomes)
        if self:
            return f"{self.exercise.name}: all {total} sample checks pass"
        return f"{self.exercise.name}: {self.passed} of {total} sample checks pass"

    def text(self) -> str:
        """Headline, the checks, the first failure in words, and the hint."""
        parts = [self.headline()]
        if self.attempted:
            parts += [f"  {_word(outcome)}  {outcome.claim}" for outcome in self.outcomes]
        if self.attempted and self.first_failure is not None:
            parts.append(f"{self.first_failure.claim}: {self.first_failure.failure}")
        return "\n".join([*parts, *([self.hint] if self.hint else [])])

    def player(self) -> Player | None:
        """The run that shows the first failure."""
        failure = self.first_failure
        if not self.attempted or failure is None or failure.trace is None or not failure.trace.events:
            return None
        slug = self.exercise.name.replace("/", "-").replace("_", "-")
        return play(
            failure.trace,
            id=f"report-{slug}",
            title=f"{self.exercise.title}: a run that fails",
            caption=f"{failure.claim}: {failure.failure}",
        )

    def html(self) -> str:
        """The report with the failing run in the player."""
        player = self.player()
        return self._words() + (player.html() if player else "")

    def _words(self) -> str:
        css = "held" if self else "broken" if self.attempted else "open"
        parts = [f'<p class="lesson-verdict {css}">{escape(self.headline())}</p>']
        if self.attempted:
            checks = (f"<li>{_word(outcome)}: {escape(outcome.claim)}</li>" for outcome in self.outcomes)
            parts.append(f"<ul>{''.join(checks)}</ul>")
        if self.attempted and self.first_failure is not None:
            parts.append(_explained(self.first_failure))
        if self.hint:
            parts.append(f'<div class="lesson-hint">{prose(self.hint)}</div>')
        return f'<div class="lesson-report">{"".join(parts)}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self.text(), "text/html": self.html()}
        if not widget.can_run():
            return forms
        player = self.player()
        return {**forms, **widget.page(self._words(), *([player.live()] if player else []))}


def _explained(outcome: Outcome) -> str:
    """What failed, and how: the words of the check are Markdown, those of an error are not."""
    if outcome.foreign:
        return f"<p><strong>{escape(outcome.claim)}</strong>: {escape(outcome.failure)}</p>"
    return prose(f"**{outcome.claim}**: {outcome.failure}")


def _word(outcome: Outcome) -> str:
    return "passes" if outcome.failure is None else "fails"


def check(name: str, attempt: Any, hint: int = 0) -> Report:
    """Try ``attempt`` on the sample checks of the exercise ``name`` ("simulation/retry").

    ``hint`` asks for hint number 1, 2, ... with the report. An attempt that raises fails its checks; an
    untouched stub is "not attempted yet". Raises ValueError for a hint that is not there, and what
    ``lessons.classroom.exercise.find`` raises.
    """
    exercise = find(name)
    total = len(exercise.hints)
    if not 0 <= hint <= total:
        raise ValueError(f"hint is {hint!r}: it must be 1 to {total}, or 0 for none")
    words = f"Hint {hint} of {total}: {exercise.hints[hint - 1]}" if hint else ""
    untouched = is_untouched(exercise.stub, attempt)
    return Report(exercise, [] if untouched else outcomes(exercise, attempt), untouched, words)


class Page:
    """A piece of the book: the same content as text and as HTML."""

    def __init__(self, name: str, text: str, html: str) -> None:
        self.name, self._text, self._html = name, text, html

    def __repr__(self) -> str:
        return self.name

    def text(self) -> str:
        """The text form."""
        return self._text

    def html(self) -> str:
        """The HTML form."""
        return self._html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self._text, "text/html": self._html}
        return {**forms, **widget.page(self._html)} if widget.can_run() else forms


def task(name: str) -> Page:
    """The task of the exercise ``name``, with its level, its time and the code to start from."""
    exercise = find(name)
    stars = "★" * exercise.level + "☆" * (3 - exercise.level)
    effort = f"level {exercise.level} of 3, about {exercise.minutes} minutes"
    _, _, rest = exercise.task.partition("\n")
    stub = exercise.stub_source()
    html = (
        f'<div class="lesson-task"><p><strong>{phrase(exercise.title)}</strong> '
        f'<span aria-hidden="true">{stars}</span> <small>{effort}</small></p>'
        f"{prose(rest)}{highlight(stub)}</div>"
    )
    return Page(f"task {name}", f"{exercise.title} ({effort})\n{rest.rstrip()}\n\n{stub}", html)


def solution(name: str) -> Page:
    """A solution of the exercise ``name``, folded away in a page."""
    source = find(name).solution_source()
    html = f'<div class="lesson-solution">{folded("A solution", highlight(source))}</div>'
    return Page(f"solution {name}", source, html)
