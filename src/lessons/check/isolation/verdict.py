"""The verdict on a history: the anomalies in it, the strongest level that it is compatible with, drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lessons.check.isolation.anomalies import KINDS, Anomaly, base_of
from lessons.check.isolation.levels import Level, compatible, judged, level, strongest, weakest
from lessons.check.isolation.orders import Order

MOST_TOLD = 20


@dataclass(frozen=True)
class Isolation:
    """What a history of ``transactions`` transactions shows; the result of ``check_isolation``.

    ``anomalies`` has the worst first. Of cycles it has short examples: one of every popular name that there is,
    and of every kind one that is as bad, or worse: one that every level forbids which forbids that kind. ``order``
    is what was taken for granted between transactions. In a notebook it is drawn, in a terminal it is its text.
    """

    transactions: int
    anomalies: tuple[Anomaly, ...]
    order: Order = "none"

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that the history is compatible with, of those that can be told apart with this order."""
        return tuple(each.name for each in self._compatible)

    @cached_property
    def strongest(self) -> tuple[str, ...]:
        """The strongest of ``levels``: one, or several that can't be compared; none if not even the weakest holds."""
        return tuple(each.name for each in strongest(self._compatible))

    @cached_property
    def _compatible(self) -> tuple[Level, ...]:
        return compatible({anomaly.kind for anomaly in self.anomalies}, self.order)

    def against(self, name: str) -> tuple[Anomaly, ...]:
        """The anomalies that the level ``name`` forbids; if there are none, the history is compatible with it.

        Raises ValueError for a level that there is not, or that needs an order that was not taken for granted.
        """
        asked = level(name)
        if asked not in judged(self.order):
            raise ValueError(f"level is {name!r}: check the history with order={asked.order!r} to judge it")
        return tuple(anomaly for anomaly in self.anomalies if anomaly.kind in asked.forbids)

    def allows(self, name: str) -> bool:
        """Whether the history is compatible with the level ``name``; raises as ``against`` does."""
        return not self.against(name)

    def found(self, what: str) -> tuple[Anomaly, ...]:
        """The anomalies of a kind ("G-single") or with a popular name ("lost update")."""
        return tuple(anomaly for anomaly in self.anomalies if what in (anomaly.kind, anomaly.name))

    # Faces

    @cached_property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        count = f"{self.transactions:,} transaction{'' if self.transactions == 1 else 's'}"
        if not self.anomalies:
            return f"{count}, no anomaly: compatible with {_listed(self.strongest)}."
        found = Counter(anomaly.title for anomaly in self.anomalies)
        told = _listed([f"{number:,} × {title}" if number > 1 else title for title, number in found.items()])
        ruled_out = [each for each in judged(self.order) if each not in self._compatible]
        lost = _listed([each.name for each in weakest(ruled_out)], "or")
        if not self.strongest:
            return f"{count}, compatible with no level, not even {lost}: {told}."
        return f"{count}, compatible with {_listed(self.strongest)}, not with {lost}: {told}."

    def __repr__(self) -> str:
        return f"<Isolation: {self.sentence}>"

    def text(self) -> str:
        """The sentence, and each anomaly with its evidence; of many the first ones."""
        parts = [self.sentence, *(anomaly.text() for anomaly in self.anomalies[:MOST_TOLD])]
        more = len(self.anomalies) - MOST_TOLD
        return "\n\n".join(parts + [f"... and {more:,} more anomalies."] * (more > 0))

    def html(self) -> str:
        """The sentence, pictures of the worst cycles, and all the evidence folded away."""
        from lessons.check.isolation.picture import page

        return page(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def worst_first(anomalies: Sequence[Anomaly]) -> tuple[Anomaly, ...]:
    """``anomalies`` by severity: what is wrong with the data first, then what needs an order between transactions."""
    kinds, orders = list(KINDS), ("", "process", "realtime")

    def severity(anomaly: Anomaly) -> tuple[int, int, int]:
        base, order = base_of(anomaly.kind)
        return orders.index(order), kinds.index(base), len(anomaly.cycle)

    return tuple(sorted(anomalies, key=severity))


def _listed(names: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
