"""Judgements as pictures: which operations are drawn, and how each of them looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.window import Window
from lessons.check.consistency.words import label
from lessons.trace import Operation
from lessons.viz.history import CORE, FAILED, MAYBE, PLAIN, Bar, HistoryPicture

SMALL = 12  # operations of a history that is always drawn whole
LOOKS = {"ok": PLAIN, "unknown": MAYBE, "fail": FAILED}


def drawn(judgement: Judgement) -> HistoryPicture:
    """The failing window with what was under way in it, if there is one; else the history from its start on."""
    window = judgement.window
    return HistoryPicture(
        list(_bars(judgement, window)),
        judgement.sentence,
        window=None if window is None else (window.begin, window.end),
        notes=judgement.notes,
        unit=judgement.unit,
    )


def _bars(judgement: Judgement, window: Window | None) -> Iterator[Bar]:
    """The operations as they are drawn: each with its part in the window, or with its place in the order."""
    looks = {id(each): MAYBE for each in window.others} | {id(each): CORE for each in window.core} if window else {}
    numbers = dict(judgement.orders).get("", ())
    places = {id(judgement.operations[number]): (place, number) for place, number in enumerate(numbers, start=1)}
    for each in _chosen(judgement.operations, window):
        place, number = places.get(id(each), (None, None))
        look = looks.get(id(each)) or (PLAIN if place else LOOKS[each.outcome])
        yield Bar(
            each.client,
            label(each, judgement.model),
            each.called,
            None if each.outcome == "unknown" else each.returned,
            look,
            point=None if number is None else judgement.points.get(number, _middle(each)),
            number=place,
            must=look == CORE,
        )


def _chosen(history: Sequence[Operation], window: Window | None) -> list[Operation]:
    """All, in the order of their calls; of a long history that fails, the core, then the latest of the others."""
    if window is None or len(history) <= SMALL:
        return sorted(history, key=lambda operation: operation.called)
    return [*window.core, *sorted(window.others, key=lambda other: -other.called)]


def _middle(operation: Operation) -> float:
    return operation.called if operation.returned is None else (operation.called + operation.returned) / 2
