"""Races: contestants do the same work in turn, in one process, and each is timed by itself.

The machine's speed changes from minute to minute. So contestants alternate (ours, peer, ours, peer ...),
processor time is taken and not time of day, and what counts is the ratio of the medians.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from statistics import median
from time import process_time


@dataclass(frozen=True)
class Work:
    """Work that is ready to be done: ``run`` does it, and is timed; ``count`` says how much was done, afterwards."""

    run: Callable[[], object]
    count: Callable[[], int]


@dataclass(frozen=True)
class Contestant:
    """Somebody who can do the work.

    ``prepare`` builds it anew for each repetition, untimed. ``package`` is the distribution that must be
    installed, None for the project itself; ``python`` the oldest version of Python that it runs on.
    """

    name: str
    prepare: Callable[[], Work]
    package: str | None = None
    python: tuple[int, int] = (3, 11)

    @property
    def missing(self) -> str | None:
        """Why it can't take part here, in words; None when it can."""
        if sys.version_info < self.python:
            return f"it needs Python {'.'.join(map(str, self.python))} or newer"
        if self.package is not None and find_spec(self.package) is None:
            return f"the package {self.package} is not installed"
        return None

    @property
    def label(self) -> str:
        """The name, with the version of a package of others."""
        return self.name if self.package is None else f"{self.name} ({self.package} {version(self.package)})"


@dataclass
class Timing:
    """What one contestant did: seconds of processor time and units of work, for each repetition."""

    contestant: Contestant
    seconds: list[float] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    def take(self) -> None:
        """Do the work once more."""
        work = self.contestant.prepare()
        gc.collect()
        start = process_time()
        work.run()
        self.seconds.append(process_time() - start)
        self.done.append(work.count())

    @property
    def rates(self) -> list[float]:
        """Units of work a second, for each repetition."""
        return [done / seconds for done, seconds in zip(self.done, self.seconds, strict=True)]

    @property
    def median(self) -> float:
        """Units a second, in the median repetition."""
        return median(self.rates)

    @property
    def best(self) -> float:
        """Units a second, in the best repetition."""
        return max(self.rates)


class UnequalWork(Exception):
    """Contestants did not do the same amount of work, so their times say nothing."""


def race(contestants: Sequence[Contestant], repetitions: int, tolerance: float = 0.0) -> list[Timing]:
    """Let each contestant do the work ``repetitions`` times, in turn; returns their timings in the same order.

    Raises UnequalWork when the amounts of work differ by more than ``tolerance`` (a share of the largest),
    ValueError for less than one repetition.
    """
    if repetitions < 1:
        raise ValueError(f"repetitions is {repetitions!r}: it must be 1 or more")
    timings = [Timing(contestant) for contestant in contestants]
    for _ in range(repetitions):
        for timing in timings:
            timing.take()
    check_equal({timing.contestant.name: timing.done for timing in timings}, tolerance)
    return timings


def check_equal(done: dict[str, list[int]], tolerance: float) -> None:
    """Raise UnequalWork when the amounts of work differ by more than ``tolerance``, or nothing was done."""
    amounts = [amount for each in done.values() for amount in each]
    if min(amounts) < 1 or min(amounts) < (1.0 - tolerance) * max(amounts):
        raise UnequalWork(", ".join(f"{name} did {each}" for name, each in done.items()))


def present(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Those who can take part here."""
    return [each for each in contestants if each.missing is None]


def absent(contestants: Sequence[Contestant]) -> dict[str, str]:
    """Those who can't, and why."""
    return {each.name: each.missing for each in contestants if each.missing is not None}
