"""Sleeping processes: timeouts a second of workflows that await sleep, and of SimPy's processes."""

from __future__ import annotations

from collections.abc import Generator
from random import Random
from typing import Any

from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.node import Node
from lessons.sim import Simulation
from lessons.trace import Fired

PROCESSES = 100
NAPS = 1000
SIMPY, TRACED = "SimPy with processes", "SimPy with processes, traced"


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


def measure(repetitions: int, long: bool, naps: int = NAPS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = [
        Contestant("lessons.sim, with trace", lambda: ours(naps)),
        Contestant(SIMPY, lambda: simpy(naps), "simpy"),
        Contestant(TRACED, lambda: traced(naps), "simpy"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "timeouts")
    return Report(
        name="sleepers",
        title="processes that sleep",
        workload=f"{PROCESSES} processes; each sleeps {naps:,} times, a random part of a virtual second each time.",
        unit="timeouts a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal(f"times {SIMPY}", ratios[SIMPY], 1.5)] if ratios else [],
        skipped=absent(everybody),
        conclusion=conclusion(ratios),
        repetitions=repetitions,
    )


def conclusion(ratios: dict[str, float]) -> str:
    """What the ratio says."""
    return (
        f"A workflow that sleeps is {spoken(ratios)}. Ours awaits a coroutine where SimPy yields an object, and keeps "
        "every waking on record; the agenda of events costs both the same."
    )
