"""The invariants can fail, each on what it is for, and not on what looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft import Options
from lessons.agreement.replicated_kv.answers import Event, Record
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.invariants import (
    STORE,
    ExactlyOnce,
    ExpiredTogether,
    RevisionsGrow,
    SameState,
    StreamsArePrefixes,
)
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.runs import kv_run
from lessons.agreement.replicated_kv.server import KVServer
from lessons.node import Series
from lessons.sim import NodeState, State

X1, Y2, X3 = (Event(n, key, Record(key, str(n), n, n)) for n, key in ((1, "x"), (2, "y"), (3, "x")))
QUIET: dict[str, Any] = {
    "applied": 0, "revision": 0, "executed": 0, "effects": Series(), "expired": Series(), "leases": (),
    "events": Series(), "digest": 0,
}  # fmt: skip


class World:
    """A state that a test sets up step by step, and a rule that judges each step."""

    def __init__(self, rule: Any) -> None:
        self.rule, self.state = rule(), State()
        self.fields: dict[str, dict[str, Any]] = {}

    def look(self, name: str, **fields: Any) -> str | None:
        """Let a node show these fields, and ask the rule."""
        if name not in self.fields:
            self.fields[name] = dict(QUIET) if name[0] == "n" else {"told": Series(), "interest": ("", "", 1)}
            node = NodeState(name, "Node", self.fields[name])
            node.up = True
            self.state.add(node)
        self.fields[name].update(fields)
        why: str | None = self.rule(self.state)
        return why


def test_the_same_request_at_two_places_is_twice() -> None:
    world = World(ExactlyOnce)
    assert world.look("n1", effects=Series([(3, 1, 1)])) is None
    assert world.look("n2", effects=Series([(3, 1, 1), (4, 1, 2), (5, 2, 1)])) is None
    assert world.look("n1", effects=Series()) is None  # restarted on a snapshot
    assert world.look("n1", effects=Series([(4, 1, 2)])) is None
    assert world.look("n1", effects=Series([(4, 1, 2), (6, 1, 1)])) == (
        "n1 has done request 1 of session 1 at 3 and at 6"
    )


def test_states_are_compared_at_the_same_index_only() -> None:
    world = World(SameState)
    assert world.look("n1", applied=1, digest=11) is None
    assert world.look("n2", applied=2, digest=22) is None
    assert world.look("n1", applied=2, digest=22) is None
    assert world.look("n3", applied=1, digest=12) == "n3 has another state at 1 than n1 had"


@pytest.mark.parametrize(
    ("index", "revision", "broken"), [(15, 5, False), (15, 4, True), (15, 8, True), (5, 0, False), (25, 6, True)]
)
def test_revisions_rise_with_indexes_whoever_is_asked(index: int, revision: int, broken: bool) -> None:
    world = World(RevisionsGrow)
    for at, number in ((10, 5), (20, 7), (0, 0)):
        assert world.look(f"n{at}", applied=at, revision=number) is None
    assert (world.look("n1", applied=index, revision=revision) is not None) is broken


def test_a_revision_that_is_lost_with_a_snapshot_is_noticed() -> None:
    class Forgetful(KVMachine):
        def restore(self, data: bytes) -> None:
            super().restore(data)
            self.keyspace.revision = 0

    class Server(KVServer):
        state_machine = Forgetful

    sim = kv_run(3, 3, Server, options=Options(compact_after=4))
    sim.judge_by([RevisionsGrow])
    sim.at(0.9).restart("n1")
    trace = sim.run(2.0)
    assert trace.violation is not None and "has revision" in trace.violation.why


def test_a_lease_that_ends_at_two_places_or_lives_on_is_noticed() -> None:
    world = World(ExpiredTogether)
    assert world.look("n1", executed=5, expired=Series([(5, 1)])) is None
    assert world.look("n2", executed=4, leases=(1, 2)) is None
    assert world.look("n2", executed=5, leases=(2,), expired=Series([(5, 1)])) is None
    assert world.look("n2", executed=6, leases=(), expired=Series([(5, 1), (6, 2)])) is None
    why = world.look("n1", executed=7, expired=Series([(5, 1), (7, 2)]))
    assert why == "n1 ended lease 2 at 7, another server at 6"
    world = World(ExpiredTogether)
    world.look("n1", executed=5, expired=Series([(5, 1)]))
    assert world.look("n2", executed=6, leases=(1,)) == "n2 still has lease 1 at 6: it ended at 5"


def test_a_watcher_may_be_behind_or_ahead_of_what_servers_show_but_not_wrong() -> None:
    world = World(StreamsArePrefixes)
    world.look("n1", events=Series([X1]))
    assert world.look("eve", told=Series([X1, Y2])) is None
    assert world.look("n1", events=Series([X1, Y2, X3])) is None
    assert world.look("eve", told=Series([X1, Y2, X3])) is None


@pytest.mark.parametrize(
    ("interest", "told", "wrong"),
    [
        (("", "", 1), [X1, X3], True),
        (("", "", 1), [X1, X1], True),
        (("", "", 1), [Y2, X1], True),
        (("", "", 2), [Y2, X3], False),
        (("", "", 2), [X1, Y2], True),
        (("x", None, 1), [X1, X3], False),
        (("x", None, 1), [X1, Y2], True),
        (("y", "z", 1), [Y2], False),
        (("", "", 1), [Event(1, "x", Record("x", "other", 1, 1))], True),
    ],
)
def test_what_is_missing_doubled_turned_round_or_made_up_is_noticed(
    interest: tuple[str, str | None, int], told: list[Event], wrong: bool
) -> None:
    world = World(StreamsArePrefixes)
    world.look("n1", events=Series([X1, Y2, X3]))
    why = world.look("eve", interest=interest, told=Series(told))
    assert (why is not None) is wrong


def test_servers_that_keep_no_account_and_those_that_are_down_are_not_judged() -> None:
    for rule in STORE:
        state = State()
        plain = NodeState("n1", "KVServer", {"role": "leader"})
        plain.up = True
        state.add(plain)
        state.add(NodeState("n2", "KVServer", dict(QUIET)))
        assert rule()(state) is None


def test_each_rule_says_what_it_states() -> None:
    assert all(rule.says.endswith(".") for rule in STORE)  # type: ignore[attr-defined]
    assert audited() is not KVServer and audited(audited()).__name__ == "KVServer"
