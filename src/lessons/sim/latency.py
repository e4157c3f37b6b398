"""How long messages travel: distributions of delays, sampled from a run's own stream of chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, exp, log, sqrt, tau
from random import Random
from typing import Any, Protocol

from lessons.node.bounds import seconds

Sampler = Callable[[], float]


class Latency(Protocol):
    """A distribution of delays in seconds."""

    def sampler(self, rng: Random) -> Sampler:
        """A function that draws one delay after the other from ``rng``."""


@dataclass(frozen=True)
class Constant:
    """Always ``delay`` seconds."""

    delay: float

    def __post_init__(self) -> None:
        seconds("delay", self.delay)

    def sampler(self, rng: Random) -> Sampler:
        """See ``Latency``."""
        delay = self.delay
        return lambda: delay


@dataclass(frozen=True)
class Uniform:
    """Anything from ``low`` to ``high`` seconds, all equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        seconds("low", self.low)
        seconds("high", self.high)
        seconds("high - low", self.high - self.low)

    def sampler(self, rng: Random) -> Sampler:
        """See ``Latency``."""
        low, span, chance = self.low, self.high - self.low, rng.random
        return lambda: low + span * chance()


@dataclass(frozen=True)
class Exponential:
    """``least`` seconds and then a memoryless wait of ``mean`` seconds on average."""

    mean: float
    least: float = 0.0

    def __post_init__(self) -> None:
        seconds("mean", self.mean)
        seconds("least", self.least)

    def sampler(self, rng: Random) -> Sampler:
        """See ``Latency``."""
        # Rounded to nanoseconds, for the last bit of log() may differ between platforms.
        return lambda: round(self.least - self.mean * log(1.0 - rng.random()), 9)


@dataclass(frozen=True)
class LogNormal:
    """Mostly near ``median`` seconds, with a long tail: the usual shape of a data centre's latency.

    ``spread`` is the standard deviation of the logarithm; 0.5 puts the 99th percentile at about 3.2
    medians.
    """

    median: float
    spread: float = 0.5

    def __post_init__(self) -> None:
        seconds("median", self.median)
        seconds("spread", self.spread)

    def sampler(self, rng: Random) -> Sampler:
        """See ``Latency``."""
        median, spread, chance = self.median, self.spread, rng.random

        def draw() -> float:  # Box and Muller 1958; rounded as above
            normal = sqrt(-2.0 * log(1.0 - chance())) * cos(tau * chance())
            return round(median * exp(spread * normal), 9)

        return draw


_SHAPES: dict[str, Callable[..., Latency]] = {
    shape.__name__: shape for shape in (Constant, Uniform, Exponential, LogNormal)
}


def checked(latency: Latency, rng: Random) -> Sampler:
    """What ``latency`` draws; raises BadDelay for a draw that is no delay. Those of this module draw none."""
    draw = latency.sampler(rng)
    if type(latency) in _SHAPES.values():
        return draw
    return lambda: seconds(f"a delay drawn from {latency!r}", draw())


def latency_from(data: Mapping[str, Any]) -> Latency:
    """The distribution that ``encode`` wrote as ``data``; raises ValueError for an unknown type."""
    kind = data.get("type")
    if kind not in _SHAPES:
        raise ValueError(f"type is {kind!r}: the distributions are {', '.join(_SHAPES)}")
    return _SHAPES[kind](**{name: value for name, value in data.items() if name != "type"})
