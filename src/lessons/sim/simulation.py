"""Simulation: a world of nodes in virtual time, in which one seed fixes everything that happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from inspect import signature
from math import inf
from typing import Any

from lessons.node import AuthorError, Client, Node, snapshot
from lessons.node.bounds import LARGEST, within
from lessons.sim.actions import Action, Planner
from lessons.sim.disk import DiskModel
from lessons.sim.errors import EndlessRun, RunIsOver, busiest
from lessons.sim.faults import Effect, Faults
from lessons.sim.kernel import Entry, Halt, comes_last
from lessons.sim.machine import Machine
from lessons.sim.nemesis import Nemesis
from lessons.sim.network import Link, Network
from lessons.sim.rules import as_test
from lessons.sim.state import State
from lessons.sim.troubles import troubles
from lessons.sim.world import World
from lessons.trace import Trace, Violated


class Simulation:
    """A world that runs nodes in virtual time.

    ``seed`` (a number or a text) fixes the run byte for byte, on every supported Python. ``network``
    is a ``Network``, or a ``Link`` for every pair of nodes. ``invariants`` are functions of the
    ``State`` (see ``lessons.check``), evaluated after every event that changed a watched field or a
    node's being up: nothing else can change their verdict. ``limit`` is the most events that one
    call of ``run`` may take.
    """

    def __init__(
        self,
        seed: int | str,
        *,
        network: Network | Link | None = None,
        disk: DiskModel | None = None,
        invariants: Iterable[Callable[..., object]] = (),
        limit: int = 1_000_000,
        title: str = "",
    ) -> None:
        if not isinstance(seed, int | str):
            raise TypeError(f"seed is {seed!r}: it must be a whole number or a text")
        if not isinstance(limit, int) or limit < 1:
            raise ValueError(f"limit is {limit!r}: it must be at least 1 event")
        if not isinstance(network, Network | Link | None):
            raise TypeError(f"network is {network!r}: it must be a Network or a Link")
        if not isinstance(disk, DiskModel | None):
            raise TypeError(f"disk is {disk!r}: it must be a DiskModel")
        wires = network if isinstance(network, Network) else Network(network)
        self._world = World(seed, wires, disk or DiskModel())
        self.judge_by(invariants)
        self._limit, self._halted, self._running = limit, False, False
        self._kinds: dict[str, type[Node]] = {}
        self.title = title
        #: All faults that were scheduled or done by hand so far; with them a run can be replayed.
        self.actions: list[Action] = []
        self._faults = Faults(self._world)

    def __del__(self) -> None:
        # Else workflows clean up whenever Python collects them, in any order, and complain on the page.
        if hasattr(self, "_world"):
            self._world.end()

    # Building

    def judge_by(self, invariants: Iterable[Callable[..., object]]) -> None:
        """Put these invariants in the place of those that the run had, for the events to come."""
        self._world.rules = [as_test(invariant) for invariant in invariants]

    def add(self, names: str | Iterable[str], kind: type[Node], **parameters: Any) -> None:
        """Add one node, or several of the same kind; each is made by ``kind(**parameters)``.

        It starts when the run reaches the present moment, and is made anew after a crash, from
        copies of the same parameters. Raises ValueError when the name is taken or empty, TypeError
        when ``kind`` is no Node class or can't be made of these parameters.
        """
        if not (isinstance(kind, type) and issubclass(kind, Node)):
            raise TypeError(f"kind is {kind!r}: it must be a subclass of Node")
        _check_parameters(kind, parameters)
        wanted = list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]
        taken = set(self._world.machines)
        for name in wanted:
            if not name or not isinstance(name, str) or name in taken:
                raise ValueError(f"name is {name!r}: it must be a text that no other node has")
            taken.add(name)
        for name in wanted:
            self._add(name, kind, parameters)

    def _add(self, name: str, kind: type[Node], parameters: dict[str, Any]) -> None:
        world = self._world
        machine = Machine(world, name, kind, lambda: kind(**_copies(parameters)))
        world.machines[name] = machine
        self._kinds[name] = kind
        world.ports[name] = machine.receive
        world.state.add(machine.state)
        world.unborn.add(name)
        if issubclass(kind, Client):
            world.clients.add(name)
        world.kernel.schedule(world.kernel.now, machine.begin)

    def at(self, time: float) -> Faults:
        """Schedule a fault: ``sim.at(3.0).crash("n2")``; see ``Faults`` for what there is.

        It comes after all else that happens at that time. Raises ValueError for a time that is past,
        and at once for arguments that the fault lacks.
        """
        return Planner(lambda name, args: self._schedule(Action(time, name, args))).as_faults()

    @property
    def faults(self) -> Faults:
        """Faults that happen now, when the present moment of the run is over: ``sim.faults.crash("n1")``.

        Whatever else is due at this very time happens first, so that a replay has the same order.
        """
        return Planner(self._intervene).as_faults()

    def _intervene(self, name: str, args: dict[str, Any]) -> None:
        action = Action(self.now, name, args)
        action.check()
        self._carry_on(lambda: self._run(self.now) and self._do_now(action))

    def _do_now(self, action: Action) -> bool:
        effect = action.perform(self._faults)
        self.actions.append(action)
        _follow_up(action, effect, self._faults, self._world)
        return True

    def apply(self, actions: Iterable[Action | Mapping[str, Any]]) -> None:
        """Schedule a list of faults, as ``Action`` objects or as their JSON form."""
        for item in actions:
            self._schedule(item)

    def unleash(self, nemesis: Nemesis, until: float) -> None:
        """Schedule random faults drawn from the seed, all repaired by ``until`` (virtual seconds)."""
        servers = [name for name in self._world.machines if name not in self._world.clients]
        self.apply(nemesis.plan(self._world.chance("nemesis"), servers, self.now, until))

    def replan(self, actions: Iterable[Action | Mapping[str, Any]]) -> None:
        """Put these faults in the place of all that are planned; those that have happened stay in ``actions``.

        Raises what ``apply`` raises, and then the plan is as it was.
        """
        wanted = [self._checked(item) for item in actions]
        gone = set(map(id, self.planned))
        self._world.kernel.withdraw(comes_last)
        self.actions = [action for action in self.actions if id(action) not in gone]
        self.apply(wanted)

    @property
    def planned(self) -> tuple[Action, ...]:
        """The faults that have not happened yet, in the order in which they will."""
        return tuple(event[3] for event in sorted(filter(comes_last, self._world.kernel.agenda)))

    def _checked(self, item: Action | Mapping[str, Any]) -> Action:
        """An action that can be planned now; raises ValueError or TypeError otherwise."""
        action = item if isinstance(item, Action) else Action.from_json(item)
        if not within(action.at, self.now, LARGEST):
            raise ValueError(f"at is {action.at!r}: it must be a time from now ({self.now:g} s) on")
        action.check()
        return action

    def _schedule(self, item: Action | Mapping[str, Any]) -> None:
        action = self._checked(item)
        self.actions.append(action)
        faults, world = self._faults, self._world  # to know the simulation too would keep it alive: see __del__

        def happen(event: Entry) -> None:
            _follow_up(event[3], event[3].perform(faults), faults, world)

        world.kernel.schedule_last(action.at, happen, action)

    # Running

    @property
    def now(self) -> float:
        """Virtual time in seconds."""
        return self._world.kernel.now

    @property
    def state(self) -> State:
        """Every node's watched fields at this moment."""
        return self._world.state

    @property
    def kinds(self) -> Mapping[str, type[Node]]:
        """The class of each node, by name."""
        return self._kinds

    @property
    def world(self) -> World:
        """The inside of this run, for who drives it by other rules than time (see ``lessons.check.Explorer``)."""
        return self._world

    @property
    def violation(self) -> Violated | None:
        """The invariant that ended the run, if one did."""
        return self.trace.violation if self._halted else None

    @property
    def troubles(self) -> tuple[str, ...]:
        """What faults have left behind and nothing has repaired, in words: ``n2 is down``."""
        return tuple(troubles(self._world))

    def node(self, name: str) -> Node:
        """The living node object, for tests; raises UnknownNode, LookupError when it is down."""
        process = self._world.machine(name).process
        if process is None:
            raise LookupError(f"{name} is not running now (t = {self.now:g} s)")
        return process.node

    def run(self, until: float | None = None) -> Trace:
        """Run to virtual time ``until``, or until nothing is left to happen; return the trace so far.

        The run stops early when an invariant breaks: ``trace.violation`` then says which and why.
        Raises EndlessRun (with the trace) when the limit of events is used up, RunIsOver after a
        violation, ValueError for a time that is past. An error of a node passes through, with a note
        on where it happened.

        Without ``until`` the clock then stands at the last time for which anything was planned, be it a
        timer that was cancelled, or that a crash has ended.
        """
        end = inf if until is None else until
        if not within(end, self.now, inf):
            raise ValueError(f"until is {until!r}: it must be a time, and the run is already at {self.now:g} s")
        self._carry_on(lambda: self._run(float(end)))
        return self.trace

    def step(self) -> bool:
        """Run the next event only; False when nothing is left to happen or the run is over."""
        if self._halted:
            return False
        return self._carry_on(self._world.kernel.step)

    def _run(self, until: float) -> bool:
        if not self._world.kernel.run(until, self._limit):
            raise EndlessRun(self.trace, self._limit, busiest(self._world.kernel.log))
        self._world.guard.check_all()
        return True

    def _carry_on(self, go: Callable[[], bool]) -> bool:
        if self._halted:
            raise RunIsOver(self.trace)
        if self._running:
            raise AuthorError("the run is under way: plan faults inside it with sim.at(...); run() goes on by itself")
        self._running = True
        try:
            return go()
        except Halt:
            self._halted = True
            return False
        except Exception as error:
            error.add_note(f"(seed {self._world.seed!r}, virtual time {self.now:.6f} s)")
            raise
        finally:
            self._running = False

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        world = self._world
        machines = world.machines.values()
        return Trace.of_record(
            world.kernel.log,
            nodes={machine.name: machine.kind for machine in machines},
            clients=frozenset(world.clients),
            watched={machine.name: tuple(machine.watched) for machine in machines},
            seed=world.seed,
            end=self.now,
            invariants=tuple(rule.rule for rule in world.rules),
            title=self.title,
        )


def _follow_up(action: Action, effect: Effect, faults: Faults, world: World) -> None:
    """Record an action and what it has changed, and then let the nodes react."""
    world.put("fault", action.name, dict(action.args), effect)
    faults.follow_up()


def _check_parameters(kind: type[Node], parameters: dict[str, Any]) -> None:
    try:
        signature(kind).bind(**parameters)
    except TypeError as error:
        raise TypeError(f"parameters of {kind.__name__} are {parameters!r}: {error}") from None


def _copies(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters that no earlier life of a node has changed, as far as they are plain data."""
    copies = dict(parameters)
    for name, value in parameters.items():
        with suppress(TypeError):
            copies[name] = snapshot(value)
    return copies
