"""Explorer: every order of events of a small system, up to stated bounds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from math import inf
from time import monotonic

from lessons.check.explore.bounds import Bounds, Limit
from lessons.check.explore.driver import TICK
from lessons.check.explore.explored import Effort, Explored
from lessons.check.explore.judge import Finding
from lessons.check.explore.moves import Move, Packets, in_words
from lessons.check.explore.runs import Together
from lessons.check.explore.search import REDUCTIONS, Search
from lessons.check.explore.system import System
from lessons.node import AuthorError
from lessons.sim import Simulation
from lessons.trace import Trace


class Explorer:
    """Looks at every schedule of the system that ``build`` builds: messages and timers in any order, faults anywhere.

    ``build`` returns a new ``Simulation`` each time, always the same one, which has not begun to run. Of it count the
    nodes, the invariants (``invariants`` takes their place if given) and the planned faults, which come in their order,
    each at any moment. Its network and its times do not: a message arrives any time after it was sent, or never; a
    timer fires any time after it was set; clocks stand still; every event begins with the same chance. With ``after``
    the simulation first runs in virtual time up to that second, faults and all, and is explored from there.

    Bounds: ``timers``, ``crashes``, ``restarts``, ``losses``, ``copies`` say how often what may happen any time may
    happen in one schedule (see ``Bounds``). Messages that never arrive need no ``losses``. ``depth`` bounds the
    moves of a schedule, ``states`` the states that are met.

    ``without`` names what is not to make the search smaller: any of "merging", "sleeping", "domination" (see
    ``lessons.check.explore.search``). What is found is the same then; the work is more, and a bound may be met before
    the end.

    Raises TypeError, ValueError and UnknownNode for arguments that are none.
    """

    def __init__(
        self,
        build: Callable[[], Simulation],
        *,
        after: float | None = None,
        invariants: Iterable[Callable[..., object]] | None = None,
        timers: Limit = 1,
        crashes: Limit = 0,
        restarts: Limit = None,
        losses: int = 0,
        copies: int = 0,
        depth: int | None = None,
        states: int | None = None,
        without: Collection[str] = (),
    ) -> None:
        if not callable(build):
            raise TypeError(f"build is {build!r}: it must be a function that builds a Simulation")
        self._build, self._after = build, after
        self._rules = None if invariants is None else list(invariants)
        self._states, most = _at_least_one("states", states), _at_least_one("depth", depth)
        self._packets = Packets()
        first = self._together(())
        nodes, clients = list(first.world.machines), first.world.clients
        bounds = Bounds(
            nodes,
            [name for name in nodes if name not in clients],
            timers=timers,
            crashes=crashes,
            restarts=restarts,
            losses=losses,
            copies=copies,
        )
        self._broken_before = first.sim.violation
        unknown = set(without) - set(REDUCTIONS)
        if unknown or isinstance(without, str):
            raise ValueError(f"without is {without!r}: it must be a list of names out of {', '.join(REDUCTIONS)}")
        self._system = System(self._built, first, after, bounds, thrifty="domination" not in without)
        self._search = Search(self._system, "sleeping" not in without, "merging" not in without)
        self._steps = self._search.run(most)

    # Running

    def run(self, seconds: float | None = None, watch: Callable[[Effort], None] | None = None) -> Explored:
        """Explore, for ``seconds`` at most; called again it goes on where it gave up.

        ``watch`` is told about once a second how far it is. An error of a node passes through, with the shortest
        schedule that leads to it as a note. Raises AuthorError when nodes influence each other without messages.
        """
        if self._broken_before is not None:
            return self._violated(Finding(self._broken_before.invariant, self._broken_before.why), ())
        try:
            bound = self._go_on(inf if seconds is None else seconds, watch)
        except Exception as error:
            error.add_note(f"(in the schedule\n{in_words(self._search.attempt())})")
            raise
        if self._search.broken is not None:
            return self._violated(self._search.broken, self._search.attempt())
        if not bound:
            self._compare()
        return Explored("bounded" if bound else "exhausted", self.effort, bound, remarks=self._remarks())

    def _go_on(self, seconds: float, watch: Callable[[Effort], None] | None) -> str:
        """Search until the end or a bound; returns which."""
        search, start = self._search, monotonic()
        told = start
        for _ in self._steps:
            now = monotonic()
            if watch is not None and now - told >= 1.0:
                told = now
                watch(self.effort)
            if search.broken is None and len(search.states) >= self._states:
                return "states"
            if search.broken is None and now - start >= seconds:
                return "seconds"
        return "depth" if search.waiting else ""

    @property
    def effort(self) -> Effort:
        """How far the exploration is."""
        search = self._search
        learned = sum(automaton.learned for automaton in self._system.automata)
        return Effort(len(search.states), search.transitions, search.depth, len(search.waiting), learned)

    def _violated(self, finding: Finding, schedule: tuple[Move, ...]) -> Explored:
        broken = self._replay(schedule).violation
        if broken is None or (broken.invariant, broken.why) != (finding.invariant, finding.why):
            raise AuthorError(_DIFFERENT.format(schedule=in_words(schedule), one=finding, other=broken))
        return Explored("violated", self.effort, "", finding, schedule, self._remarks(), self._replay)

    def _compare(self) -> None:
        """Raise AuthorError unless nodes together come to the last state that was met, as far as it shows."""
        last = len(self._search.states) - 1
        schedule, state = self._search.schedule(last), self._search.states[last]
        shown = {view.state.name: repr(view.state) for view in self._system.views(state.nodes)}
        for name, node in self._together(schedule).sim.state.items():
            if repr(node) != shown[name]:
                raise AuthorError(_DIFFERENT.format(schedule=in_words(schedule), one=shown[name], other=node))

    def _remarks(self) -> tuple[str, ...]:
        unread = ((each.start.view.state.name, each.unread) for each in self._system.automata if each.unread)
        return tuple(
            f"{name} holds {what}, which can't be compared: its states are told apart by all that happened there"
            for name, what in unread
        )

    # Building

    def _built(self) -> Simulation:
        sim = self._build()
        if not isinstance(sim, Simulation):
            raise TypeError(f"build returns {sim!r}: it must return a Simulation")
        if sim.world.kernel.log:
            raise ValueError(f"build returns a run that is at {sim.now:g} s: it must not have begun, see after")
        return sim

    def _together(self, schedule: tuple[Move, ...]) -> Together:
        """All nodes after a schedule."""
        sim = self._built()
        if self._rules is not None:
            sim.judge_by(self._rules)
        run = Together(sim, self._packets, self._after, flight=TICK * (len(schedule) + 2))
        for move in schedule:
            run.perform(move)
        return run

    def _replay(self, schedule: tuple[Move, ...]) -> Trace:
        return self._together(schedule).sim.trace


_DIFFERENT = (
    "nodes that run together do not do what they do alone, so they influence each other by something else than "
    "messages: a variable that they share, say. After\n{schedule}\nthere should be {one}, and there is {other}"
)


def _at_least_one(name: str, value: int | None) -> float:
    if value is not None and value < 1:
        raise ValueError(f"{name} is {value!r}: it must be at least 1, or None for no bound")
    return inf if value is None else value
