"""The worlds of the last runs, kept where they have come to: a run that only adds to one of them goes on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lessons.lab.fields import Refused
from lessons.lab.runs import Progress, run_to
from lessons.lab.state import State
from lessons.sim import Action, Simulation

MOST_KEPT = 3  # that of the run on show, one at the reader's moment, and the one before


class Maker(Protocol):
    """What makes the simulation of a state."""

    def begin(self, state: State, /) -> Simulation:
        """The world of a state at its beginning, nothing planned."""

    def check(self, sim: Simulation, actions: Sequence[Action], /) -> None:
        """Raise Refused unless these can be planned."""


@dataclass
class World:
    """A world that stands where a run has come to."""

    lab: str
    seed: int | str
    parameters: Mapping[str, Any]
    sim: Simulation
    failure: str = ""  # the error of a node that ended it, in words

    def leads_to(self, state: State) -> bool:
        """Whether to go on with it gives the very run of a state."""
        if (self.lab, self.seed, self.parameters) != (state.lab, state.seed, state.parameters):
            return False
        done, now = self.done(), self.sim.now
        to_come = state.actions[len(done) :]
        return now <= state.until and state.actions[: len(done)] == done and all(a.at >= now for a in to_come)

    def done(self) -> tuple[Action, ...]:
        """The actions that have happened in it."""
        planned = set(map(id, self.sim.planned))
        return tuple(action for action in self.sim.actions if id(action) not in planned)


class Worlds:
    """A few worlds. To replay is always right; to go on is only quicker, and gives the same to the last byte."""

    def __init__(self) -> None:
        self._kept: list[World] = []

    def run(self, state: State, maker: Maker, progress: Progress | None = None) -> World:
        """A world that has run as a state says; one that could not is forgotten. Raises Refused."""
        fitting = [world for world in self._kept if world.leads_to(state)]
        if fitting:
            world = max(fitting, key=lambda each: each.sim.now)
        else:
            world = World(state.lab, state.seed, state.parameters, maker.begin(state))
        to_come = state.actions[len(world.done()) :]
        maker.check(world.sim, to_come)
        try:
            world.sim.replan(to_come)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error
        self._kept = [each for each in self._kept if each is not world]
        world.failure = world.failure or run_to(world.sim, state.until, progress)
        self._kept = [*self._kept, world][-MOST_KEPT:]
        return world
