"""Results of sweeps: which seeds failed, why, and what to do with the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lessons.check.sweeps.case import Case, Seed, Sweep
from lessons.check.sweeps.verdict import Finding, judge
from lessons.trace import Trace

if TYPE_CHECKING:
    from lessons.viz import Table

ROWS = 10  # of failures in a table


@dataclass(frozen=True)
class Failure:
    """A seed whose run went wrong: which invariant it broke, or complaint or exception it met, and why."""

    case: Case = field(repr=False, compare=False)
    seed: Seed
    finding: Finding = field(repr=False)

    @property
    def invariant(self) -> str:
        """The name of the invariant, the complaint, or the exception."""
        return self.finding.name

    @property
    def why(self) -> str:
        """What is wrong, in words."""
        return self.finding.why

    @property
    def events(self) -> int:
        """How many events the run has."""
        return self.finding.events

    @property
    def traceback(self) -> str:
        """Where an exception came from, as text; empty when there was none."""
        return self.finding.traceback

    @property
    def trace(self) -> Trace:
        """The run, once more. Raises NotBuilt when there is none."""
        return judge(self.case).trace

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.finding}"


@dataclass(frozen=True)
class Swept:
    """What a sweep came to: the ``seeds`` that were run, the ``failures``, and the seeds that are ``left``.

    All of these are in the order of the seeds, and the same on every engine. ``stopped`` says why seeds are left,
    if any are; ``seconds`` is how long it took by the clock on the wall.
    """

    sweep: Sweep = field(repr=False, compare=False)
    seeds: tuple[Seed, ...]
    failures: tuple[Failure, ...]
    left: tuple[Seed, ...] = ()
    stopped: str = ""
    seconds: float = field(default=0.0, compare=False)

    @classmethod
    def of(
        cls, sweep: Sweep, given: Sequence[Seed], found: Mapping[Seed, Finding | None], stopped: str, seconds: float
    ) -> Swept:
        """The result of findings, whenever each of them came in."""
        failed = [(seed, finding) for seed in given if (finding := found.get(seed)) is not None]
        return cls(
            sweep,
            tuple(seed for seed in given if seed in found),
            tuple(Failure(Case(sweep, seed), seed, finding) for seed, finding in failed),
            tuple(seed for seed in given if seed not in found),
            stopped,
            seconds,
        )

    @property
    def first(self) -> Failure | None:
        """The first seed that failed; None when none did."""
        return self.failures[0] if self.failures else None

    @property
    def holds(self) -> bool:
        """Whether every seed was run, and none failed."""
        return not self.failures and not self.left

    @property
    def rate(self) -> float:
        """Seeds a second, by the clock on the wall: another one each time."""
        return len(self.seeds) / self.seconds if self.seconds else 0.0

    @property
    def sentence(self) -> str:
        """What came out, in a sentence."""
        count, runs = len(self.failures), counted(len(self.seeds), "seed")
        what = f"{count:,} failed, the first {self.first}" if count else "nothing was broken"
        stopped = f" Stopped with {counted(len(self.left), 'seed')} left: {self.stopped}." if self.left else ""
        return f"{runs}: {what}.{stopped}"

    def table(self, rows: int = ROWS) -> Table:
        """The first failures, a row each."""
        from lessons.viz import table

        shown = [[str(each.seed), each.invariant, each.why, each.events] for each in self.failures[:rows]]
        return table(shown, self.sentence, ["seed", "broken", "why", "events"])

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from lessons.viz import verdict

        shown = self.table() if self.failures else verdict(self.sentence, self.holds)
        return shown._repr_mimebundle_()


def counted(number: int, noun: str) -> str:
    """``1 seed``, ``1,000 seeds``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
