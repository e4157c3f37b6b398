"""A seed and a list of actions fix a run: replayed, split in stretches, or taken step by step."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import Client, Node
from lessons.sim import Action, Constant, Exponential, Link, Network, Simulation, Uniform
from lessons.trace import Changed, Delivered, Faulted, Trace
from tests.sim.worlds import END, LAWS, NODES, Counter, Gossip, Ping, Plan, Talker, plans


def same(one: Trace, other: Trace) -> bool:
    """Whether two runs are the same to the last byte; says where they are not."""
    difference = one.diff(other)
    assert difference is None, difference
    assert one.transcript() == other.transcript()
    assert one.to_json() == other.to_json()
    return one.end == other.end


@given(plans())
@LAWS
def test_the_same_seed_and_actions_give_the_same_run(plan: Plan) -> None:
    assert same(plan.run(), plan.run())


@pytest.mark.parametrize("kind", [Gossip, Counter])
def test_different_seeds_give_different_runs(kind: type[Node]) -> None:
    runs = {Plan(seed, kind).run().transcript() for seed in range(20)}
    assert len(runs) == 20


@pytest.mark.parametrize(("one", "other"), [("a", "b"), (1, 2), (1, -1), ("", "a"), (10**30, 10**30 + 1)])
def test_any_two_numbers_or_texts_are_different_seeds(one: int | str, other: int | str) -> None:
    def first_draw(seed: int | str) -> list[float]:
        sim = Simulation(seed)
        sim.add(["a", "b"], Talker, most=1)
        return [event.time for event in sim.run().only(Delivered)]

    assert first_draw(one) == first_draw(one) != first_draw(other)


@given(plans())
@LAWS
def test_the_actions_of_a_run_replayed_in_a_fresh_world_give_the_same_run(plan: Plan) -> None:
    sim = plan.build()
    first = sim.run(END)
    again = plan.bare()
    again.apply(sim.actions)
    assert same(first, again.run(END))


@given(plans())
@LAWS
def test_actions_that_went_through_json_give_the_same_run(plan: Plan) -> None:
    sim = plan.build()
    first = sim.run(END)
    again = plan.bare()
    again.apply(json.loads(json.dumps([action.to_json() for action in sim.actions])))
    assert same(first, again.run(END))
    assert list(again.actions) == list(sim.actions)


def test_sets_and_tuples_of_nodes_in_a_fault_become_lists_in_a_fixed_order() -> None:
    sim = Simulation(1)
    sim.add(NODES, Talker)
    sim.at(1.0).partition({"n3", "n1", "n2"}, ("n4",))
    sim.at(2.0).bridge("n1", left={"n3", "n2"}, right=iter(["n4"]))
    assert [dict(action.args) for action in sim.actions] == [
        {"groups": [["n1", "n2", "n3"], ["n4"]]},
        {"node": "n1", "left": ["n2", "n3"], "right": ["n4"]},
    ]
    json.dumps([action.to_json() for action in sim.actions])


def test_an_action_as_json_is_flat_and_says_what_to_do_and_when() -> None:
    action = Action(3.0, "weather", {"loss": 0.5, "latency": Uniform(0.1, 0.2)})
    assert action.to_json() == {
        "at": 3.0,
        "do": "weather",
        "loss": 0.5,
        "latency": {"type": "Uniform", "low": 0.1, "high": 0.2},
    }


# Faults by hand


def test_faults_by_hand_are_replayed() -> None:
    def build() -> Simulation:
        sim = Simulation(5)
        sim.add(NODES, Gossip)
        return sim

    sim = build()
    sim.run(1.01)
    sim.faults.crash("n1")
    sim.run(2.03)
    sim.faults.partition(["n2"])
    sim.faults.restart("n1")
    sim.run(3.07)
    sim.faults.heal()
    again = build()
    again.apply(sim.actions)
    assert same(sim.run(5.0), again.run(5.0))


def test_faults_by_hand_at_the_time_of_other_events_are_replayed() -> None:
    def build() -> Simulation:
        sim = Simulation(5, network=Link(Constant(0.5)))
        sim.add(NODES, Talker, every=0.5)
        return sim

    sim = build()
    sim.run(1.0)
    sim.faults.crash("n1")
    sim.run(2.0)
    sim.faults.restart("n1")
    sim.faults.isolate("n2")
    sim.run(3.0)
    again = build()
    again.apply(sim.actions)
    assert same(sim.trace, again.run(3.0))


def test_faults_by_hand_at_one_moment_are_replayed_with_what_follows_at_once_between_them() -> None:
    class Hasty(Talker):
        def start(self) -> None:
            super().start()
            self.talk()

    def build() -> Simulation:
        sim = Simulation(5, network=Link(Constant(0.0)))
        sim.add(NODES, Hasty)
        return sim

    sim = build()
    sim.faults.restart("n1")
    sim.faults.isolate("n2")
    sim.run(0.05)
    sim.faults.restart("n3")
    sim.faults.crash("n4")
    again = build()
    again.apply(sim.actions)
    assert same(sim.run(1.0), again.run(1.0))
    pings = [event for event in sim.trace.only(Delivered, node="n4") if event.time == 0.05]
    assert [event.sender for event in pings] == ["n3"], "it came before the crash"


def test_a_fault_between_two_steps_is_replayed() -> None:
    def build() -> Simulation:
        sim = Simulation(5, network=Link(Constant(0.5)))
        sim.add(NODES, Talker, every=0.5)
        return sim

    sim = build()
    for _ in range(9):
        sim.step()
    sim.faults.crash("n1")
    again = build()
    again.apply(sim.actions)
    assert same(sim.run(2.0), again.run(2.0))


def test_a_fault_planned_during_a_run_is_replayed() -> None:
    def build() -> Simulation:
        sim = Simulation(5)
        sim.add(NODES, Talker, every=2.0)
        return sim

    sim = build()
    sim.run(1.0)
    sim.at(2.0).crash("n1")
    sim.run(3.0)
    again = build()
    again.apply(sim.actions)
    assert same(sim.trace, again.run(3.0))


def test_a_fault_by_hand_is_on_record_at_the_present_moment() -> None:
    sim = Simulation(1)
    sim.add(NODES, Talker)
    sim.run(1.25)
    sim.faults.pause("n1")
    (fault,) = sim.trace.only(Faulted)
    assert (fault.time, fault.name, sim.actions) == (1.25, "pause", [Action(1.25, "pause", {"node": "n1"})])


# Stretches and steps


@given(plans(), st.lists(st.floats(0, END), max_size=4).map(sorted))
@LAWS
def test_a_run_in_stretches_is_the_run_in_one_go(plan: Plan, stops: list[float]) -> None:
    sim = plan.build()
    for stop in stops:
        assert sim.run(stop).end == sim.now == stop
    assert same(sim.run(END), plan.run())


@given(plans())
@LAWS
def test_a_stretch_shows_the_beginning_of_the_whole_run(plan: Plan) -> None:
    half = plan.build().run(END / 2)
    whole = plan.run()
    assert half.lines() == whole.lines()[: len(half)]
    assert all(event.time > END / 2 for event in whole.events[len(half) :])


@given(plans())
@LAWS
def test_a_run_step_by_step_is_the_run_in_one_go(plan: Plan) -> None:
    sim = plan.build()
    whole = plan.run()
    while sim.step() and sim.now <= END:
        pass
    stepped = [event for event in sim.trace if event.time <= END]
    assert Trace.of(stepped, nodes=whole.nodes).lines() == whole.lines()


def test_steps_to_the_end_come_to_the_end_of_a_run() -> None:
    def build() -> Simulation:
        sim = Simulation(4)
        sim.add(["a", "b"], Talker, most=3)
        return sim

    sim = build()
    assert sim.step() is True and sim.now == 0.0 and len(sim.trace) == 2
    while sim.step():
        pass
    assert sim.step() is False
    assert same(sim.trace, build().run())


def test_a_run_goes_up_to_and_including_its_end() -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Talker, every=1.0)
    assert sim.run(0.999).end == 0.999
    assert not [event for event in sim.trace if event.time > 0]
    assert sim.run(1.0)[-1].time == 1.0
    assert sim.run(1.0).end == 1.0, "running to the present moment changes nothing"


def test_looking_at_a_run_does_not_change_it() -> None:
    def build() -> Simulation:
        sim = Simulation(4)
        sim.add(["a", "b"], Talker, most=9)
        return sim

    sim = build()
    looked = 0
    while sim.step():
        looked += len(sim.trace.transcript()) + len(sim.trace.to_json()) + len(sim.state)
    assert looked and same(sim.trace, build().run())


def test_a_trace_is_what_had_happened_when_it_was_taken() -> None:
    sim = Simulation(4)
    sim.add(["a", "b"], Talker)
    early = sim.run(1.0)
    length = len(early.events)
    sim.run(2.0)
    assert (len(early), early.end) == (length, 1.0)
    late = sim.trace
    sim.run(3.0)
    assert late.events[-1].time <= 2.0, "also when it is read only later"


# Independent streams of chance


def chances(trace: Trace, node: str) -> list[object]:
    return [event.after for event in trace.only(Changed, node=node)]


class Dicer(Node):
    """Throws dice, tells everybody, and does not listen."""

    watched = ("thrown",)

    def start(self) -> None:
        self.thrown = 0
        self.every(0.1, self.throw)

    def throw(self) -> None:
        self.thrown = self.rng.randrange(10**6)
        self.broadcast(Ping(self.thrown))

    def on_ping(self, sender: str, ping: Ping) -> None:
        pass


def test_what_the_network_does_does_not_change_the_chance_of_nodes() -> None:
    def run(link: Link) -> Trace:
        sim = Simulation(8, network=link)
        sim.add(["a", "b"], Dicer)
        return sim.run(5.0)

    calm, stormy = run(Link()), run(Link(Exponential(0.1), loss=0.4, duplicate=0.4, reorder=0.0))
    assert calm.diff(stormy) is not None
    for node in ("a", "b"):
        assert chances(calm, node) == chances(stormy, node)


def test_loss_on_one_link_does_not_change_what_others_lose() -> None:
    def lost(links: dict[tuple[str, str], Link]) -> int:
        sim = Simulation(8, network=Network(Link(Constant(0.01)), links))
        sim.add(["a", "b", "c"], Talker)
        return sum(event.sender == "a" for event in sim.run(5.0).only(Delivered))

    assert lost({}) == 98 and lost({("b", "c"): Link(Constant(0.01), loss=0.5)}) == 98


def test_a_further_node_does_not_change_the_chance_of_those_there_are() -> None:
    def run(*names: str) -> list[object]:
        sim = Simulation(8)
        sim.add(names, Dicer)
        return chances(sim.run(3.0), "a")

    assert run("a") == run("a", "b") == run("b", "a")


def test_nodes_have_chances_of_their_own() -> None:
    sim = Simulation(8)
    sim.add(["a", "b"], Dicer)
    trace = sim.run(3.0)
    assert chances(trace, "a") != chances(trace, "b")


class Shopper(Client):
    """Buys what it is asked to."""

    watched = ("bought",)

    def start(self) -> None:
        self.bought: tuple[str, ...] = ()

    async def ask_buy(self, what: str, times: int = 1) -> None:
        for _ in range(times):
            await self.sleep(0.1)
            self.bought += (what,)


def a_shopper() -> Simulation:
    sim = Simulation(1)
    sim.add("ann", Shopper)
    sim.run(1.0)
    return sim


def test_a_client_does_what_it_is_asked_and_does_it_again_in_a_replay() -> None:
    sim = a_shopper()
    sim.faults.ask("ann", "buy", ["tea", 2])
    sim.at(1.5).ask("ann", "buy", ["milk"])
    sim.run(2.0)
    assert sim.state["ann"].bought == ("tea", "tea", "milk")
    again = a_shopper()
    again.apply(action.to_json() for action in sim.actions)
    assert same(sim.trace, again.run(2.0))


class Phone(Node):
    """A copy of a list in its user's hand."""

    watched = ("items",)

    def start(self) -> None:
        self.items: tuple[str, ...] = ()

    def ask_add(self, item: str) -> None:
        self.items += (item,)


