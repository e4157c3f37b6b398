"""A world of real processes, as the simulator's faults see it, so that one script of faults runs in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from lessons.net.processes import Processes
from lessons.node import LessonsError
from lessons.sim import DiskModel, Faults, Link, Network
from lessons.sim.faults import Effect
from lessons.sim.machine import Machine
from lessons.sim.world import World

#: What the nemesis may do to real processes.
KINDS = ("crash", "pause", "partition", "one_way", "bridge", "storm")


class Unavailable(LessonsError):
    """A fault that only a simulated world can have."""


class Place:
    """What the simulator calls a machine: here it only has a name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def review(self) -> None:
        """Nothing to look at again."""


class RealWorld(World):
    """Servers and clients by name, and the traffic between them; processes and proxies are elsewhere."""

    def __init__(self, seed: int | str, names: Iterable[str], clients: Iterable[str], link: Link) -> None:
        super().__init__(seed, Network(link), DiskModel())
        self.clients = set(clients)
        self.machines = {name: cast(Machine, Place(name)) for name in [*names, *sorted(self.clients)]}

    def check(self) -> None:
        """There are no invariants that could look into processes."""


class RealFaults(Faults):
    """The faults of the simulator, done to processes and to the links between them."""

    def __init__(self, world: RealWorld, processes: Processes) -> None:
        super().__init__(world)
        self._processes = processes
        self._paused: set[str] = set()

    def crash(self, node: str, writes: Sequence[str] | None = None) -> Effect:
        """Kill a process (kill -9). Raises Unavailable for ``writes``: what the system had taken, it keeps."""
        if writes is not None:
            raise Unavailable("writes can't be chosen for a real process: what the system has taken, it keeps")
        if self._process(node) not in self._processes.running:
            return {}
        self._processes.kill(node)
        self._paused.discard(node)
        return {"down": [node]}

    def restart(self, node: str) -> Effect:
        """Start a process on what its folder holds; kills it first if it is running."""
        down = self.crash(node)
        self._processes.start(node)
        return {**down, "up": [node]}

    def pause(self, node: str) -> Effect:
        """Stop a process (SIGSTOP)."""
        if self._process(node) not in self._processes.running or node in self._paused:
            return {}
        self._processes.pause(node)
        self._paused.add(node)
        return {"pause": [node]}

    def resume(self, node: str) -> Effect:
        """Let a process go on (SIGCONT)."""
        if self._process(node) not in self._paused:
            return {}
        self._processes.resume(node)
        self._paused.discard(node)
        return {"resume": [node]}

    def _process(self, node: str) -> str:
        return self._world.machine(node).name

    # What no real world can do

    def deliver_only(self, messages: Iterable[tuple[str, str, Iterable[int]]]) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("deliver_only is for simulated worlds: messages of real ones have no numbers to choose by")

    def drop(self, sender: str, to: str, number: int) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("drop is for simulated worlds: messages of real ones have no numbers to choose by")

    def delay(self, sender: str, to: str, number: int, seconds: float) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("delay is for simulated worlds: messages of real ones have no numbers to choose by")

    def ask(self, client: str, wish: str, args: Iterable[Any] = ()) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("ask is for simulated worlds: give real clients a session")

    def step_clock(self, node: str, seconds: float) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("step_clock is for simulated worlds: all processes of a machine have one clock")

    def drift_clock(self, node: str, rate: float) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("drift_clock is for simulated worlds: all processes of a machine have one clock")

    def slow_disk(self, node: str, factor: float) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("slow_disk is for simulated worlds")

    def limit_disk(self, node: str, capacity: int | None) -> Effect:
        """Raises Unavailable."""
        raise Unavailable("limit_disk is for simulated worlds")
