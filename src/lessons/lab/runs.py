"""Running: in stretches, so that progress can be told and a run can be stopped; and no longer than a page can show."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from time import monotonic

from lessons.lab.fields import Refused
from lessons.sim import EndlessRun, Simulation

Progress = Callable[[float], object]

STRETCH = 0.25  # virtual seconds between two looks at the length of the record
MOST_PLACES = 60_000  # of the record: about 12,000 events
EVERY = 0.05  # seconds between two reports: each one costs a page some milliseconds
OF_A_NODE = "(in an event of node "  # how the simulation's note on an error begins that a node has made


def run_to(sim: Simulation, until: float, progress: Progress | None = None) -> str:
    """Run to ``until``, a violation, or the end of the stretch in which the record becomes too long for a page.

    Returns the error of a node that ended the run sooner, in words, or nothing. ``progress`` is told now and then how
    much is done, from 0 to 1; what it raises passes through. The edges of stretches do not depend on where the run is
    now, so that a run that was kept ends where its replay ends. Raises Refused when an action can't be done in this
    world, and when it does not come to the end of a stretch.
    """
    start, told = sim.now, monotonic()
    while sim.now < until and sim.violation is None and not is_too_long(sim):
        edge = (floor(sim.now / STRETCH) + 1) * STRETCH
        if failure := _run(sim, min(until, edge)):
            return failure
        if progress is not None and monotonic() - told > EVERY:
            told = monotonic()
            progress((sim.now - start) / (until - start))
    return ""


def is_too_long(sim: Simulation) -> bool:
    """Whether a run is at the edge of a stretch and no page can show more of it."""
    return sim.now % STRETCH == 0 and len(sim.world.kernel.log) >= MOST_PLACES


def _run(sim: Simulation, until: float) -> str:
    """Run; returns a node's error in words, raises Refused for others."""
    try:
        sim.run(until=until)
    except EndlessRun as error:
        raise Refused(f"the run was stopped: {error}") from error
    except Exception as error:
        where = next((note for note in getattr(error, "__notes__", ()) if note.startswith(OF_A_NODE)), "")
        said = f"{type(error).__name__}: {error}"
        if not where:
            raise Refused(f"this can't be done here: {said}") from error
        return f"{where.removeprefix(OF_A_NODE).rstrip(')')} has failed with {said}"
    return ""
