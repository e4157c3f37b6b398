"""Linearizability: histories a second that the check judges, of registers, stores and queues, right and broken."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

from benchmarks.race import Contestant, Work, race
from benchmarks.report import Goal, Report, Row, rounded
from lessons.check import linearizable
from lessons.check.consistency.models import CASRegister, KeyValue, Model, Queue
from lessons.trace import Operation

WORKLOAD = (
    "Each client calls, waits for 1 s in the mean and calls again; an operation takes effect at any moment between its "
    "call and its return. In a broken history, 1 read in 50 answers what was there two writes before."
)
STALE = 0.02
Pick = Callable[[Random, int], tuple[str, tuple[Any, ...]]]


def on_register(rng: Random, number: int) -> tuple[str, tuple[Any, ...]]:
    """An operation of the kind in which etcd is tested: five values, a read, a write or a cas."""
    name = rng.choice(("read", "write", "cas"))
    return name, tuple(rng.randrange(5) for _ in range({"read": 0, "write": 1, "cas": 2}[name]))


def on_store(rng: Random, number: int) -> tuple[str, tuple[Any, ...]]:
    """An operation on one of ten keys: half of them append, few replace, the others read."""
    key, text, kind = f"{rng.randrange(10)}", f"x {number} y", rng.random()
    return ("append", (key, text)) if kind < 0.5 else ("put", (key, text)) if kind < 0.55 else ("get", (key,))


def on_queue(rng: Random, number: int) -> tuple[str, tuple[Any, ...]]:
    """An item comes or goes."""
    return ("enqueue", (number,)) if rng.random() < 0.5 else ("dequeue", ())


@dataclass(frozen=True)
class Kind:
    """Histories of one kind: the object, its clients, the length of each, how many; the share of lost answers."""

    title: str
    model: Model
    pick: Pick
    clients: int
    operations: int
    histories: int
    lost: float = 0.0


KINDS = (
    Kind("register", CASRegister(), on_register, 5, 170, 50, lost=0.08),
    Kind("store, 10 clients", KeyValue(missing=""), on_store, 10, 340, 10),
    Kind("store, 50 clients", KeyValue(missing=""), on_store, 50, 1_700, 5),
    Kind("queue", Queue(), on_queue, 5, 200, 10),
    Kind("register, long", CASRegister(), on_register, 5, 20_000, 1),
)


def intervals(kind: Kind, rng: Random) -> list[tuple[float, str, float, float]]:
    """For each operation the moment of its effect, its client, its call and its return; by moments."""
    ready = [(rng.random(), f"c{number}") for number in range(kind.clients)]
    heapq.heapify(ready)
    found = []
    for _ in range(kind.operations):
        called, client = heapq.heappop(ready)
        returned = called + 0.05 + rng.expovariate(1)
        found.append((rng.uniform(called, returned), client, called, returned))
        heapq.heappush(ready, (returned + rng.expovariate(4), client))
    return sorted(found)


def history(kind: Kind, seed: int, stale: float) -> list[Operation]:
    """What the clients of one object saw; a share of ``stale`` of the reads see an older state."""
    rng, model = Random(f"{kind.title}/{seed}"), kind.model
    states: dict[Any, list[Any]] = {}
    made = []
    for number, (_, client, called, returned) in enumerate(intervals(kind, rng)):
        name, args = kind.pick(rng, number)
        known = states.setdefault(model.key(name, args), [model.initial])
        old = name in model.readers and rng.random() < stale
        after, answer = model.apply(known[-3:][0] if old else known[-1], name, args) or (None, None)
        operation = Operation(client, number, name, args, called, returned, "ok", answer)
        if name not in model.readers:
            known.append(after)
        made.append(replace(operation, outcome="unknown") if rng.random() < kind.lost else operation)
    return sorted(made, key=lambda operation: operation.called)


def judged(kind: Kind, stale: float) -> Work:
    """Judge all histories of a kind."""
    histories = [history(kind, seed, stale) for seed in range(kind.histories)]
    verdicts: list[bool | None] = []

    def count() -> int:
        assert None not in verdicts, f"{kind.title}: a history was not decided"
        return len(verdicts)

    return Work(lambda: verdicts.extend(linearizable(each, kind.model).holds for each in histories), count)


def seconds(kinds: Sequence[Kind], repetitions: int) -> dict[tuple[Kind, float], float]:
    """Seconds of processor time for one history, by kind and share of stale reads; all take turns."""
    runs = [(kind, stale) for kind in kinds for stale in ((0.0, STALE) if kind.model.readers else (0.0,))]
    contestants = [Contestant(kind.title, partial(judged, kind, stale)) for kind, stale in runs]
    # They are meant to do unequal work.
    timings = race(contestants, repetitions, tolerance=1.0)
    return {run: 1 / timing.median for run, timing in zip(runs, timings, strict=True)}


def measure(repetitions: int, long: bool, kinds: Sequence[Kind] = KINDS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    spent = seconds(kinds, repetitions)
    rows: list[Row] = [
        {
            "history": kind.title + (", broken" if stale else ""),
            "clients": kind.clients,
            "operations": kind.operations,
            "seconds": rounded(each),
            "histories a second": rounded(1 / each),
            "operations a second": rounded(kind.operations / each),
        }
        for (kind, stale), each in spent.items()
    ]
    register, store = (max(each for (kind, _), each in spent.items() if kind == wanted) for wanted in kinds[:2])
    return Report(
        name="linearizable",
        title="judging whether histories are linearizable",
        workload=WORKLOAD,
        unit="seconds of processor time for one history, in the mean of its kind",
        rows=rows,
        goals=[
            Goal("seconds for 50 histories of a register", rounded(50 * register), 5.0, at_least=False),
            Goal("seconds for one of a store with 10 clients", rounded(store), 0.1, at_least=False),
        ],
        conclusion=(
            "There is no peer to run beside: no package for Python judges such histories. The time depends on how many "
            "orders are possible, not on the length: reads that are right are never taken back, what is read later "
            "rules out orders of what is written now, and each part of the object is searched by itself."
        ),
        repetitions=repetitions,
    )
