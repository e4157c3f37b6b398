"""The chapter's sweeps, a group of seeds at a time: what a test can say of each group.

These are the first seeds; ``make sweep`` runs thousands.
"""

from __future__ import annotations

from lessons.agreement.replicated_kv.runs import SWEEPS
from lessons.agreement.replicated_kv.server import KVServer
from lessons.check import sweep
from lessons.check.sweeps import Case, Judged, judge


def groups(seeds: int, size: int = 50) -> list[range]:
    """Seeds from 0 on, so many at a time."""
    return [range(start, min(start + size, seeds)) for start in range(0, seeds, size)]


def verdicts(seeds: range, name: str) -> dict[int, str]:
    """The seeds of which something is wrong, and what."""
    return {int(each.seed): str(each.finding) for each in sweep(SWEEPS[name], seeds).failures}


def trial_of(seed: int, kind: type[KVServer] = KVServer, name: str = "three") -> Judged:
    """The trial of one seed, with servers of ``kind``, and what is wrong with it."""
    return judge(Case(SWEEPS[name], seed, {"kind": kind}))
