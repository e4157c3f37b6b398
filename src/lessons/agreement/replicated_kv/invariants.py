"""What the store promises, checked after every event of a run; what its clients have seen is judged afterwards."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from lessons.agreement.replicated_kv.answers import Decided, Event, Found
from lessons.agreement.replicated_kv.commands import Append, Compare, Delete, Get, Put, Step, Txn, covers
from lessons.agreement.replicated_kv.users import SHARED
from lessons.check import Judgement, Model, invariant, linearizable, models
from lessons.check.consistency.budget import STATES
from lessons.sim import NodeState, Simulation, State
from lessons.trace import Operation, Trace


def servers(state: State) -> list[NodeState]:
    """The servers that are up and keep account (see ``audit``)."""
    return state.showing("effects")


def watchers(state: State) -> list[NodeState]:
    """The clients that watch, and show what they were told."""
    return [node for node in state.showing("told") if "interest" in node]


class News:
    """What has been added to a growing series of each server since the last look."""

    def __init__(self, field: str) -> None:
        self.field = field
        self._seen: dict[str, Any] = {}

    def of(self, node: NodeState) -> Iterator[Any]:
        """The new items; all of them once more after a crash."""
        items, known = getattr(node, self.field), self._seen.get(node.name, ())
        self._seen[node.name] = items
        if items is not known:
            yield from items[len(known) :] if items[: len(known)] == known else items


@invariant("Each request of a session is carried out once at most.", cite="Ongaro's thesis, section 6.3")
class ExactlyOnce:
    """I1."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, int], int] = {}
        self.news = News("effects")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            for place, session, number in self.news.of(node):
                first = self.places.setdefault((session, number), place)
                if first != place:
                    return f"{node.name} has done request {number} of session {session} at {first} and at {place}"
        return None


@invariant("Replicas that have executed up to the same index have the same state.", cite="Schneider 1990")
class SameState:
    """I2."""

    def __init__(self) -> None:
        self.digests: dict[int, tuple[int, str]] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            digest, name = self.digests.setdefault(node.applied, (node.digest, node.name))
            if digest != node.digest:
                return f"{node.name} has another state at {node.applied} than {name} had"
        return None


@invariant("A later state never has an earlier revision.", cite="etcd, data model")
class RevisionsGrow:
    """I3."""

    def __init__(self) -> None:
        self.revisions: dict[int, int] = {}
        self.indexes: list[int] = []

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            index, revision = node.applied, node.revision
            if index not in self.revisions:
                insort(self.indexes, index)
            elif self.revisions[index] == revision:
                continue
            self.revisions[index] = revision
            place = bisect_left(self.indexes, index)
            around = [self.revisions[other] for other in self.indexes[max(0, place - 1) : place + 2]]
            if around != sorted(around):
                return f"{node.name} has revision {revision} at {index}, and around it revisions are {around}"
        return None


@invariant("A lease ends at the same command everywhere, and no key hangs on it any more.", cite="thesis, section 6.3")
class ExpiredTogether:
    """I4."""

    def __init__(self) -> None:
        self.ends: dict[int, int] = {}
        self.news = News("expired")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            for place, lease in self.news.of(node):
                if self.ends.setdefault(lease, place) != place:
                    return f"{node.name} ended lease {lease} at {place}, another server at {self.ends[lease]}"
            for lease in node.leases:
                if node.executed >= self.ends.get(lease, node.executed + 1):
                    return f"{node.name} still has lease {lease} at {node.executed}: it ended at {self.ends[lease]}"
        return None


@invariant("What a watcher is told is a prefix of what happened: nothing is missing, nothing comes twice.")
class StreamsArePrefixes:
    """I5. A watcher may be ahead of what we see of servers: it hears of a change before the disk has the snapshot."""

    def __init__(self) -> None:
        self.log: list[Event] = []  # all that has happened, as some server has executed it
        self.told: dict[str, int] = {}  # how many events each watcher was told, as far as they are in the log
        self.places: dict[str, int] = {}  # and where the log goes on for it
        self.news = News("events")

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            last = self.log[-1].revision if self.log else 0
            self.log += [event for event in self.news.of(node) if event.revision > last]
        return next((why for why in map(self.judge, watchers(state)) if why), None)

    def judge(self, watcher: NodeState) -> str | None:
        """What is wrong with what a watcher was told since the last look."""
        key, end, since = watcher.interest
        place, count = self.places.get(watcher.name, 0), self.told.get(watcher.name, 0)
        for event in self.log[place:]:
            if count == len(watcher.told):
                break
            place += 1
            if event.revision >= since and covers(key, end, event.key):
                if watcher.told[count] != event:
                    return f"{watcher.name} was told {watcher.told[count]}, and what happened next was {event}"
                count += 1
        self.told[watcher.name], self.places[watcher.name] = count, place
        return None


