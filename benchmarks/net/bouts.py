"""Bouts: a contestant does its work once, by the clock on the wall, and each command has a latency.

Servers in processes of their own, disks and sockets do not show in the processor time of one process, so here it is
time of day that counts. The machine's speed changes: contestants take turns, and what counts is the ratio of medians.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks.report import Row, rounded

VALUE = 20  # characters of a command


@dataclass
class Bout:
    """One repetition: commands that are done, seconds, and the seconds that each command took."""

    done: int
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Commands a second."""
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the commands did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Watch:
    """Keeps ``window`` commands under way until ``total`` are done: call ``done`` for each, with its number, from 0 on.

    ``begin`` begins one more command, whose text is in ``commands``.
    """

    def __init__(self, total: int, window: int, begin: Callable[[int], None]) -> None:
        self.total, self.window, self._begin = total, window, begin
        self.commands = [f"{number:0{VALUE}}" for number in range(total)]
        self._begun: list[float] = []
        self._latencies: list[float] = []

    def start(self) -> None:
        """Begin as many as may be under way."""
        for _ in range(min(self.window, self.total)):
            self._next()

    def _next(self) -> None:
        begun = self._begun
        number = len(begun)
        begun.append(perf_counter())
        self._begin(number)

    def done(self, number: int) -> None:
        """A command is done, and so there is room for another."""
        begun, now = self._begun, perf_counter()
        self._latencies.append(now - begun[number])
        if len(begun) < self.total:
            self._next()
        elif self.over:
            self._end = now

    @property
    def over(self) -> bool:
        """Whether all are done."""
        return len(self._latencies) == self.total

    @property
    def bout(self) -> Bout:
        """What came of it, when it is over."""
        return Bout(self.total, self._end - self._begun[0], self._latencies)


Contest = Callable[[int, int], Bout]


def in_turn(contestants: Mapping[str, Contest], total: int, window: int, repetitions: int) -> dict[str, list[Bout]]:
    """Let each contestant do the work so often, in turn."""
    bouts: dict[str, list[Bout]] = {name: [] for name in contestants}
    for _ in range(repetitions):
        for name, contest in contestants.items():
            bouts[name].append(contest(total, window))
    return bouts


def rows_and_ratios(
    bouts: Mapping[str, Sequence[Bout]], beside: Mapping[str, str]
) -> tuple[list[Row], dict[str, float]]:
    """A row for each contestant, and how many times as fast as each peer the one of ours is that is ``beside`` it."""
    rates = {name: median(bout.rate for bout in each) for name, each in bouts.items()}
    rows: list[Row] = [
        {
            "contestant": name,
            "commands a second, median": rounded(rates[name]),
            "best": rounded(max(bout.rate for bout in each)),
            "ms, half": rounded(median(bout.percentile(0.5) for bout in each)),
            "ms, 99 %": rounded(median(bout.percentile(0.99) for bout in each)),
            "ours / this": rounded(rates[beside[name]] / rates[name]),
        }
        for name, each in bouts.items()
    ]
    peers = [name for name in rates if name not in beside.values() and not name.startswith("lessons")]
    return rows, {name: rounded(rates[beside[name]] / rates[name]) for name in peers}
