"""The store as a service of Maelstrom: lin-kv, and transactions, of registers and of lists.

In each process runs a server, and in front of it a client of the store, with which Maelstrom's clients talk.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any, TypeVar

from lessons.agreement.replicated_kv.answers import Decided, Found
from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import Append, Compare, Get, Put, Txn
from lessons.agreement.replicated_kv.rules import BadCommand
from lessons.agreement.replicated_kv.server import KVServer
from lessons.net.maelstrom import Answering, Ask, Code, Fail, Failure, Fields, Service, field
from lessons.node import Node

T = TypeVar("T")
LIMIT = 2.0  # seconds after which a client hears that nobody knows


class Front(Answering, KVClient):
    """Asks the store for whoever asks here; keys and values are whatever JSON has."""

    async def on_ask(self, client: str, ask: Ask) -> None:
        """See ``Answering.on_ask``; what no store would do is refused."""
        try:
            await super().on_ask(client, ask)
        except BadCommand as bad:
            self.reply(Fail(Code.MALFORMED_REQUEST, str(bad)))

    async def asked(self, work: Awaitable[T]) -> T:
        """What the store answers; raises Failure when it can't, or when nobody knows."""
        try:
            return await work
        except Rejected as why:
            raise Failure(Code.MALFORMED_REQUEST, str(why)) from None
        except Unanswered as why:
            raise Failure(Code.TIMEOUT, str(why)) from None

    # Workload lin-kv

    async def answer_read(self, fields: Fields) -> dict[str, Any]:
        """The value of a key."""
        value = await self.asked(self.get(text_of(field(fields, "key"))))
        if value is None:
            raise Failure(Code.KEY_DOES_NOT_EXIST, f"key is {fields['key']!r}: nobody has written it")
        return {"value": json.loads(value)}

    async def answer_write(self, fields: Fields) -> dict[str, Any]:
        """Give a key a value."""
        await self.asked(self.put(text_of(field(fields, "key")), text_of(field(fields, "value"))))
        return {}

    async def answer_cas(self, fields: Fields) -> dict[str, Any]:
        """Change a value if it is the one that the client thinks; what it is instead is read in the same moment."""
        key, old, new = (text_of(field(fields, name)) for name in ("key", "from", "to"))
        swap = Txn((Compare(key, "value", "=", old),), (Put(key, new),), (Get(key),))
        decided = await self.asked(self.transact(swap))
        if not decided.succeeded:
            found = decided.answers[0]
            code = Code.PRECONDITION_FAILED if found.records else Code.KEY_DOES_NOT_EXIST
            raise Failure(code, f"from is {fields['from']!r}: the value is {value_in(found)!r}")
        return {}

    # Workload txn-rw-register

    async def answer_txn(self, fields: Fields) -> dict[str, Any]:
        """Reads and writes at one moment: first the reads that no write of the same transaction precedes."""
        wanted = steps_of(field(fields, "txn", list), "w")
        reads = dict.fromkeys(text_of(key) for key in keys_read(wanted))
        writes = {text_of(key): text_of(value) for what, key, value in wanted if what == "w"}
        does = Txn((), (*map(Get, reads), *(Put(key, value) for key, value in writes.items())))
        decided: Decided = await self.asked(self.transact(does))
        return {"txn": filled(wanted, dict(zip(reads, map(value_in, decided.answers), strict=False)))}


class Lists(Front):
    """Transactions of lists: workload txn-list-append. A list is a text with a line for each of its items."""

    async def answer_txn(self, fields: Fields) -> dict[str, Any]:
        """Reads and appends at one moment: first the reads, to which a transaction's own appends are then added."""
        wanted = steps_of(field(fields, "txn", list), "append")
        reads = dict.fromkeys(text_of(key) for what, key, _ in wanted if what == "r")
        lines: dict[str, str] = {}
        for what, key, value in wanted:
            if what == "append":
                lines[text_of(key)] = lines.get(text_of(key), "") + text_of(value) + "\n"
        does = Txn((), (*map(Get, reads), *(Append(key, text) for key, text in lines.items())))
        decided: Decided = await self.asked(self.transact(does))
        return {"txn": extended(wanted, dict(zip(reads, map(items_in, decided.answers), strict=False)))}


def text_of(value: Any) -> str:
    """A key or value of JSON as the store's text; the same one for what is equal."""
    return json.dumps(value, sort_keys=True)


def value_in(found: Found) -> Any:
    """The value of the only record, as JSON has it; None without a record."""
    return json.loads(found.records[0].value) if found.records else None


def items_in(found: Found) -> list[Any]:
    """The items of the list in the only record; none without a record."""
    return [json.loads(line) for record in found.records for line in str(record.value).splitlines()]


def steps_of(txn: list[Any], change: str) -> list[list[Any]]:
    """The steps of a transaction, each ``[f, key, value]``, where f reads or is this change; raises Failure if not."""
    for step in txn:
        if not (isinstance(step, list) and len(step) == 3 and step[0] in ("r", change)):
            raise Failure(
                Code.NOT_SUPPORTED, f"txn has {step!r}: a step is ['r', key, null] or ['{change}', key, value]"
            )
    return txn


def keys_read(txn: list[list[Any]]) -> list[Any]:
    """The keys that are read before the transaction itself writes them."""
    read, written = [], set()
    for what, key, _ in txn:
        if what == "w":
            written.add(text_of(key))
        elif text_of(key) not in written:
            read.append(key)
    return read


def filled(txn: list[list[Any]], known: dict[str, Any]) -> list[list[Any]]:
    """The transaction with what each read found, its own writes included."""
    done = []
    for what, key, value in txn:
        if what == "w":
            known[text_of(key)] = value
        done.append([what, key, known[text_of(key)]])
    return done


def extended(txn: list[list[Any]], known: dict[str, list[Any]]) -> list[list[Any]]:
    """The transaction with what each read found, its own appends included; an empty list is null."""
    done = []
    for what, key, value in txn:
        items = known.setdefault(text_of(key), [])
        if what == "append":
            items.append(value)
        done.append([what, key, value if what == "append" else list(items) or None])
    return done


def front(name: str, names: tuple[str, ...]) -> Node:
    """A client of the store that asks its own server first."""
    return Front(nearest_first(name, names), limit=LIMIT)


def lists(name: str, names: tuple[str, ...]) -> Node:
    """The same for lists."""
    return Lists(nearest_first(name, names), limit=LIMIT)


def nearest_first(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """All servers, beginning with the one of this process."""
    return name, *(each for each in names if each != name)


def server(name: str, names: tuple[str, ...]) -> Node:
    """One of the founders."""
    return KVServer(voters=names)


STORE = Service(front, (Front, KVServer), behind=server)
LISTS = Service(lists, (Lists, KVServer), behind=server)
SERVICES = {"lin-kv": STORE, "txn-rw-register": STORE, "txn-list-append": LISTS}
