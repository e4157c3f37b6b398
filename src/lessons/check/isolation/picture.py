"""Anomalies and verdicts as pictures: cycles as boxes and arrows, the evidence below them."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.history import Transaction
from lessons.check.isolation.verdict import Isolation
from lessons.viz import verdict
from lessons.viz.cycle import CyclePicture
from lessons.viz.markup import escape, folded

MOST_DRAWN, LONGEST_DRAWN = 3, 12  # cycles, transactions on a cycle


def drawn(anomaly: Anomaly) -> CyclePicture:
    """The cycle of ``anomaly``: its transactions with their operations, its edges with kind and key.

    Raises ValueError if it is no cycle.
    """
    if not anomaly.cycle:
        raise ValueError(f"{anomaly.title} is no cycle: there is nothing to draw")
    keys = {edge.key for edge in anomaly.cycle}
    boxes = [(each.name, _lines(each, keys)) for each in anomaly.transactions]
    arrows = [(edge.label, edge.sentence()) for edge in anomaly.cycle]
    return CyclePicture(boxes, arrows, f"{anomaly.title}. {anomaly.definition}")


def _lines(transaction: Transaction, keys: Container[Any]) -> list[str]:
    """The operations of a transaction, those on ``keys`` first."""
    operations = sorted(transaction.operations, key=lambda operation: operation.key not in keys)
    return [str(operation) for operation in operations]


def page(isolation: Isolation) -> str:
    """A verdict as HTML: its sentence, the worst cycles drawn, all the evidence folded away."""
    cycles = [each for each in isolation.anomalies if 0 < len(each.cycle) <= LONGEST_DRAWN][:MOST_DRAWN]
    parts = [verdict(isolation.sentence, not isolation.anomalies).html(), *(drawn(each).html() for each in cycles)]
    if isolation.anomalies:
        evidence = f'<pre style="white-space: pre-wrap">{escape(isolation.text())}</pre>'
        parts.append(folded("The evidence", evidence))
    return "\n".join(parts)
