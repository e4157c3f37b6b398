"""Runs of a pool in the simulated world, and the rules that every pool keeps."""

from __future__ import annotations

from typing import Any, cast

from lessons.check import invariant
from lessons.foundations.simulation.pool.customers import Customer, Owner
from lessons.foundations.simulation.pool.jobs import Pool
from lessons.foundations.simulation.pool.meter import Meter
from lessons.foundations.simulation.pool.tickets import Phase
from lessons.sim import Constant, Link, Nemesis, NodeState, Simulation, State

_NEAR = Link(Constant(0.001))  # pool and customers are in one machine: a millisecond, and nothing is lost


def _pools(state: State) -> list[NodeState]:
    return state.showing("fates")


@invariant("Every job that was submitted is waiting, queued or running, or has exactly one fate.")
def NoJobIsLost(state: State) -> str | None:
    """The books balance: what came in is somewhere."""
    for pool in _pools(state):
        known = pool.waiting + pool.queued + pool.running + sum(pool.fates.values())
        if known != pool.submitted:
            return f"{pool.submitted} jobs were submitted, {known} are accounted for"
    return None


@invariant("There are never more jobs in the queue than it may hold.")
def QueueIsBounded(state: State) -> str | None:
    """Memory is bounded, and who submits too fast is told so."""
    for pool in _pools(state):
        if pool.queued > pool.capacity:
            return f"{pool.queued} jobs are queued, {pool.capacity} may be"
    return None


@invariant("No more jobs are being run than there are workers at work.")
def OneJobAWorker(state: State) -> str | None:
    """Jobs that wait for a job above them on the same worker are not being run."""
    for pool in _pools(state):
        at_work = pool.workers - pool.idle
        if pool.running - pool.helped > at_work or pool.workers > pool.size:
            return f"{pool.running} jobs are running on {at_work} of {pool.workers} workers"
    return None


@invariant("No worker is idle while a job is queued.")
def NobodyIsIdleInVain(state: State) -> str | None:
    """The queue is only for what nobody can do now."""
    for pool in _pools(state):
        if pool.idle and pool.queued:
            return f"{pool.idle} workers are idle, {pool.queued} jobs are queued"
    return None


@invariant("Every worker of a pool that is not closed is alive or being replaced.")
def LostWorkersAreReplaced(state: State) -> str | None:
    """A pool does not shrink."""
    for pool in _pools(state):
        if pool.phase is not Phase.CLOSED and pool.workers + pool.starting != pool.size:
            return f"{pool.workers} workers are left of {pool.size}, {pool.starting} are being started"
    return None


@invariant("Some worker does not wait for a job that is still in the queue.")
def NoStarvationDeadlock(state: State) -> str | None:
    """If every worker waits for a queued job, no worker will ever be free to begin one."""
    for pool in _pools(state):
        if 0 < pool.workers == pool.stuck:
            return f"each of the {pool.workers} workers waits for a job in the queue"
    return None


@invariant("Who closes a pool has its report when the time limit is over.")
def ClosingIsBounded(state: State) -> str | None:
    """Judged by the one who waits, not by the pool."""
    late = [node.name for node in state.values() if "kept_waiting" in node and node.kept_waiting]
    return f"{late[0]} has no report from the pool" if late else None


POOL_RULES = (
    NoJobIsLost, QueueIsBounded, OneJobAWorker, NobodyIsIdleInVain, LostWorkersAreReplaced,
    NoStarvationDeadlock, ClosingIsBounded,
)  # fmt: skip


def pool_run(
    seed: int | str,
    kind: type[Pool] = Pool,
    *,
    pool: dict[str, Any] | None = None,
    customer: dict[str, Any] | None = None,
    owner: dict[str, Any] | None = None,
    title: str = "",
) -> Simulation:
    """A pool, a customer and, if it is described, an owner who closes it: each with its parameters."""
    sim = Simulation(seed, network=_NEAR, invariants=POOL_RULES, title=title)
    sim.add("pool", kind, **(pool or {}))
    sim.add("customer", Customer, **(customer or {}))
    if owner is not None:
        sim.add("owner", Owner, **owner)
    return sim


def bad_jobs(seed: int | str, kind: type[Pool] = Pool) -> Simulation:
    """Two workers, and jobs of which every third raises an error."""
    customer = {"rate": 2.0, "work": 0.5, "jobs": 12, "bad": 0.35}
    return pool_run(seed, kind, customer=customer, title="Bad jobs")


def flood(seed: int | str, kind: type[Pool] = Pool) -> Simulation:
    """Jobs come two and a half times as fast as the workers can do them."""
    customer = {"rate": 10.0, "work": 0.5, "jobs": 40}
    return pool_run(seed, kind, pool={"policy": "reject"}, customer=customer, title="A flood of jobs")


def closing(seed: int | str, kind: type[Pool] = Pool) -> Simulation:
    """The owner gives a pool with a long queue one second to close."""
    customer = {"rate": 8.0, "work": 1.0, "jobs": 16}
    return pool_run(
        seed, kind, pool={"capacity": 16}, customer=customer, owner={"at": 3.0, "limit": 1.0}, title="Closing time"
    )


def nested_jobs(seed: int | str, kind: type[Pool] = Pool) -> Simulation:
    """Most jobs submit a job to the pool that runs them, and wait for it."""
    customer = {"rate": 4.0, "work": 0.3, "jobs": 12, "nested": 0.8}
    return pool_run(seed, kind, customer=customer, title="Jobs that wait for jobs")


def turmoil(seed: int, kind: type[Pool] = Pool) -> Simulation:
    """Everything at once, drawn from the seed: every policy, every kind of job, pauses and bad clocks."""
    policy = ("block", "reject", "caller runs", "drop oldest", "drop newest")[seed % 5]
    sim = pool_run(
        seed, kind,
        pool={"size": 1 + seed % 3, "capacity": seed % 4, "policy": policy},
        customer={
            "rate": 6.0, "work": 0.4, "jobs": 30, "limit": 1.5, "priorities": 3, "depth": 3,
            "bad": 0.15, "deadly": 0.1, "nested": 0.3, "fickle": 0.2,
        },
        owner={"at": 5.0, "limit": 1.0, "cancel": seed % 2 == 0, "slack": 3.0},
        title="Turmoil",
    )  # fmt: skip
    sim.unleash(Nemesis(("pause", "clock_step", "clock_drift"), every=1.0, lasting=0.3), until=5.0)
    return sim


class Unwatched(Pool):
    """A pool for long runs that only its meter is asked about: nothing of it enters the trace."""

    watched = ()

    def show(self) -> None:
        """Nobody looks."""


def queue_run(
    seed: int | str, *, servers: int, capacity: int, policy: str, rate: float, service: float, jobs: int
) -> Simulation:
    """A pool as queueing theory has it: random arrivals, random work, nothing else. No rules are checked.

    The mean wait of 10,000 jobs at half load has a standard error of about 6 %. It shrinks with the root
    of the number of jobs, and grows fast with the load.
    """
    sim = Simulation(seed, network=Link(Constant(0.0)), title="M/M/c")
    sim.add("pool", Unwatched, size=servers, capacity=capacity, policy=policy)
    sim.add("customer", Customer, rate=rate, work=service, jobs=jobs)
    return sim


def meter_of(sim: Simulation) -> Meter:
    """What the pool of a run has measured until its last event."""
    return cast(Pool, sim.node("pool")).dispatcher.meter
