"""Dependencies between transactions: each edge with its kind, the rule that found it, and its sentence."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from lessons.check.isolation.history import shown


class Rule(Enum):
    """How a dependency is inferred, in the words of Kingsbury and Alvaro (2020) where the rule is theirs."""

    RECOVERED = "Recoverability: a value is written once, so a read of it names its writer."
    TRACED = "Traceability: a list that was read shows the order of all appends before it."
    UNREAD = "Traceability: an append that no read shows comes after every append that one does show."
    INITIAL = "Initial state: every version of a register comes after the state that nobody wrote."
    FOLLOWS = "Writes follow reads: what a transaction writes to a register comes after what it read from it."
    GIVEN = "Version order of Adya (1999), as the database itself reports it."
    PROCESS = "Process order: one client's transactions happen one after the other."
    REALTIME = "Real-time order: a transaction that had ended comes before one that began later."
    SEQUENTIAL = "Sequential keys: a client does not see a register go back to an older version."
    LINEARIZABLE = "Linearizable keys: a register does not go back to an older version between two transactions."

    @property
    def rests_on(self) -> str:
        """The order between transactions that the rule takes for granted: "process", "realtime", or none: ""."""
        return _ORDERS.get(self, "")


_ORDERS = {
    Rule.PROCESS: "process",
    Rule.SEQUENTIAL: "process",
    Rule.REALTIME: "realtime",
    Rule.LINEARIZABLE: "realtime",
}


class Edge(NamedTuple):
    """``source`` comes before ``target`` in every order that explains the history.

    ``kind`` is "ww" (target wrote the next version), "wr" (target read what source wrote), "rw" (source read
    the version before the one that target wrote), "process" or "realtime". ``before`` and ``after`` are what
    source and target read or wrote; for an order between transactions ``key`` is the process, if it is one,
    and they are end and start.
    """

    source: str
    target: str
    kind: str
    key: Any
    before: Any
    after: Any
    rule: Rule

    @property
    def label(self) -> str:
        """Kind and key, for a picture."""
        return self.kind if self.kind == "realtime" else f"{self.kind} {self.key}"

    def sentence(self) -> str:
        """The edge in words: who did what with which key and which value."""
        return _SENTENCES[self.kind](self)

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} ({self.label}): {self.sentence()}"


def _ww(edge: Edge) -> str:
    before, after = shown(edge.before), shown(edge.after)
    if edge.rule is Rule.UNREAD:
        return f"{edge.target} appended {after} to {edge.key}, which no read shows: so after {edge.source}'s {before}."
    if edge.rule is Rule.GIVEN:
        return f"{edge.target} wrote {after} to {edge.key}, the next version after {edge.source}'s {before}."
    return f"{edge.target} appended {after} to {edge.key} after {edge.source} appended {before}."


def _wr(edge: Edge) -> str:
    read = f"{edge.target} read {edge.key} as {shown(edge.after)}"
    if isinstance(edge.after, tuple):
        return f"{read}, in which {edge.source} appended {shown(edge.before)}."
    return f"{read}, which {edge.source} wrote."


def _rw(edge: Edge) -> str:
    verb = "appended" if isinstance(edge.before, tuple) else "wrote"
    seen = "before anyone had written it" if edge.before is None else f"as {shown(edge.before)}"
    return f"{edge.source} read {edge.key} {seen}; {edge.target} {verb} {shown(edge.after)} to it later."


def _process(edge: Edge) -> str:
    return f"{edge.target} followed {edge.source} in process {edge.key}."


def _realtime(edge: Edge) -> str:
    return f"{edge.source} had ended at {shown(edge.before)} before {edge.target} began at {shown(edge.after)}."


_SENTENCES = {"ww": _ww, "wr": _wr, "rw": _rw, "process": _process, "realtime": _realtime}
