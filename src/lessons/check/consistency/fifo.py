"""First in, first out: what the order of dequeues says about concurrent enqueues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lessons.check.consistency.values import exact

if TYPE_CHECKING:
    from lessons.check.consistency.calls import Call


def order_of_items(calls: Sequence[Call]) -> Iterator[tuple[Call, Call]]:
    """Pairs of concurrent enqueues of which the first came first, because its item left the queue before the other.

    They are told for items that were enqueued once. An item that never left came after all that did, if the
    answer of every dequeue is known.
    """
    items = Counter(exact(call.args) for call in calls if call.name == "enqueue")
    leaves = {exact((call.answer,)): call for call in calls if call.name == "dequeue" and call.required}
    all_known = all(call.required for call in calls if call.name == "dequeue")
    under_way: list[Call] = []
    for call in calls:
        if call.name == "enqueue" and items[exact(call.args)] == 1:
            under_way = [
                other for other in under_way if not other.required or _returned(other) >= call.operation.called
            ]
            for other in under_way:
                for first, second in ((call, other), (other, call)):
                    if _left_before(leaves.get(exact(first.args)), leaves.get(exact(second.args)), all_known):
                        yield first, second
            under_way.append(call)


def _left_before(first: Call | None, second: Call | None, all_known: bool) -> bool:
    """Whether the dequeue ``first`` surely came before ``second``; None is one that is not known."""
    if first is None or second is None:
        return first is not None and all_known
    return _returned(first) < second.operation.called


def _returned(call: Call) -> float:
    return call.operation.returned or 0.0
