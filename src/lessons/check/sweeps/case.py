"""Cases: a world, a seed, and what is changed about it; enough to have the same run again, anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lessons.sim import Action, Simulation

Seed = int | str
#: Looks at a run that came to its end: None, nothing or no texts when all is well, else what is wrong.
Complaint = Callable[[Simulation], str | Iterable[str] | None]


@dataclass(frozen=True)
class Sweep:
    """A world for each seed, and what is asked of it: what can be swept, and what a chapter offers to be swept.

    ``build(seed, **parameters)`` makes the world, with its faults planned; it runs to the virtual second ``until``
    (None: until nothing is left to happen). Its invariants judge it as it goes, and ``complaints`` (a function of
    the simulation, or several) at the end: what was promised in the end, such as an answer to every request, or a
    judgement of the whole history. A complaint may let the simulation run on. Mark with ``invariant`` a complaint
    that holds of every run however it is cut short, such as that a history is linearizable; one without that mark
    is taken for a promise about runs whose faults are repaired.

    ``operations`` names the parameters of ``build`` that tell what clients do, each a tuple (of commands, of users):
    ``shrink`` leaves out what it can. ``name`` is what the command line calls the world.
    """

    build: Callable[..., Simulation]
    until: float | None = None
    complaints: Callable[..., Any] | Sequence[Complaint] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    operations: Sequence[str] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if not callable(self.build):
            raise TypeError(f"build is {self.build!r}: it must be a function of the seed that returns a Simulation")
        if self.until is not None and not self.until > 0:
            raise ValueError(f"until is {self.until!r}: it must be over 0 seconds, or None")
        if isinstance(self.operations, str):
            raise TypeError(f"operations is {self.operations!r}: it must be a tuple of names of parameters")
        for rule in self.rules:
            if not callable(rule):
                raise TypeError(f"complaints has {rule!r}: each must be a function of the simulation")

    @property
    def rules(self) -> tuple[Complaint, ...]:
        """The complaints, however they were given."""
        return (self.complaints,) if callable(self.complaints) else tuple(self.complaints)


@dataclass(frozen=True)
class Case:
    """One run of a sweep's world: that of ``seed``, with what is given here in place of what the sweep says.

    ``parameters`` are added to those of the sweep, ``actions`` replace the faults that the world plans, and ``until``
    its end; None leaves them as they are.
    """

    sweep: Sweep
    seed: Seed
    parameters: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[Action, ...] | None = None
    until: float | None = None

    def build(self) -> Simulation:
        """The world, not run yet. Raises TypeError when what was to build it returns something else."""
        sim = self.sweep.build(self.seed, **{**self.sweep.parameters, **self.parameters})
        if not isinstance(sim, Simulation):
            raise TypeError(f"{name_of(self.sweep.build)} returns {sim!r}: it must return a Simulation")
        if self.actions is not None:
            sim.replan(self.actions)
        return sim

    @property
    def end(self) -> float | None:
        """The virtual second to run to."""
        return self.sweep.until if self.until is None else self.until


def name_of(function: Any) -> str:
    """What a function is called."""
    return str(getattr(function, "__name__", None) or repr(function))
