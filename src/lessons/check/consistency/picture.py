"""Verdicts as pictures: which operations are drawn, and how each of them looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.window import Window
from lessons.check.consistency.words import label
from lessons.trace import Operation
from lessons.viz.history import CORE, FAILED, MAYBE, PLAIN, Bar, HistoryPicture


def drawn(verdict: Judgement) -> HistoryPicture:
    """The failing window of ``verdict``, if it has one, else its operations from the first on."""
    window = verdict.window
    return HistoryPicture(
        list(_of_all(verdict) if window is None else _of_window(verdict, window)),
        verdict.sentence,
        window=None if window is None else (window.begin, window.end),
        notes=verdict.notes,
        unit=verdict.unit,
    )


def _of_window(verdict: Judgement, window: Window) -> Iterator[Bar]:
    """Its core, and what else may have taken effect, the latest calls first."""
    for operation in window.core:
        yield _bar(verdict, operation, CORE, must=True)
    for operation in sorted(window.others, key=lambda other: -other.called):
        yield _bar(verdict, operation, MAYBE)


def _of_all(verdict: Judgement) -> Iterator[Bar]:
    """The operations in the order of their calls, with their places in the order of their effects."""
    places = {number: place for place, number in enumerate(dict(verdict.orders).get("", ()), start=1)}
    for number, operation in enumerate(verdict.operations):
        look = PLAIN if number in places else {"ok": PLAIN, "unknown": MAYBE, "fail": FAILED}[operation.outcome]
        bar = _bar(verdict, operation, look)
        middle = (bar.called + (bar.called if bar.returned is None else bar.returned)) / 2
        point = verdict.points.get(number, middle) if number in places else None
        yield replace(bar, point=point, number=places.get(number))


def _bar(verdict: Judgement, operation: Operation, look: str, must: bool = False) -> Bar:
    returned = None if operation.outcome == "unknown" else operation.returned
    return Bar(operation.client, label(operation, verdict.model), operation.called, returned, look, must=must)
