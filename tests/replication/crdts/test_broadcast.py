"""Causal broadcast: each operation once, after what its author had seen; and the types that rely on it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lessons.check import Explorer, holds
from lessons.node import Client
from lessons.replication.crdts.broadcast import CausalBroadcast, Operation, Progress
from lessons.replication.crdts.codec import KINDS
from lessons.replication.crdts.dots import DottedVersion
from lessons.replication.crdts.drafts import InOrderOfAuthor
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.operations import OWN, OpDelta, OpSet, by_operation
from lessons.replication.crdts.runs import PROMISES, TROUBLE, agreed, crdt_run, removal_run
from lessons.sim import Constant, Link, Simulation
from lessons.trace import Delivered, Noted

GOLDEN = Path(__file__).with_name("golden")
CALM = Link(Constant(0.01))
EVERY = list(KINDS)


@pytest.mark.parametrize("block", range(6))
def test_no_seed_of_300_breaks_a_promise_and_all_agree_in_the_end(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        kind = EVERY[seed % len(EVERY)]
        sim = crdt_run(seed, CausalBroadcast, kind, trouble=TROUBLE)
        holds(sim.run(until=6))
        assert agreed(sim), f"seed {seed}, {kind}"
        assert all(each.kept == 0 for each in sim.state.values()), "a log is empty once everybody has everything"


def test_a_run_is_word_for_word_what_it_was() -> None:
    script = {
        "ann": ((0.10, "add", ("milk",)), (0.50, "remove", ("milk",))),
        "bob": ((0.505, "add", ("milk",)),),
    }
    sim = crdt_run(7, CausalBroadcast, "or-set", names=("ann", "bob"), network=CALM, script=script)
    transcript = holds(sim.run(until=1)).transcript() + "\n"
    assert sim.state["ann"].value == sim.state["bob"].value == {"milk"}
    assert transcript == (GOLDEN / "causalbroadcast.txt").read_text(encoding="utf8")


class Wire(Client):
    """Sends ann operations in the order that it is told."""

    def __init__(self, operations: tuple[Any, ...]) -> None:
        self.operations = operations

    async def session(self) -> None:
        for operation in self.operations:
            self.send("ann", operation)
            await self.sleep(0.1)

    def on_operation(self, sender: str, operation: Operation) -> None:
        """Not asked for."""

    def on_progress(self, sender: str, progress: Progress) -> None:
        """Not asked for."""


ADD = Operation("bob", 1, (), ("add", "milk"))
REMOVE = Operation("eve", 1, (("bob", 1),), ("remove", (("bob", 1),)))


def received(*operations: Operation, of: str = "or-set") -> Simulation:
    sim = Simulation(1, network=CALM)
    sim.add("ann", CausalBroadcast, of=of)
    sim.add("wire", Wire, operations=operations)
    sim.run(until=2)
    return sim


def test_an_operation_that_comes_before_its_cause_waits_for_it() -> None:
    assert received(REMOVE).state["ann"].seen == {}
    sim = received(REMOVE, ADD)
    assert sim.state["ann"].seen == {"bob": 1, "eve": 1} and sim.state["ann"].value == set()


def test_an_operation_that_comes_again_is_dropped() -> None:
    again = Operation("bob", 2, (("bob", 1),), ("add", "tea"))
    sim = received(ADD, REMOVE, ADD, again, ADD, REMOVE, again)
    assert sim.state["ann"].value == {"tea"} and sim.state["ann"].seen == {"bob": 2, "eve": 1}


def test_a_malformed_operation_is_refused_with_a_note_and_changes_nothing() -> None:
    sim = received(Operation("bob", 1, (), ("add", None)))
    notes = sim.trace.only(Noted, node="ann")
    assert notes[0].text == "refuses an operation" and "an element is a text" in notes[0].facts["why"]
    assert sim.state["ann"].seen == {} and sim.state["ann"].kept == 0


def test_what_was_lost_is_asked_for_and_sent_from_the_log_even_of_others() -> None:
    script = {"ann": ((0.0, "increment", (5,)),)}
    sim = crdt_run(1, CausalBroadcast, "pn-counter", network=CALM, script=script)
    sim.at(0.0).cut("ann", "eve")
    sim.at(0.0).cut("eve", "ann")
    trace = holds(sim.run(until=2))
    assert agreed(sim)
    senders = {e.sender for e in trace.only(Delivered, node="eve") if isinstance(e.message, Operation)}
    assert senders == {"bob"}
    kept = {name: node.kept for name, node in sim.state.items()}
    assert kept == {"ann": 1, "bob": 0, "eve": 1}, "ann and eve have not heard of each other that they have it"


def test_logs_are_kept_for_a_replica_that_is_away() -> None:
    script = {"ann": tuple((0.1 * number, "increment", (1,)) for number in range(10))}
    sim = crdt_run(1, CausalBroadcast, "pn-counter", network=CALM, script=script)
    sim.at(0.01).crash("eve")
    holds(sim.run(until=3))
    assert sim.state["ann"].kept == 10 and sim.state["bob"].kept == 10
    sim.faults.restart("eve")
    holds(sim.run(until=6))
    assert agreed(sim) and [node.kept for node in sim.state.values()] == [0, 0, 0]


@pytest.mark.parametrize("kind", EVERY)
def test_every_type_has_a_form_by_operation_that_can_be_saved(kind: str) -> None:
    data = by_operation(kind)
    assert (kind in OWN) is not isinstance(data, OpDelta)
    twin = by_operation(kind)
    twin.recall(data.saved())
    assert twin.value == data.value
    with pytest.raises(BadState, match="name is 'dance'"):
        data.prepare("ann", "dance", (), 0)


def test_preparing_changes_nothing_and_removing_nothing_is_refused() -> None:
    data = OpSet()
    body = data.prepare("ann", "add", ("milk",), 0)
    assert data.value == set()
    data.effect(DottedVersion(("ann", 1), {}), body)
    assert data.value == {"milk"} and data.prepare("ann", "remove", ("milk",), 0) == ("remove", (("ann", 1),))
    with pytest.raises(NotThere, match="element is 'tea'"):
        data.prepare("ann", "remove", ("tea",), 0)
    with pytest.raises(BadState, match="kind is 'heap': there are g-counter"):
        by_operation("heap")


def test_the_promises_are_checked_for_operations_too() -> None:
    assert {rule.__name__ for rule in PROMISES} == {"Converged", "NothingLost", "NothingBack", "Kept"}


def test_of_all_orders_of_a_small_run_none_breaks_a_promise_and_the_draft_falls_after_five_moves() -> None:
    found = Explorer(partial(removal_run, InOrderOfAuthor), timers={"do": 1, "repair": 1}, losses=1, crashes=1).run()
    assert found.outcome == "violated" and len(found.schedule) == 5
    assert found.trace.violation is not None and found.trace.violation.invariant == "Converged"
    for repairs, bounds in ((0, {"crashes": 1, "copies": 1}), (1, {"losses": 1})):
        timers = {"do": 1, "repair": repairs}
        assert Explorer(partial(removal_run, CausalBroadcast), timers=timers, **bounds).run().outcome == "exhausted"
