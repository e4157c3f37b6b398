"""A real cluster of the store, real clients, and calls that a test makes one after the other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from lessons.agreement.raft import Options
from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.invariants import STORE
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.users import Watcher
from lessons.node import Task
from lessons.sim import Constant, Link, Simulation

DELAY = 0.001  # of every message, in seconds

Call = Callable[[Any], Coroutine[Any, Any, Any]]


class Cluster:
    """Servers n1, n2, ..., a leader, clients ann and bob, and eve, who watches all keys."""

    def __init__(
        self,
        size: int = 3,
        kind: type[KVServer] = KVServer,
        seed: int = 1,
        link: Link | None = None,
        options: Options | None = None,
        limits: Limits | None = None,
        **client: Any,
    ) -> None:
        self.names = tuple(f"n{number}" for number in range(1, size + 1))
        self.sim = Simulation(seed, network=link or Link(Constant(DELAY)), invariants=STORE)
        self.sim.add(self.names, audited(kind), voters=self.names, options=options or Options(), limits=limits)
        self.sim.add(["ann", "bob"], KVClient, servers=self.names, **client)
        self.sim.add("eve", Watcher, servers=self.names)
        self.until(lambda: self.leader is not None, most=100.0)
        self.wait(0.2)

    @property
    def leader(self) -> Any:
        """The name of the server that leads the latest term."""
        return leader_of(self.sim.state)

    @property
    def followers(self) -> list[str]:
        """All other servers."""
        return [name for name in self.names if name != self.leader]

    def server(self, name: str | None = None) -> Any:
        """A server that is up; the leader unless named."""
        return self.sim.node(name or self.leader)

    def client(self, name: str = "ann") -> Any:
        """A client."""
        return self.sim.node(name)

    def wait(self, seconds: float = 0.1) -> None:
        """Let time pass; an invariant that is broken fails the test."""
        until = self.sim.now + seconds
        self.sim.run(until)
        assert self.sim.now == until, self.sim.trace.violation

    def until(self, done: Callable[[], bool], most: float = 20.0) -> None:
        """Go on event by event until ``done``."""
        limit = self.sim.now + most
        while not done():
            assert self.sim.step() and self.sim.now < limit, self.sim.trace.violation

    def begin(self, call: Call, client: str = "ann") -> Task:
        """Let a client begin a call."""
        node = self.client(client)

        async def soon() -> Any:
            return await call(node)

        return node.spawn(soon())

    def do(self, call: Call, client: str = "ann") -> Any:
        """Let a client make a call, and run until it is over; what it raises is raised here."""
        task = self.begin(quietly(call), client)
        self.until(lambda: task.done)
        value, error = task.result()
        if error is not None:
            raise error
        return value

    def values(self, name: str) -> dict[str, Any]:
        """The keys and values of a server."""
        return {key: record.value for key, record in self.server(name).machine.keyspace.records.items()}

    def told(self) -> list[Any]:
        """What eve was told so far."""
        return list(self.client("eve").told)


def quietly(call: Call) -> Call:
    """The same call, which gives what it raises as well."""

    async def made(client: Any) -> tuple[Any, Exception | None]:
        try:
            return await call(client), None
        except Exception as error:
            return None, error

    return made
