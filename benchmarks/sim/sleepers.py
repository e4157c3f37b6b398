"""Sleeping processes: timeouts a second of workflows that await sleep, and of SimPy's processes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from itertools import count
from random import Random
from types import coroutine
from typing import Any

from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, rounded, spoken
from lessons.node import Node
from lessons.sim import Simulation
from lessons.trace import Fired

PROCESSES = 100
NAPS = 1000
SIMPY, TRACED = "SimPy with processes", "SimPy with processes, traced"
BARE = "bare coroutines on a heap"


class Sleeper(Node):
    """Sleeps a number of times, a random part of a second each time."""

    def __init__(self, naps: int) -> None:
        self.naps = naps

    def start(self) -> None:
        """Begin."""
        self.spawn(self.rest())

    async def rest(self) -> None:
        """Sleep again and again."""
        random = self.rng.random
        for _ in range(self.naps):
            await self.sleep(random())


def ours(naps: int) -> Work:
    """Workflows of nodes; every waking is on record."""
    simulation = Simulation(1, limit=10**9)
    simulation.add([f"n{number}" for number in range(PROCESSES)], Sleeper, naps=naps)
    return Work(simulation.run, lambda: len(simulation.trace.only(Fired)))


def resting(env: Any, naps: int) -> list[Any]:
    """Processes of SimPy that yield timeouts."""
    from simpy import Timeout

    random = Random(1).random

    def rest() -> Generator[Any, Any, None]:
        for _ in range(naps):
            yield Timeout(env, random())

    return [env.process(rest()) for _ in range(PROCESSES)]


def simpy(naps: int) -> Work:
    """The processes, without a record."""
    from simpy import Environment

    env = Environment()
    processes = resting(env, naps)
    return Work(env.run, lambda: naps * sum(process.processed for process in processes))


def traced(naps: int) -> Work:
    """The same with a record of every event, taken as in "Event tracing" of SimPy's documentation."""
    from simpy import Environment, Timeout

    env = Environment()
    log: list[tuple[float, int, type]] = []
    step = env.step

    def recorded_step() -> None:
        if env._queue:
            time, _, number, event = env._queue[0]
            log.append((time, number, type(event)))
        step()

    env.step = recorded_step  # type: ignore[method-assign]
    resting(env, naps)
    return Work(env.run, lambda: sum(kind is Timeout for _, _, kind in log))


def bare(naps: int) -> Work:
    """Coroutines that sleep on a heap, and a record: what is left when nothing is checked and nobody can crash."""
    agenda: list[tuple[float, int, Callable[[None], float]]] = []
    log: list[object] = []
    numbers, random = count(), Random(1).random

    @coroutine
    def sleep(delay: float) -> Generator[float, None, None]:
        yield delay

    async def rest() -> None:
        for _ in range(naps):
            await sleep(random())

    def run() -> None:
        while agenda:
            now, number, resume = heappop(agenda)
            log.extend((number, now))
            try:
                nap = resume(None)
            except StopIteration:
                continue
            heappush(agenda, (now + nap, next(numbers), resume))

    for _ in range(PROCESSES):
        heappush(agenda, (0.0, next(numbers), rest().send))
    return Work(run, lambda: len(log) // 2 - PROCESSES)


def measure(repetitions: int, long: bool, naps: int = NAPS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = [
        Contestant("lessons.sim, with trace", lambda: ours(naps)),
        Contestant(SIMPY, lambda: simpy(naps), "simpy"),
        Contestant(TRACED, lambda: traced(naps), "simpy"),
        Contestant(BARE, lambda: bare(naps)),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "timeouts")
    return Report(
        name="sleepers",
        title="processes that sleep",
        workload=f"{PROCESSES} processes; each sleeps {naps:,} times, a random part of a virtual second each time.",
        unit="timeouts a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal(f"times {SIMPY}", ratios[SIMPY], 1.5)] if SIMPY in ratios else [],
        skipped=absent(everybody),
        conclusion=conclusion(ratios),
        repetitions=repetitions,
    )


def conclusion(ratios: dict[str, float]) -> str:
    """What the ratios say."""
    if SIMPY not in ratios:
        return f"A workflow that sleeps is {spoken(ratios)}."
    ceiling = rounded(ratios[SIMPY] / ratios[BARE])
    return (
        f"A workflow that sleeps is {spoken(ratios)}. Ours awaits a coroutine where SimPy yields an object, and keeps "
        "every waking on record. The bare coroutines show how far this road goes in Python: a heap and a coroutine "
        f"that is resumed, without nodes, checks or faults, are {ceiling:g} times as fast as SimPy."
    )
