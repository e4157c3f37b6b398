"""Registers: which version came after which, where no list and no database tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from lessons.check.isolation.edges import Rule
from lessons.check.isolation.index import Index
from lessons.check.isolation.orders import Order, by_start, in_process, in_time


class Later(NamedTuple):
    """``value`` is a later version of ``key`` than ``version``, by ``rule``."""

    key: Any
    version: Any
    value: Any
    rule: Rule


class Touched(NamedTuple):
    """What a transaction saw of a register before it wrote it, and what it left there."""

    seen: bool
    first: Any
    last: Any
    wrote: bool
    left: Any

    @property
    def entered(self) -> Any:
        """The version that it met: what it read first, else what it wrote."""
        return self.first if self.seen else self.left

    @property
    def ended(self) -> Any:
        """The version that it left: what it wrote, else what it read last."""
        return self.left if self.wrote else self.last


def later_versions(index: Index, known: Container[Any], order: Order) -> Iterator[Later]:
    """All pairs of versions that the rules for registers give, for keys whose order is not ``known`` anyway.

    That writes follow reads may be wrong where what was read is later than what was written; but then the
    transaction is on a cycle of writes and reads, which is G1c. So the rule gives no edge between writes, and its rw
    edges count against levels alone that forbid G1c too. In the same way the orders of sessions and of time count
    only against the levels that promise them.
    """
    for key, touched in _touched(index, known).items():
        yield from _from_transactions(index, key, touched)
        yield from _from_order(index, key, touched, order)


def _from_transactions(index: Index, key: Any, touched: dict[str, Touched]) -> Iterator[Later]:
    for each in touched.values():
        if each.wrote and each.seen and index.visible_writer(key, each.last) is not None:
            yield Later(key, each.last, each.left, Rule.FOLLOWS)
        elif each.wrote:
            yield Later(key, None, each.left, Rule.INITIAL)


def _from_order(index: Index, key: Any, touched: dict[str, Touched], order: Order) -> Iterator[Later]:
    if order == "none":
        return
    those = by_start([each for each in index.visible if each.name in touched])
    rules = [(Rule.SEQUENTIAL, in_process)] + [(Rule.LINEARIZABLE, in_time)] * (order == "real-time")
    for rule, pairs in rules:
        for earlier, later in pairs(those):
            version, value = touched[earlier.name].ended, touched[later.name].entered
            if value != version:
                yield Later(key, version, value, rule)


def _touched(index: Index, known: Container[Any]) -> dict[Any, dict[str, Touched]]:
    """For each register that is not ``known`` what every visible transaction had to do with it."""
    touched: dict[Any, dict[str, Touched]] = defaultdict(dict)
    nothing = Touched(False, None, None, False, None)
    for transaction in index.visible:
        for key, value in index.external[transaction.name]:
            if key not in known and not index.is_list(key):
                each = touched[key].get(transaction.name, nothing)
                first = each.first if each.seen else value
                touched[key][transaction.name] = each._replace(seen=True, first=first, last=value)
    for (key, value), writer in index.writers.items():
        last = index.is_visible(writer) and (key, value) not in index.intermediate
        if last and key not in known and not index.is_list(key):
            each = touched[key].get(writer.name, nothing)
            touched[key][writer.name] = each._replace(wrote=True, left=value)
    return touched
