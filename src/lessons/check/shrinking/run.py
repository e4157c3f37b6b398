"""Shrinking a failure, and having a case run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lessons.check.shrinking.line import line_of
from lessons.check.shrinking.messages import delivered, is_choice
from lessons.check.shrinking.shrinker import OutOfRuns, Shrinker, parameter
from lessons.check.sweeps.case import Case, Complaint, Seed, Sweep
from lessons.check.sweeps.progress import bar
from lessons.check.sweeps.result import Failure, counted
from lessons.check.sweeps.verdict import Judged, Kind, judge
from lessons.sim import Action, Simulation
from lessons.trace import Trace

if TYPE_CHECKING:
    from lessons.viz import Table

RUNS = 4000  # at most, unless told otherwise


@dataclass(frozen=True)
class Size:
    """How much there is of a case, and of its run."""

    faults: int
    operations: int
    messages: int
    events: int
    seconds: float

    @classmethod
    def of(cls, case: Case, judgement: Judged) -> Size:
        """The size of a case whose run was judged."""
        operations = sum(len(parameter(case, name)) for name in case.sweep.operations)
        if judgement.sim is None:
            return cls(len(case.actions or ()), operations, 0, 0, 0.0)
        sim = judgement.sim
        faults = [action for action in sim.actions if not is_choice(action)]
        return cls(len(faults), operations, len(delivered(sim.trace)), len(sim.trace), sim.now)


@dataclass(frozen=True)
class Shrunk:
    """The smallest case that was found to fail as ``original`` does; ``failure`` has it.

    Leaving out any one of its faults, operations or messages makes the failure go away, if it is ``minimal``: else
    the runs that were allowed did not suffice. ``before`` and ``after`` are sizes, ``runs`` is how many were tried.
    """

    failure: Failure
    original: Failure
    before: Size
    after: Size
    runs: int
    minimal: bool
    judgement: Judged = field(repr=False, compare=False)

    @property
    def trace(self) -> Trace:
        """The run of the smallest case."""
        return self.judgement.trace

    @property
    def line(self) -> str:
        """One line that reproduces it: a command of the shell where that is possible, else Python."""
        return line_of(self.failure.case)

    @property
    def sentence(self) -> str:
        """What came out, in a sentence."""
        parts = [counted(self.after.faults, "fault"), counted(self.after.messages, "message")]
        if self.before.operations:
            parts.insert(1, counted(self.after.operations, "operation"))
        return (
            f"{self.failure}: {', '.join(parts)} and {counted(self.after.events, 'event')} of {self.before.events:,} "
            f"are left after {counted(self.runs, 'run')}{'' if self.minimal else ', which did not suffice'}."
        )

    def table(self) -> Table:
        """What there was of each part, and what is left."""
        from lessons.viz import table

        names = ("faults", "operations", "messages", "events", "seconds")
        rows = [[name, getattr(self.before, name), getattr(self.after, name)] for name in names]
        return table(rows, self.sentence, ["part", "before", "after"])

    def __repr__(self) -> str:
        return f"{self.sentence}\n{self.line}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from lessons.viz.markup import escape

        shown = self.table()
        line = f'<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{escape(self.line)}</pre>'
        return {"text/plain": f"{shown.text()}\n{self.line}", "text/html": shown.html() + line}


def shrink(failure: Failure | Case, *, messages: bool = True, most: int = RUNS, progress: bool | None = None) -> Shrunk:
    """Make a failing case as small as it can be, by delta debugging: it fails as before, with fewer parts.

    First faults are left out, then operations of clients (as far as the sweep names ``operations``); then faults come
    as early as they can, messages are withheld (unless ``messages`` is False: then faults do all the harm), and the run
    ends earlier; again, until nothing changes. At most ``most`` runs are made. The result depends on nothing but the
    case. ``progress`` is as in ``sweep``.

    Raises NotReproduced when the case does not fail here, ValueError when it ended the process that ran it.
    """
    case = failure.case if isinstance(failure, Failure) else failure
    if isinstance(failure, Failure) and failure.finding.kind is Kind.WORKER:
        raise ValueError(f"failure is {failure}: running it again would end this process, too")
    with bar(most, progress, "runs") as show:
        shrinker = Shrinker(case, most, messages, show)
        original, before = shrinker.failure(), Size.of(shrinker.case, shrinker.judgement)
        minimal = False
        with suppress(OutOfRuns):
            shrinker.shrink()
            minimal = True
    after = Size.of(shrinker.case, shrinker.judgement)
    return Shrunk(shrinker.failure(), original, before, after, shrinker.runs, minimal, shrinker.judgement)


def replay(
    build: Callable[..., Simulation] | Sweep,
    seed: Seed,
    *,
    until: float | None = None,
    complaints: Callable[..., Any] | Sequence[Complaint] = (),
    parameters: Mapping[str, Any] | None = None,
    actions: Iterable[Action | Mapping[str, Any]] | None = None,
) -> Judged:
    """Run one case again: ``.finding`` is what is wrong with it, ``.trace`` the run.

    ``actions`` (as ``Action`` or as their JSON form) replace the faults that the world plans. The other arguments are
    those of ``sweep``; where ``build`` is a ``Sweep``, ``parameters`` are added to its own, and ``until`` replaces its
    end.
    """
    world = build if isinstance(build, Sweep) else Sweep(build, complaints=complaints)
    plan = None if actions is None else tuple(map(as_action, actions))
    return judge(Case(world, seed, parameters or {}, plan, until))


def as_action(item: Action | Mapping[str, Any]) -> Action:
    """An action, from its JSON form if need be."""
    return item if isinstance(item, Action) else Action.from_json(item)
