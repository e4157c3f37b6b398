"""Quiz: a question whose answer is folded away; it works without kernel and without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from lessons.viz.markup import folded
from lessons.viz.prose import phrase, prose


class Quiz:
    """A question, with options to choose from or free, and its answer.

    ``answer`` is the letter of the right option ("B"), or, without options, the answer itself; ``why``
    explains it. The texts are Markdown. Raises ValueError for a letter that is no option's, for a single
    option, and for an empty text.
    """

    def __init__(self, question: str, options: Sequence[str] = (), *, answer: str, why: str = "") -> None:
        if not question.strip() or not answer.strip():
            raise ValueError(f"question is {question!r}, answer is {answer!r}: neither may be empty")
        letters = ascii_uppercase[: len(options)]
        if isinstance(options, str) or len(options) == 1:
            raise ValueError(f"options is {options!r}: give two or more, or none for a free answer")
        if options and answer not in tuple(letters):
            raise ValueError(f"answer is {answer!r}: it must be one of the letters {', '.join(letters)}")
        self.question, self.answer, self.why = question, answer, why
        self.options = dict(zip(letters, options, strict=True))

    def __repr__(self) -> str:
        return f"Quiz({self.question!r})"

    def solution(self) -> str:
        """The answer in words, with its reason."""
        right = f"{self.answer}: {self.options[self.answer]}" if self.options else self.answer
        return f"{right}\n\n{self.why}".strip()

    def html(self) -> str:
        """The question, its options, and the answer in a folded part."""
        items = "".join(f"<li>{phrase(option)}</li>" for option in self.options.values())
        options = f'<ol type="A">{items}</ol>' if items else ""
        answer = folded("Answer", prose(self.solution()))
        return f'<div class="lesson-quiz">{prose(self.question)}{options}{answer}</div>'

    def text(self) -> str:
        """Question, options and answer as text."""
        options = [f"  {letter}. {option}" for letter, option in self.options.items()]
        return "\n".join([self.question, *options, f"Answer: {self.solution()}"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}
