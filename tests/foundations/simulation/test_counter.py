"""The counter keeps both of its promises, and each first draft breaks one, under the same seeds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.check import holds
from lessons.foundations.simulation import Add, Clerk, Counter, Total
from lessons.foundations.simulation.drafts import Forgetful, Hasty, ReadWriteClerk, Register, Trusting
from lessons.foundations.simulation.runs import LOSSY, TROUBLE, Kept, Once, counter_run
from lessons.foundations.simulation.view import landing
from lessons.node import Client
from lessons.sim import KINDS, DiskModel, Link, Nemesis, Simulation
from lessons.trace import Delivered, Trace, Violated

EVERYTHING = Nemesis(tuple(KINDS), every=0.1, lasting=0.15)


def confirmed(trace: Trace) -> int:
    return sum(operation.outcome == "ok" for operation in trace.history())


@pytest.mark.parametrize("block", range(8))
def test_no_seed_of_2000_breaks_a_promise_and_all_is_confirmed_in_the_end(block: int) -> None:
    for seed in range(250 * block, 250 * (block + 1)):
        trace = holds(counter_run(seed, network=LOSSY, trouble=EVERYTHING).run(until=30))
        assert confirmed(trace) == 6, f"seed {seed}"


@pytest.mark.parametrize(
    ("draft", "clerk", "network", "trouble", "promise", "least"),
    [
        (Register, ReadWriteClerk, None, None, "Kept", 100),
        (Trusting, Clerk, LOSSY, None, "Once", 100),
        (Hasty, Clerk, LOSSY, TROUBLE, "Kept", 80),
        (Forgetful, Clerk, LOSSY, TROUBLE, "Once", 5),
    ],
)
def test_a_draft_breaks_its_promise_and_the_counter_keeps_both(
    draft: type[Counter], clerk: type[Clerk], network: Link | None, trouble: Nemesis | None, promise: str, least: int
) -> None:
    runs = [counter_run(seed, draft, clerk, network=network, trouble=trouble).run(until=30) for seed in range(200)]
    broken = [run.violation.invariant for run in runs if run.violation]
    assert set(broken) == {promise}
    assert len(broken) >= least
    for seed in range(200):
        holds(counter_run(seed, network=network, trouble=trouble).run(until=30))


def test_the_first_draft_fails_for_1_seed_of_100_and_always_for_that_one() -> None:
    failing = [seed for seed in range(100) if counter_run(seed, Register, ReadWriteClerk, rest=4).run(30).violation]
    assert failing == [62]
    again = [counter_run(62, Register, ReadWriteClerk, rest=4).run(30).transcript() for _ in range(3)]
    assert len(set(again)) == 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**9),
    loss=st.floats(0, 0.5),
    duplicate=st.floats(0, 0.5),
    reorder=st.floats(0, 1),
    keep=st.floats(0, 1),
    additions=st.integers(0, 5),
)
def test_whatever_network_and_disk_do_both_promises_are_kept(
    seed: int, loss: float, duplicate: float, reorder: float, keep: float, additions: int
) -> None:
    sim = Simulation(
        seed,
        network=Link(loss=loss, duplicate=duplicate, reorder=reorder),
        disk=DiskModel(sync=0.003, keep=keep),
        invariants=[Kept, Once],
    )
    sim.add("counter", Counter)
    sim.add(["ann", "bob", "eve"], Clerk, additions=additions)
    sim.unleash(EVERYTHING, until=1.0)
    trace = holds(sim.run(until=60))
    assert confirmed(trace) == 3 * additions
    assert sim.state["counter"].total == 3 * additions


class Sender(Client):
    """Sends what it is told, and keeps the answers."""

    def __init__(self, messages: tuple[Add, ...]) -> None:
        self.messages = messages

    def start(self) -> None:
        self.answers: list[int] = []
        super().start()

    async def session(self) -> None:
        for message in self.messages:
            self.send("counter", message)
            await self.sleep(0.1)

    def on_total(self, sender: str, total: Total) -> None:
        self.answers.append(total.value)


def test_an_addition_that_is_sent_again_is_answered_and_not_counted() -> None:
    sim = Simulation(1)
    sim.add("counter", Counter)
    sim.add("ann", Sender, messages=(Add(5, 1), Add(5, 1), Add(2, 2), Add(5, 1)))
    sim.run()
    assert sim.node("ann").answers == [5, 5, 7, 7]  # type: ignore[attr-defined]


def test_clerks_have_numbers_of_their_own() -> None:
    sim = Simulation(1)
    sim.add("counter", Counter)
    sim.add(["ann", "bob"], Sender, messages=(Add(1, 1),))
    sim.run()
    assert sim.state["counter"].total == 2


def test_a_full_disk_confirms_nothing_and_changes_nothing() -> None:
    sim = Simulation(1, disk=DiskModel(capacity=0))
    sim.add("counter", Counter)
    sim.add("ann", Sender, messages=(Add(1, 1),))
    trace = sim.run()
    assert sim.state["counter"].total == 0
    assert sim.node("ann").answers == []  # type: ignore[attr-defined]
    assert trace.only(Delivered, node="counter")


def test_an_answer_leaves_only_when_the_disk_holds_the_addition() -> None:
    sim = Simulation(1, network=Link(), disk=DiskModel(sync=0.5, keep=0.0))
    sim.add("counter", Counter)
    sim.add("ann", Sender, messages=(Add(1, 1),))
    sim.at(0.3).crash("counter")
    sim.at(0.4).restart("counter")
    sim.run()
    assert sim.state["counter"].total == 0
    assert sim.node("ann").answers == []  # type: ignore[attr-defined]


def test_the_picture_that_the_book_opens_with_shows_a_broken_promise() -> None:
    scene = landing().scene
    run = scene.traces[0]
    assert isinstance(run.events[-1], Violated)
    assert run.events[-1].invariant == "Kept"
    assert len(scene.marks) == 4
