"""The chapter's sweeps, a group of seeds at a time: what a test can say of each group.

These are the first seeds; ``make sweep`` runs thousands.
"""

from __future__ import annotations

from lessons.agreement.raft import Raft
from lessons.agreement.raft.runs import SWEEPS
from lessons.check import sweep
from lessons.check.sweeps import Case, judge

NAMES = {3: "three", 5: "five", 7: "seven"}


def groups(seeds: int, size: int = 50) -> list[range]:
    """Seeds from 0 on, so many at a time."""
    return [range(start, min(start + size, seeds)) for start in range(0, seeds, size)]


def verdicts(seeds: range, size: int) -> dict[int, str]:
    """The seeds of which something is wrong, and what."""
    return {int(each.seed): str(each.finding) for each in sweep(SWEEPS[NAMES[size]], seeds).failures}


def verdict(seed: int, size: int, kind: type[Raft] = Raft) -> str | None:
    """What is wrong with the trial of one seed, with servers of ``kind``."""
    finding = judge(Case(SWEEPS[NAMES[size]], seed, {"kind": kind})).finding
    return None if finding is None else str(finding)
