"""Invariants: the forms a rule may have, when it is asked, and how a broken one ends the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lessons.check import InvariantBroken, holds, invariant
from lessons.node import AuthorError, Node
from lessons.sim import Action, Constant, DiskModel, Link, Simulation, State
from lessons.trace import Changed, Delivered, Faulted, Rule, Trace, Violated
from tests.sim.worlds import Counter, Ear, Idle, Talker


class Stepper(Node):
    """Counts 1, 2, 3 ... one a second."""

    watched = ("count",)

    def start(self) -> None:
        self.count = 0
        self.every(1.0, self.step)

    def step(self) -> None:
        self.count += 1


def run(*rules: Callable[..., Any], until: float = 6.5, **faults: float) -> Trace:
    """Two Steppers under these rules, and faults of "a" at these times."""
    sim = Simulation(7, invariants=rules)
    sim.add(["a", "b"], Stepper)
    for name, time in faults.items():
        getattr(sim.at(time), name)("a")
    return sim.run(until)


# Forms


def SaysFalse(state: State) -> bool:
    """The count of a stays under 3."""
    return bool(state["a"].count < 3)


def SaysWhy(state: State) -> str | None:
    """The count of a stays under 3."""
    return f"it is {state['a'].count}" if state["a"].count >= 3 else None


@invariant("The count of a stays under 3.", cite="a book")
def Marked(state: State) -> str | None:
    """Other words."""
    return SaysWhy(state)


@invariant("The count of a stays under 3.")
class Remembers:
    """Other words."""

    def __init__(self) -> None:
        self.changes = -1

    def __call__(self, state: State) -> str | None:
        self.changes += 1
        return f"change {self.changes}" if state["a"].count >= 3 else None


@pytest.mark.parametrize(
    ("rule", "why", "cite"),
    [
        (SaysFalse, "The count of a stays under 3.", ""),
        (SaysWhy, "it is 3", ""),
        (Marked, "it is 3", "a book"),
        (Remembers, "change 5", ""),
    ],
)
def test_a_broken_rule_ends_the_run_with_its_name_its_words_and_why(
    rule: Callable[..., Any], why: str, cite: str
) -> None:
    trace = run(rule)
    assert trace.invariants == (Rule(rule.__name__, "The count of a stays under 3.", cite),)
    broken = trace.violation
    assert broken is not None and broken is trace[-1]
    assert (broken.invariant, broken.why, broken.time, broken.node) == (rule.__name__, why, 3.0, "")
    assert trace.end == 3.0
    assert trace.lines()[-1] == f"    3.000  -      INVARIANT {rule.__name__} is broken: {why}"


def test_a_class_remembers_within_a_run_and_starts_afresh_in_the_next() -> None:
    assert [event.why for _ in range(2) for event in run(Remembers).only(Violated)] == ["change 5", "change 5"]


def test_a_rule_without_words_is_known_by_its_name() -> None:
    trace = run(lambda state: state["a"].count < 3)
    assert trace.invariants == (Rule("<lambda>", "<lambda>"),) and trace.violation is not None


@pytest.mark.parametrize("verdict", [None, True])
def test_a_rule_that_holds_ends_nothing(verdict: bool | None) -> None:
    trace = run(lambda state: verdict)
    assert trace.violation is None and trace.end == 6.5


@pytest.mark.parametrize("verdict", [0, 1, [], {"a": 1}, 0.0])
def test_a_rule_that_answers_with_something_else_is_an_authors_error(verdict: object) -> None:
    def Unclear(state: State) -> object:
        return verdict

    with pytest.raises(AuthorError) as caught:
        run(Unclear)
    assert str(caught.value).startswith(f"Unclear returns {verdict!r}: a rule returns None or True while it holds")


@pytest.mark.parametrize("says", ["", "  \n"])
def test_an_invariant_needs_a_sentence(says: str) -> None:
    with pytest.raises(ValueError, match=r"says is .*: an invariant needs a sentence that states it"):
        invariant(says)


def test_an_error_in_a_rule_is_not_lost() -> None:
    def Buggy(state: State) -> bool:
        raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError) as caught:
        run(Buggy)
    assert "(seed 7, virtual time 0.000000 s)" in caught.value.__notes__


# When it is asked


def asked(**faults: float) -> list[Any]:
    """What a rule sees each time that it is asked."""
    seen: list[Any] = []

    def Looks(state: State) -> None:
        seen.append(tuple((node.name, node.count) if node.up else node.name for node in state.values()))

    run(Looks, until=2.5, **faults)
    return seen


def test_a_rule_is_asked_after_every_change_and_not_before_every_node_has_started() -> None:
    assert asked() == [
        (("a", 0), ("b", 0)),
        (("a", 1), ("b", 0)), (("a", 1), ("b", 1)),
        (("a", 2), ("b", 1)), (("a", 2), ("b", 2)),
    ]  # fmt: skip


def test_a_rule_is_asked_when_a_node_goes_down_and_when_it_comes_up() -> None:
    seen = asked(crash=1.5, restart=1.7)
    assert seen[3:5] == [("a", ("b", 1)), (("a", 0), ("b", 1))]


def test_a_rule_is_not_asked_where_nothing_changed() -> None:
    count = 0

    def Counts(state: State) -> None:
        nonlocal count
        count += 1

    class Steady(Node):
        watched = ("field",)

        def start(self) -> None:
            self.field = [1, 2]
            self.every(1.0, self.again)

        def again(self) -> None:
            self.field = [1, 2]

    sim = Simulation(1, invariants=[Counts])
    sim.add("a", Steady)
    assert len(sim.run(9.5).only(Changed)) == count == 1


def test_the_first_of_several_broken_rules_is_the_one_that_ends_the_run() -> None:
    def Never(state: State) -> bool:
        return False

    assert run(SaysFalse, Marked, Never).violation.invariant == "Never"  # type: ignore[union-attr]
    assert run(SaysFalse, Marked).violation.invariant == "SaysFalse"  # type: ignore[union-attr]


def test_a_node_added_later_is_judged_once_it_has_started() -> None:
    def AllCount(state: State) -> str | None:
        return next((f"{node.name} at {node.count}" for node in state.of("Stepper") if node.count > 3), None)

    sim = Simulation(7, invariants=[AllCount])
    sim.add("a", Stepper)
    sim.run(2.5)
    sim.add("late", Stepper)
    trace = sim.run(9.0)
    assert trace.violation is not None and trace.violation.why == "a at 4"


def test_what_a_rule_sees_is_a_copy_of_what_the_node_has() -> None:
    class Growing(Node):
        watched = ("log",)

        def start(self) -> None:
            self.log: list[int] = []
            self.every(1.0, self.grow)

        def grow(self) -> None:
            self.log.append(len(self.log))

    logs: list[list[int]] = []

    def Keeps(state: State) -> None:
        logs.append(state["a"].log)

    sim = Simulation(1, invariants=[Keeps])
    sim.add("a", Growing)
    trace = sim.run(2.5)
    assert logs == [[], [0], [0, 1]]
    assert [event.after["log"] for event in trace.only(Changed)] == logs


# Where it breaks


def ends_cleanly(trace: Trace, time: float) -> None:
    """The run ended with its violation, and all of it can be read and written."""
    assert trace.violation is not None and trace.violation.time == trace.end == time
    assert len(trace.lines()) == len(trace) and json.loads(trace.to_json())["invariants"][0]["broken"] == len(trace) - 1
    with pytest.raises(InvariantBroken):
        holds(trace)


def AtMostOneUp(state: State) -> str | None:
    """At most one node is up."""
    up = [node.name for node in state.values() if node.up]
    return f"{', '.join(up)} are up" if len(up) > 1 else None


def test_a_rule_can_break_in_the_first_start() -> None:
    sim = Simulation(1, invariants=[AtMostOneUp])
    sim.add(["a", "b", "c"], Ear)
    sim.run()
    ends_cleanly(sim.trace, 0.0)


def test_a_rule_can_break_in_a_restart() -> None:
    sim = Simulation(1, invariants=[lambda state: state["a"].up])
    sim.add("a", Ear)
    sim.at(1.0).restart("a")
    sim.at(2.0).crash("a")
    ends_cleanly(sim.run(), 2.0)


def test_a_rule_can_break_while_a_node_catches_up() -> None:
    def Deaf(state: State) -> bool:
        return len(state["b"].heard) < 3

    sim = Simulation(1, network=Link(Constant(0.1)), invariants=[Deaf])
    sim.add(["a", "b"], Talker, every=0.1)
    sim.at(0.15).pause("b")
    sim.at(1.0).resume("b")
    trace = sim.run()
    ends_cleanly(trace, 1.0)
    late = [event for event in trace.only(Delivered, node="b") if event.time == 1.0]
    assert len(late) == 3, "the rest of what had queued up is not handled"


def test_a_rule_can_break_at_a_fault_by_hand() -> None:
    sim = Simulation(1, invariants=[lambda state: state["a"].up])
    sim.add("a", Ear)
    sim.run(3.0)
    sim.faults.crash("a")
    ends_cleanly(sim.trace, 3.0)
    assert [type(event) for event in sim.trace][-2:] == [Faulted, Violated]
    assert [action.name for action in sim.actions] == ["crash"], "the fault that broke it is one of its actions"


def test_a_rule_can_break_when_a_disk_is_done() -> None:
    class Starter(Node):
        watched = ("count",)

        def start(self) -> None:
            self.disk.sync()
            self.count = 3

    sim = Simulation(1, disk=DiskModel(sync=0.25), invariants=[SaysFalse])
    sim.add("a", Starter)
    ends_cleanly(sim.run(), 0.25)


def test_a_rule_can_break_in_a_single_step() -> None:
    sim = Simulation(1, invariants=[SaysFalse])
    sim.add("a", Stepper)
    steps = 0
    while sim.step():
        steps += 1
    ends_cleanly(sim.trace, 3.0)
    assert steps == 3


# What a rule can see


def test_the_state_shows_nodes_in_their_order_with_their_kind_and_fields() -> None:
    sim = Simulation(1)
    sim.add(["z", "a"], Ear)
    sim.add("m", Idle)
    sim.add("k", Counter)
    sim.run()
    state = sim.state
    assert list(state) == ["z", "a", "m", "k"] and len(state) == 4
    assert [node.name for node in state.of("Ear", "Counter")] == ["z", "a", "k"]
    assert (state["k"].kind, state["k"].total) == ("Counter", 0)
    assert "total" in state["k"] and "sum" not in state["k"]
    assert repr(state["z"]) == "z(heard=())"


def test_the_state_shows_who_is_up_and_watches_a_field() -> None:
    sim = Simulation(1)
    sim.add(["z", "a"], Ear)
    sim.add("k", Counter)
    assert sim.state.showing("heard") == []
    sim.run()
    sim.apply([Action(0.0, "crash", {"node": "z"})])
    sim.run()
    assert [node.name for node in sim.state.showing("heard")] == ["a"]
    assert [node.name for node in sim.state.values()] == ["z", "a", "k"] and sim.state.showing("sum") == []


# holds


def test_holds_returns_a_run_whose_rules_held() -> None:
    trace = run(SaysFalse, until=2.5)
    assert holds(trace) is trace


def test_holds_raises_for_a_broken_rule_and_says_which_when_and_with_which_seed() -> None:
    with pytest.raises(InvariantBroken, match=r"^SaysWhy is broken at 3 s with seed 7: it is 3$") as caught:
        holds(run(SaysWhy))
    assert caught.value.trace.violation is not None
    assert isinstance(caught.value, AssertionError), "a test that meets it fails"


def test_a_run_can_be_judged_by_other_invariants_from_now_on() -> None:
    sim = Simulation(1, invariants=[lambda state: "never mind"])
    sim.add("a", Stepper)
    sim.judge_by([lambda state: "late" if state["a"].count > 2 else None])
    trace = sim.run(until=10)
    assert trace.violation is not None and trace.violation.why == "late"
