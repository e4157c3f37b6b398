"""A trial: clients of a workload, nodes as processes, partitions; then everything is repaired and judged."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from lessons.chaos.maelstrom.exchange import Exchange
from lessons.chaos.maelstrom.router import Router, Weather
from lessons.chaos.maelstrom.workloads import WORKLOADS, Workload

PATIENCE = 5.0  # seconds that a client waits for an answer
REPAIRED = 15.0  # seconds that nodes may take to agree after the last repair
PAUSE = 0.1  # seconds from one look to the next


@dataclass(frozen=True)
class Plan:
    """``nodes`` processes, and so many ``clients`` for ``seconds``.

    Every ``period`` seconds a partition begins or ends; 0: none does.
    """

    nodes: int = 3
    clients: int = 4
    seconds: float = 5.0
    period: float = 1.0
    weather: Weather = field(default_factory=Weather)
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("nodes", 1), ("clients", 1), ("seconds", 0), ("period", 0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} is {getattr(self, name)!r}: it must be {least} or more")

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names."""
        return tuple(f"n{number}" for number in range(1, self.nodes + 1))


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: the exchanges, what became of messages between nodes, and what was wrong."""

    exchanges: tuple[Exchange, ...]
    messages: Counter[str]
    complaints: tuple[str, ...]

    def __str__(self) -> str:
        fates = Counter(exchange.outcome for exchange in self.exchanges)
        told = ", ".join(f"{fates[fate]} {fate}" for fate in ("ok", "fail", "unknown"))
        between = ", ".join(f"{number} {fate}" for fate, number in sorted(self.messages.items())) or "none"
        verdict = "\n".join(self.complaints) if self.complaints else "Everything is as it should be."
        return f"{len(self.exchanges)} requests: {told}.\nMessages between nodes: {between}.\n{verdict}"


def own_command(name: str) -> list[str]:
    """The command that runs the book's own node for a workload."""
    return [sys.executable, "-m", "lessons.net", "maelstrom", name]


async def run_trial(name: str, plan: Plan, command: Sequence[str] = ()) -> Outcome:
    """Try the workload ``name`` with the book's own nodes, or with those that ``command`` runs.

    Raises LookupError for a name that no workload has, Crashed when a process ends or says what is no message.
    """
    if name not in WORKLOADS:
        raise LookupError(f"name is {name!r}: there are {', '.join(WORKLOADS)}")
    workload, rng = WORKLOADS[name], Random(f"{plan.seed}/{name}")
    with TemporaryDirectory() as folder:
        router = Router(command or own_command(name), plan.names, Path(folder), plan.weather, rng)
        async with router:
            judged = asyncio.create_task(_tried(router, workload, plan, rng))
            either: set[asyncio.Future[Any]] = {judged, router.crash}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not judged.done():
                judged.cancel()
                with suppress(asyncio.CancelledError):
                    await judged
                router.crash.result()
            return judged.result()


async def _tried(router: Router, workload: Workload, plan: Plan, rng: Random) -> Outcome:
    if workload.topology:
        await _tell_topology(router)
    numbers = iter(range(1, sys.maxsize))
    end = asyncio.get_running_loop().time() + plan.seconds
    trouble = asyncio.create_task(_partitions(router, plan, rng))
    clients = [_client(router, workload, f"c{place}", place, end, numbers, rng) for place in range(1, plan.clients + 1)]
    done = [exchange for of_one in await asyncio.gather(*clients) for exchange in of_one]
    trouble.cancel()
    router.heal()
    done.sort(key=lambda exchange: exchange.called)
    complaints = await _settled(router, workload, done)
    return Outcome(tuple(done), router.counts, tuple(complaints))


async def _tell_topology(router: Router) -> None:
    """Every node is everybody's neighbour."""
    for name in router.names:
        neighbours = {each: [other for other in router.names if other != each] for each in router.names}
        await router.ask("c0", name, "topology", {"topology": neighbours}, PATIENCE)


async def _client(
    router: Router, workload: Workload, name: str, place: int, end: float, numbers: Iterator[int], rng: Random
) -> list[Exchange]:
    """Ask one node for one thing after the other until the time is over."""
    done: list[Exchange] = []
    node = router.names[place % len(router.names)]
    while asyncio.get_running_loop().time() < end:
        what, fields = workload.request(rng, next(numbers))
        done.append(await router.ask(name, node, what, fields, PATIENCE))
        await asyncio.sleep(0.02 * rng.random())
    return done


async def _partitions(router: Router, plan: Plan, rng: Random) -> None:
    """Cut some nodes off from the others, heal, and so on."""
    while plan.period:
        await asyncio.sleep(plan.period)
        router.cut(rng.sample(router.names, rng.randint(1, max(1, plan.nodes // 2))))
        await asyncio.sleep(plan.period)
        router.heal()


async def _settled(router: Router, workload: Workload, done: Sequence[Exchange]) -> list[str]:
    """The complaints that are left when the nodes have had time to agree."""
    if workload.last is None:
        return list(workload.complaints(done, ()))
    what, fields = workload.last
    end = asyncio.get_running_loop().time() + REPAIRED
    while True:
        last = [await router.ask("c0", node, what, dict(fields), PATIENCE) for node in router.names]
        complaints = list(workload.complaints(done, last))
        if not complaints or asyncio.get_running_loop().time() > end:
            return complaints
        await asyncio.sleep(PAUSE)
