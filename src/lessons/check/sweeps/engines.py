"""Engines: where the seeds of a sweep are run, each a ``concurrent.futures`` executor and what is known of it."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from lessons.check.sweeps.case import Seed, Sweep, name_of
from lessons.check.sweeps.verdict import Finding
from lessons.check.sweeps.work import ctrl_c_held_back, prepare, run_chunk
from lessons.node import LessonsError

Chunk = tuple[Seed, ...]
Findings = Future[list[Finding | None]]


class EngineLost(LessonsError):
    """The engine of a sweep can't be reached, or can't go on."""


class Engine:
    """An executor; ``deaths`` are the exceptions by which it says that the worker of a chunk has died."""

    deaths: tuple[type[Exception], ...] = (BrokenExecutor,)

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    @property
    def width(self) -> int:
        """How many chunks should be under way."""
        return 2 * cores()

    def longest(self, chunk: int) -> int:
        """How many seeds to hand out at a time, at most ``chunk``."""
        return chunk

    def submit(self, sweep: Sweep, chunk: Sequence[Seed]) -> Findings:
        """Have a chunk run."""
        return self.executor.submit(run_chunk, sweep, chunk)

    def renew(self) -> None:
        """Go on after a worker has died; raises EngineLost when that is not possible."""
        raise EngineLost("a worker died, and the executor with it: give engine='processes' to survive that")

    def stop(self) -> None:
        """Ask the chunks that are under way to end early, if they can be asked."""

    def close(self) -> None:
        """Give back what the engine has taken."""


class Serial(Engine):
    """This process, one seed after the other."""

    def __init__(self) -> None:
        super().__init__(Here())

    @property
    def width(self) -> int:
        """One: it is done when it has been submitted."""
        return 1

    def longest(self, chunk: int) -> int:
        """One seed, so that none is lost that was run before Ctrl-C."""
        return 1


class Here(Executor):
    """An executor that does what it is given at once."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it; an exception is the future's, Ctrl-C the caller's."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Engine):
    """Processes of this machine, one for each core unless told otherwise."""

    def __init__(self, sweep: Sweep, workers: int | None) -> None:
        from multiprocessing import get_context  # not there in a browser

        check_importable(sweep)
        self.workers = workers or cores()
        self.context = get_context("spawn")
        self.event = self.context.Event()
        super().__init__(self.pool())

    def pool(self) -> Executor:
        """A new pool, whose processes begin when they have something to do."""
        from concurrent.futures import ProcessPoolExecutor  # neither is this

        return ProcessPoolExecutor(self.workers, self.context, prepare, (self.event,))

    @property
    def width(self) -> int:
        """One chunk more than there are processes, so that none waits for us."""
        return self.workers + 1

    def submit(self, sweep: Sweep, chunk: Sequence[Seed]) -> Findings:
        """Have a chunk run, by a process that may begin now."""
        with ctrl_c_held_back():
            return super().submit(sweep, chunk)

    def renew(self) -> None:
        """Begin a new pool in the place of the broken one."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self.pool()

    def stop(self) -> None:
        """Tell the processes to stop after the seed that they are at."""
        self.event.set()

    def close(self) -> None:
        """End the processes, after the seeds that they are at."""
        self.stop()
        self.executor.shutdown(cancel_futures=True)


def check_importable(sweep: Sweep) -> None:
    """Raise ValueError when another process can't import what it is to run."""
    main = sys.modules["__main__"]
    is_file = getattr(main, "__spec__", None) or getattr(main, "__file__", None)
    for function in (sweep.build, *sweep.rules):
        try:
            pickle.dumps(function)
            reachable = getattr(function, "__module__", "") != "__main__" or is_file
        except (pickle.PicklingError, AttributeError, TypeError):
            reachable = False
        if not reachable:
            raise ValueError(
                f"{name_of(function)} can't be imported by other processes: give them a function of a module, "
                "or sweep with engine='serial' or 'dask', which take those of a notebook"
            )


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_engine(engine: str | Executor, sweep: Sweep, workers: int | None) -> Engine:
    """The engine of that name, or at that address, or the executor that was given.

    Raises ValueError for a name that is none, ModuleNotFoundError when it is not installed, EngineLost when nobody
    answers at the address.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers!r}: it must be at least 1, or None for all cores")
    if isinstance(engine, Executor):
        return Engine(engine)
    if engine == "serial":
        return Serial()
    if engine == "processes":
        return Processes(sweep, workers)
    if engine == "dask" or "://" in engine:
        from lessons.check.sweeps.cluster import Cluster

        return Cluster(None if engine == "dask" else engine, workers)
    raise ValueError(f"engine is {engine!r}: it must be 'serial', 'processes', 'dask', or an address 'tcp://host:port'")
