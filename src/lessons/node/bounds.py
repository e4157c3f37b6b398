"""Bounds: whether what an author gives is a number that can be used; whatever else it is, it is refused in words."""

from __future__ import annotations

from math import ulp
from sys import float_info
from typing import Any

from lessons.node.errors import BadDelay

#: The largest finite number, and the least one over 0.
LARGEST, LEAST = float_info.max, ulp(0.0)


def within(value: Any, least: float, most: float) -> bool:
    """Whether ``value`` is a number from ``least`` to ``most``: no text, nothing else without a size, no NaN."""
    try:
        return bool(least <= value <= most)
    except (TypeError, ValueError, ArithmeticError):  # of a text, of an array, of a decimal NaN
        return False


def seconds(what: str, delay: Any, least: float = 0.0) -> float:
    """``delay`` as a float; raises BadDelay, which says ``what`` it is, unless finite and ``least`` or more."""
    if not within(delay, least, LARGEST):
        raise BadDelay(what, delay, "over 0" if least else "0 or more")
    return float(delay)
