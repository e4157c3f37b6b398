"""What single reads show: values that never were, that were taken back, or that stand in no possible order."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import pairwise
from typing import Any

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.history import Transaction, shown
from lessons.check.isolation.index import Index, Seen, items_of
from lessons.check.isolation.versions import Versions


def of_reads(index: Index, versions: Versions) -> Iterator[Anomaly]:
    """Reads by visible transactions that no history of committed versions explains."""
    for reader in index.visible:
        told: set[tuple[str, Any, Transaction | None]] = set()
        for key, value in index.reads(reader):
            for kind, item, writer in _strange(index, reader, key, value):
                if (kind, key, writer) not in told:
                    told.add((kind, key, writer))
                    yield _read_anomaly(kind, reader, key, value, item, writer)
    yield from _repeated(index, versions)
    yield from _incompatible(index, versions)
    yield from _shuffled(index, versions)
    yield from _dirty_updates(index, versions)


Strange = tuple[str, Any, Transaction | None]  # kind of anomaly, the value that shows it, who wrote that


def _strange(index: Index, reader: Transaction, key: Any, value: Any) -> Iterator[Strange]:
    items = items_of(value)
    for item in items:
        writer = index.writers.get((key, item))
        if writer is None:
            yield "garbage read", item, None
        elif writer.outcome == "aborted":
            yield "G1a", item, writer
    if items and (key, items[-1]) in index.intermediate:
        writer = index.visible_writer(key, items[-1])
        if writer is not None and writer is not reader:
            yield "G1b", items[-1], writer


def _read_anomaly(
    kind: str, reader: Transaction, key: Any, value: Any, item: Any, writer: Transaction | None
) -> Anomaly:
    read, it = f"{reader.name} read {key} as {shown(value)}", shown(item)
    if writer is None:
        return Anomaly(kind, (reader,), (f"{read}; no transaction wrote {it} to it.",))
    why = "but aborted" if kind == "G1a" else "and then wrote it again"
    return Anomaly(kind, (reader, writer), (f"{read}; {writer.name} wrote {it} to it {why}.",))


def _readers(index: Index, wanted: Set[Seen]) -> dict[Seen, Transaction]:
    """For each key and answer in ``wanted`` the first transaction that got it."""
    found: dict[Seen, Transaction] = {}
    for reader in index.visible if wanted else ():
        for seen in index.reads(reader):
            if seen in wanted:
                found.setdefault(seen, reader)
    return found


def _repeated(index: Index, versions: Versions) -> Iterator[Anomaly]:
    readers = _readers(index, versions.repeated.items())
    for key, value in versions.repeated.items():
        reader = readers[key, value]
        twice = next(item for item in value if value.count(item) > 1)
        sentence = f"{reader.name} read {key} as {shown(value)}, with {shown(twice)} in it twice."
        yield Anomaly("duplicate", (reader,), (sentence,))


def _incompatible(index: Index, versions: Versions) -> Iterator[Anomaly]:
    readers = _readers(index, {(key, value) for key, pair in versions.incompatible.items() for value in pair})
    for key, (shorter, longest) in versions.incompatible.items():
        one, other = readers[key, shorter], readers[key, longest]
        sentence = (
            f"{one.name} read {key} as {shown(shorter)} and {other.name} read it as {shown(longest)}: "
            "neither is a beginning of the other."
        )
        yield Anomaly("incompatible order", tuple(dict.fromkeys((one, other))), (sentence,))


def _shuffled(index: Index, versions: Versions) -> Iterator[Anomaly]:
    readers = _readers(index, {(key, values) for key, (_, values) in versions.shuffled.items()})
    for key, (value, values) in versions.shuffled.items():
        reader, writer = readers[key, values], index.writers[key, value]
        sentence = (
            f"{reader.name} read {key} as {shown(values)}; {writer.name} appended "
            f"{shown(index.previous[key, value])} to it and then {shown(value)}."
        )
        yield Anomaly("incompatible order", tuple(dict.fromkeys((reader, writer))), (sentence,))


def _dirty_updates(index: Index, versions: Versions) -> Iterator[Anomaly]:
    for key, chain in versions.chains.items():
        if len(chain.installed) < len(chain.values):
            for before, after in pairwise(chain.values):
                aborted, writer = index.writers.get((key, before)), index.visible_writer(key, after)
                if aborted is not None and aborted.outcome == "aborted" and writer is not None:
                    sentence = (
                        f"{writer.name} wrote {shown(after)} to {key} on top of {shown(before)}, "
                        f"which {aborted.name} wrote but aborted."
                    )
                    yield Anomaly("dirty update", (writer, aborted), (sentence,))
