"""Consistency: whether what the clients of an object saw is what a single copy of it could have answered."""

from lessons.check.consistency import models
from lessons.check.consistency.causal import causally_consistent
from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.linearizability import linearizable
from lessons.check.consistency.models import Model
from lessons.check.consistency.sequential import sequentially_consistent
from lessons.check.consistency.sketch import sketch
from lessons.check.consistency.window import Window

__all__ = [
    "Judgement",
    "Model",
    "Window",
    "causally_consistent",
    "linearizable",
    "models",
    "sequentially_consistent",
    "sketch",
]
