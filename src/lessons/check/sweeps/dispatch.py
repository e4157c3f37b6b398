"""Dispatch: hands chunks of seeds to an engine, takes in what they find, and survives workers that die."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import suppress

from lessons.check.sweeps.case import Seed, Sweep
from lessons.check.sweeps.engines import Chunk, Engine, Findings
from lessons.check.sweeps.verdict import Finding, of_worker


class Dispatch:
    """The work of one sweep; ``found`` has a finding, or None, for each seed that was run.

    When a worker dies, any of the chunks that were under way may be why. Their seeds are then run alone, one after
    the other: one that ends a worker once more is found to do so, and the others lose nothing but time.
    """

    def __init__(self, engine: Engine, sweep: Sweep, seeds: Sequence[Seed], size: int) -> None:
        self.engine, self.sweep = engine, sweep
        self.found: dict[Seed, Finding | None] = {}
        self.failed = 0  # of those that were found
        step = engine.longest(size)
        self.waiting: deque[Chunk] = deque(tuple(seeds[at : at + step]) for at in range(0, len(seeds), step))
        self.suspects: deque[Chunk] = deque()
        self.under_way: dict[Findings, Chunk] = {}
        self.alone = self.hurt = False

    def steps(self) -> Iterator[int]:
        """Run everything; after each step, how many seeds more are in ``found``."""
        while self.waiting or self.suspects or self.under_way:
            self.hand_out()
            done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
            before = len(self.found)
            for future in done:
                self.take_in(future)
            yield len(self.found) - before

    def hand_out(self) -> None:
        """Submit what the engine has room for: suspects alone, others together."""
        if self.hurt and not self.under_way:
            self.engine.renew()
            self.hurt = False
        self.alone = bool(self.suspects) and not self.under_way
        if self.alone:
            self.submit(self.suspects)
        while self.waiting and not (self.suspects or self.alone or self.hurt) and self.has_room():
            self.submit(self.waiting)

    def has_room(self) -> bool:
        """Whether the engine should have more."""
        return len(self.under_way) < self.engine.width

    def submit(self, queue: deque[Chunk]) -> None:
        """Hand out the first chunk of a queue; it stays there when the engine has just lost a worker."""
        try:
            self.under_way[self.engine.submit(self.sweep, queue[0])] = queue[0]
            queue.popleft()
        except self.engine.deaths:
            self.hurt = True

    def take_in(self, future: Findings) -> None:
        """Keep what a chunk has found."""
        chunk = self.under_way[future]
        try:
            self.keep(chunk, future.result())
        except self.engine.deaths:
            self.hurt = True
            if self.alone:
                self.keep(chunk, [of_worker()])
            else:
                self.suspects.extend((seed,) for seed in chunk)
        del self.under_way[future]

    def keep(self, chunk: Chunk, findings: Sequence[Finding | None]) -> None:
        """Put on the list what was found: less than the whole chunk, when it was stopped."""
        self.found.update(zip(chunk, findings, strict=False))
        self.failed += sum(finding is not None for finding in findings)

    def drain(self) -> None:
        """End early: keep what chunks under way have found until they can stop."""
        self.engine.stop()
        for future, chunk in self.under_way.items():
            with suppress(CancelledError, *self.engine.deaths):
                if not future.cancel():
                    self.keep(chunk, future.result())