def test_a_node_in_its_users_hand_does_what_it_is_asked_and_is_a_peer_of_others_all_the_same() -> None:
    sim = Simulation(1)
    sim.add(["ann", "bob"], Phone)
    sim.at(0.5).isolate("ann")
    sim.at(1.0).ask("ann", "add", ["tea"])
    sim.run(2.0)
    assert sim.state["ann"].items == ("tea",) and sim.state["bob"].items == ()
    assert sim.node("bob").peers == ("ann",)


def test_a_client_that_is_down_does_nothing_when_it_is_asked() -> None:
    sim = a_shopper()
    sim.faults.crash("ann")
    sim.faults.ask("ann", "buy", ["tea"])
    sim.faults.restart("ann")
    sim.run(2.0)
    assert sim.state["ann"].bought == ()


def test_a_client_that_is_paused_does_what_it_was_asked_afterwards() -> None:
    sim = a_shopper()
    sim.faults.pause("ann")
    sim.faults.ask("ann", "buy", ["tea"])
    sim.run(2.0)
    assert sim.state["ann"].bought == ()
    sim.faults.resume("ann")
    sim.run(3.0)
    assert sim.state["ann"].bought == ("tea",)


@pytest.mark.parametrize(
    ("wish", "args", "error", "text"),
    [
        ("sell", [], ValueError, "wish is 'sell': ann can be asked for buy"),
        ("start", [], ValueError, "wish is 'start'"),
        ("buy", [], TypeError, "what"),
        ("buy", ["tea", 1, 2], TypeError, "too many"),
    ],
)
def test_a_wish_that_can_not_be_granted_is_refused(
    wish: str, args: list[object], error: type[Exception], text: str
) -> None:
    sim = a_shopper()
    with pytest.raises(error, match=text):
        sim.faults.ask("ann", wish, args)
    assert sim.actions == []
