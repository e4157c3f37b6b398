"""The store as processes in trouble: customers without end, and what must be true of what they were told.

    python -m lessons.chaos agreement/replicated_kv --seconds 600
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from lessons.agreement.replicated_kv.calls import Rejected, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.chaos import Outcome, Soak, recovers
from lessons.check import linearizable, models
from lessons.net import Station
from lessons.node import Client

EPOCH = 3.0  # seconds after which all customers turn to new keys, so that the history of each can be judged
LISTS = "list"


class Customer(KVClient):
    """Reads, writes and appends until there is ``enough``; then looks whether all that was appended is there.

    ``rest`` is the longest pause between two operations, in seconds.
    """

    def __init__(self, servers: tuple[str, ...], rest: float = 0.1) -> None:
        super().__init__(servers)
        self.rest, self.enough = rest, False

    async def session(self) -> None:
        """One operation after the other, and a last look at every list."""
        self.count, self.lists = 0, dict[str, None]()
        while not self.enough:
            await self.sleep(self.rest * self.rng.random())
            with suppress(Unanswered, Rejected):
                await self.act(int(self.monotonic // EPOCH))
        for key in self.lists:
            await self.get(key)

    async def act(self, epoch: int) -> None:
        """Something to do with the keys of an epoch; each text is written once."""
        self.count += 1
        text = f"{self.name}{self.count} "
        register, words = f"register{epoch}", f"{LISTS}{epoch}"
        match self.rng.choice(("get", "put", "cas", "delete", "look", "append", "append")):
            case "get":
                await self.get(register)
            case "put":
                await self.put(register, text)
            case "cas":
                await self.cas(register, await self.get(register), text)
            case "delete":
                await self.delete(register)
            case "look":
                await self.get(words)
            case "append":
                self.lists[words] = None
                await self.append(words, text)


def customers(servers: tuple[str, ...], number: int) -> Mapping[str, Callable[[], Client]]:
    """So many customers by name."""
    return {f"customer{place}-": partial(Customer, servers) for place in range(1, number + 1)}


def finish(stations: Mapping[str, Station]) -> None:
    """Let all customers come to an end."""
    for station in stations.values():
        assert isinstance(station.node, Customer)
        station.node.enough = True


def is_linearizable(outcome: Outcome) -> Iterator[str]:
    """What customers were told is what one copy could have told them (Herlihy and Wing 1990)."""
    verdict = linearizable(outcome.history, models.KeyValue())
    if not verdict:
        yield " ".join([verdict.sentence, *verdict.notes])


def nothing_lost(outcome: Outcome) -> Iterator[str]:
    """Every append that was acknowledged is in what was read of its list in the end, once."""
    last = {op.args[0]: op for op in outcome.history if op.name == "get" and op.outcome == "ok"}
    for op in outcome.history:
        if op.name == "append" and op.outcome == "ok":
            key, text = op.args
            read = last.get(key)
            if read is None or op.returned is None or read.called < op.returned:
                yield f"{key} was not read after {text!r} was appended"
                continue
            times = str(read.value).split().count(text.strip())
            if times != 1:
                yield f"{text!r} was appended to {key}, which has it {times} times"


SOAK = Soak(customers, finish, (recovers, is_linearizable, nothing_lost))
