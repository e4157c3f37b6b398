"""Shrinking: from a run that fails to the smallest one that fails in the same way, and one line that reproduces it.

    small = shrink(sweep(build, range(1000), until=10.0).first)
    print(small.line)
    small.trace.play()
"""

from lessons.check.shrinking.ddmin import ddmin
from lessons.check.shrinking.line import line_of
from lessons.check.shrinking.run import Shrunk, Size, replay, shrink
from lessons.check.shrinking.shrinker import NotReproduced

__all__ = ["NotReproduced", "Shrunk", "Size", "ddmin", "line_of", "replay", "shrink"]
