"""A trial: a cluster of processes, clients of it, and a script of faults; afterwards a word on what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

from lessons.chaos.ledger import Ledger
from lessons.chaos.proxies import Proxies
from lessons.chaos.world import KINDS, RealFaults, RealWorld
from lessons.net import Address, Folder, Recorder, Station
from lessons.net.folder import RECORDS
from lessons.net.merge import WORLD
from lessons.net.processes import Processes, until_all_answer
from lessons.node import Client, encode
from lessons.sim import Action, Constant, Link, Nemesis
from lessons.trace import Operation

QUIET = Link(Constant(0.0), reorder=0.0)
TROUBLE = Nemesis(KINDS, every=2.0, lasting=2.0)
PATIENCE = 30.0  # seconds after the last repair in which every client must have been served


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    ``history`` has all operations of the clients; ``recovered`` is how many seconds after the last repair each client
    had been told of an operation that it began after it, None when one was not in time; ``actions`` what was done.
    """

    history: tuple[Operation, ...]
    recovered: float | None
    actions: tuple[Action, ...]


def plan(seed: int, names: Sequence[str], seconds: float, nemesis: Nemesis = TROUBLE) -> tuple[Action, ...]:
    """Faults for so many seconds, from the seed; all are repaired in the end."""
    return tuple(nemesis.plan(Random(f"{seed}/nemesis"), names, 0.0, seconds))


class Trial:
    """A cluster in a folder, whose servers are processes, and clients in this process; all links are proxied.

    ``clients`` makes each client, by name. ``link`` is how links behave while no fault says otherwise. With ``record``
    the servers put what they do on record. ``patience`` is how many seconds after the last repair all must be served.
    """

    def __init__(
        self,
        folder: Folder,
        clients: Mapping[str, Callable[[], Client]],
        *,
        seed: int = 0,
        link: Link = QUIET,
        record: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self.folder, self._clients, self._seed, self._record = folder, clients, seed, record
        self._patience = patience
        self._world = RealWorld(seed, folder.addresses, clients, link)
        self._proxies = Proxies(self._world.traffic)
        self.ledger = Ledger()

    async def run(self, actions: Iterable[Action], finish: Callable[[Mapping[str, Station]], object] = len) -> Outcome:
        """Start everything, do the actions at their times (seconds from then), wait until all clients are served.

        ``finish`` is then called with the stations of the clients, and they are given the time to end their sessions.
        Raises Unreachable when a server does not start.
        """
        script = sorted(actions, key=lambda action: action.at)
        for action in script:
            action.check()
        async with AsyncExitStack() as stack:
            options = {name: await self._options(name) for name in self.folder.addresses}
            processes = stack.enter_context(Processes(self.folder, options))
            stack.callback(self._proxies.close)
            processes.start_all()
            await until_all_answer(self.folder)
            stations = await self._start_clients(stack)
            await self._perform(script, RealFaults(self._world, processes))
            recovered = await self._recovery()
            finish(stations)
            await self._ends(stations.values())
        return Outcome(self.ledger.history(), recovered, tuple(script))

    async def _options(self, server: str) -> list[str]:
        """The command line that makes a server dial proxies."""
        options = ["--record"] if self._record else []
        for name, where in self.folder.addresses.items():
            if name != server:
                options += ["--dial", f"{name}={await self._proxies.between(server, name, where)}"]
        return options

    async def _start_clients(self, stack: AsyncExitStack) -> dict[str, Station]:
        stations = {}
        for name, make in self._clients.items():
            addresses = self.folder.addresses.items()
            dial: dict[str, Address] = {to: await self._proxies.between(name, to, where) for to, where in addresses}
            setup = self.folder.setup(name, dial)
            stations[name] = Station(setup, make, witness=self.ledger.page(name), seed=self._seed)
            await stations[name].start()
            stack.push_async_callback(stations[name].stop)
        return stations

    async def _perform(self, script: Sequence[Action], faults: RealFaults) -> None:
        record = Recorder(self.folder.path / RECORDS, WORLD, self.folder.cluster.vocabulary.values)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for action in script:
            await asyncio.sleep(max(0.0, begin + action.at - loop.time()))
            effect = action.perform(faults)
            told = {name: encode(value) for name, value in action.args.items()}
            record.faulted(action.name, told, effect)
            faults.follow_up()
        record.close()

    async def _recovery(self) -> float | None:
        """Wait until each client was told of something that it has asked since now; returns the seconds."""
        ledger, repaired = self.ledger, self.ledger.now()
        while ledger.now() < repaired + self._patience:
            if all(ledger.ended.get(name, 0.0) > repaired for name in self._clients):
                return ledger.now() - repaired
            await asyncio.sleep(0.02)
        return None

    async def _ends(self, stations: Iterable[Station]) -> None:
        """Wait until all sessions are over, if they are soon."""
        limit = self.ledger.now() + self._patience
        while any(station.busy for station in stations) and self.ledger.now() < limit:
            await asyncio.sleep(0.02)
