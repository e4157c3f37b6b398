"""Reports: what a benchmark found, as a table in a terminal and as JSON for the book."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from textwrap import fill
from typing import Any

from benchmarks.race import Timing

RESULTS = Path(__file__).with_name("results")
WIDTH = 100

Row = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Goal:
    """What was to be reached: ``measured`` is at least, or at most, ``limit``."""

    what: str
    measured: float
    limit: float
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        return f"{self.what}: {self.measured:,g}, goal {bound} {self.limit:,g}: {'met' if self.met else 'missed'}"


@dataclass(frozen=True)
class Report:
    """One benchmark's result.

    ``rows`` all have the same keys and can be shown as they are; ``ratios`` has one number for each peer,
    over 1 where the project is ahead; ``skipped`` says why a peer did not take part.
    """

    name: str
    title: str
    workload: str
    unit: str
    rows: Sequence[Row]
    conclusion: str
    repetitions: int
    ratios: Mapping[str, float] = field(default_factory=dict)
    goals: Sequence[Goal] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The report as plain data, with the version of Python and whether each goal was met."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        return {**asdict(self), "goals": goals, "python": platform.python_version()}

    def write(self, folder: Path = RESULTS) -> Path:
        """Write ``NAME.json`` into ``folder``; returns the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(self.data(), indent=1, ensure_ascii=False) + "\n", encoding="utf8")
        return path

    def text(self) -> str:
        """The report for a terminal."""
        versions = f"Python {platform.python_version()}, {self.repetitions} repetitions in turn, {self.unit}"
        parts = [
            f"{self.name}: {self.title}",
            fill(self.workload, WIDTH),
            f"({versions})\n\n{grid(self.rows)}\n",
            *(f"Ratio to {peer}: {ratio:g}" for peer, ratio in self.ratios.items()),
            *(f"Skipped {name}: {why}" for name, why in self.skipped.items()),
            *map(str, self.goals),
            fill(self.conclusion, WIDTH),
        ]
        return "\n".join(parts)


def comparison(timings: Sequence[Timing], per: str) -> tuple[list[Row], dict[str, float]]:
    """Rows and ratios of a race in which the first contestant is ours; ``per`` is the unit of the work."""
    ours, *peers = timings
    rows: list[Row] = [
        {
            "contestant": timing.contestant.label,
            f"{per} a second, median": rounded(timing.median),
            "best": rounded(timing.best),
            "ours / this": rounded(ours.median / timing.median),
            "ours / this, best": rounded(ours.best / timing.best),
        }
        for timing in timings
    ]
    return rows, {peer.contestant.name: rounded(ours.median / peer.median) for peer in peers}


def spoken(ratios: Mapping[str, float]) -> str:
    """Ratios as the end of a sentence that begins with what is ours."""
    return "; ".join(f"{ratio:g} times as fast as {peer}" for peer, ratio in ratios.items()) or "alone: no peer is here"


def rounded(value: float, digits: int = 3) -> float:
    """``value`` to so many significant digits; a whole number where that loses nothing."""
    short = float(f"{value:.{digits}g}")
    return int(short) if short == int(short) else short


def grid(rows: Sequence[Row]) -> str:
    """Rows with the same keys as a table of text: numbers to the right."""
    header = list(rows[0])
    cells = [[_cell(row[column]) for column in header] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    right = [not isinstance(rows[0][column], str) for column in header]

    def line(texts: Sequence[str]) -> str:
        placed = zip(texts, widths, right, strict=True)
        return "  ".join(text.rjust(width) if end else text.ljust(width) for text, width, end in placed).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, cells)])


def _cell(value: str | int | float) -> str:
    return value if isinstance(value, str) else f"{value:,}"
