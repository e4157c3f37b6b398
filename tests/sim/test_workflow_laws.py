"""Workflows that sleep, ask, begin, await and cancel each other at random, in worlds with all faults: none is lost."""

from __future__ import annotations

import warnings
from collections import Counter as Tally
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import Cancelled, DiskFull, Future, Node, Task, TimedOut
from lessons.sim import KINDS, DiskModel, Nemesis, Simulation
from lessons.trace import Changed, Faulted, Noted, Trace
from tests.sim.worlds import END, LAWS, Ping, Plan, Pong, happenings, plans

DEEPEST = 3


class Unwatched(Node):
    """Its workflows do to each other whatever comes up; each notes when it begins, and when it is left, once."""

    def start(self) -> None:
        self.moves = 0
        self.born: list[Task] = []
        self.gate: Future[int] = Future()
        self.every(0.7, self.open)
        self.spawn(self.live(0))

    async def on_ping(self, sender: str, ping: Ping) -> None:
        if self.rng.random() < 0.5:
            await self.sleep(self.rng.random() * 0.2)
        self.reply(Pong(ping.number))

    def open(self) -> None:
        """Let through all who wait at the gate, and put up another."""
        gate, self.gate = self.gate, Future()
        gate.set(self.moves)

    async def live(self, depth: int) -> int:
        number = self.rng.getrandbits(32)
        self.note("begins", number=number)
        try:
            for _ in range(self.rng.randrange(7)):
                self.moves += 1
                await self.move(depth)
            return number
        except Cancelled:
            if self.rng.random() < 0.3:
                await self.sleep(0.1)  # it asks for time to clean up, and gets none
            raise
        finally:
            self.note("leaves", number=number)
            self.meddle()

    async def move(self, depth: int) -> None:
        """One thing, drawn by chance."""
        moves = [self.rest, self.ask, self.wait, self.keep, self.beget, self.follow, self.meddle_and_rest]
        await self.rng.choice(moves)(depth)

    async def rest(self, depth: int) -> None:
        await self.sleep(self.rng.choice([0.0, 0.1, self.rng.random()]))

    async def ask(self, depth: int) -> None:
        try:
            await self.gather(self.peers, Ping(self.moves), first=1, timeout=0.3)
        except TimedOut as late:
            self.note("no answer", answers=len(late.answers))

    async def wait(self, depth: int) -> None:
        await self.gate

    async def keep(self, depth: int) -> None:
        try:
            self.disk.put("moves", self.moves)
        except DiskFull:
            return
        self.disk.sync()

    async def beget(self, depth: int) -> None:
        if depth < DEEPEST:
            for _ in range(2):
                self.born.append(self.spawn(self.live(depth + 1)))

    async def follow(self, depth: int) -> None:
        if depth < DEEPEST:
            try:
                await self.spawn(self.live(depth + 1))
            except Cancelled:
                self.note("its child was cancelled, or it was")
                raise

    async def meddle_and_rest(self, depth: int) -> None:
        self.meddle()
        await self.sleep(0.05)

    def meddle(self) -> None:
        """Cancel somebody, who may have ended, who may be one's parent, or oneself; or open the gate."""
        if self.born and self.rng.random() < 0.5:
            self.rng.choice(self.born).cancel()
        elif self.rng.random() < 0.2:
            self.open()


class Tangle(Unwatched):
    """The same, and the record shows how far it is."""

    watched = ("moves",)


TANGLES = plans(kind=st.just(Tangle))


def run(sim: Simulation) -> Trace:
    """Run to the end; an error that nobody awaited is one of those that the tangle makes: a child's cancellation."""
    while True:
        try:
            return sim.run(END)
        except Cancelled:
            continue


@pytest.mark.parametrize("seed", [21, *range(100, 120)])
def test_a_tangle_ends_with_no_error_of_the_kits_own(seed: int) -> None:
    """In seed 21 the first of two workflows that a future woke cancelled the second, which was resumed all the same."""
    plan = Plan(seed, Tangle, disk=DiskModel(sync=0.03), nemesis=Nemesis(kinds=tuple(KINDS), every=0.3))
    with warnings.catch_warnings(action="error"):  # what Python says of coroutines that nobody ended
        assert run(plan.build()).end == END


@given(TANGLES)
@LAWS
def test_a_tangle_is_the_same_run_again_and_step_by_step(plan: Plan) -> None:
    one, other = plan.build(), plan.build()
    whole = run(one)
    while other.now < END:
        try:
            if not other.step():
                break
        except Cancelled:
            continue
    assert other.trace.lines()[: len(whole)] == whole.lines()


@given(TANGLES)
@LAWS
def test_whoever_is_not_watched_does_the_same(plan: Plan) -> None:
    """Who sleeps again and again unwatched goes a quick way of its own, until a fault, its disk or its end."""
    shown = run(plan.build())
    hidden = run(replace(plan, kind=Unwatched).build())
    assert happenings(hidden) == happenings(shown) and not hidden.only(Changed)


@given(TANGLES)
@LAWS
def test_a_workflow_is_left_once_unless_its_process_is_ended(plan: Plan) -> None:
    sim = plan.build()
    begun: dict[str, Tally[int]] = {}
    for event in run(sim):
        if isinstance(event, Faulted):
            for node in [*event.effect.get("down", ()), *event.effect.get("up", ())]:
                begun.pop(node, None)
        elif isinstance(event, Noted) and "number" in event.facts:
            here = begun.setdefault(event.node, Tally())
            here[event.facts["number"]] += 1 if event.text == "begins" else -1
            assert here[event.facts["number"]] in (0, 1)
    for name, machine in sim.world.machines.items():
        alive = sum(task.name == "live" for task in machine.process.tasks) if machine.process else 0
        assert sum(begun.get(name, Tally()).values()) == alive


@given(TANGLES)
@LAWS
def test_a_workflow_that_has_not_ended_waits_for_something_that_can_come(plan: Plan) -> None:
    sim = plan.build()
    run(sim)
    due = [event[-1] for event in sim.world.kernel.agenda]
    for machine in sim.world.machines.values():
        if machine.process is None:
            continue
        late = [event[-1] for event in machine.backlog]
        for task in machine.process.tasks:
            assert not task.done
            waits = waits_for(task)
            assert task in due or task in late or (waits is not None and not waits.done), task.name


def waits_for(task: Task) -> Future[Any] | None:
    """What a task waits for, unless it sleeps."""
    return task._waiting_for
