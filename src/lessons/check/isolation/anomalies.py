"""Anomalies: their kinds with definition and source, and what kind a cycle of dependencies is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lessons.check.isolation.edges import Edge
from lessons.check.isolation.history import Transaction

if TYPE_CHECKING:
    from lessons.viz.cycle import CyclePicture

Cycle = tuple[Edge, ...]

MOST_TOLD = 12  # transactions of an anomaly

ADYA, BERENSON, ELLE = "Adya 1999", "Berenson et al. 1995", "Kingsbury and Alvaro 2020"

#: Every kind of anomaly, the worst first: what it is, and who defined it.
KINDS = {
    "internal": ("A transaction does not see its own writes.", f"{ADYA}; {ELLE}"),
    "garbage read": ("A transaction read a value that nobody wrote.", ELLE),
    "duplicate": ("A value was written once and is in a list twice.", ELLE),
    "G0": ("Write cycle: transactions overwrote each other in a circle.", ADYA),
    "G1a": ("Aborted read: a committed transaction read what an aborted one wrote.", ADYA),
    "G1b": ("Intermediate read: a transaction read a value that its writer overwrote later.", ADYA),
    "G1c": ("Circular information flow: a cycle of writes and reads.", ADYA),
    "dirty update": ("A committed transaction built on what an aborted one had written.", ELLE),
    "incompatible order": ("What was read shows appends in an order that can't be.", ELLE),
    "G-single": ("One anti-dependency in a cycle: somebody missed a write whose effect it saw elsewhere.", ADYA),
    "G-nonadjacent": (
        "A cycle in which no two anti-dependencies follow each other: no snapshots explain it.",
        "Cerone and Gotsman 2018",
    ),
    "G2-item": ("Anti-dependency cycle: transactions missed what the next one wrote, in a circle.", ADYA),
}
#: Kinds that are cycles; each also with the order of sessions ("G0-process") and of time ("G0-realtime").
CYCLIC = ("G0", "G1c", "G-single", "G-nonadjacent", "G2-item")
ORDERS = {"process": "the order of its clients' transactions", "realtime": "the order of transactions in time"}

#: Names that everybody uses for one kind of small cycle each.
NAMES = {
    "lost update": (
        "A transaction wrote a key after another had written over what it had read there: that write is lost.",
        f"{BERENSON}, P4",
    ),
    "non-repeatable read": ("A transaction read a key twice and got different values.", f"{BERENSON}, A2"),
    "read skew": ("A transaction read one key before and another key after a change of both.", f"{BERENSON}, A5A"),
    "write skew": ("Two transactions each wrote what the other had read, without seeing it.", f"{BERENSON}, A5B"),
}


@dataclass(frozen=True)
class Anomaly:
    """Something that happened and should not have.

    ``kind`` is one of ``KINDS``, with "-process" or "-realtime" behind it where the cycle needs that order;
    ``name`` is its popular name, or "". ``transactions`` are those that took part, ``evidence`` says in
    sentences what each did. ``cycle`` has the edges, if it is a cycle: the target of each is the source of the
    next, around.
    """

    kind: str
    transactions: tuple[Transaction, ...]
    evidence: tuple[str, ...]
    name: str = ""
    cycle: Cycle = ()

    @property
    def title(self) -> str:
        """Kind and popular name: "G2-item (write skew)"."""
        return f"{self.kind} ({self.name})" if self.name else self.kind

    @property
    def definition(self) -> str:
        """What this kind of anomaly is, in a sentence or two."""
        base, order = base_of(self.kind)
        also = f" It takes {ORDERS[order]} for granted." if order else ""
        return (NAMES[self.name] if self.name else KINDS[base])[0] + also

    @property
    def cite(self) -> str:
        """Where its kind, and its name, come from."""
        sources = [KINDS[base_of(self.kind)[0]][1]] + ([NAMES[self.name][1]] if self.name else [])
        return "; ".join(sources)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules by which the edges of the cycle were found, each once."""
        return tuple(dict.fromkeys(edge.rule.value for edge in self.cycle))

    def text(self) -> str:
        """Title, definition, who took part and what each did; of a long cycle the beginning and the end."""
        sentences = map(str, self.cycle) if self.cycle else self.evidence
        parts = ([f"  {each}" for each in self.transactions], [f"  - {sentence}" for sentence in sentences])
        return "\n".join([f"{self.title}. {self.definition}", *(line for part in parts for line in _cut(part))])

    def __str__(self) -> str:
        return f"{self.title}: {' '.join(self.evidence)}"

    def picture(self) -> CyclePicture:
        """The cycle drawn: transactions as boxes, edges as arrows. Raises ValueError if it is no cycle."""
        from lessons.check.isolation.picture import drawn

        return drawn(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text()} | ({"text/html": self.picture().html()} if self.cycle else {})


def _cut(lines: Sequence[str]) -> list[str]:
    left_out = len(lines) - MOST_TOLD
    if left_out <= 0:
        return list(lines)
    half = MOST_TOLD // 2
    return [*lines[:half], f"  ... {left_out:,} more ...", *lines[half + left_out :]]


def of_cycle(cycle: Cycle, transactions: Sequence[Transaction]) -> Anomaly:
    """The anomaly that a cycle is; ``transactions`` are those on it."""
    evidence = tuple(edge.sentence() for edge in cycle)
    return Anomaly(kind_of(cycle), tuple(transactions), evidence, name_of(cycle), cycle)


def kind_of(cycle: Cycle) -> str:
    """The kind of a cycle, by how many of its edges are anti-dependencies and how they stand (Adya 1999)."""
    kinds = [edge.kind for edge in cycle]
    if "rw" not in kinds:
        base = "G1c" if "wr" in kinds else "G0"
    elif kinds.count("rw") == 1 or (kinds == ["rw", "rw"] and cycle[0].key == cycle[1].key):
        base = "G-single"  # of two writes of one key one comes second: that is a ww edge, whichever it is
    else:
        base = "G2-item" if ("rw", "rw") in pairwise([*kinds, kinds[0]]) else "G-nonadjacent"
    orders = {edge.rule.rests_on for edge in cycle}
    return base + next((f"-{order}" for order in ("realtime", "process") if order in orders), "")


def name_of(cycle: Cycle) -> str:
    """The popular name of a cycle of two transactions, if it has one."""
    if len(cycle) != 2 or any(edge.rule.rests_on for edge in cycle):
        return ""
    one, other = sorted(cycle, key=lambda edge: edge.kind)
    same_key = one.key == other.key
    if same_key and other.kind == "wr" and one.before == other.after:
        return ""  # one answer alone, in the middle of what the other wrote: that is G1b
    names: dict[tuple[Any, ...], str] = {
        ("rw", "ww", True): "lost update",
        ("rw", "rw", True): "lost update",
        ("rw", "rw", False): "write skew",
        ("rw", "wr", True): "non-repeatable read",
        ("rw", "wr", False): "read skew",
    }
    return names.get((one.kind, other.kind, same_key), "")


def base_of(kind: str) -> tuple[str, str]:
    """A kind without the order that it needs, and that order, or ""."""
    for order in ORDERS:
        if kind.endswith(f"-{order}"):
            return kind.removesuffix(f"-{order}"), order
    return kind, ""
