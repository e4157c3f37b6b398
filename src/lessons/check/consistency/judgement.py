"""Judgements: what a check of consistency found, in words and as a picture."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lessons.check.consistency.calls import Call
from lessons.check.consistency.models import Model
from lessons.check.consistency.window import Window, smallest_window
from lessons.check.consistency.words import counted, label, listed, named
from lessons.trace import Operation

if TYPE_CHECKING:
    from lessons.viz.history import HistoryPicture

ORDER_TOLD = 12  # operations
MOST_ROWS = 30


@dataclass(frozen=True)
class Contradiction:
    """Calls that no order explains; ``key`` is the part of the object that they touch, None for all of it."""

    key: Hashable | None
    calls: tuple[Call, ...]


@dataclass(frozen=True, repr=False)
class Judgement:
    """Whether ``operations`` are what ``definition`` says: ``holds`` is True, False, or None if the check gave up.

    In an ``if`` or an ``assert``, a judgement is true when it certainly holds. It shows itself as a picture, or
    as text where there are no pictures.

    ``order`` explains every answer, where there is such an order of the operations that took effect; ``points``
    are moments at which they may have, by their places in ``operations``. ``orders`` are orders of such places:
    one for all clients, under "", or one for each client. ``window`` is the smallest part found that no order
    explains. ``why`` says why not, or why the check gave up. ``unit`` is that of the times.
    """

    definition: str
    operations: tuple[Operation, ...]
    model: Model
    holds: bool | None
    why: str = ""
    orders: tuple[tuple[str, tuple[int, ...]], ...] = ()
    points: Mapping[int, float] = field(default_factory=dict)
    contradiction: Contradiction | None = None
    unit: str = "s"

    def __bool__(self) -> bool:
        return self.holds is True

    def __repr__(self) -> str:
        return self.text()

    @property
    def order(self) -> tuple[Operation, ...]:
        """The operations in the order that explains all answers to all clients; empty where none is known."""
        return tuple(self.operations[number] for number in dict(self.orders).get("", ()))

    @cached_property
    def window(self) -> Window | None:
        """The smallest part found that no order explains; it is looked for when first asked for."""
        return None if self.contradiction is None else smallest_window(self.contradiction.calls, self.model)

    @property
    def sentence(self) -> str:
        """The verdict, in one sentence."""
        what = f"this history of {counted(len(self.operations), 'operation')}"
        if self.holds is None:
            return f"Not decided whether {what} is {self.definition}: {self.why}."
        key = self.contradiction.key if self.contradiction else None
        where = "" if key is None else f" at {key!r}"
        return f"{what.capitalize()} is {'' if self.holds else 'not '}{self.definition}{where}."

    @property
    def notes(self) -> list[str]:
        """What speaks for the verdict, in sentences: an order, or the failing window and how every order ends."""
        if self.window is not None:
            return [self.window.sentence(self.unit), *self.window.why]
        if self.holds:
            return [self._told(order, f"{client} sees" if client else "In this order") for client, order in self.orders]
        return [self.why] if self.holds is False else []

    def text(self) -> str:
        """The verdict as lines of text; of a failing window, also its operations."""
        first, *others = self.notes or [""]
        return "\n".join(line for line in [self.sentence, first, *self._table(), *others] if line)

    def _told(self, order: tuple[int, ...], begin: str) -> str:
        words = [named(self.operations[number], self.model) for number in order[:ORDER_TOLD]]
        return f"{begin}: {listed(words, len(order)) or 'nothing took effect'}."

    def _table(self) -> list[str]:
        """The operations of the window, one a line: client, call, return, what it is."""
        if self.window is None:
            return []
        rows = [("client", "called", "returned", "operation")]
        rows += [(*self._times(each), label(each, self.model)) for each in self.window.core]
        rows += [(*self._times(each), f"{label(each, self.model)} (maybe)") for each in self.window.others]
        widths = [max(map(len, column)) for column in zip(*rows[:MOST_ROWS], strict=True)]
        lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows[:MOST_ROWS]]
        left_out = len(rows) - len(lines)
        return lines + ([f"  and {counted(left_out, 'more operation')}"] if left_out else [])

    def _times(self, operation: Operation) -> tuple[str, str, str]:
        open_end = operation.returned is None or operation.outcome == "unknown"
        return operation.client, f"{operation.called:.9g}", "-" if open_end else f"{operation.returned:.9g}"

    def picture(self) -> HistoryPicture:
        """The history as lanes: the failing window, or where the operations take effect, or how it begins."""
        from lessons.check.consistency.picture import drawn

        return drawn(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.picture().html()}
