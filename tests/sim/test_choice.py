"""Other plans for a world, only some of its messages, and what faults have left behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import UnknownNode
from lessons.sim import Action, Constant, DiskModel, Link, Nemesis, Simulation
from lessons.trace import Delivered, Dropped, Faulted, Sent, Trace
from tests.sim.worlds import END, LAWS, Ear, Plan, Talker, plans

Messages = dict[tuple[str, str], list[int]]


def numbered(trace: Trace, *kinds: type[Delivered] | type[Dropped]) -> Messages:
    """The numbers of the messages that were delivered (or dropped) on each link."""
    sent: Counter[tuple[str, str]] = Counter()
    numbers: dict[int, int] = {}
    for event in trace.only(Sent):
        sent[event.node, event.to] += 1
        numbers[event.index] = sent[event.node, event.to]
    found: Messages = {}
    for event in trace.only(*kinds):
        found.setdefault((event.sender, event.node), []).append(numbers[event.sent])
    return found


def as_items(messages: Messages) -> list[tuple[str, str, list[int]]]:
    return [(*link, sorted(set(numbers))) for link, numbers in messages.items()]


# deliver_only


def talk(messages: Messages | None = None, at: float = 0.0, link: Link | None = None) -> Trace:
    """Two Talkers for a second; from ``at`` on only these messages arrive."""
    sim = Simulation(3, network=link or Link(Constant(0.05)))
    sim.add(["a", "b"], Talker)
    if messages is not None:
        sim.at(at).deliver_only(as_items(messages))
    return sim.run(1.0)


def test_only_the_chosen_messages_arrive() -> None:
    trace = talk({("a", "b"): [1, 4, 9], ("b", "a"): [2]})
    assert numbered(trace, Delivered) == {("a", "b"): [1, 4, 9], ("b", "a"): [2]}
    assert {event.why for event in trace.only(Dropped)} == {"withheld"}
    assert numbered(trace, Dropped)["b", "a"] == [1, *range(3, 11)]


def test_messages_are_numbered_from_the_beginning_of_the_run() -> None:
    trace = talk({("a", "b"): [8]}, at=0.5)
    delivered = numbered(trace, Delivered)
    assert delivered["a", "b"] == [1, 2, 3, 4, 8] and delivered["b", "a"] == [1, 2, 3, 4]


def test_a_message_under_way_is_lost_unless_it_is_chosen() -> None:
    trace = talk({("a", "b"): [3]}, at=0.31)
    assert numbered(trace, Delivered) == {("a", "b"): [1, 2, 3], ("b", "a"): [1, 2]}
    lost = [event for event in trace.only(Dropped) if event.time == 0.31]
    assert [(event.sender, event.why) for event in lost] == [("b", "withheld")]


def test_what_is_lost_under_way_is_on_record_after_the_fault() -> None:
    kinds = [type(event) for event in talk({}, at=0.31) if event.time == 0.31]
    assert kinds == [Faulted, Dropped, Dropped]


def test_a_copy_of_a_message_is_lost_with_it() -> None:
    assert not talk({}, link=Link(Constant(0.05), duplicate=1.0)).only(Delivered)
    copies = talk({}, at=0.31, link=Link(Constant(0.05), duplicate=1.0))
    assert numbered(copies, Delivered) == {("a", "b"): [1, 1, 2, 2], ("b", "a"): [1, 1, 2, 2]}


@given(plans())
@LAWS
def test_a_run_in_which_all_that_arrived_is_chosen_is_the_same_run(plan: Plan) -> None:
    before = plan.run()
    again = plan.build()
    again.at(0.0).deliver_only(as_items(numbered(before, Delivered)))
    trace = again.run(END)
    arrived = [line for line in trace.lines() if " receives " in line]
    assert [line.split("#")[0] for line in arrived] == [
        line.split("#")[0] for line in before.lines() if " receives " in line
    ]


@given(plans(), st.data())
@LAWS
def test_no_other_message_arrives_whatever_happens(plan: Plan, data: st.DataObject) -> None:
    delivered = numbered(plan.run(), Delivered)
    chosen = {link: data.draw(st.lists(st.sampled_from(numbers))) for link, numbers in delivered.items()}
    again = plan.build()
    again.at(0.0).deliver_only(as_items(chosen))
    for link, numbers in numbered(again.run(END), Delivered).items():
        assert set(numbers) <= set(chosen[link])


def test_the_choice_is_an_action_like_others() -> None:
    def build() -> Simulation:
        sim = Simulation(3, network=Link(loss=0.1, duplicate=0.1))
        sim.add(["a", "b", "c"], Talker)
        return sim

    sim = build()
    sim.run(0.3)
    sim.faults.deliver_only([("a", "b", (5, 6)), ("c", "a", {4, 9})])
    again = build()
    again.apply(json.loads(json.dumps([action.to_json() for action in sim.actions])))
    assert sim.run(2.0).diff(again.run(2.0)) is None


@pytest.mark.parametrize(
    ("messages", "error", "text"),
    [
        ([("a", "b", [0])], ValueError, "numbers from a to b has 0: messages are numbered 1, 2, 3"),
        ([("a", "b", ["1"])], ValueError, "numbers from a to b has '1'"),
        ([("a", "z", [1])], UnknownNode, "z"),
        ([("z", "a", [1])], UnknownNode, "z"),
    ],
)
def test_a_choice_of_messages_that_can_not_be_is_refused(
    messages: list[tuple[str, str, list[int]]], error: type[Exception], text: str
) -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Talker)
    with pytest.raises(error, match=text):
        sim.faults.deliver_only(messages)
    assert sim.actions == [] and len(sim.run(1.0).only(Delivered)) == 18


# replan


def trouble(seed: int = 1) -> Simulation:
    sim = Simulation(seed, network=Link(loss=0.1))
    sim.add(["a", "b", "c"], Talker)
    sim.unleash(Nemesis(every=0.2), until=2.0)
    return sim


def test_the_same_plan_gives_the_same_run() -> None:
    one, other = trouble(), trouble()
    other.replan([action.to_json() for action in one.actions])
    assert other.actions == one.actions
    assert one.run(3.0).diff(other.run(3.0)) is None


def test_a_world_with_another_plan_is_as_if_it_was_built_with_it() -> None:
    sim, bare = trouble(), Simulation(1, network=Link(loss=0.1))
    bare.add(["a", "b", "c"], Talker)
    wanted = [Action(0.5, "crash", {"node": "a"}), Action(0.7, "restart", {"node": "a"})]
    sim.replan(wanted)
    bare.apply(wanted)
    assert sim.actions == wanted
    assert sim.run(3.0).diff(bare.run(3.0)) is None


def test_what_has_happened_stays() -> None:
    sim = trouble()
    before = len(sim.actions)
    sim.run(1.0)
    happened = [action for action in sim.actions if action.at <= 1.0]
    assert 0 < len(happened) < before
    sim.replan([])
    assert sim.actions == happened
    assert [event.time for event in sim.run(3.0).only(Faulted)] == [action.at for action in happened]


@pytest.mark.parametrize(
    "bad",
    [Action(0.5, "explode"), Action(-1.0, "heal"), Action(0.5, "crash", {"nod": "a"}), {"at": 0.5}],
)
def test_a_plan_that_can_not_be_leaves_the_one_there_is(bad: Action) -> None:
    sim, other = trouble(), trouble()
    with pytest.raises((ValueError, TypeError)):
        sim.replan([Action(0.1, "heal"), bad])
    assert sim.actions == other.actions
    assert sim.run(3.0).diff(other.run(3.0)) is None


# violation, troubles


def test_a_simulation_says_what_ended_it() -> None:
    def Quiet(state: object) -> bool:
        return sim.now < 0.5

    sim = Simulation(1, invariants=[Quiet])
    sim.add(["a", "b"], Talker)
    sim.run(0.3)
    assert sim.violation is None
    sim.run(1.0)
    assert sim.violation is not None and sim.violation == sim.trace.violation


@pytest.mark.parametrize(
    ("harm", "words", "repair"),
    [
        (lambda f: f.crash("a"), "a is down", lambda f: f.restart("a")),
        (lambda f: f.pause("a"), "a is paused", lambda f: f.resume("a")),
        (lambda f: f.cut("a", "b"), "nothing gets from a to b", lambda f: f.heal()),
        (lambda f: f.drift_clock("a", 1.5), "the clock of a counts 1.5 seconds a second",
         lambda f: f.drift_clock("a", 1.0)),
        (lambda f: f.slow_disk("a", 9), "the disk of a takes 9 times as long", lambda f: f.slow_disk("a", 1)),
        (lambda f: f.limit_disk("a", 7), "the disk of a has room for 7 bytes", lambda f: f.limit_disk("a", None)),
        (lambda f: f.weather(loss=0.5), "the weather is ", lambda f: f.weather()),
    ],
)  # fmt: skip
def test_a_trouble_is_there_until_it_is_repaired(
    harm: Callable[[object], None], words: str, repair: Callable[[object], None]
) -> None:
    sim = Simulation(1, disk=DiskModel(capacity=100))
    sim.add(["a", "b"], Ear)
    assert sim.troubles == ()
    sim.run(0.1)
    harm(sim.faults)
    (trouble,) = sim.troubles
    assert trouble.startswith(words)
    repair(sim.faults)
    assert sim.troubles == ()


def test_withheld_messages_are_a_trouble() -> None:
    sim = Simulation(1)
    sim.add(["a", "b"], Ear)
    sim.faults.deliver_only([])
    assert sim.troubles == ("messages are withheld",)


@pytest.mark.parametrize("seed", range(20))
def test_a_nemesis_leaves_no_trouble_behind(seed: int) -> None:
    sim = trouble(seed)
    sim.run(3.0)
    assert sim.troubles == ()
