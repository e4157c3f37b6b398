"""Drafts of Raft that random faults break: a few faults, operations and messages are left, and one line has them."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from functools import cache

import pytest

from lessons.agreement.raft import Raft, drafts
from lessons.agreement.raft.runs import COMMANDS, SWEEPS, USERS, raft_run
from lessons.check import Shrunk, Sweep, replay, shrink, sweep
from lessons.check.shrinking.plain import from_plain
from lessons.check.sweeps import Case, judge
from lessons.sim import Nemesis

FULL = Nemesis(("full_disk", "crash"), every=0.1, lasting=0.3)


def trial_of(kind: type[Raft]) -> Sweep:
    """The chapter's trial with servers of a kind."""
    return replace(SWEEPS["three"], parameters={"kind": kind})


@dataclass(frozen=True)
class Bug:
    """A draft that some seed breaks, and how little is left of it: faults, operations, messages, events."""

    world: Sweep
    seed: int
    broken: str
    most: tuple[int, int, int, int]


FULL_DISKS = {"size": 5, "kind": drafts.TrustsMemory, "commands": 100, "trouble": FULL, "until": 2.0}
BUGS = {
    "ForgetsVotes": Bug(trial_of(drafts.ForgetsVotes), 0, "Persistence", (1, 0, 5, 60)),
    "CountsVotes": Bug(trial_of(drafts.CountsVotes), 0, "ElectionSafety", (1, 2, 12, 80)),
    "TrustsMemory": Bug(Sweep(raft_run, 4.0, parameters=FULL_DISKS), 3, "LogMatching", (3, 0, 30, 150)),
}


@cache
def small(name: str) -> Shrunk:
    return shrink(Case(BUGS[name].world, BUGS[name].seed))


@pytest.mark.parametrize("name", BUGS)
def test_little_is_left_of_a_run_that_breaks_a_draft(name: str) -> None:
    bug, found = BUGS[name], small(name)
    after = found.after
    assert found.failure.invariant == bug.broken and found.minimal
    sizes = (after.faults, after.operations, after.messages, after.events)
    assert all(size <= most for size, most in zip(sizes, bug.most, strict=True))
    assert found.before.faults >= 40 and after.seconds < found.before.seconds


@pytest.mark.parametrize("name", BUGS)
def test_the_line_has_the_run_again(name: str) -> None:
    words = shlex.split(small(name).line)
    options = dict(zip(words[6::2], words[7::2], strict=True))
    parameters = {key: from_plain(value) for key, value in json.loads(options["--parameters"]).items()}
    again = replay(
        from_plain({"import": words[4]}),
        int(words[5]),
        until=float(options["--until"]),
        parameters=parameters,
        actions=json.loads(options["--actions"]),
    )
    assert again.finding == small(name).failure.finding
    assert again.trace.transcript() == small(name).trace.transcript()


def test_what_is_small_stays_as_it_is() -> None:
    again = shrink(small("ForgetsVotes").failure)
    assert again.failure.case == small("ForgetsVotes").failure.case


def test_raft_itself_comes_through_what_is_left() -> None:
    for name, bug in BUGS.items():
        case = small(name).failure.case
        right = Case(case.sweep, bug.seed, {**case.parameters, "kind": Raft}, case.actions)
        assert judge(right).finding is None or judge(right).finding.name == "Served"  # type: ignore[union-attr]


def test_every_seed_holds_with_some_of_the_users_and_some_of_the_commands() -> None:
    for users, commands in ((("ann",), COMMANDS[:1]), (USERS, ()), ((), COMMANDS), (("bob", "eve"), COMMANDS)):
        result = sweep(replace(SWEEPS["three"], parameters={"users": users, "commands": commands}), range(6))
        assert not [failure for failure in result.failures if failure.invariant != "UnknownNode"]


def test_a_user_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="users has 'zoe': it may have ann, bob, cat, dan, eve"):
        SWEEPS["three"].build(1, users=("zoe",))
