"""Trace validation: is a run of our servers a behaviour of the specification? TLC decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lessons.agreement.raft.formal.steps import Step, steps
from lessons.agreement.raft.formal.words import NOBODY
from lessons.agreement.raft.messages import RequestVote
from lessons.real.tla import tlc, written
from lessons.real.workspace import Workspace
from lessons.trace import Sent, Trace

SAFETY = ("ElectionSafety", "LogMatching", "LeaderCompleteness", "StateMachineSafety", "Persistence")
PASSED = re.compile(r'<<"passed", (\d+), (\d+)>>')


@dataclass(frozen=True)
class Verdict:
    """What TLC says to a run of so many ``steps``: it ``passed`` so many, and got stuck at ``stuck`` if not all.

    ``event`` is the line of the run's transcript that the specification does not allow, ``broken`` the name of an
    invariant that the specification's own state broke, which would be a mistake in the specification.
    """

    steps: int
    passed: int
    stuck: Step | None = None
    event: str = ""
    broken: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the whole run is a behaviour of the specification."""
        return self.passed == self.steps and not self.broken

    def __str__(self) -> str:
        if self.broken:
            return f"{self.broken} is broken after {self.passed} of {self.steps} steps"
        if self.stuck is None:
            return f"{self.steps} steps: the specification allows them all"
        action = f'"{self.stuck.action}" of {self.stuck.server}'
        return f"{self.passed} of {self.steps} steps, then {action} is not allowed: {self.event.strip()}"


def validate(traces: Iterable[Trace]) -> list[Verdict]:
    """What TLC says to runs of Raft, each judged by itself.

    Raises ValueError for a run whose members change, Missing without Java or TLC.
    """
    recorded = [(trace, steps(trace)) for trace in traces]
    worlds = [(servers_of(trace), asks_around(trace)) for trace, _ in recorded]
    verdicts: dict[int, Verdict] = {}
    for world in dict.fromkeys(worlds):
        places = [place for place, each in enumerate(worlds) if each == world]
        found = judged([recorded[place][1] for place in places], *world)
        verdicts |= {place: shown(recorded[place][0], each) for place, each in zip(places, found, strict=True)}
    return [verdicts[place] for place in range(len(recorded))]


def shown(trace: Trace, verdict: Verdict) -> Verdict:
    """The same verdict, with the line of the run's transcript at which it is stuck."""
    return replace(verdict, event=trace.lines()[verdict.stuck.event]) if verdict.stuck else verdict


def servers_of(trace: Trace) -> tuple[str, ...]:
    """The Raft servers of a run."""
    return tuple(sorted(name for name, fields in trace.watched.items() if "entries" in fields))


def asks_around(trace: Trace) -> bool:
    """Whether the servers of a run use pre-votes."""
    return any(isinstance(each.message, RequestVote) and each.message.pre for each in trace.only(Sent))


def judged(runs: Sequence[Sequence[Step]], servers: Sequence[str], pre_vote: bool) -> list[Verdict]:
    """What TLC says to runs of the same servers, given as steps."""
    with Workspace("run") as space:
        recorded = space.write("Recorded.tla", module_of(runs))
        beside = [specification("Raft.tla"), recorded]
        found = tlc(specification("RaftTrace.tla"), configuration(servers, pre_vote), beside)
    passed = [0] * (1 + len(runs))
    for number, place in PASSED.findall(found.text):
        passed[int(number)] = max(passed[int(number)], int(place))
    return [verdict(run, count, found.broken) for run, count in zip(runs, passed[1:], strict=True)]


def verdict(run: Sequence[Step], passed: int, broken: str) -> Verdict:
    """The verdict on a run of which so many steps have passed."""
    return Verdict(len(run), passed, run[passed] if passed < len(run) else None, broken=broken)


def module_of(runs: Sequence[Sequence[Step]]) -> str:
    """A module of TLA+ that holds runs."""
    listed = ",\n".join("<<\n" + ",\n".join(map(record, run)) + "\n>>" for run in runs)
    return f"---- MODULE Recorded ----\nRuns == <<\n{listed}\n>>\n====\n"


def record(step: Step) -> str:
    """A step as RaftTrace reads it."""
    seen = () if step.seen is None else (step.seen,)
    return written({"s": step.server, "act": step.action, "arg": step.argument, "seen": seen})


def configuration(servers: Sequence[str], pre_vote: bool) -> str:
    """What TLC is to check, and for whom."""
    return "\n".join(
        [
            f"CONSTANTS Server = {written(list(servers))} Nobody = {written(NOBODY)} Value = {{}}",
            f"PreVote = {written(pre_vote)}",
            f"SPECIFICATION Traced INVARIANTS {' '.join(SAFETY)} PROPERTIES LeaderAppendOnly",
        ]
    )


def specification(name: str) -> Path:
    """A file of the folder ``spec``; raises FileNotFoundError outside of the book's repository."""
    path = Path(__file__).parents[5] / "spec" / name
    if not path.is_file():
        raise FileNotFoundError(f"{name} is not at {path}: the specification is in the book's repository")
    return path
