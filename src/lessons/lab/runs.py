"""Running: in stretches, so that progress can be told and a run can be stopped; and no longer than a page can show."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from time import monotonic

from lessons.lab.fields import Refused
from lessons.sim import EndlessRun, Simulation
from lessons.trace import Trace

Progress = Callable[[float], object]

STRETCH = 0.25  # virtual seconds between two looks at the length of the record
EVERY = 0.05  # seconds between two reports: each one costs a page some milliseconds
MOST_PLACES = 60_000  # of the record: about 12,000 events


def run_to(sim: Simulation, until: float, progress: Progress | None = None) -> Trace:
    """Run to ``until``, a violation, or the end of the stretch in which the record becomes too long for a page.

    ``progress`` is told now and then how much is done, from 0 to 1; what it raises passes through. The edges
    of stretches do not depend on where the run is now, so that a run that was kept ends where its replay ends. Raises
    Refused when the world does not come to the end of a stretch, or an error of a node ends it.
    """
    start, told = sim.now, monotonic()
    while sim.now < until and sim.violation is None and not is_too_long(sim):
        edge = (floor(sim.now / STRETCH) + 1) * STRETCH
        _run(sim, min(until, edge))
        if progress is not None and monotonic() - told > EVERY:
            told = monotonic()
            progress((sim.now - start) / (until - start))
    return sim.trace


def is_too_long(sim: Simulation) -> bool:
    """Whether a run is at the edge of a stretch and no page can show more of it."""
    return sim.now % STRETCH == 0 and len(sim.world.kernel.log) >= MOST_PLACES


def _run(sim: Simulation, until: float) -> None:
    try:
        sim.run(until=until)
    except EndlessRun as error:
        raise Refused(f"the run was stopped: {error}") from error
    except Exception as error:
        notes = " ".join(getattr(error, "__notes__", ()))
        raise Refused(f"the run ended with {type(error).__name__}: {error} {notes}".rstrip()) from error
