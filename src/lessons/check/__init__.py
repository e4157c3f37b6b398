"""Proof by running: invariants checked after every event, sweeps over thousands of seeds, failures made small."""

from lessons.check.consistency import (
    Judgement,
    Model,
    Window,
    causally_consistent,
    linearizable,
    models,
    sequentially_consistent,
    sketch,
)
from lessons.check.explore import Explored, Explorer
from lessons.check.invariant import invariant
from lessons.check.shrinking import Shrunk, replay, shrink
from lessons.check.sweeps import Failure, Sweep, Swept, sweep
from lessons.check.violation import InvariantBroken, holds

__all__ = [
    "Explored",
    "Explorer",
    "Failure",
    "InvariantBroken",
    "Judgement",
    "Model",
    "Shrunk",
    "Sweep",
    "Swept",
    "Window",
    "causally_consistent",
    "holds",
    "invariant",
    "linearizable",
    "models",
    "replay",
    "sequentially_consistent",
    "shrink",
    "sketch",
    "sweep",
]
