"""Proof by running: invariants that are checked after every event of a run, and sweeps over thousands of seeds."""

from lessons.check.invariant import invariant
from lessons.check.sweeps import Failure, Sweep, Swept, sweep
from lessons.check.violation import InvariantBroken, holds

__all__ = ["Failure", "InvariantBroken", "Sweep", "Swept", "holds", "invariant", "sweep"]
