"""Sweeps: thousands of seeds of one world, on one core, on all of them, or on a cluster.

    result = sweep(build, range(1000), until=10.0, engine="processes")
    result.first, result.table()
"""

from lessons.check.sweeps.case import Case, Complaint, Seed, Sweep
from lessons.check.sweeps.engines import EngineLost
from lessons.check.sweeps.result import Failure, Swept
from lessons.check.sweeps.run import sweep
from lessons.check.sweeps.verdict import Finding, Judged, Kind, NotBuilt, judge

__all__ = [
    "Case",
    "Complaint",
    "EngineLost",
    "Failure",
    "Finding",
    "Judged",
    "Kind",
    "NotBuilt",
    "Seed",
    "Sweep",
    "Swept",
    "judge",
    "sweep",
]
