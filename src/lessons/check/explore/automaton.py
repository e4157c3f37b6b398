"""Automata: what one node does in each of its states, found out by running it, once for each state and event.

A node that no time, chance or other node can touch but by events is a deterministic automaton: its state after an
event depends on its state before and on the event alone. So it need not run in every state of the whole system that
it is in. It runs, from its start, through the events that led to a state of its own, and then through one more.
States that hold the same are one state (see ``lessons.check.explore.reading``); a state that can't be read is known
by the events that led to it, and never found to be the same as another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

from lessons.check.explore.bounds import Bounds
from lessons.check.explore.moves import Kind, Move
from lessons.check.explore.reading import Reading, Unreadable
from lessons.check.explore.runs import Alone, View, Views


@dataclass(eq=False, slots=True)
class Local:
    """A state of one node. ``moves`` are the things that may happen in it by themselves: timers, a crash, a restart.

    ``moves`` are all that the bounds may ever allow; ``history`` is the state before, and the event that led here.
    """

    place: int
    view: View
    up: bool
    moves: list[Move]
    history: tuple[Local, Move] | None
    steps: dict[Move, Step] = field(default_factory=dict)

    def events(self) -> list[Move]:
        """All events since the node's start."""
        events: list[Move] = []
        state = self
        while state.history is not None:
            state, move = state.history
            events.append(move)
        return events[::-1]


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """What an event does: the state after it, the packets that are sent, whether it shows."""

    to: Local
    sends: tuple[int, ...]
    shows: bool


class Automaton:
    """One node, as far as it is known. ``make`` starts it."""

    def __init__(self, make: Callable[[], Alone], bounds: Bounds, views: Views) -> None:
        self._make, self._bounds, self._views = make, bounds, views
        self.states: list[Local] = []
        self._known: dict[Reading, Local] = {}
        self.learned = 0  # events that were run to find out what they do
        self.unread = ""  # what could not be read, if anything
        self.start = self._state(make(), None)

    def step(self, state: Local, move: Move) -> Step:
        """What ``move`` does in ``state``. An exception of the node's code passes through."""
        if move not in state.steps:
            state.steps[move] = self._learn(state, move)
        return state.steps[move]

    def _learn(self, state: Local, move: Move) -> Step:
        run = self._make()
        for event in state.events():
            run.perform(event)
        sends = run.perform(move)
        self.learned += 1
        after = self._state(run, (state, move))
        return Step(after, tuple(packet.place for packet in sends), after.view is not state.view)

    def _state(self, run: Alone, history: tuple[Local, Move] | None) -> Local:
        view, up = self._views.of(run.machine), run.machine.process is not None
        try:
            reading: Reading = view.place, run.reading()
        except Unreadable as error:
            self.unread = str(error)
            reading = len(self.states), "unread"
        if reading not in self._known:
            self._known[reading] = Local(len(self.states), view, up, self._moves(run), history)
            self.states.append(self._known[reading])
        return self._known[reading]

    def _moves(self, run: Alone) -> list[Move]:
        name = run.machine.name
        if run.machine.process is None:
            may, charge = self._bounds.fault("restarts", name)
            return [Move(Kind.RESTART, name, None, charge)] if may else []
        moves = []
        for place, (timer, counted) in enumerate(run.pending):
            may, charge = self._bounds.timer(name, timer) if counted else (True, None)
            moves += [Move(Kind.FIRE, name, (timer, place), charge)] if may else []
        may, charge = self._bounds.fault("crashes", name)
        fates = product(*run.machine.disk.possible_fates()) if may else ()
        return [*moves, *(Move(Kind.CRASH, name, writes, charge) for writes in fates)]