STORE = (ExactlyOnce, SameState, RevisionsGrow, ExpiredTogether, StreamsArePrefixes)


# What clients have seen


Values = dict[str, Any]


class Whole(Model):
    """The store as one copy, with operations on many keys at once; its state is pairs of keys and values, sorted.

    ``shared`` is the range of the keys that such operations touch: it is judged as a whole, other keys one by one.
    """

    operations: ClassVar[Mapping[str, int]] = {
        **models.KeyValue.operations, "delete_range": 2, "find": 2, "transact": 1,
    }  # fmt: skip
    readers: ClassVar[frozenset[str]] = frozenset({"get", "find"})
    silent: ClassVar[frozenset[str]] = frozenset({"put", "append", "delete", "delete_range"})
    initial = ()

    def __init__(self, shared: tuple[str, str] = ("", "")) -> None:
        self.shared = shared

    def key(self, name: str, args: tuple[Any, ...]) -> str:
        """See ``Model.key``."""
        alone = name in models.KeyValue.operations and not covers(*self.shared, args[0])
        return str(args[0]) if alone else f"{self.shared[0]} to {self.shared[1]}"

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> tuple[Any, Any] | None:
        """See ``Model.apply``; None where an append does not fit, which the store denies."""
        values: Values = dict(state)
        try:
            answer = self.act(values, name, args)
        except TypeError:
            return None
        return tuple(sorted(values.items())), answer

    def act(self, values: Values, name: str, args: tuple[Any, ...]) -> Any:
        """Do one operation to ``values``; returns its answer."""
        match name, args:
            case "cas", (key, old, new):
                return transact(values, Txn((Compare(key, "value", "=", old),), (Put(key, new),)))[0]
            case "transact", (txn,):
                return transact(values, txn)
            case "find", (key, end):
                return step(values, Get(key, end))
            case "get", (key,):
                return values.get(key)
            case "put" | "append", (key, value):
                return step(values, Put(key, value) if name == "put" else Append(key, value))
        return step(values, Delete(*args))

    def agrees(self, name: str, given: Any, answer: Any) -> bool:
        """See ``Model.agrees``; numbers of revisions are for the invariants."""
        return name in self.silent or simple(given) == answer


def transact(values: Values, txn: Txn) -> tuple[bool, tuple[Any, ...]]:
    """What a transaction on values alone does, and what it answers."""
    succeeded = all((values.get(each.key) == each.to) == (each.sign == "=") for each in txn.compares)
    return succeeded, tuple(step(values, each) for each in (txn.then if succeeded else txn.otherwise))


def step(values: Values, do: Step) -> Any:
    """What one step does; only reads have an answer here."""
    match do:
        case Get(key, end):
            return tuple((name, values[name]) for name in sorted(values) if covers(key, end, name))
        case Put(key, value):
            values[key] = value
        case Append(key, value):
            values[key] = values[key] + value if key in values else value
        case Delete(key, end):
            for name in [name for name in values if covers(key, end, name)]:
                del values[name]
    return None


def simple(answer: Any) -> Any:
    """An answer without revisions, leases and versions."""
    if isinstance(answer, Found):
        return tuple((record.key, record.value) for record in answer.records)
    if isinstance(answer, Decided):
        return answer.succeeded, tuple(map(simple, answer.answers))
    return answer if isinstance(answer, str | bytes | bool) else None


def seen(history: Iterable[Operation]) -> Iterator[Operation]:
    """The part of a history that is about keys and values. A key on a lease may be gone at any time after."""
    for operation in history:
        if operation.name == "put_leased":
            key, value, _ = operation.args
            yield replace(operation, name="put", args=(key, value))
            if operation.outcome != "fail":
                yield Operation(f"lease of {operation.client}", operation.op, "delete", (key,), operation.called)
        elif operation.name in Whole.operations:
            yield operation


def judged(trace: Trace, shared: tuple[str, str] = SHARED, states: int = STATES) -> Judgement:
    """Whether what the clients have seen in a run is linearizable; ``states`` bounds the search, as in the check.

    Their operations on many keys at once touch none but those from ``shared`` and compare values alone.
    """
    history = tuple(seen(trace.history()))
    plain = all(operation.name in models.KeyValue.operations for operation in history)
    return linearizable(history, models.KeyValue() if plain else Whole(shared), states=states)


@invariant("What clients have seen is what one copy could have answered, one at a time.", cite="Herlihy and Wing 1990")
def Linearizable(sim: Simulation) -> str | None:
    """Judged at the end of a run."""
    verdict = judged(sim.trace)
    return None if verdict else " ".join([verdict.sentence, *verdict.notes])
