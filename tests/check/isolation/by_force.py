"""Judgement by brute force: tries every order, and so needs no graph. For histories of a few transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

from lessons.check.isolation import UNSEEN, Append, Read, Transaction

UnderWay = tuple[
    Transaction, dict[Any, Any], frozenset[Any]
]  # its snapshot, and the keys that others have written since


def is_serializable(history: Sequence[Transaction], in_real_time: bool = False) -> bool:
    """Whether some order of the transactions, run one after the other, gives every answer in ``history``."""
    return any(
        runs_in(order) and not (in_real_time and is_out_of_time(order))
        for those in choices(history)
        for order in permutations(those)
    )


def choices(history: Sequence[Transaction]) -> Iterator[tuple[Transaction, ...]]:
    """The committed transactions with every choice of those of unknown outcome."""
    sure = tuple(each for each in history if each.outcome == "committed")
    doubt = [each for each in history if each.outcome == "unknown"]
    for number in range(len(doubt) + 1):
        for some in combinations(doubt, number):
            yield sure + some


def is_out_of_time(order: Sequence[Transaction]) -> bool:
    """Whether somebody comes after one that began when it had already ended."""
    return any(
        later.outcome == "committed"
        and later.end is not None
        and earlier.start is not None
        and later.end < earlier.start
        for earlier, later in combinations(order, 2)
    )


def runs_in(order: Iterable[Transaction]) -> bool:
    """Whether the transactions, one after the other, get the answers that they got."""
    store: dict[Any, Any] = {}
    return all(runs_on(transaction, store, store) for transaction in order)


def runs_on(transaction: Transaction, state: dict[Any, Any], store: dict[Any, Any]) -> bool:
    """Whether a transaction that starts from ``state`` gets its answers; its writes go to ``store`` too."""
    for operation in transaction.operations:
        if isinstance(operation, Read):
            if operation.value not in (UNSEEN, state.get(operation.key), state.get(operation.key) or ()):
                return False
        elif isinstance(operation, Append):
            state[operation.key] = (*state.get(operation.key, ()), operation.value)
        else:
            state[operation.key] = operation.value
        if not isinstance(operation, Read) and state is not store:
            store[operation.key] = state[operation.key]
    return True


def is_snapshot_isolated(history: Sequence[Transaction]) -> bool:
    """Whether some order of starts and commits explains ``history`` under snapshot isolation.

    Each transaction reads the state at its start, and no two write the same key while both are under way.
    """
    return any(_explains(those, (), {}) for those in choices(history))


def _explains(waiting: Sequence[Transaction], under_way: tuple[UnderWay, ...], store: dict[Any, Any]) -> bool:
    """Try every next event: a start, which takes the snapshot, or a commit."""
    if not waiting and not under_way:
        return True
    for each in waiting:
        rest = [other for other in waiting if other is not each]
        if _explains(rest, (*under_way, (each, dict(store), frozenset())), store):
            return True
    for place, (each, snapshot, overwritten) in enumerate(under_way):
        written = {operation.key for operation in each.operations if not isinstance(operation, Read)}
        after: dict[Any, Any] = {}
        if not written & overwritten and runs_on(each, dict(snapshot), after):
            rest = (*under_way[:place], *under_way[place + 1 :])
            others = tuple((other, state, keys | written) for other, state, keys in rest)
            if _explains(waiting, others, store | after):
                return True
    return False
