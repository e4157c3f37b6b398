"""Whole clusters of real servers whose logs, terms and elections a test arranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lessons.agreement.raft import Options, Raft
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.ledger import prepared
from lessons.sim import Constant, DiskModel, Link, Simulation
from tests.agreement.raft.stage import DELAY, QUIET, Peer

#: Elections only when a test wants one; heartbeats each second.
STEADY = replace(QUIET, heartbeat=1.0)


class Troupe:
    """Servers with given logs, under the safety properties; ann and bob direct them. ``spares`` know no cluster yet."""

    def __init__(
        self,
        logs: Mapping[str, Sequence[int]],
        term: int = 0,
        kind: type[Raft] = Raft,
        options: Options = STEADY,
        link: Link | None = None,
        disk: DiskModel | None = None,
        seed: int = 1,
        spares: Sequence[str] = (),
        **parameters: Any,
    ) -> None:
        self.names = tuple(logs)
        invariants = SAFETY if kind is Raft else ()
        self.sim = Simulation(seed, network=link or Link(Constant(DELAY)), disk=disk, invariants=invariants)
        for name, terms in logs.items():
            given = {"voters": self.names, "options": options, **parameters}
            given |= {"voters": ()} if name in spares else {}
            self.sim.add(name, prepared(kind), terms=tuple(terms), term=term, **given)
        self.sim.add(["ann", "bob"], Peer)
        self.wait(0.0)

    def server(self, name: str) -> Any:
        """A server that is up."""
        return self.sim.node(name)

    def terms(self, name: str) -> list[int]:
        """The term of each entry in a server's log."""
        return [entry.term for entry in self.server(name).log.entries]

    def wait(self, seconds: float) -> None:
        """Let time pass; a property that is broken ends the run early."""
        until = self.sim.now + seconds
        self.sim.run(until)
        assert self.sim.now == until, self.sim.trace.violation

    def until(self, done: Callable[[], bool]) -> None:
        """Go on event by event until ``done``, for 5 virtual seconds at most."""
        limit = self.sim.now + 5.0
        while not done():
            assert self.sim.step() and self.sim.now < limit

    def stand(self, name: str) -> None:
        """Let a server stand for election in the next term, as if its leader had asked for it."""
        server, term = self.server(name), self.server(name).term
        server.after(0.0, server.campaign, True)
        self.until(lambda: server.term > term)

    def elect(self, name: str) -> None:
        """Let a server win an election."""
        self.stand(name)
        self.until(lambda: self.server(name).role.value == "leader")

    def separate(self, *groups: Sequence[str]) -> None:
        """Mend all links and then cut those between groups; ann and bob reach everybody in the first."""
        self.sim.faults.heal()
        self.sim.faults.partition(*[list(group) for group in groups[1:]])

    def say(self, to: str, message: Any, sender: str = "ann") -> None:
        """Let a client send something."""
        self.sim.node(sender).send(to, message)

    def heard(self, client: str = "ann") -> list[Any]:
        """What a client has heard since the last look."""
        heard, self.sim.node(client).heard = self.sim.node(client).heard, []
        return heard
