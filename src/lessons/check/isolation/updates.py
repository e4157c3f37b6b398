"""Lost updates: transactions that read the same version of a key and both wrote the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.history import Transaction, shown
from lessons.check.isolation.index import Index


def lost_updates(index: Index) -> Iterator[Anomaly]:
    """All pairs of the first transaction that read a version and wrote its key, and another that did.

    Which of the two wrote first need not be known, and so there may be no cycle to show: whoever came
    second overwrote a version that was not the one it had read, which makes it G-single either way.
    """
    updaters: dict[tuple[Any, Any], dict[str, tuple[Transaction, Any]]] = defaultdict(dict)
    for (key, value), writer in index.writers.items():
        if index.is_visible(writer) and (key, value) not in index.intermediate:
            for read, seen in index.external[writer.name]:
                if read == key:
                    updaters[key, seen][writer.name] = writer, value
    for (key, seen), those in updaters.items():
        (one, wrote), *others = those.values()
        for other, also in others:
            sentence = (
                f"{one.name} and {other.name} both read {key} as {shown(seen)} and wrote it: "
                f"{shown(wrote)} and {shown(also)}."
            )
            yield Anomaly("G-single", (one, other), (sentence,), "lost update")
