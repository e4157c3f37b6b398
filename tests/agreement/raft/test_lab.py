"""The lab: what a reader can ask for happens, and can be replayed from seed, parameters and actions."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft.lab import KINDS, LAB, raft_lab
from lessons.agreement.raft.server import Role
from lessons.sim import Simulation
from lessons.trace import Changed


def leader(sim: Simulation) -> str:
    (name,) = [node.name for node in sim.state.values() if "role" in node and node.up and node.role is Role.LEADER]
    return name


def a_session(**parameters: Any) -> Simulation:
    """Commands, a change of members, a transfer, a crash, a partition and a query, by hand."""
    sim = raft_lab(seed=3, servers=3, spares=1, **parameters)
    sim.run(0.5)
    sim.faults.ask("ann", "propose", ["blue"])
    sim.run(0.6)
    sim.faults.ask("ann", "change_members", [["n1", "n2", "n3"], ["n4"]])
    sim.run(0.8)
    sim.faults.ask("ann", "change_members", [["n1", "n2", "n3", "n4"]])
    sim.run(1.0)
    sim.faults.ask("ann", "transfer_leadership", ["n4"])
    sim.run(1.2)
    sim.faults.crash("n4")
    sim.run(2.0)
    sim.faults.isolate(leader(sim))
    sim.faults.restart("n4")
    sim.run(3.0)
    sim.faults.heal()
    sim.faults.ask("ann", "query")
    sim.run(3.5)
    return sim


def test_everything_that_is_asked_for_happens() -> None:
    sim = a_session()
    outcomes = [(op.name, op.outcome) for op in sim.trace.history() if op.outcome == "ok"]
    assert outcomes == [(name, "ok") for name in
                        ("Propose", "ChangeMembers", "ChangeMembers", "TransferLeadership", "Query")]  # fmt: skip
    assert sim.trace.history()[-1].value == "blue"
    assert sim.state["n4"].voters == ("n1", "n2", "n3", "n4")
    assert sim.trace.violation is None


def test_seed_parameters_and_actions_give_the_same_run_again() -> None:
    first = a_session(loss=0.05, lease=True)
    again = raft_lab(seed=3, servers=3, spares=1, loss=0.05, lease=True)
    again.apply(action.to_json() for action in first.actions)
    again.run(3.5)
    assert first.trace.diff(again.trace) is None


def test_what_an_operator_does_not_know_is_refused() -> None:
    sim = raft_lab()
    sim.run(0.5)
    with pytest.raises(ValueError, match="wish is 'dance': ann can be asked for change_members, propose, query"):
        sim.faults.ask("ann", "dance")
    with pytest.raises(TypeError, match="to"):
        sim.faults.ask("ann", "transfer_leadership")
    with pytest.raises(ValueError, match="n1 can be asked for nothing"):
        sim.faults.ask("n1", "propose", ["x"])


def test_the_first_run_of_the_lab_elects_a_leader_and_executes_what_ann_asks_for() -> None:
    trace = LAB.run()
    operations = [(operation.name, operation.args, operation.outcome) for operation in trace.history()]
    assert operations[-1] == ("Propose", ("x",), "ok")
    assert trace.violation is None and len(LAB.html()) < 150_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_draft_can_be_chosen_and_leads_a_cluster(kind: str) -> None:
    trace = LAB.make(1, kind=kind).run(until=1.0)
    assert any(event.after.get("role") is Role.LEADER for event in trace.only(Changed))


def test_the_lab_also_judges_what_users_were_told() -> None:
    sim = LAB.make(1, servers=3, spares=0, kind="proposal answered before it is committed")
    sim.run(0.5)
    cut_off = leader(sim)
    sim.faults.bridge("ann", [cut_off], [name for name in ("n1", "n2", "n3") if name != cut_off])
    sim.faults.ask("ann", "propose", ["x"])
    violation = sim.run(3.0).violation
    assert violation is not None and violation.invariant == "Confirmed"


def test_a_cluster_has_a_server() -> None:
    with pytest.raises(ValueError, match="servers is 0"):
        raft_lab(servers=0)
