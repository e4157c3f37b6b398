"""The explorer: it proves what is right, finds the shortest way to what is wrong, and says how far it has looked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

from lessons.check import Explorer, invariant
from lessons.check.explore import REDUCTIONS, Kind
from lessons.node import AuthorError, Node, UnknownNode, message
from lessons.sim import Simulation, State
from tests.check.two_phase import Agreement, Consent, Hasty, Impatient, two_phase

UNWILLING = partial(two_phase, willing=False)


@pytest.mark.parametrize("build", [two_phase, UNWILLING], ids=["both willing", "one unwilling"])
@pytest.mark.parametrize("crashes", [0, 1])
def test_two_phase_commit_is_proved_for_two_participants(build: Any, crashes: int) -> None:
    verdict = Explorer(build, timers=1, crashes=crashes).run()
    assert (verdict.outcome, verdict.remarks) == ("exhausted", ())
    assert str(verdict).startswith("exhausted: no schedule within the bounds breaks an invariant (")


def test_a_decision_that_is_told_before_it_is_durable_is_found_out_in_seven_moves() -> None:
    verdict = Explorer(partial(two_phase, Hasty), crashes=1).run()
    assert (verdict.outcome, verdict.invariant) == ("violated", Agreement.__name__)
    kinds = [move.kind for move in verdict.schedule]
    assert kinds == [Kind.DELIVER] * 5 + [Kind.CRASH, Kind.RESTART]
    assert [str(move) for move in verdict.schedule[-2:]] == ["c crashes, unsynced writes are lost", "c starts again"]


def test_a_participant_that_decides_by_itself_is_found_out_without_any_fault() -> None:
    verdict = Explorer(partial(two_phase, participant=Impatient)).run()
    assert (verdict.outcome, verdict.invariant, len(verdict.schedule)) == ("violated", Agreement.__name__, 5)
    assert "timer lose_patience of p" in str(verdict)


def test_the_counter_example_is_a_run_that_can_be_replayed_and_shown() -> None:
    verdict = Explorer(partial(two_phase, Hasty), crashes=1).run()
    assert verdict.trace.violation is not None and verdict.trace.violation.invariant == verdict.invariant
    assert verdict.replay().transcript() == verdict.transcript()
    assert "p1     receives" in verdict.transcript()
    proved = Explorer(two_phase).run()
    with pytest.raises(LookupError, match="there is no run to show: exhausted"):
        proved.replay()


@pytest.mark.parametrize("build", [two_phase, UNWILLING], ids=["both willing", "one unwilling"])
def test_with_reductions_there_are_ten_times_fewer_states_and_no_other_verdict(build: Any) -> None:
    few, many = (Explorer(build, depth=6, without=without).run() for without in ((), REDUCTIONS))
    assert few.outcome == many.outcome == "bounded"
    assert 10 * few.states < many.states


@pytest.mark.parametrize("draft", [{"coordinator": Hasty}, {"participant": Impatient}], ids=["hasty", "impatient"])
def test_a_counter_example_is_as_short_as_that_of_the_search_of_all_schedules(draft: dict[str, Any]) -> None:
    build = partial(two_phase, **draft)
    lengths = {
        len(Explorer(build, crashes=1, without=without).run().schedule)
        for without in [(), ("sleeping",), ("domination",), ("sleeping", "domination")]
    }
    assert len(lengths) == 1


# Bounds, and how far it is


def test_it_gives_up_at_each_bound_says_which_and_goes_on_where_it_stopped() -> None:
    assert Explorer(two_phase, depth=3).run().bound == "depth"
    explorer = Explorer(two_phase, states=50)
    first = explorer.run()
    assert (first.outcome, first.bound) == ("bounded", "states")
    assert str(first).startswith("bounded: no invariant is broken as far as the bound of states let us look")
    slow = Explorer(two_phase)
    stops = [slow.run(seconds=0).effort.states for _ in range(5)]
    assert stops == sorted(set(stops))
    assert slow.run().states == Explorer(two_phase).run().states


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(0.0, 0.3)
    monkeypatch.setattr("lessons.check.explore.explorer.monotonic", lambda: next(ticks))
    told: list[int] = []
    verdict = Explorer(two_phase).run(watch=lambda effort: told.append(effort.states))
    assert told == sorted(told) and 1 < len(told) < verdict.transitions
    assert verdict.effort.learned < verdict.transitions


def test_no_restart_means_that_who_crashed_stays_down() -> None:
    hasty = partial(two_phase, Hasty)
    assert Explorer(hasty, crashes=1, restarts=0).run().outcome == "exhausted"
    assert Explorer(hasty, crashes={"p1": 1}).run().outcome == "exhausted"
    assert Explorer(hasty, crashes={"c": 1}).run().outcome == "violated"


def test_what_breaks_at_the_start_needs_no_move() -> None:
    @invariant("Nobody is there.")
    def Nobody(state: State) -> bool:
        return not state

    verdict = Explorer(two_phase, invariants=[Nobody]).run()
    assert (verdict.outcome, verdict.invariant, verdict.schedule) == ("violated", "Nobody", ())


def test_invariants_that_are_given_take_the_place_of_the_worlds_own() -> None:
    assert Explorer(partial(two_phase, Hasty), crashes=1, invariants=[Consent]).run().outcome == "exhausted"


# What can't be explored


@message
class Poke:
    """Do something."""


class Fragile(Node):
    """Fails when it is poked a second time."""

    def start(self) -> None:
        self.poked = 0
        for other in self.peers:
            self.send(other, Poke())

    def on_poke(self, sender: str, poke: Poke) -> None:
        self.poked += 1
        if self.poked == 2:
            raise ArithmeticError("twice")


def poking(kind: type[Node] = Fragile) -> Simulation:
    sim = Simulation(1)
    sim.add(["a", "b", "c"], kind)
    return sim


def test_an_error_of_a_node_comes_with_the_shortest_schedule_that_leads_to_it() -> None:
    with pytest.raises(Exception, match="twice") as caught:
        Explorer(poking).run()
    (note,) = [note for note in caught.value.__notes__ if "schedule" in note]
    assert note.splitlines()[1:] == ["   1. b gets Poke() from a", "   2. b gets Poke() from c)"]


class Gossip(Fragile):
    """Nodes that share a variable, which is no message."""

    watched = ("poked",)
    shared: list[str] = []  # noqa: RUF012

    def on_poke(self, sender: str, poke: Poke) -> None:
        self.shared.append(self.name)
        self.poked = len(self.shared)


def test_nodes_that_influence_each_other_without_messages_are_found_out() -> None:
    def build() -> Simulation:
        Gossip.shared.clear()
        return poking(Gossip)

    with pytest.raises(AuthorError, match="they influence each other by something else than messages"):
        Explorer(build).run()


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        ({"build": 7}, TypeError, "build is 7: it must be a function that builds a Simulation"),
        ({"build": lambda: 7}, TypeError, "build returns 7: it must return a Simulation"),
        ({"timers": -1}, ValueError, "timers is -1: it must be a whole number, 0 or more"),
        ({"crashes": {"z": 1}}, UnknownNode, "z"),
        ({"losses": 0.5}, ValueError, "losses is 0.5: it must be a whole number"),
        ({"depth": 0}, ValueError, "depth is 0: it must be at least 1"),
        ({"states": -3}, ValueError, "states is -3: it must be at least 1"),
        ({"without": ["speed"]}, ValueError, r"without is \['speed'\]: it must be a list of names out of merging"),
        ({"without": "merging"}, ValueError, "without is 'merging': it must be a list"),
    ],
)
def test_bad_arguments_are_named_with_their_rule(given: dict[str, Any], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        Explorer(**{"build": two_phase, **given})


def test_a_fault_that_needs_time_can_not_be_planned() -> None:
    def build() -> Simulation:
        sim = two_phase()
        sim.at(1.0).pause("p1")
        return sim

    with pytest.raises(ValueError, match="pause is planned at 1 s: an explorer knows no time, only crash, restart"):
        Explorer(build)


@pytest.mark.parametrize("begin", [lambda sim: sim.faults.isolate("p1"), lambda sim: sim.run(0.5), Simulation.step])
def test_a_run_that_was_begun_while_it_was_built_is_refused(begin: Callable[[Simulation], Any]) -> None:
    def build() -> Simulation:
        sim = two_phase()
        begin(sim)
        return sim

    with pytest.raises(ValueError, match="it must not have begun, see after"):
        Explorer(build).run()


def test_a_fault_that_comes_before_all_else_is_planned_and_done_in_time() -> None:
    def build() -> Simulation:
        sim = two_phase()
        sim.at(0.0).isolate("p1")
        return sim

    alone = Explorer(build, after=0.0).run()
    assert alone.outcome == "exhausted" and alone.states < Explorer(two_phase).run().states
