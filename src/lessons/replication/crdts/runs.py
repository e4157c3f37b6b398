"""Groups of replicas to run and to judge: the promises of the chapter, and the worlds that test them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lessons.check import invariant
from lessons.node import LessonsError
from lessons.replication.crdts.gossip import DeltaGossip
from lessons.replication.crdts.operations import OpDelta
from lessons.replication.crdts.replica import Entry, Replica
from lessons.replication.crdts.specification import SPECIFIED, Update, shown, told
from lessons.replication.crdts.workload import choose
from lessons.sim import Constant, DiskModel, Link, Nemesis, NodeState, Simulation, State, Uniform

NAMES = ("ann", "bob", "eve")
NETWORK = Link(Uniform(0.005, 0.05), loss=0.1, duplicate=0.1)
TROUBLE = Nemesis(
    ("crash", "pause", "partition", "one_way", "storm", "clock_step", "full_disk"), every=0.25, lasting=0.3
)

Script = dict[str, tuple[tuple[float, str, tuple[Any, ...]], ...]]


def replicas(state: State) -> list[NodeState]:
    """The replicas that are up."""
    return state.showing("seen")


@invariant("Replicas that have seen the same updates show the same value.", cite="Shapiro et al. 2011, definition 2.2")
def Converged(state: State) -> str | None:
    """I1: strong convergence. What they show depends on what they have seen, not on how it came."""
    first: dict[tuple[Any, ...], NodeState] = {}
    for node in replicas(state):
        other = first.setdefault(tuple(sorted(node.seen.items())), node)
        if other.value != node.value:
            values = f"{told(other.value)} and {told(node.value)}"
            return f"{other.name} and {node.name} have seen the same, and show {values}"
    return None


class _Specified:
    """What the updates that a replica has seen ask for, and what it shows."""

    def __init__(self) -> None:
        self.logs: dict[str, Sequence[Entry]] = {}
        self.looked: dict[str, tuple[Any, Any]] = {}

    def look(self, state: State) -> Iterator[tuple[NodeState, Any, Any, Any]]:
        """Each replica whose value or updates are new, with the least, the shown and the most."""
        for node in state.values():
            if "log" in node and len(node.log) > len(self.logs.get(node.name, ())):
                self.logs[node.name] = node.log
        for node in replicas(state):
            if self.looked.get(node.name) == (node.seen, node.value):
                continue
            self.looked[node.name] = dict(node.seen), node.value
            least, most = SPECIFIED[node.of](list(self.seen_by(node)))
            yield node, least, shown(node.of, node.value), most

    def seen_by(self, node: NodeState) -> Iterator[Update]:
        """The updates that a replica has seen."""
        for name, log in self.logs.items():
            for number, entry in enumerate(log[: node.seen.get(name, 0)], start=1):
                yield Update(name, number, entry.name, entry.args, dict(entry.past))


@invariant("An update that a replica has seen counts there until a later one takes its effect away.")
class NothingLost(_Specified):
    """I2: by the specification of the type (Burckhardt et al. 2014)."""

    def __call__(self, state: State) -> str | None:
        for node, least, value, _ in self.look(state):
            if not least <= value:
                return f"{node.name} shows {told(value)}, and must show at least {told(least)}"
        return None


@invariant("What was removed or replaced does not come back by itself, and nothing counts twice.")
class NothingBack(_Specified):
    """I3: by the specification of the type."""

    def __call__(self, state: State) -> str | None:
        for node, _, value, most in self.look(state):
            if not value <= most:
                return f"{node.name} shows {told(value)}, and may show at most {told(most)}"
        return None


@invariant("An update that was done once is in the replica that has done it, also after a crash.")
class Kept:
    """I4."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in replicas(state):
            done = self.done[node.name] = max(node.seen.get(node.name, 0), self.done.get(node.name, 0))
            if node.seen.get(node.name, 0) < done:
                return f"{node.name} has done {done} updates, and knows of {node.seen.get(node.name, 0)}"
        return None


PROMISES: tuple[Callable[..., Any], ...] = (Converged, NothingLost, NothingBack, Kept)


class Busy(Replica):
    """A replica whose user makes ``updates`` random updates, with rests of at most ``rest`` seconds.

    With a ``script``, by name of the replica, these updates are made at these times, and no others; a crash
    ends the script.
    """

    def __init__(self, of: str, updates: int = 5, rest: float = 0.4, script: Script | None = None, **options: Any):
        super().__init__(of, **options)
        self.updates, self.rest, self.script = updates, rest, script

    def start(self) -> None:
        """The user goes on where the disk says."""
        super().start()
        if self.script is None:
            self.spawn(self.work())
        elif not self.log:
            for time, name, args in self.script.get(self.name, ()):
                self.after(time, self.do, name, args)

    async def work(self) -> None:
        """Make random updates."""
        while len(self.log) < self.updates:
            await self.sleep(self.rest * self.rng.random())
            state = self.state.state if isinstance(self.state, OpDelta) else self.state
            self.do(*choose(state, self.rng, self.name))

    def do(self, name: str, args: tuple[Any, ...] = ()) -> int:
        """Do an update; returns its number, and 0 for one that can't be done now, which is left."""
        try:
            return super().do(name, args)
        except LessonsError as error:
            self.note("does not update", why=str(error))
            return 0


_BUSY: dict[str, type[Replica]] = {}


def busy(node: type[Replica]) -> type[Replica]:
    """Replicas of this class, with users."""
    name = f"{node.__module__}.{node.__qualname__}"
    if name not in _BUSY:
        _BUSY[name] = type(node.__name__, (Busy, node), {"__module__": node.__module__})
    return _BUSY[name]


def crdt_run(
    seed: int,
    node: type[Replica] = DeltaGossip,
    kind: str = "or-set",
    *,
    names: Sequence[str] = NAMES,
    network: Link | None = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 2.0,
    rules: Iterable[Callable[..., object]] = PROMISES,
    disk: DiskModel | None = None,
    **parameters: Any,
) -> Simulation:
    """Replicas of type ``kind`` on nodes of class ``node``; ``parameters`` are those of ``Busy``.

    ``trouble`` strikes until the virtual second ``until``. A sync takes 1 ms, and a crash keeps a write
    that was not synced with probability 1/2.
    """
    sim = Simulation(seed, network=network, disk=disk or DiskModel(sync=0.001), invariants=rules)
    sim.add(names, busy(node), of=kind, **parameters)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim


def removal_run(node: type[Replica]) -> Simulation:
    """Ann adds milk, and bob removes it when he has it: small enough for every order of its events to be tried."""
    script: Script = {"ann": ((0.05, "add", ("milk",)),), "bob": ((0.09, "remove", ("milk",)),)}
    return crdt_run(1, node, "or-set", network=Link(Constant(0.01)), script=script)


def agreed(sim: Simulation) -> bool:
    """Whether all replicas are up, have seen all updates of all, and show the same."""
    nodes = list(replicas(sim.state))
    everything = {node.name: len(node.log) for node in nodes if node.log}
    return len(nodes) == len(sim.state) and all(
        node.seen == everything and node.value == nodes[0].value for node in nodes
    )
