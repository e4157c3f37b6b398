"""What an exploration has found, and the shortest schedule that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lessons.check.explore.judge import Finding
from lessons.check.explore.moves import Move, in_words
from lessons.trace import Event, Trace

Outcome = Literal["exhausted", "bounded", "violated"]


@dataclass(frozen=True)
class Effort:
    """What an exploration has cost so far.

    ``states`` of the whole system were met, by ``transitions`` between them, all after at most ``depth`` moves;
    ``waiting`` of them are still to be looked at. ``learned`` events of single nodes were run to find that out.
    """

    states: int
    transitions: int
    depth: int
    waiting: int
    learned: int

    def __str__(self) -> str:
        return (
            f"{self.states:,} states, {self.transitions:,} transitions, depth {self.depth}, "
            f"from {self.learned:,} events of single nodes"
        )


@dataclass(frozen=True)
class Explored:
    """What was found.

    ``outcome`` is "exhausted" when every schedule within the bounds keeps the invariants; "bounded" when none was
    found that breaks one, but the exploration gave up at ``bound`` ("depth", "states" or "seconds") before it had
    seen all; "violated" when ``schedule``, and no shorter one, breaks ``invariant``, and ``why``. ``remarks`` say
    what a reader should know before believing it.
    """

    outcome: Outcome
    effort: Effort
    bound: str = ""
    finding: Finding | None = None
    schedule: tuple[Move, ...] = ()
    remarks: tuple[str, ...] = ()
    rerun: Callable[[tuple[Move, ...]], Trace] | None = None

    @property
    def states(self) -> int:
        """How many states of the whole system were met."""
        return self.effort.states

    @property
    def transitions(self) -> int:
        """How many moves between them were made."""
        return self.effort.transitions

    @property
    def invariant(self) -> str | None:
        """The name of the invariant that is broken, if one is."""
        return self.finding.invariant if self.finding else None

    @property
    def why(self) -> str | None:
        """Why it is broken."""
        return self.finding.why if self.finding else None

    @cached_property
    def trace(self) -> Trace:
        """The shortest run that breaks the invariant. Raises LookupError when none is broken."""
        return self.replay()

    def replay(self) -> Trace:
        """Run the schedule anew; raises LookupError when no invariant is broken."""
        if self.finding is None or self.rerun is None:
            raise LookupError(f"there is no run to show: {self}")
        return self.rerun(self.schedule)

    def transcript(self, *kinds: type[Event]) -> str:
        """The run as text (see ``Trace.transcript``); raises LookupError when no invariant is broken."""
        return self.trace.transcript(*kinds)

    def __str__(self) -> str:
        if self.finding is not None:
            found = f"{self.finding.invariant} is broken: {self.finding.why}. The shortest schedule"
            return f"violated: {found} has {len(self.schedule)} moves ({self.effort}):\n{in_words(self.schedule)}"
        if self.outcome == "bounded":
            return f"bounded: no invariant is broken as far as the bound of {self.bound} let us look ({self.effort})"
        return f"exhausted: no schedule within the bounds breaks an invariant ({self.effort})"

    __repr__ = __str__
