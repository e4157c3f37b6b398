"""Laws of the pool's decisions: random calls keep the rules, agree with a plain model, obey Little."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.runs import POOL_RULES
from lessons.foundations.simulation.pool.tickets import Overflow, Ticket
from lessons.sim import NodeState, State
from tests.foundations.simulation.pool_model import Model

NAMES = ("submit", "submit", "submit", "finish", "finish", "cancel", "help", "lose", "hire", "close", "end", "tick")
Call = tuple[str, int, int, int]
CALLS = st.tuples(st.sampled_from(NAMES), st.integers(0, 2), st.integers(0, 9), st.integers(0, 3))
POOLS = st.tuples(st.integers(1, 3), st.integers(0, 3), st.sampled_from(Overflow))


class Pair:
    """A dispatcher and the model of it, given the same calls."""

    def __init__(self, size: int, capacity: int, policy: Overflow) -> None:
        self.real: Dispatcher[int] = Dispatcher(size, capacity, policy)
        self.model = Model(size, capacity, policy)
        self.tickets: list[Ticket[int]] = []
        self.news: list[tuple[int, str]] = []
        self.now = 0.0
        for _ in range(size):
            self.hire(0, 0)

    def play(self, call: Call) -> None:
        """Make a call at a time that is 0 to 2 s later, on a worker or a job that is picked by a number."""
        name, passed, pick, extra = call
        self.now += passed
        getattr(self, name)(pick, extra)
        self.news += [(ticket.number, ticket.status.value) for ticket in self.real.news() if ticket.status.is_fate]

    def busy(self) -> list[int]:
        return [worker for worker, stack in self.real.workers.items() if stack]

    def submit(self, pick: int, extra: int) -> None:
        limit, nested = (None if pick < 5 else pick - 4.0), pick == 0
        self.tickets.append(self.real.submit(pick, self.now, priority=extra, limit=limit, nested=nested))
        self.model.submit(self.now, extra, limit, nested)

    def finish(self, pick: int, extra: int) -> None:
        if busy := self.busy():
            worker, error = busy[pick % len(busy)], "error" if extra == 0 else None
            self.real.finish(worker, self.now, error)
            self.model.finish(self.now, worker, error)
            if not self.real.workers[worker]:
                self.real.free(worker, self.now)
                self.model.free(self.now, worker)

    def cancel(self, pick: int, extra: int) -> None:
        if self.tickets:
            index = pick % len(self.tickets)
            self.real.cancel(self.tickets[index], self.now)
            self.model.cancel(self.now, self.model.jobs[index])

    def help(self, pick: int, extra: int) -> None:
        if busy := self.busy():
            index = -1 - extra % len(self.tickets)
            self.real.help(self.tickets[index], busy[pick % len(busy)], self.now)
            self.model.help(self.now, self.model.jobs[index], busy[pick % len(busy)])

    def lose(self, pick: int, extra: int) -> None:
        if workers := list(self.real.workers):
            self.real.lose(workers[pick % len(workers)], self.now)
            self.model.lose(self.now, workers[pick % len(workers)])

    def hire(self, pick: int, extra: int) -> None:
        if self.real.missing:
            self.model.hire(self.now, self.real.hire(self.now))

    def close(self, pick: int, extra: int) -> None:
        self.real.close(self.now, cancel=extra == 0)
        self.model.close(self.now, cancel=extra == 0)

    def end(self, pick: int, extra: int) -> None:
        if pick == 0:  # rarely: little happens afterwards
            self.real.end(self.now)
            self.model.end(self.now)

    def tick(self, pick: int, extra: int) -> None:
        self.real.tick(self.now)
        self.model.tick(self.now)


def played(pool: tuple[int, int, Overflow], calls: list[Call]) -> Pair:
    pair = Pair(*pool)
    for call in calls:
        pair.play(call)
    return pair


def state_of(pool: Dispatcher[Any]) -> State:
    node = NodeState("pool", "Pool", {**pool.gauges(), "starting": pool.missing, "stuck": 0})
    node.up = True
    state = State()
    state.add(node)
    return state


@given(POOLS, st.lists(CALLS, max_size=40))
@settings(max_examples=300, deadline=None)
def test_the_dispatcher_agrees_with_the_model(pool: tuple[int, int, Overflow], calls: list[Call]) -> None:
    pair = Pair(*pool)
    for call in calls:
        pair.play(call)
        assert [ticket.status.value for ticket in pair.tickets] == [job.state for job in pair.model.jobs]
        assert list(pair.real.idle) == pair.model.idle
        assert pair.real.phase.value == pair.model.phase
        stacks = {worker: [ticket.number for ticket in stack] for worker, stack in pair.real.workers.items()}
        assert stacks == {worker: [job.number for job in stack] for worker, stack in pair.model.stacks.items()}


@given(POOLS, st.lists(CALLS, max_size=40))
@settings(max_examples=200, deadline=None)
def test_the_rules_hold_after_every_call(pool: tuple[int, int, Overflow], calls: list[Call]) -> None:
    pair = Pair(*pool)
    for call in calls:
        pair.play(call)
        state = state_of(pair.real)
        assert [rule.__name__ for rule in POOL_RULES if rule(state)] == []


@given(POOLS, st.lists(CALLS, max_size=40))
@settings(max_examples=100, deadline=None)
def test_every_job_gets_one_fate_and_it_is_told_once(pool: tuple[int, int, Overflow], calls: list[Call]) -> None:
    pair = played(pool, calls)
    pair.real.end(pair.now)
    pair.play(("tick", 0, 0, 0))
    assert sorted(pair.news) == [(ticket.number, ticket.status.value) for ticket in pair.tickets]
    assert Counter(ticket.status for ticket in pair.tickets) == pair.real.meter.fates


@given(POOLS, st.lists(CALLS, max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_job_begins_when_its_time_is_over(pool: tuple[int, int, Overflow], calls: list[Call]) -> None:
    for ticket in played(pool, calls).tickets:
        assert ticket.began is None or ticket.began < ticket.deadline
        assert ticket.ended is None or ticket.ended <= ticket.deadline


@given(POOLS, st.lists(CALLS, min_size=5, max_size=40))
@settings(max_examples=100, deadline=None)
def test_little_s_law_holds_whenever_the_pool_is_empty(pool: tuple[int, int, Overflow], calls: list[Call]) -> None:
    pair = played(pool, calls)
    pair.real.end(pair.now)
    pair.real.tick(pair.now + 1.0)
    meter = pair.real.meter
    assert meter.mean_inside == pytest.approx(meter.arrival_rate * meter.mean_stay)
    if all(ticket.began is not None or ticket.ended == ticket.arrived for ticket in pair.tickets):
        direct = sum((ticket.ended or 0) - ticket.arrived for ticket in pair.tickets if ticket.began is not None)
        assert meter.stayed == pytest.approx(direct)
