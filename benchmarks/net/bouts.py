"""Bouts: a contestant does its work once, by the clock on the wall, and each command has a latency.

Servers in processes of their own, disks and sockets do not show in the processor time of one process, so here it is
time of day that counts. The machine's speed changes: contestants take turns, and what counts is the ratio of medians.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from benchmarks.report import Row, rounded


@dataclass
class Bout:
    """One repetition: commands that are done, seconds, and the seconds that each command took."""

    done: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Commands a second."""
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the commands did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Watch:
    """Keeps ``window`` commands under way until ``total`` are done: call ``done`` for each, in the order of ``begun``.

    ``begin`` begins one more command.
    """

    def __init__(self, total: int, window: int, begin: Callable[[int], None]) -> None:
        self.total, self.window, self._begin = total, window, begin
        self.begun: list[float] = []
        self.bout = Bout()

    def start(self) -> None:
        """Begin as many as may be under way."""
        self._start = perf_counter()
        for _ in range(min(self.window, self.total)):
            self.next()

    def next(self) -> int:
        """Begin one more; returns its number, from 0 on."""
        number = len(self.begun)
        self.begun.append(perf_counter())
        self._begin(number)
        return number

    def done(self, number: int) -> None:
        """Command ``number`` is done, and so there is room for another."""
        now = perf_counter()
        self.bout.latencies.append(now - self.begun[number])
        self.bout.done += 1
        self.bout.seconds = now - self._start
        if len(self.begun) < self.total:
            self.next()

    @property
    def over(self) -> bool:
        """Whether all are done."""
        return self.bout.done >= self.total


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
