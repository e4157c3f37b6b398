"""The dependency graph of a history: Adya's edges between its transactions, and the orders taken for granted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lessons.check.isolation.edges import Edge, Rule
from lessons.check.isolation.history import Transaction
from lessons.check.isolation.index import Index, by_key, items_of
from lessons.check.isolation.orders import Order, by_start, in_process, in_time
from lessons.check.isolation.registers import later_versions
from lessons.check.isolation.versions import Chain, Versions

Readers = dict[Any, list[tuple[Transaction, Any]]]  # for each key who read it, and what


def dependencies(index: Index, versions: Versions, order: Order) -> list[Edge]:
    """All edges; between two transactions there may be several."""
    readers = by_key(index)
    edges = list(_read_edges(index, readers))
    for key, chain in versions.chains.items():
        edges += _write_edges(key, chain, Rule.TRACED if index.is_list(key) else Rule.GIVEN)
        edges += _overtaken(key, chain, readers.get(key, []), index.is_list(key))
    edges += _overtaken_registers(index, readers, versions, order)
    edges += _order_edges(index, order)
    return edges


def _read_edges(index: Index, readers: Readers) -> Iterator[Edge]:
    """wr: from the writer of the last value that a read shows."""
    for key, reads in readers.items():
        for reader, seen in reads:
            for value in reversed(items_of(seen)):
                writer = index.visible_writer(key, value)
                if writer is not None and writer is not reader:
                    yield Edge(writer.name, reader.name, "wr", key, value, seen, Rule.RECOVERED)
                    break


def _write_edges(key: Any, chain: Chain, rule: Rule) -> Iterator[Edge]:
    """ww: from each writer to that of the next version, and from the last one to those that nobody read."""
    for (before, earlier), (after, later) in pairwise(chain.installed):
        if earlier is not later:
            yield Edge(earlier.name, later.name, "ww", key, before, after, rule)
    if chain.installed:
        before, earlier = chain.installed[-1]
        for after, later in chain.unread:
            if earlier is not later:
                yield Edge(earlier.name, later.name, "ww", key, before, after, Rule.UNREAD)


def _overtaken(key: Any, chain: Chain, reads: list[tuple[Transaction, Any]], is_list: bool) -> Iterator[Edge]:
    """rw: from each reader to the writer of the next version."""
    for reader, seen in reads:
        for value, writer in chain.after(seen):
            if writer is not reader:
                unread = is_list and len(seen) == len(chain.values)
                rule = Rule.UNREAD if unread else Rule.TRACED if is_list else Rule.GIVEN
                yield Edge(reader.name, writer.name, "rw", key, seen, value, rule)


def _overtaken_registers(index: Index, readers: Readers, versions: Versions, order: Order) -> Iterator[Edge]:
    """rw: from each reader of a register's version to the writers of later versions."""
    of_version: dict[tuple[Any, Any], list[Transaction]] = defaultdict(list)
    for key, reads in readers.items():
        if key not in versions.chains and not index.is_list(key):
            for reader, seen in reads:
                of_version[key, seen].append(reader)
    for later in dict.fromkeys(later_versions(index, versions.chains, order)):
        writer = index.visible_writer(later.key, later.value)
        for reader in of_version.get((later.key, later.version), ()):
            if writer is not None and writer is not reader:
                yield Edge(reader.name, writer.name, "rw", later.key, later.version, later.value, later.rule)


def _order_edges(index: Index, order: Order) -> Iterator[Edge]:
    """The orders between transactions that are taken for granted."""
    if order == "none":
        return
    transactions = by_start(index.visible)
    for earlier, later in in_process(transactions):
        ends = (earlier.end, later.start)
        yield Edge(earlier.name, later.name, "process", earlier.process, *ends, Rule.PROCESS)
    if order == "real-time":
        for earlier, later in in_time(transactions):
            yield Edge(earlier.name, later.name, "realtime", None, earlier.end, later.start, Rule.REALTIME)
