"""Shrinking: planted bugs come down to a few faults, operations and messages, and one line has them again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from lessons.check import Failure, Sweep, invariant, replay, shrink, sweep
from lessons.check.shrinking import NotReproduced, Shrunk, line_of
from lessons.check.shrinking.messages import delivered, is_choice
from lessons.check.shrinking.plain import from_plain
from lessons.check.shrinking.repairs import with_repairs
from lessons.check.sweeps import Case, Judged, judge
from lessons.foundations.simulation import drafts
from lessons.foundations.simulation.runs import LOSSY, TROUBLE, counter_run
from lessons.sim import Action, Nemesis, Simulation
from tests.check.sweep_worlds import ball, kills, raises

BUGS: dict[str, dict[str, Any]] = {
    "Trusting": {"counter": drafts.Trusting, "network": LOSSY},
    "Forgetful": {"counter": drafts.Forgetful, "network": LOSSY, "trouble": TROUBLE},
    "Hasty": {"counter": drafts.Hasty, "trouble": Nemesis(("crash",), every=0.2, lasting=0.1)},
    "Register": {"counter": drafts.Register, "clerk": drafts.ReadWriteClerk},
}


@cache
def failures(bug: str) -> tuple[Failure, ...]:
    return sweep(counter_run, range(200), until=30.0, parameters=BUGS[bug]).failures


@cache
def shrunk(bug: str, place: int = 0) -> Shrunk:
    return shrink(failures(bug)[place])


def run_of_line(line: str) -> Judged:
    """What a shell would have run, without one."""
    words = shlex.split(line)
    assert words[:4] == ["python", "-m", "lessons.check", "replay"]
    build, seed = from_plain({"import": words[4]}), json.loads(words[5])
    options = dict(zip(words[6::2], words[7::2], strict=True))
    parameters = {name: from_plain(value) for name, value in json.loads(options.get("--parameters", "{}")).items()}
    return replay(
        build, seed, until=float(options["--until"]), parameters=parameters, actions=json.loads(options["--actions"])
    )


# What is left


@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_is_left_fails_as_before_and_is_no_larger(bug: str, place: int) -> None:
    small, before = shrunk(bug, place), failures(bug)[place]
    assert small.failure.invariant == before.invariant and small.minimal
    for part in ("faults", "messages", "events"):
        assert getattr(small.after, part) <= getattr(small.before, part)
    assert small.after.seconds <= 2 * small.before.seconds
    assert small.before.events == before.events and small.after.events == len(small.trace) == small.failure.events


@pytest.mark.parametrize(("bug", "most"), [("Trusting", 0), ("Forgetful", 2), ("Hasty", 1), ("Register", 0)])
def test_a_planted_bug_needs_few_faults(bug: str, most: int) -> None:
    assert all(shrunk(bug, place).after.faults <= most for place in range(3))
    assert bug in ("Trusting", "Register") or shrunk(bug).before.faults >= 6


def test_an_addition_that_counts_twice_takes_two_messages_for_one_clerk_and_one_for_the_other() -> None:
    assert delivered(shrunk("Trusting").trace) == [("bob", "counter", 1), ("bob", "counter", 2), ("ann", "counter", 2)]


def without(case: Case) -> Iterator[Case]:
    """The case without one of its faults, and without one of its messages."""
    actions = case.actions or ()
    for action in actions:
        rest = tuple(each for each in actions if each is not action)
        if not is_choice(action):
            yield replace(case, actions=rest)
            continue
        for link in action.args["messages"]:
            for number in link[2]:
                others = [
                    [*each[:2], [n for n in each[2] if (each, n) != (link, number)]] for each in action.args["messages"]
                ]
                yield replace(case, actions=(Action(action.at, action.name, {"messages": others}), *rest))


@pytest.mark.parametrize("bug", ["Trusting", "Forgetful", "Hasty"])
def test_nothing_more_can_be_left_out(bug: str) -> None:
    small = shrunk(bug)
    smaller = list(without(small.failure.case))
    assert smaller
    for case in smaller:
        finding = judge(case).finding
        assert finding is None or finding.name != small.failure.invariant


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_small_stays_as_it_is(bug: str) -> None:
    again = shrink(shrunk(bug).failure)
    assert again.failure.case == shrunk(bug).failure.case
    assert again.before == again.after == shrunk(bug).after


def test_the_same_failure_shrinks_to_the_same() -> None:
    assert shrink(failures("Forgetful")[0]) == shrunk("Forgetful")


def test_parameters_that_do_not_matter_are_left_out() -> None:
    assert dict(shrunk("Forgetful").failure.case.sweep.parameters) == {"counter": drafts.Forgetful}


def test_without_its_messages_a_case_shrinks_to_its_faults() -> None:
    small = shrink(failures("Forgetful")[1], messages=False)
    assert small.minimal and not any(is_choice(action) for action in small.failure.case.actions or ())
    assert 1 <= small.after.faults < small.before.faults


# Operations of clients


def additions(seed: int, clerks: tuple[str, ...] = ("ann", "bob") * 4) -> Simulation:
    """Clerks that make as many additions as their names stand in ``clerks``."""
    sim = counter_run(seed, drafts.Register, drafts.ReadWriteClerk, additions=0)
    for number, name in enumerate(clerks):
        sim.add(f"{name}{number}", drafts.ReadWriteClerk, additions=1)
    return sim


def test_operations_that_do_not_matter_are_left_out() -> None:
    first = sweep(additions, range(9), until=5.0, operations=["clerks"]).first
    assert first is not None
    small = shrink(first)
    assert small.before.operations == 8 and small.after.operations <= 3
    clerks = small.failure.case.parameters["clerks"]
    for place in range(len(clerks)):
        fewer = replace(small.failure.case, parameters={"clerks": clerks[:place] + clerks[place + 1 :]})
        assert judge(fewer).finding is None


@pytest.mark.parametrize("name", ["nobody", "counter"])
def test_operations_must_be_a_tuple_among_the_parameters(name: str) -> None:
    world = Sweep(counter_run, until=30.0, parameters=BUGS["Trusting"], operations=[name])
    first = sweep(world, range(5)).first
    assert first is not None
    with pytest.raises(ValueError, match=f"operations has '{name}': counter_run has no such parameter that is a tuple"):
        shrink(first)


# Promises, histories, errors


def patient(seed: int) -> Simulation:
    """A counter in trouble, and clerks who take no answer for the end of the world."""
    return counter_run(seed, clerk=drafts.ReadWriteClerk, counter=drafts.Register, trouble=TROUBLE, rules=())


def Served(sim: Simulation) -> Iterator[str]:
    """Every addition is confirmed."""
    clerks = [sim.state[name] for name in ("ann", "bob")]
    yield from (f"{clerk.name} has {clerk.confirmed} of 3" for clerk in clerks if clerk.confirmed < 3)


def Short(sim: Simulation) -> str | None:
    """A judgement of the history."""
    done = [operation for operation in sim.trace.history() if operation.outcome == "ok"]
    return f"{len(done)} operations" if len(done) >= 3 else None


def test_a_promise_is_broken_by_a_run_whose_faults_are_repaired() -> None:
    result = sweep(patient, range(30), until=20.0, complaints=Served)
    first = next(failure for failure in result.failures if failure.invariant == "Served")
    small = shrink(first)
    sim = small.failure.case.build()
    sim.run(20.0)
    assert sim.troubles == () and small.judgement.sim is not None and small.judgement.sim.now == 20.0
    assert not any(is_choice(action) for action in small.failure.case.actions or ())
    assert 1 <= small.after.faults <= 2 < small.before.faults


def test_a_judgement_that_holds_of_every_run_lets_messages_be_withheld_and_the_run_end_early() -> None:
    Marked = invariant("Nobody does anything three times.")(Short)
    first = sweep(counter_run, [1], until=30.0, complaints=Marked).first
    assert first is not None
    small = shrink(first)
    assert small.after.messages < small.before.messages and small.after.seconds < small.before.seconds
    assert len([each for each in small.trace.history() if each.outcome == "ok"]) == 3


def test_an_exception_is_shrunk_like_a_broken_invariant() -> None:
    world = Sweep(raises, until=1.0)
    result = {failure.seed: failure for failure in sweep(world, range(10)).failures}
    bug, unbuilt = shrink(result[9]), shrink(result[7])
    assert bug.failure.invariant == "ValueError" and bug.after.faults == 1 and bug.after.seconds == 0.1
    assert unbuilt.failure.invariant == "ZeroDivisionError" and unbuilt.after.events == 0


def test_what_ended_its_process_is_not_run_again() -> None:
    first = sweep(kills, [13], until=1.0, engine="processes", workers=1).first
    assert first is not None
    with pytest.raises(ValueError, match=r"failure is seed 13: WorkerDied: .*: running it again would end this"):
        shrink(first)


def test_what_does_not_fail_here_is_not_shrunk() -> None:
    with pytest.raises(NotReproduced, match="seed 2: nothing is broken here"):
        shrink(Case(Sweep(ball, until=0.1), 2))


def test_a_search_that_may_not_go_on_gives_what_it_has() -> None:
    small = shrink(failures("Forgetful")[0], most=5)
    assert small.runs == 5 and not small.minimal and "which did not suffice" in small.sentence
    assert small.after.events <= small.before.events


def test_an_error_of_building_a_smaller_world_is_no_failure_of_the_same_kind() -> None:
    def needs_both(seed: int, clerks: tuple[str, ...] = ("ann", "bob", "cat")) -> Simulation:
        if not {"ann", "bob"} <= set(clerks):
            raise LookupError("who?")
        return counter_run(seed, drafts.Trusting, network=LOSSY)

    first = sweep(needs_both, range(5), until=30.0, operations=("clerks",)).first
    assert first is not None and shrink(first).failure.case.parameters["clerks"] == ("ann", "bob")


# Lines


@pytest.mark.parametrize("bug", BUGS)
def test_the_line_reproduces_the_run(bug: str) -> None:
    small = shrunk(bug)
    assert "\n" not in small.line
    again = run_of_line(small.line)
    assert again.trace.diff(small.trace) is None and again.trace.transcript() == small.trace.transcript()
    assert repr(again) == str(small.failure.finding)


def test_a_world_of_a_notebook_has_a_line_of_python() -> None:
    def world(seed: int, loss: float = 0.0) -> Simulation:
        return counter_run(seed, drafts.Trusting, network=LOSSY)

    first = sweep(world, range(5), until=30.0).first
    assert first is not None
    small = shrink(first)
    assert small.line.startswith("replay(world, ") and "\n" not in small.line
    again = eval(small.line, {"replay": replay, "world": world})
    assert again.trace.diff(small.trace) is None and again.finding == small.failure.finding


def test_a_line_of_python_names_classes_and_dataclasses() -> None:
    sweep_of_it = Sweep(lambda seed: ball(seed), until=2.0, parameters=BUGS["Forgetful"], complaints=Served)
    line = line_of(Case(sweep_of_it, 3))
    assert line.startswith("replay(<lambda>, 3, until=2.0, complaints=(Served,), parameters={'counter': Forgetful, ")
    assert "'network': Link(latency=Uniform(low=0.001, high=0.01), loss=0.1" in line


def test_a_declared_world_is_called_by_its_name() -> None:
    world = Sweep(counter_run, until=30.0, parameters=BUGS["Trusting"], name="foundations/simulation:x")
    assert line_of(Case(world, 4)) == "python -m lessons.check replay foundations/simulation:x 4"
    assert line_of(Case(world, 4, until=2.5)).endswith("replay foundations/simulation:x 4 --until 2.5")


def test_a_shrunk_failure_shows_itself() -> None:
    small = shrunk("Forgetful")
    assert repr(small) == f"{small.sentence}\n{small.line}"
    assert [row[0] for row in small.table().rows] == ["faults", "operations", "messages", "events", "seconds"]
    shown = small._repr_mimebundle_()
    assert small.line in shown["text/plain"] and "<pre style=" in shown["text/html"]
    assert small.trace.play().text()


# Repairs


def test_a_fault_goes_with_the_next_one_that_undoes_it() -> None:
    at = [Action(float(time), name, args) for time, (name, args) in enumerate([
        ("crash", {"node": "a"}), ("crash", {"node": "b"}), ("restart", {"node": "b"}),
        ("cut", {"sender": "a", "to": "b"}),
        ("restart", {"node": "a"}), ("weather", {"loss": 0.5}), ("heal", {}), ("weather", {}), ("heal", {}),
        ("step_clock", {"node": "a", "seconds": 1.0}), ("step_clock", {"node": "a", "seconds": -1.0}),
        ("slow_disk", {"node": "a", "factor": 20.0}), ("slow_disk", {"node": "a", "factor": 1.0}),
        ("limit_disk", {"node": "a", "capacity": 0}), ("drift_clock", {"node": "a", "rate": 0.5}),
    ])]  # fmt: skip
    pairs = [tuple(int(action.at) for action in unit) for unit in with_repairs(at)]
    assert pairs == [(0, 4), (1, 2), (3, 6), (5, 7), (8,), (9, 10), (11, 12), (13,), (14,)]


@pytest.mark.parametrize("seed", range(20))
def test_every_fault_of_a_nemesis_has_its_repair(seed: int) -> None:
    sim = counter_run(seed, trouble=Nemesis(every=0.05, lasting=0.3))
    units = with_repairs(sim.planned)
    assert sorted(len(unit) for unit in units)[0] == 2 and sum(map(len, units)) == len(sim.actions)
