"""Verdicts on whole trials: what customers were promised, held against what servers have executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lessons.agreement.raft.crowd import Asker, Customer, Operation
from lessons.agreement.raft.invariants import servers

if TYPE_CHECKING:
    from lessons.sim import Simulation

PATIENCE = 5.75  # virtual seconds in which every command must be confirmed once everything is repaired
STEP = 0.25  # virtual seconds from one look to the next


def run_to_confirmation(sim: Simulation) -> None:
    """Run until every customer is served, or the patience is over, or an invariant breaks."""
    end = sim.now + PATIENCE
    while sim.violation is None and sim.now + STEP <= end and not is_done(sim):
        sim.run(sim.now + STEP)


def is_done(sim: Simulation) -> bool:
    """Whether every customer is served, and some server has executed again, after a crash, what was confirmed."""
    reached = max((operation.reach for operation in operations(sim)), default=0)
    return not list(waiting(sim)) and len(longest(sim)) >= reached


def waiting(sim: Simulation) -> Iterator[str]:
    """The customers who are not served yet, and how far they are."""
    for customer in users(sim):
        if isinstance(customer, Customer) and customer.confirmed < len(customer.commands):
            yield f"{customer.name} has confirmed {customer.confirmed} of {len(customer.commands)}"


def users(sim: Simulation) -> Iterator[Asker]:
    """All who ask."""
    nodes = (sim.node(state.name) for state in sim.state.values() if state.up)
    return (node for node in nodes if isinstance(node, Asker))


def operations(sim: Simulation) -> list[Operation]:
    """What all of them have asked."""
    return [operation for user in users(sim) for operation in user.operations]


def longest(sim: Simulation) -> list[str]:
    """The commands as the server has them that has executed most."""
    ledgers: Iterator[list[str]] = (sim.node(node.name).machine.commands for node in servers(sim.state))  # type: ignore[attr-defined]
    return max(ledgers, key=len, default=[])


def broken_promises(asked: list[Operation], ledger: list[str]) -> Iterator[str]:
    """What was done is there once and at its place, and what was refused or lost is not there."""
    for operation in asked:
        if operation.name == "propose":
            times, place = ledger.count(operation.text), operation.reach
            if operation.outcome == "Done" and ledger[place - 1 : place] != [operation.text]:
                yield f"{operation} is not at its place"
            if times > (operation.outcome in ("Done", "Unknown", "unknown")):
                yield f"{operation} was executed {times} times"


def stale(asked: list[Operation]) -> Iterator[str]:
    """Answers from before something that was known when they were asked for: commands go in order, queries see all."""
    done = [operation for operation in asked if operation.outcome == "Done"]
    for operation in done:
        known = max((other.reach for other in done if other.answered < operation.asked), default=0)
        if operation.reach < known + (operation.name == "propose"):
            yield f"{operation} reaches to {operation.reach}, though {known} were known"
