"""Proof by running: invariants that are checked after every event of a run."""

from lessons.check.invariant import invariant
from lessons.check.violation import InvariantBroken, holds

__all__ = ["InvariantBroken", "holds", "invariant"]
