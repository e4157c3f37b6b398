"""Isolation levels: which anomalies each forbids, and so which levels a history is compatible with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lessons.check.isolation.anomalies import CYCLIC
from lessons.check.isolation.orders import Order


@dataclass(frozen=True)
class Level:
    """A level: its name, the kinds of anomalies that it forbids, the order that a check of it needs, its source."""

    name: str
    forbids: frozenset[str]
    order: Order
    cite: str

    def is_above(self, other: Level) -> bool:
        """Whether this level forbids all that ``other`` does, and more."""
        return self.forbids > other.forbids


def _with(kinds: frozenset[str], *orders: str) -> frozenset[str]:
    """``kinds``, and their cycles that need one of ``orders`` too."""
    return kinds | {f"{kind}-{order}" for kind in kinds if kind in CYCLIC for order in orders}


#: What a history may not have at any level: Adya's histories read what was written, and a transaction its own writes.
_NEVER = frozenset({"internal", "garbage read", "duplicate"})
_PL1 = _NEVER | {"G0"}
_PL2 = _PL1 | {"G1a", "G1b", "G1c", "dirty update", "incompatible order"}
_SI = _PL2 | {"G-single", "G-nonadjacent"}
_PL299 = _SI | {"G2-item"}
_PL3 = _PL299 | {"G2"}  # G2 is about predicates: no operation here has one, and it is never found

#: From weak to strong; not every one is comparable with the next.
LEVELS = (
    Level("read uncommitted", _PL1, "none", "Adya 1999, PL-1"),
    Level("read committed", _PL2, "none", "Adya 1999, PL-2"),
    Level("snapshot isolation", _SI, "none", "Berenson et al. 1995; Cerone and Gotsman 2018"),
    Level("repeatable read", _PL299, "none", "Adya 1999, PL-2.99"),
    Level("serializable", _PL3, "none", "Adya 1999, PL-3"),
    Level("strong session snapshot isolation", _with(_SI, "process"), "session", "Daudjee and Salem 2006"),
    Level("strong session serializable", _with(_PL3, "process"), "session", "Daudjee and Salem 2004"),
    Level("strong snapshot isolation", _with(_SI, "process", "realtime"), "real-time", "Daudjee and Salem 2006"),
    Level("strict serializable", _with(_PL3, "process", "realtime"), "real-time", "Adya 1999, PL-SS"),
)
_BY_NAME = {level.name: level for level in LEVELS}


def level(name: str) -> Level:
    """The level of that name; hyphens may stand for blanks. Raises ValueError for one that there is not."""
    found = _BY_NAME.get(name.replace("-", " ").lower())
    if found is None:
        raise ValueError(f"level is {name!r}: choose from {', '.join(_BY_NAME)}")
    return found


def judged(order: Order) -> tuple[Level, ...]:
    """The levels that can be told apart when ``order`` is taken for granted."""
    orders = ("none", "session", "real-time")
    return tuple(level for level in LEVELS if orders.index(level.order) <= orders.index(order))


def compatible(kinds: Collection[str], order: Order) -> tuple[Level, ...]:
    """Those of the judged levels that forbid none of ``kinds``."""
    return tuple(level for level in judged(order) if level.forbids.isdisjoint(kinds))


def strongest(levels: Collection[Level]) -> tuple[Level, ...]:
    """Those of ``levels`` that have no other one above them."""
    return tuple(each for each in levels if not any(other.is_above(each) for other in levels))


def weakest(levels: Collection[Level]) -> tuple[Level, ...]:
    """Those of ``levels`` that are above no other one."""
    return tuple(each for each in levels if not any(each.is_above(other) for other in levels))
