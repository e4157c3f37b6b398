"""Maelstrom's workloads: what clients ask for, and what must be true of the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from lessons.chaos.maelstrom.exchange import Exchange
from lessons.chaos.maelstrom.histories import operation, transaction
from lessons.check import linearizable, models
from lessons.check.isolation import BadHistory, check_isolation

Request = tuple[str, dict[str, Any]]  # a type, and the other fields


class Workload(ABC):
    """One workload: requests, the last reads of every node, and the verdict."""

    topology = False  # whether nodes are told first who their neighbours are
    last: Request | None = None  # what each node is asked for in the end, when everything is repaired

    @abstractmethod
    def request(self, rng: Random, number: int) -> Request:
        """The request of this number, which no other has."""

    @abstractmethod
    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """What is wrong with the answers, and with those of the last reads, each as a sentence."""


class EchoWorkload(Workload):
    """What is said comes back."""

    def request(self, rng: Random, number: int) -> Request:
        """Something that no two clients say."""
        return "echo", {"echo": [f"please say {number}", {"again": rng.random() < 0.5}]}

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """Other words, or none."""
        for each in done:
            if not each.ok or each.said("echo") != each.fields["echo"]:
                yield f"{each.node} was told {each.fields['echo']!r}, and said {each.said('echo')!r}"


class UniqueIdsWorkload(Workload):
    """Identifiers, each given out once; and every node can, whatever is cut."""

    def request(self, rng: Random, number: int) -> Request:
        """One more."""
        return "generate", {}

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """Those that were given out twice, and requests that were not answered."""
        given = Counter(repr(each.said("id")) for each in done if each.ok)
        yield from (f"{name} was given out {times} times" for name, times in given.items() if times > 1)
        yield from unanswered(done)


class SetWorkload(Workload):
    """A set that grows: g-set, and broadcast, which is one by other names."""

    def __init__(self, add: str, element: str, elements: str) -> None:
        self.add, self.element, self.elements = add, element, elements
        self.last, self.topology = ("read", {}), add == "broadcast"

    def request(self, rng: Random, number: int) -> Request:
        """A new element, or a read."""
        return ("read", {}) if rng.random() < 0.3 else (self.add, {self.element: number})

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """What was acknowledged and is gone, and what nobody has added."""
        adds = [each for each in done if each.what == self.add]
        added = {repr(each.fields[self.element]) for each in adds if each.ok}
        perhaps = {repr(each.fields[self.element]) for each in adds if each.outcome != "fail"}
        for read in last:
            elements = read.said(self.elements)
            if not isinstance(elements, list):
                yield f"{read.node} answers a read with {elements!r}: {self.elements} must be a list"
                continue
            found = set(map(repr, elements))
            if lost := added - found:
                yield f"{read.node} lacks {len(lost)} that were acknowledged, such as {min(lost)}"
            if strange := found - perhaps:
                yield f"{read.node} has {min(strange)}, which nobody has added"
        yield from unanswered(done)


class CounterWorkload(Workload):
    """A counter, to which at most ``most`` is added at a time, and at least ``least``."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self.last = ("read", {})

    def request(self, rng: Random, number: int) -> Request:
        """An addition, or a read."""
        return ("read", {}) if rng.random() < 0.3 else ("add", {"delta": rng.randint(self.least, self.most)})

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """Sums that no choice of those additions explains of which nobody knows."""
        adds = [each for each in done if each.what == "add"]
        sums = {sum(each.fields["delta"] for each in adds if each.ok)}
        for each in adds:
            if each.outcome == "unknown":
                sums |= {known + each.fields["delta"] for known in sums}
        for read in last:
            value = read.said("value")
            if type(value) is not int or value not in sums:
                yield f"{read.node} counts {value!r}: it can be from {min(sums)} to {max(sums)}"
        yield from unanswered(done)


class LinKVWorkload(Workload):
    """Some keys, read, written, compared and set: linearizable."""

    def request(self, rng: Random, number: int) -> Request:
        """One of the three, for a few values, so that comparing may succeed."""
        key, some = rng.randrange(3), rng.randrange(5)
        return rng.choice(
            (
                ("read", {"key": key}),
                ("write", {"key": key, "value": some}),
                ("cas", {"key": key, "from": rng.randrange(5), "to": some}),
            )
        )

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """Why there is no order, if there is none."""
        judgement = linearizable(map(operation, done, range(len(done))), models.KeyValue())
        if judgement.holds is not True:
            yield str(judgement)


class TxnWorkload(Workload):
    """Transactions of reads and changes: strict serializable.

    ``change`` is "w" for registers and "append" for lists; ``missing`` is what a key is that nobody has written.
    """

    def __init__(self, change: str, missing: Any) -> None:
        self.change, self.missing = change, missing

    def request(self, rng: Random, number: int) -> Request:
        """One to four steps; no two write the same value."""
        steps: list[list[Any]] = []
        for place in range(rng.randint(1, 4)):
            key = rng.randrange(4)
            steps.append(["r", key, None] if rng.random() < 0.5 else [self.change, key, 10 * number + place])
        return "txn", {"txn": steps}

    def complaints(self, done: Sequence[Exchange], last: Sequence[Exchange]) -> Iterator[str]:
        """The anomalies, or an answer that is none."""
        for each in done:
            if each.ok and not is_transaction(each.said("txn"), each.fields["txn"]):
                yield f"{each.node} answers {each.fields['txn']} with {each.said('txn')!r}: it must be the steps again"
                return
        history = (transaction(each, number, self.missing) for number, each in enumerate(done))
        try:
            verdict = check_isolation(history, order="real-time")
        except BadHistory as error:
            yield str(error)
            return
        yield from (f"{anomaly.title}: {', '.join(map(str, anomaly.transactions))}" for anomaly in verdict.anomalies)


def is_transaction(answer: Any, asked: list[list[Any]]) -> bool:
    """Whether an answer has the steps that were asked for, each read with what it found."""
    return isinstance(answer, list) and len(answer) == len(asked) and all(map(is_step, answer, asked))


def is_step(told: Any, asked: list[Any]) -> bool:
    """Whether it is the step that was asked for; of a read the value may be any."""
    if not isinstance(told, list) or len(told) != 3:
        return False
    return told == asked or (told[0] == "r" and told[:2] == asked[:2])


def unanswered(done: Sequence[Exchange]) -> Iterator[str]:
    """Requests without an answer: these services need nobody else, so they owe one in every partition."""
    silent = [each for each in done if not each.ok]
    if silent:
        yield f"{len(silent)} requests were not done, such as {silent[0].what} at {silent[0].node}: {silent[0].code}"


#: Those for which the book has nodes, by Maelstrom's names.
WORKLOADS: dict[str, Workload] = {
    "echo": EchoWorkload(),
    "unique-ids": UniqueIdsWorkload(),
    "broadcast": SetWorkload("broadcast", "message", "messages"),
    "g-set": SetWorkload("add", "element", "value"),
    "g-counter": CounterWorkload(0, 5),
    "pn-counter": CounterWorkload(-5, 5),
    "lin-kv": LinKVWorkload(),
    "txn-rw-register": TxnWorkload("w", None),
    "txn-list-append": TxnWorkload("append", ()),
}
