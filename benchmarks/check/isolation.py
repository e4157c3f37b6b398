"""Isolation: transactions a second that the check judges, in histories of a thousand to a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from benchmarks.race import Contestant, Work, race
from benchmarks.report import Goal, Report, Row, rounded
from lessons.check.isolation import Append, Read, Transaction, Write, check_isolation

SIZES = (1_000, 10_000, 100_000)
YARDSTICK = 10_000
LIMIT = 2.0
MOST_REPETITIONS = 3  # of the longest histories
KEYS, WRITES_OF_A_KEY, CLIENTS = 10, 32, 10
WORKLOAD = (
    f"Transactions of 1 to 4 keys out of {KEYS}, which read each and update every other one, {CLIENTS} under way at a "
    f"time; a key is replaced after {WRITES_OF_A_KEY} writes."
)


class Store:
    """Lists or registers under ten keys; a key that was written often enough makes room for a new one."""

    def __init__(self, lists: bool, rng: Random) -> None:
        self.lists, self.rng = lists, rng
        self.keys = list(range(KEYS))
        self.versions: dict[int, list[int]] = {key: [] for key in self.keys}
        self.written = 0

    def read(self, key: int, missed: int) -> Read:
        """The state of ``key`` without the last ``missed`` writes."""
        seen = self.versions[key][: max(0, len(self.versions[key]) - missed)]
        return Read(key, seen if self.lists else seen[-1] if seen else None)

    def write(self, key: int) -> Append | Write:
        """A new value for ``key``."""
        self.written += 1
        self.versions[key].append(self.written)
        return (Append if self.lists else Write)(key, self.written)

    def retire(self) -> None:
        """Replace the keys that were written often enough; so nobody reads ever longer lists."""
        for place, key in enumerate(self.keys):
            if len(self.versions[key]) >= WRITES_OF_A_KEY:
                del self.versions[key]
                self.keys[place] = max(self.keys) + 1
                self.versions[self.keys[place]] = []


def history(count: int, lists: bool = True, stale: float = 0.0) -> list[Transaction]:
    """``count`` transactions of up to four reads and updates, ten at a time; a share of ``stale`` misses a write."""
    rng = Random(f"{count}/isolation")
    store, made = Store(lists, rng), []
    for number in range(count):
        missed = int(rng.random() < stale)
        operations: list[Append | Read | Write] = []
        for key in rng.sample(store.keys, rng.randint(1, 4)):
            operations.append(store.read(key, missed))
            if rng.random() < 0.5:
                operations.append(store.write(key))
        store.retire()
        times = (float(number), number + CLIENTS - 0.5)
        made.append(Transaction(f"T{number}", operations, "committed", f"client {number % CLIENTS}", *times))
    return made


def judged(count: int, check: Callable[[list[Transaction]], object], lists: bool, stale: float) -> Work:
    """Judge a history of that many transactions."""
    made = history(count, lists, stale)
    return Work(lambda: check(made), lambda: count)


#: What is judged, and how: lists or registers, the share of transactions that miss a write, the order.
KINDS = {
    "lists": partial(judged, check=check_isolation, lists=True, stale=0.0),
    "lists, real-time order": partial(judged, check=partial(check_isolation, order="real-time"), lists=True, stale=0.0),
    "registers": partial(judged, check=check_isolation, lists=False, stale=0.0),
    "lists, 1 in 100 misses a write": partial(judged, check=check_isolation, lists=True, stale=0.01),
}


def rates(sizes: Sequence[int], repetitions: int) -> dict[tuple[str, int], float]:
    """Transactions a second, by what is judged and the size of the history; all take turns."""
    check_isolation(history(10))  # networkx is imported before the clock runs
    runs = [(kind, size) for kind in KINDS for size in sizes]
    contestants = [Contestant(f"{kind}, {size}", partial(KINDS[kind], size)) for kind, size in runs]
    # They are meant to do unequal work.
    timings = race(contestants, repetitions, tolerance=1.0)
    return {run: timing.median for run, timing in zip(runs, timings, strict=True)}


def measure(repetitions: int, long: bool, sizes: tuple[int, ...] = SIZES, yardstick: int = YARDSTICK) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    repetitions = min(repetitions, MOST_REPETITIONS)
    rate = rates(sizes, repetitions)
    cost = {(kind, size): rounded(rate[kind, yardstick] / each) for (kind, size), each in rate.items()}
    rows: list[Row] = [
        {
            "history": kind,
            "transactions": size,
            "transactions a second": rounded(rate[kind, size]),
            f"cost to that of {yardstick:,}": cost[kind, size],
        }
        for kind, size in rate
    ]
    largest = max(sizes)
    growth = {kind: cost[kind, largest] for kind in KINDS}
    return Report(
        name="isolation",
        title="judging the isolation of histories of transactions",
        workload=f"{WORKLOAD} Histories of {', '.join(f'{size:,}' for size in sizes)} transactions.",
        unit="transactions judged a second of processor time",
        rows=rows,
        goals=[
            Goal(f"cost at {largest:,}, to that at {yardstick:,}: {kind}", share, LIMIT, at_least=False)
            for kind, share in growth.items()
        ],
        conclusion=(
            f"A transaction in a history of {largest:,} costs {min(growth.values()):g} to {max(growth.values()):g} "
            f"times what it costs in one of {yardstick:,}: the graph is built and taken apart in linear time, and only "
            "what is on a cycle costs more."
        ),
        repetitions=repetitions,
    )
