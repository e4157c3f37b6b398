"""Sweeping: many seeds of one world, on one core, on all of them, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Executor
from contextlib import closing
from time import perf_counter
from typing import Any

from lessons.check.sweeps.case import Complaint, Seed, Sweep
from lessons.check.sweeps.dispatch import Dispatch
from lessons.check.sweeps.engines import EngineLost, open_engine
from lessons.check.sweeps.progress import Show, bar
from lessons.check.sweeps.result import Swept
from lessons.sim import Simulation


def sweep(
    build: Callable[..., Simulation] | Sweep,
    seeds: Iterable[Seed],
    *,
    until: float | None = None,
    complaints: Callable[..., Any] | Sequence[Complaint] = (),
    parameters: Mapping[str, Any] | None = None,
    operations: Sequence[str] = (),
    engine: str | Executor = "serial",
    workers: int | None = None,
    chunk: int = 20,
    progress: bool | None = None,
) -> Swept:
    """Run ``build(seed)`` for every seed, and say which seeds fail.

    ``build`` may be a ``Sweep``, which says all that the next four arguments say (see there). ``engine`` is
    "serial"; "processes" for ``workers`` processes of this machine (all cores unless given); "dask" for a Dask
    cluster that lasts as long as the sweep; the address of one that you have, "tcp://host:port"; or an executor of
    ``concurrent.futures``. Seeds travel ``chunk`` at a time. ``progress`` shows a bar: where a person looks on, unless
    True or False says otherwise.

    The result does not depend on the engine. An exception in a run is a failure of its seed, and so is the death of
    the process that runs it, if that happens again. Ctrl-C, or a cluster that goes away, ends the sweep: what was done
    is in the result, and what is ``left``.

    Raises ValueError for arguments that can't be, ModuleNotFoundError for an engine that is not installed, EngineLost
    for one that does not answer.
    """
    world = build if isinstance(build, Sweep) else Sweep(build, until, complaints, parameters or {}, operations)
    given = distinct(seeds)
    if chunk < 1:
        raise ValueError(f"chunk is {chunk!r}: it must be at least 1 seed")
    began = perf_counter()
    with closing(open_engine(engine, world, workers)) as crew, bar(len(given), progress) as show:
        work = Dispatch(crew, world, given, chunk)
        stopped = carry_out(work, show)
    return Swept.of(world, given, work.found, stopped, perf_counter() - began)


def distinct(seeds: Iterable[Seed]) -> tuple[Seed, ...]:
    """The seeds in their order; raises ValueError for one that is there twice, TypeError for what is no seed."""
    given = tuple(seeds)
    for seed in given:
        if not isinstance(seed, int | str):
            raise TypeError(f"seeds has {seed!r}: a seed is a whole number or a text")
    if len(set(given)) < len(given):
        twice = next(seed for place, seed in enumerate(given) if seed in given[:place])
        raise ValueError(f"seeds has {twice!r} twice: the same seed is the same run")
    return given


def carry_out(work: Dispatch, show: Show) -> str:
    """Do the work as far as possible; returns why it was stopped, or nothing."""
    try:
        for fresh in work.steps():
            show(fresh, f"{work.failed:,} failed")
    except KeyboardInterrupt:
        work.drain()
        return "interrupted"
    except (EngineLost, CancelledError, OSError) as error:
        return f"the engine was lost, {str(error) or type(error).__name__}"
    return ""
