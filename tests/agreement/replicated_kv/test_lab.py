"""The lab: what a reader can ask for happens, and can be replayed from seed, parameters and actions."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft.invariants import leader_of
from lessons.agreement.replicated_kv.drafts import ExecutesEveryCopy
from lessons.agreement.replicated_kv.invariants import judged
from lessons.agreement.replicated_kv.lab import ALL_KEYS, KINDS, LAB, kv_lab
from lessons.lab import answer
from lessons.sim import Simulation

WISHES: list[tuple[str, str, list[Any]]] = [
    ("bob", "watch", []),
    ("ann", "put", ["x", "1"]),
    ("bob", "append", ["x", "2"]),
    ("ann", "get", ["x"]),
    ("ann", "get", ["x", "stale", "n2"]),
    ("ann", "get", ["x", "bounded", None, 0.5]),
    ("bob", "cas", ["x", "1", "3"]),
    ("bob", "move", ["x", "y"]),
    ("ann", "delete", ["y"]),
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
        "12", "12", "12", False, "12",
    ]  # fmt: skip
    assert [(event.revision, event.key) for event in sim.state["bob"].told] == [
        (1, "x"), (2, "x"), (3, "x"), (3, "y"), (4, "y"), (5, "lock"), (6, "lock"),
    ]  # fmt: skip
    assert "leader, term 2" in sim.state["bob"].got and judged(sim.trace, ALL_KEYS)


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


def test_what_the_store_refuses_is_told_and_the_run_goes_on() -> None:
    sim = kv_lab()
    sim.run(0.5)
    sim.faults.ask("ann", "put", ["", "1"])
    sim.run(0.6)
    assert sim.state["ann"].got == "key is '': it must be a text of 1 to 512 characters"
    sim.faults.ask("ann", "put", ["x", "1"])
    sim.run(1.0)
    assert [operation.outcome for operation in sim.trace.history()] == ["ok"]


# What a reader sees


def test_the_first_run_of_the_lab_is_linearizable_and_small() -> None:
    assert judged(LAB.run()).sentence == "This history of 2 operations is linearizable."
    assert len(LAB.html()) < 150_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_draft_can_be_chosen_and_answers(kind: str) -> None:
    sim = LAB.make(1, kind=kind)
    sim.apply(LAB.start.actions)
    assert judged(sim.run(1.0))


def test_a_deposed_leader_is_caught_by_the_history() -> None:
    actions = [
        {"at": 0.5, "do": "bridge", "node": "ann", "left": ["n2"], "right": ["n1", "n3"]},
        {"at": 1.2, "do": "ask", "client": "bob", "wish": "put", "args": ["x", "1"]},
        {"at": 1.6, "do": "ask", "client": "ann", "wish": "get", "args": ["x", "linearizable", "n2"]},
    ]
    state = {**LAB.start.to_json(), "actions": actions, "until": 2.0}
    verdicts = {kind: shown_verdict(state, kind) for kind in ("the store", "read from a deposed leader")}
    assert "is linearizable." in verdicts["the store"]
    assert "is not linearizable at 'x'" in verdicts["read from a deposed leader"]


def shown_verdict(state: dict[str, Any], kind: str) -> str:
    reply = answer({"do": "show", "state": {**state, "parameters": {"kind": kind, "check_quorum": False}}})
    assert "<svg" in reply["verdict"]["html"] or "<img" in reply["verdict"]["html"]
    return str(reply["verdict"]["text"])


def test_operations_on_many_keys_are_judged_together_whatever_the_keys() -> None:
    sim = LAB.make(1)
    sim.run(0.5)
    for wish, args in (("put", ["a", "1"]), ("move", ["a", "m"]), ("get", ["a"]), ("get", ["m"])):
        sim.faults.ask("ann", wish, args)
        sim.run(sim.now + 0.3)
    assert judged(sim.trace, ALL_KEYS) and sim.trace.history()[-1].value == "1"


def test_a_cluster_has_a_server() -> None:
    with pytest.raises(ValueError, match="servers is 0"):
        kv_lab(servers=0)
