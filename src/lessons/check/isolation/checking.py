"""The check: from a history to the verdict on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lessons.check.isolation.anomalies import Anomaly, of_cycle
from lessons.check.isolation.cycles import cycles
from lessons.check.isolation.edges import Edge
from lessons.check.isolation.graph import dependencies
from lessons.check.isolation.history import Transaction
from lessons.check.isolation.index import Index
from lessons.check.isolation.internal import within_transactions
from lessons.check.isolation.orders import Order, check_order
from lessons.check.isolation.reads import of_reads
from lessons.check.isolation.updates import lost_updates
from lessons.check.isolation.verdict import Isolation, worst_first
from lessons.check.isolation.versions import Versions


def check_isolation(
    history: Iterable[Transaction],
    order: Order = "none",
    versions: Mapping[Any, Sequence[Any]] | None = None,
) -> Isolation:
    """Judge ``history``: its anomalies in the sense of Adya, and the levels that it is compatible with.

    ``order`` says what is to be respected beside the data: "none"; "session", each process's own order; or
    "real-time", also that what ended before another began comes first. ``versions`` are the orders of versions of
    registers, if the database tells them: for each key all values that visible transactions left there, in order.

    Where an anomaly is reported it is there, or a worse one is. For lists the verdict is complete too: a history
    that is called serializable, or strict serializable, is; for snapshot isolation this holds where every append was
    read. For registers the verdict is as good as what reads, orders and ``versions`` tell of their versions.
    Raises BadHistory for a history that can't be judged, ValueError for an order that there is not.

    Source: Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations" (2020).
    """
    index = Index(history)
    check_order(order, index.transactions)
    known = Versions(index, versions or {})
    edges = dependencies(index, known, order)
    by_name = {each.name: each for each in index.visible}
    around = [of_cycle(cycle, [by_name[edge.source] for edge in cycle]) for cycle in cycles(edges, index.place)]
    alone = [*within_transactions(index), *of_reads(index, known), *_drawn(list(lost_updates(index)), edges)]
    return Isolation(len(index.transactions), worst_first(list(_once([*around, *alone]))), order)


def _once(anomalies: Iterable[Anomaly]) -> Iterator[Anomaly]:
    """Each anomaly once; what only one key shows is left out where the same transactions have a cycle of that name."""
    told: set[object] = set()
    for anomaly in anomalies:
        names = frozenset(each.name for each in anomaly.transactions)
        same = (anomaly.title, names) if anomaly.cycle or anomaly.name else (anomaly.title, anomaly.evidence)
        if same not in told:
            told.add(same)
            yield anomaly


def _drawn(anomalies: Sequence[Anomaly], edges: Iterable[Edge]) -> Iterator[Anomaly]:
    """Anomalies of two transactions, with their cycle where the edges between the two make one of that name."""
    pairs = {frozenset(each.name for each in anomaly.transactions) for anomaly in anomalies}
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges if pairs else ():
        if {edge.source, edge.target} in pairs:
            between.setdefault((edge.source, edge.target), []).append(edge)
    for anomaly in anomalies:
        one, other = (each.name for each in anomaly.transactions)
        there, back = between.get((one, other), []), between.get((other, one), [])
        found = (of_cycle((go, come), anomaly.transactions) for go in there for come in back)
        yield next((each for each in found if each.name == anomaly.name), anomaly)
