"""Anti-entropy: whatever network, crashes and disks do, replicas that have seen the same show the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessons.check import holds
from lessons.node import Client
from lessons.replication.crdts.codec import KINDS, dumps
from lessons.replication.crdts.counters import GCounter
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.gossip import DeltaGossip, Merge, StateGossip
from lessons.replication.crdts.orset import ORSet
from lessons.replication.crdts.replica import Do, Done, Refused
from lessons.replication.crdts.runs import NAMES, NETWORK, PROMISES, TROUBLE, agreed, crdt_run
from lessons.replication.crdts.updates import perform
from lessons.sim import Constant, DiskModel, Link, Nemesis, Simulation
from lessons.trace import Noted, Sent

EVERY = list(KINDS)
GOLDEN = Path(__file__).with_name("golden")
CALM = Link(Constant(0.01))


def sweep(node: Any, seeds: range, trouble: Nemesis = TROUBLE) -> None:
    """Each seed with another type: the promises hold at every event, and all agree in the end."""
    for seed in seeds:
        kind = EVERY[seed % len(EVERY)]
        sim = crdt_run(seed, node, kind, trouble=trouble)
        holds(sim.run(until=6))
        assert agreed(sim), (
            f"seed {seed}, {kind}: {[(each.name, each.seen, each.value) for each in sim.state.values()]}"
        )


@pytest.mark.parametrize("block", range(10))
def test_with_deltas_no_seed_of_1000_breaks_a_promise_and_all_agree_in_the_end(block: int) -> None:
    sweep(DeltaGossip, range(100 * block, 100 * (block + 1)))


@pytest.mark.parametrize("block", range(3))
def test_with_whole_states_no_seed_of_150_does(block: int) -> None:
    sweep(StateGossip, range(50 * block, 50 * (block + 1)))


def test_five_replicas_under_every_kind_of_fault_agree_in_the_end() -> None:
    everything = Nemesis(every=0.15, lasting=0.3)
    for seed in range(20):
        sim = crdt_run(seed, DeltaGossip, "or-set", names=("a", "b", "c", "d", "e"), trouble=everything)
        holds(sim.run(until=8))
        assert agreed(sim), f"seed {seed}"


def test_one_replica_alone_is_a_replica() -> None:
    sim = crdt_run(1, DeltaGossip, "text", names=("ann",))
    holds(sim.run(until=5))
    assert len(sim.state["ann"].log) == 5


SCRIPT = {
    "ann": ((0.10, "add", ("milk",)), (0.50, "remove", ("milk",))),
    "bob": ((0.52, "add", ("milk",)),),
}


@pytest.mark.parametrize("node", [StateGossip, DeltaGossip])
def test_a_run_is_word_for_word_what_it_was(node: Any) -> None:
    sim = crdt_run(7, node, "or-set", names=("ann", "bob"), network=CALM, script=SCRIPT)
    transcript = holds(sim.run(until=1)).transcript() + "\n"
    assert sim.state["ann"].value == sim.state["bob"].value == {"milk"}
    path = GOLDEN / f"{node.__name__.lower()}.txt"
    assert transcript == path.read_text(encoding="utf8")


def test_a_delta_is_sent_until_it_is_confirmed_and_then_no_more() -> None:
    sim = crdt_run(
        1, DeltaGossip, "g-counter", names=("ann", "bob"), network=CALM, script={"ann": ((0.0, "increment", ()),)}
    )
    sim.at(0.05).partition(["ann"], ["bob"])
    sim.at(0.45).heal()
    trace = holds(sim.run(until=3))
    assert agreed(sim)
    sent = [event for event in trace.only(Sent) if isinstance(event.message, Merge)]
    assert len(sent) >= 4 and max(event.time for event in sent) < 1


def test_a_delta_is_small_and_a_crash_costs_a_whole_state() -> None:
    script = {"ann": tuple((0.02 * number, "add", (f"thing {number}",)) for number in range(40))}
    sim = crdt_run(1, DeltaGossip, "or-set", names=("ann", "bob"), network=CALM, script=script)
    sim.at(1.5).crash("ann")
    sim.at(1.6).restart("ann")
    trace = holds(sim.run(until=1.55))
    sizes = [len(event.message.state) for event in trace.only(Sent, node="ann") if isinstance(event.message, Merge)]
    whole = len(dumps(sim.node("bob").state))  # type: ignore[attr-defined]
    assert max(sizes) < whole / 3
    trace = holds(sim.run(until=3))
    later = [e for e in trace.only(Sent, node="ann") if isinstance(e.message, Merge) and e.time > 1.6]
    assert len(later[0].message.state) == whole


class User(Client):
    """Asks a replica for updates, one after the other, and keeps the answers."""

    def __init__(self, asks: tuple[Any, ...]) -> None:
        self.asks = asks

    async def session(self) -> None:
        self.answers = [await self.call("ann", ask) for ask in self.asks]


def asked(*asks: Do, of: str = "or-set", disk: DiskModel | None = None) -> tuple[Simulation, list[Any]]:
    sim = Simulation(1, network=CALM, disk=disk, invariants=PROMISES)
    sim.add("ann", DeltaGossip, of=of)
    sim.add("user", User, asks=asks)
    holds(sim.run(until=2))
    return sim, sim.node("user").answers  # type: ignore[attr-defined]


def test_a_user_is_told_what_was_done_and_what_was_refused() -> None:
    sim, answers = asked(
        Do("add", ("milk",)), Do("remove", ("beer",)), Do("drink", ()), Do("add", ()), Do("add", ("tea",))
    )
    assert answers[0] == Done(1) and answers[4] == Done(2)
    assert [answer.why for answer in answers[1:3]] == [
        "element is 'beer': it is not in the set, so it can't be removed",
        "name is 'drink': a or-set has add, remove",
    ]
    assert isinstance(answers[3], Refused) and answers[3].why.startswith("args is []: they do not fit add")
    assert sim.state["ann"].value == {"milk", "tea"} and len(sim.state["ann"].log) == 2


@pytest.mark.parametrize("name", [None, ["increment"], "drink"])
def test_an_update_goes_by_its_name(name: Any) -> None:
    counter = GCounter()
    with pytest.raises(BadState, match=r"name is .*: a g-counter has increment"):
        perform(counter, "ann", name, ())
    assert counter == GCounter()


@pytest.mark.parametrize("of", ["text", "graph-text"])
def test_a_deletion_of_what_is_no_place_is_refused_and_the_replica_lives_on(of: str) -> None:
    sim, answers = asked(Do("insert", (0, "abc")), Do("delete", ("b", 1)), Do("delete", (1, 1)), of=of)
    assert answers[0] == Done(1) and answers[2] == Done(2)
    assert answers[1].why == "position is 'b', count is 1: the text has 3 characters"
    assert sim.state["ann"].value == "ac" and sim.state["ann"].log[-1].args == (1, 1, "b")


def test_a_number_too_long_to_be_written_is_refused_and_the_replica_lives_on() -> None:
    sim, answers = asked(Do("increment", (10**4299,)), Do("increment", (9 * 10**4299,)), of="g-counter")
    assert answers[0] == Done(1) and "limit (4300 digits)" in answers[1].why
    assert sim.state["ann"].value == 10**4299


def test_a_full_disk_refuses_the_update_and_changes_nothing() -> None:
    sim, answers = asked(Do("add", ("milk",)), disk=DiskModel(capacity=10))
    assert isinstance(answers[0], Refused) and "disk of ann is full" in answers[0].why
    assert sim.state["ann"].value == set() and sim.state["ann"].seen == {}


def test_what_was_done_is_there_after_a_crash_at_any_moment() -> None:
    for moment in range(60):
        sim = crdt_run(1, DeltaGossip, "g-counter", names=("ann", "bob"), network=CALM, updates=6, rest=0.05)
        sim.at(0.005 * moment).crash("ann")
        sim.at(0.005 * moment + 0.02).restart("ann")
        holds(sim.run(until=3))
        assert agreed(sim)


class Stranger(Client):
    """Sends ann what is no state of hers."""

    def __init__(self, states: tuple[str, ...]) -> None:
        self.states = states

    async def session(self) -> None:
        for state in self.states:
            self.send("ann", Merge(state, (("eve", 9),), 1))
            await self.sleep(0.1)


def test_a_malformed_or_foreign_state_is_refused_with_a_note_and_changes_nothing() -> None:
    states = ("", "{", dumps(GCounter({"eve": 3})), dumps(ORSet()).replace("{}", '{"eve":-1}'))
    sim = Simulation(1, network=CALM, invariants=PROMISES)
    sim.add("ann", DeltaGossip, of="or-set")
    sim.add("eve", Stranger, states=states)
    trace = holds(sim.run(until=1))
    notes = trace.only(Noted, node="ann")
    assert len(notes) == 4 and all(note.text == "refuses a state" for note in notes)
    assert sim.state["ann"].value == set() and sim.state["ann"].seen == {}


@pytest.mark.parametrize(("kind", "left"), [("tagged-set", "tombstones"), ("text", "deleted")])
def test_tombstones_go_once_everybody_has_them(kind: str, left: str) -> None:
    forgot = 0
    for seed in range(25):
        sim = crdt_run(seed, StateGossip, kind, updates=8, rest=0.2, trouble=TROUBLE)
        trace = holds(sim.run(until=8))
        assert agreed(sim)
        notes = [note for note in trace.only(Noted) if note.text == "forgets tombstones"]
        forgot += len(notes)
        if kind == "tagged-set":
            assert all(not getattr(sim.node(name).state, left) for name in NAMES), f"seed {seed}"  # type: ignore[attr-defined]
    assert forgot > 25


def test_a_replica_that_was_away_for_long_holds_the_tombstones_and_brings_nothing_back() -> None:
    script = {
        "ann": ((0.1, "add", ("milk",)), (1.0, "remove", ("milk",)), (1.2, "add", ("tea",))),
        "eve": ((1.5, "add", ("jam",)),),
    }
    sim = crdt_run(3, StateGossip, "tagged-set", network=NETWORK, script=script)
    sim.at(0.9).isolate("eve")
    sim.at(4.0).heal()
    holds(sim.run(until=3.9))
    assert sim.node("ann").state.tombstones == {("ann", 1)}  # type: ignore[attr-defined]
    holds(sim.run(until=8))
    assert agreed(sim) and sim.state["eve"].value == {"tea", "jam"}
    assert sim.node("ann").state.tombstones == set()  # type: ignore[attr-defined]
