"""What a worker does: runs the seeds of a chunk, and stops between two of them when it is asked to."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from lessons.check.sweeps.case import Case, Seed, Sweep
from lessons.check.sweeps.verdict import Finding, judge


class Flag(Protocol):
    """An event that processes share."""

    def is_set(self) -> bool:
        """Whether somebody has set it."""


_stop: Flag | None = None


def prepare(stop: Flag) -> None:
    """Get a new process ready: Ctrl-C is for the process that sweeps, which sets ``stop``."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_chunk(sweep: Sweep, seeds: Sequence[Seed]) -> list[Finding | None]:
    """What is wrong with the run of each seed, in their order; fewer when it was asked to stop."""
    findings: list[Finding | None] = []
    for seed in seeds:
        if _stop is not None and _stop.is_set():
            break
        findings.append(judge(Case(sweep, seed)).finding)
    return findings


@contextmanager
def ctrl_c_held_back() -> Iterator[None]:
    """Let Ctrl-C wait; processes that begin meanwhile never hear it: whoever began them tells them to stop."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # not there in a browser

    resource_tracker.ensure_running()  # else the first process begins it, and it lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
