"""The lab: what a reader can ask for happens, and can be replayed from seed, parameters and actions."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.replicated_kv.commands import Compare, Put, Txn
from lessons.agreement.replicated_kv.drafts import ExecutesEveryCopy
from lessons.agreement.replicated_kv.invariants import Linearizable
from lessons.agreement.replicated_kv.lab import kv_lab
from lessons.agreement.replicated_kv.rules import BadCommand
from lessons.agreement.replicated_kv.text import to_text
from lessons.sim import Simulation

MOVE = to_text(Txn((Compare("x", "value", "=", "12"),), (Put("y", "moved"),)))
WISHES: list[tuple[str, str, list[Any]]] = [
    ("bob", "watch", []),
    ("ann", "put", ["x", "1"]),
    ("bob", "append", ["x", "2"]),
    ("ann", "get", ["x"]),
    ("ann", "get", ["x", "stale", "n2"]),
    ("ann", "get", ["x", "bounded", None, 0.5]),
    ("bob", "cas", ["x", "1", "3"]),
    ("bob", "transact", [MOVE]),
    ("ann", "delete", ["x"]),
    ("ann", "hold", ["lock", "ann", 5.0]),
    ("ann", "keep_alive", []),
    ("ann", "let_go", []),
    ("bob", "status", []),
]


def a_session(**parameters: Any) -> Simulation:
    """Two wishes a second, with a crash of the leader between."""
    sim = kv_lab(seed=3, **parameters)
    sim.run(0.5)
    for number, (client, wish, args) in enumerate(WISHES):
        sim.faults.ask(client, wish, args)
        sim.run(sim.now + 0.5)
        if number == 6:
            sim.faults.crash(str(leader_of(sim.state)))
    sim.run(10.0)
    return sim


def test_everything_that_is_asked_for_happens() -> None:
    sim = a_session()
    history = sim.trace.history()
    assert {operation.outcome for operation in history} == {"ok"}
    assert [operation.value for operation in history if operation.name.startswith(("get", "cas"))] == [
        "12", "12", "12", False,
    ]  # fmt: skip
    assert [(event.revision, event.key) for event in sim.state["bob"].told] == [
        (1, "x"), (2, "x"), (3, "y"), (4, "x"), (5, "lock"), (6, "lock"),
    ]  # fmt: skip
    assert "leader, term 2" in sim.state["bob"].got and Linearizable(sim) is None


def test_seed_parameters_and_actions_give_the_same_run_again() -> None:
    parameters = {"loss": 0.05, "duplicate": 0.1, "lease": True, "compact_after": 5, "events": 50}
    first = a_session(**parameters)
    again = kv_lab(seed=3, **parameters)
    again.apply(action.to_json() for action in first.actions)
    again.run(10.0)
    assert first.trace.diff(again.trace) is None


def test_a_draft_can_be_broken_by_hand() -> None:
    sim = kv_lab(seed=1, kind=ExecutesEveryCopy, patience=0.1)
    sim.run(0.5)
    sim.faults.ask("ann", "put", ["list", ""])
    sim.run(0.6)
    sim.faults.ask("ann", "append", ["list", "milk"])
    sim.run(0.604)
    sim.faults.cut(str(leader_of(sim.state)), "ann")
    sim.run(0.65)
    sim.faults.heal()
    trace = sim.run(2.0)
    assert trace.violation is not None and trace.violation.invariant == "ExactlyOnce"


def test_what_a_user_does_not_know_is_refused() -> None:
    sim = kv_lab()
    sim.run(0.5)
    with pytest.raises(ValueError, match="wish is 'dance': ann can be asked for append, cas, delete, get, hold"):
        sim.faults.ask("ann", "dance")
    with pytest.raises(TypeError, match="value"):
        sim.faults.ask("ann", "put", ["x"])
    sim.faults.ask("ann", "put", ["", "1"])
    with pytest.raises(BadCommand, match="key is ''"):
        sim.run(0.6)


def test_a_cluster_has_a_server() -> None:
    with pytest.raises(ValueError, match="servers is 0"):
        kv_lab(servers=0)
