"""Faults: everything that can be done to a simulated world, and lists of them as plain data."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from lessons.sim.latency import Latency

if TYPE_CHECKING:
    from lessons.sim.world import World

Effect = dict[str, Any]


class Faults:
    """What can be done to a world at a moment. Every method returns what it changed, for the trace."""

    def __init__(self, world: World) -> None:
        self._world = world

    def perform(self, action: Action) -> None:
        """Carry out an action now, and put it on record."""
        log, place = self._world.kernel.log, len(self._world.kernel.log)
        log.append(None)  # its record comes before those of its consequences
        effect = _call(self, action)
        log[place] = ("fault", self._world.kernel.now, action.name, dict(action.args), effect)
        self._world.check()

    # Processes

    def crash(self, node: str) -> Effect:
        """Kill a node's process: memory and timers are gone, unsynced writes are at the disk's mercy."""
        machine = self._world.machine(node)
        if machine.process is None:
            return {}
        fates = {what: n for what, n in machine.crash().items() if n}
        return {"down": [node], **({"writes": fates} if fates else {})}

    def restart(self, node: str) -> Effect:
        """Start a process again on what its disk holds; crashes it first if it is running."""
        machine = self._world.machine(node)
        down = self.crash(node)
        machine.start()
        return {**down, "up": [node]}

    def pause(self, node: str) -> Effect:
        """Let a process run nothing until ``resume``, while time and messages go on."""
        self._world.machine(node).pause()
        return {"pause": [node]}

    def resume(self, node: str) -> Effect:
        """End a pause; what came meanwhile is handled now."""
        machine = self._world.machine(node)
        if not machine.paused:
            return {}
        machine.resume()
        return {"resume": [node]}

    # Links

    def cut(self, sender: str, to: str) -> Effect:
        """Let nothing through from one node to another; the other direction stays as it is."""
        return self._cut(self._world.pairs([sender], [to]))

    def partition(self, *groups: Iterable[str]) -> Effect:
        """Let messages pass only within groups; nodes that are named in none form one more."""
        named = [list(group) for group in groups]
        rest = [name for name in self._world.machines if not any(name in group for group in named)]
        sides = [*named, rest]
        pairs = self._world.pairs
        return self._cut(p for a in sides for b in sides if a is not b for p in pairs(a, b))

    def isolate(self, node: str) -> Effect:
        """Cut a node off from all others, both ways."""
        return self.partition([node])

    def bridge(self, node: str, left: Iterable[str], right: Iterable[str]) -> Effect:
        """Cut two groups off from each other; ``node``, in neither, still reaches both."""
        one, other = list(left), list(right)
        self._world.machine(node)
        if node in one or node in other:
            raise ValueError(f"node is {node!r}: the bridge must be in neither group")
        pairs = self._world.pairs
        return self._cut([*pairs(one, other), *pairs(other, one)])

    def heal(self) -> Effect:
        """Mend all cuts."""
        healed = self._world.traffic.heal()
        self._world.review()
        return {"heal": healed} if healed else {}

    def weather(
        self,
        loss: float | None = None,
        duplicate: float | None = None,
        reorder: float | None = None,
        bandwidth: float | None = None,
        latency: Latency | None = None,
    ) -> Effect:
        """Change what links do from now on, where the world gave them no rules of their own.

        Without arguments: back to what they did at first.
        """
        given = {
            "loss": loss, "duplicate": duplicate, "reorder": reorder,
            "bandwidth": bandwidth, "latency": latency,
        }  # fmt: skip
        changes = {name: value for name, value in given.items() if value is not None}
        traffic = self._world.traffic
        before = traffic.default if changes else traffic.first
        traffic.change_default(replace(before, **changes))  # type: ignore[arg-type]
        return {}

    # Clocks and disks

    def step_clock(self, node: str, seconds: float) -> Effect:
        """Make a node's clock jump, forward or back."""
        self._world.machine(node).clock.step(self._world.kernel.now, seconds)
        return {}

    def drift_clock(self, node: str, rate: float) -> Effect:
        """Make a node's clock count ``rate`` seconds a second from now on (1 is right)."""
        self._world.machine(node).clock.drift(self._world.kernel.now, rate)
        return {}

    def slow_disk(self, node: str, factor: float) -> Effect:
        """Make a node's syncs take ``factor`` times as long as the disk model says (1 is normal)."""
        if not 0 <= factor < float("inf"):
            raise ValueError(f"factor is {factor!r}: it must be a finite number, 0 or more")
        self._world.machine(node).disk.slowness = factor
        return {}

    def limit_disk(self, node: str, capacity: int | None) -> Effect:
        """Give a node's disk a capacity in bytes, so that writes beyond fail; None: no limit."""
        if capacity is not None and capacity < 0:
            raise ValueError(f"capacity is {capacity!r}: it must be 0 bytes or more, or None")
        self._world.machine(node).disk.capacity = capacity
        return {}

    def _cut(self, pairs: Iterable[tuple[str, str]]) -> Effect:
        cut = self._world.traffic.cut(pairs)
        self._world.review()
        return {"cut": cut} if cut else {}


@dataclass(frozen=True)
class Action:
    """A fault at a time (virtual seconds): the name of a method of ``Faults`` and its arguments."""

    at: float
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ValueError for a fault that does not exist, TypeError for arguments it can't have."""
        known = sorted(name for name in vars(Faults) if name[0] != "_" and name != "perform")
        if self.name not in known:
            raise ValueError(f"name is {self.name!r}: the faults are {', '.join(known)}")
        try:
            inspect.signature(getattr(Faults, self.name)).bind(None, *self._groups(), **self._named())
        except TypeError as error:
            raise TypeError(f"arguments of {self.name} are {dict(self.args)}: {error}") from None

    def _groups(self) -> tuple[Any, ...]:
        return tuple(self.args.get("groups", ()))

    def _named(self) -> dict[str, Any]:
        return {name: value for name, value in self.args.items() if name != "groups"}

    def to_json(self) -> dict[str, Any]:
        """``{"at": 3.0, "do": "crash", "node": "n2"}``."""
        return {"at": self.at, "do": self.name, **self.args}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Action:
        """The inverse of ``to_json``; raises ValueError when ``at`` or ``do`` is missing."""
        missing = {"at", "do"} - set(data)
        if missing:
            raise ValueError(f"action is {dict(data)}: it lacks {', '.join(sorted(missing))}")
        args = {name: value for name, value in data.items() if name not in ("at", "do")}
        return cls(float(data["at"]), data["do"], args)


def _call(faults: Faults, action: Action) -> Effect:
    method = getattr(faults, action.name)
    effect: Effect = method(*action._groups(), **action._named())
    return effect


class Schedules(Protocol):
    """Takes actions for later."""

    def _schedule(self, action: Action) -> None: ...


class Planner:
    """Looks like ``Faults``, but schedules each fault instead of doing it."""

    def __init__(self, simulation: Schedules, time: float) -> None:
        self._simulation, self._time = simulation, time

    def as_faults(self) -> Faults:
        """This planner, typed as what it looks like."""
        return cast(Faults, self)

    def __getattr__(self, name: str) -> Any:
        method = getattr(Faults, name, None)

        def plan(*args: Any, **kwargs: Any) -> None:
            given: dict[str, Any] = kwargs
            if method is not None:
                given = dict(inspect.signature(method).bind(None, *args, **kwargs).arguments)
                given.pop("self")
            self._simulation._schedule(Action(self._time, name, given))

        return plan
