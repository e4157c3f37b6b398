"""Orders between transactions that clients know: one after the other in a process, and before and after in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from lessons.check.isolation.history import BadHistory, Transaction

#: What is taken for granted beside the data: nothing; each client's own order; also what ended before what began.
Order: TypeAlias = Literal["none", "session", "real-time"]
Pair = tuple[Transaction, Transaction]


def in_process(transactions: Iterable[Transaction]) -> Iterator[Pair]:
    """Each transaction with the next one of its process, in the order given.

    One of unknown outcome may take effect at any later time: nothing comes after it.
    """
    last: dict[str | None, Transaction] = {}
    for each in transactions:
        if each.process in last:
            yield last[each.process], each
        if each.outcome == "committed":
            last[each.process] = each


def in_time(transactions: Iterable[Transaction]) -> Iterator[Pair]:
    """Pairs of which the first had ended before the second began; what follows from two pairs is left out.

    A transaction of unknown outcome never ends. Where an end and a start have the same time, none is before.
    """
    ended: dict[str, Transaction] = {}  # those that no other one of these has come after
    before: dict[str, tuple[str, ...]] = {}
    for _, is_end, each in _moments(transactions):
        if is_end:
            for name in before[each.name]:
                ended.pop(name, None)
            ended[each.name] = each
        else:
            before[each.name] = tuple(ended)
            yield from ((earlier, each) for earlier in ended.values())


def _moments(transactions: Iterable[Transaction]) -> list[tuple[float, bool, Transaction]]:
    """Starts and ends by time, a start before an end of the same time."""
    moments = []
    for each in transactions:
        assert each.start is not None
        moments.append((each.start, False, each))
        if each.outcome == "committed" and each.end is not None:
            moments.append((each.end, True, each))
    return sorted(moments, key=lambda moment: moment[:2])


def by_start(transactions: Sequence[Transaction]) -> Sequence[Transaction]:
    """``transactions`` by their starts if all have one, else as they stand.

    Of those with one start the one that ended first comes first: a process does one after the other.
    """
    if any(each.start is None for each in transactions):
        return transactions
    return sorted(transactions, key=lambda each: (each.start, each.start if each.end is None else each.end))


def check_order(order: Order, transactions: Iterable[Transaction]) -> None:
    """Raise BadHistory where a transaction lacks what ``order`` needs, ValueError for an order that there is not."""
    if order not in ("none", "session", "real-time"):
        raise ValueError(f"order is {order!r}: choose from none, session, real-time")
    for place, each in enumerate(transactions):
        if order != "none" and each.process is None:
            raise BadHistory(f"{each.name} has no process: the order of sessions needs one for each transaction", place)
        timed = each.start is not None and (each.end is not None or each.outcome != "committed")
        if order == "real-time" and not timed:
            raise BadHistory(f"{each.name} lacks start or end: the order in time needs both", place)
