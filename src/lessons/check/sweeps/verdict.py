"""Verdicts: what a run of one seed has come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from traceback import format_exception

from lessons.check.sweeps.case import Case, Complaint, name_of
from lessons.node import LessonsError
from lessons.sim import Simulation
from lessons.trace import Trace


class Kind(Enum):
    """What is wrong with a run."""

    INVARIANT = "invariant"
    COMPLAINT = "complaint"
    ERROR = "error"
    WORKER = "worker"


@dataclass(frozen=True)
class Finding:
    """What is wrong with one run: ``name`` is that of the invariant, the complaint or the exception.

    ``time`` is the virtual second in which it was found, ``events`` how many there were until then.
    """

    kind: Kind
    name: str
    why: str
    time: float = 0.0
    events: int = 0
    traceback: str = field(default="", compare=False, repr=False)  # has no source lines where the worker has no source

    def __str__(self) -> str:
        return f"{self.name} is broken: {self.why}" if self.kind is Kind.INVARIANT else f"{self.name}: {self.why}"


class NotBuilt(LessonsError):
    """A case has no trace, because its world could not be built."""


@dataclass(frozen=True, repr=False)
class Judged:
    """A run, as far as it came, and what is wrong with it; ``sim`` is None when it could not be built."""

    sim: Simulation | None
    finding: Finding | None

    @property
    def trace(self) -> Trace:
        """The run. Raises NotBuilt when there is none."""
        if self.sim is None:
            raise NotBuilt(f"there is no run: building the world ended with {self.finding}")
        return self.sim.trace

    def __repr__(self) -> str:
        return str(self.finding or "nothing is broken")


def judge(case: Case) -> Judged:
    """Run a case to its end, and say what is wrong; an exception is one of the things that can be wrong."""
    sim: Simulation | None = None
    try:
        sim = case.build()
        sim.run(case.end)
        return Judged(sim, broken(sim) or first_complaint(sim, case.sweep.rules))
    except Exception as error:
        violated = broken(sim) if sim is not None else None  # a complaint let it run on, into this
        return Judged(sim, violated or of_error(error, sim))


def broken(sim: Simulation) -> Finding | None:
    """The invariant that ended a run."""
    violation = sim.violation
    if violation is None:
        return None
    return Finding(Kind.INVARIANT, violation.invariant, violation.why, sim.now, len(sim.trace))


def first_complaint(sim: Simulation, rules: tuple[Complaint, ...]) -> Finding | None:
    """The first thing that one of these has to say about a run at its end, or breaks in letting it run on."""
    for rule in rules:
        said = rule(sim)
        texts = [said] if isinstance(said, str) else said or ()
        why = next(iter(texts), None)
        if (violated := broken(sim)) is not None:
            return violated
        if why:
            return Finding(Kind.COMPLAINT, name_of(rule), str(why), sim.now, len(sim.trace))
    return None


def of_error(error: Exception, sim: Simulation | None) -> Finding:
    """The finding that a run, or building it, ended with an exception."""
    traceback = "".join(format_exception(error))
    time, events = (sim.now, len(sim.trace)) if sim is not None else (0.0, 0)
    return Finding(Kind.ERROR, type(error).__name__, str(error), time, events, traceback)


def of_worker() -> Finding:
    """The finding that a run has ended the process that ran it, alone and among others."""
    return Finding(Kind.WORKER, "WorkerDied", "the process that ran it died, and so did another one that ran it alone")
