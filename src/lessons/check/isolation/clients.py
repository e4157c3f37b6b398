"""From the client history of a run to a history of transactions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from lessons.check.isolation.files import operation
from lessons.check.isolation.history import BadHistory, Outcome, Transaction
from lessons.trace import Operation

_OUTCOMES: dict[str, Outcome] = dict(zip(("ok", "fail", "unknown"), get_args(Outcome), strict=True))


def transactions(history: Iterable[Operation], name: str = "transaction") -> list[Transaction]:
    """The client operations of that ``name`` as transactions, with client, call and return as process and times.

    The argument of such an operation is the sequence of what it does, as in a file: ``("append", "x", 1)``,
    ``("write", "x", 1)``, ``("read", "x")``. Its value, once it is back, is the same sequence with the answers
    of the reads. Raises BadHistory where it is neither.
    """
    return [_transaction(each) for each in history if each.name == name]


def _transaction(client: Operation) -> Transaction:
    done = client.value if client.outcome == "ok" else next(iter(client.args), None)
    if not isinstance(done, list | tuple):
        raise BadHistory(f"operation {client.op} of {client.client} has {done!r}: it must be a sequence of operations")
    return Transaction(
        f"T{client.op}",
        [operation(list(each)) for each in done],
        _OUTCOMES[client.outcome],
        client.client,
        client.called,
        client.returned,
    )
