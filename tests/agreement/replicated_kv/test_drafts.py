"""The first drafts break, each in a run of its own and in its own way; the store does not, in the very same runs."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import pytest

from lessons.agreement.raft import Options, Role
from lessons.agreement.replicated_kv import drafts
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.breaks import BREAKS, Break, broken_by, one_wish, slow_clock
from lessons.agreement.replicated_kv.invariants import ExactlyOnce, judged
from lessons.agreement.replicated_kv.server import KVServer
from lessons.check import Explorer
from lessons.sim import Faults, Simulation
from lessons.sim.actions import Planner
from lessons.trace import Changed, Faulted, Operation, Trace

OF = {broken.draft.__name__: broken for broken in BREAKS}
EACH = pytest.mark.parametrize("broken", BREAKS, ids=list(OF))
VISIBLE = [broken for broken in BREAKS if broken.visible]


@EACH
def test_the_draft_breaks_what_is_said_and_the_store_in_the_same_run_breaks_nothing(broken: Break) -> None:
    assert broken.verdict(broken.draft) == broken.invariant
    assert broken.verdict(KVServer) is None


@EACH
def test_clients_see_it_unless_the_draft_only_cheats_watchers(broken: Break) -> None:
    assert broken.judged(broken.draft).holds is not broken.visible
    assert broken.judged(KVServer).holds is True


@pytest.mark.parametrize("broken", VISIBLE, ids=lambda broken: broken.draft.__name__)
def test_two_operations_are_enough_to_show_it(broken: Break) -> None:
    judgement = broken.judged(broken.draft)
    assert judgement.window is not None and len(judgement.window.core) <= 2
    assert "not linearizable" in judgement.text()


def test_a_request_is_done_twice_without_any_fault_when_an_answer_is_late() -> None:
    bounds: dict[str, Any] = {"after": 0.26, "invariants": [ExactlyOnce], "timers": {"ann.give_up": 2}}
    found = Explorer(partial(one_wish, audited(drafts.ExecutesEveryCopy)), **bounds).run()
    assert (found.invariant, len(found.schedule)) == ("ExactlyOnce", 7)
    assert Explorer(partial(one_wish, audited()), depth=8, **bounds).run().outcome == "bounded"


@EACH
def test_the_draft_is_the_store_but_for_a_few_lines(broken: Break) -> None:
    parts = [broken.draft, broken.draft.state_machine]
    assert issubclass(broken.draft, KVServer)
    assert sum(len(inspect.getsource(part).splitlines()) for part in parts if part.__module__ == drafts.__name__) <= 40


@EACH
def test_the_run_is_short_and_the_same_every_time(broken: Break) -> None:
    first = broken.run(broken.draft)
    assert len(first) <= 230
    assert first.diff(broken.run(broken.draft)) is None


@EACH
def test_every_operation_has_its_answer_before_the_run_of_the_store_ends(broken: Break) -> None:
    assert {operation.outcome for operation in broken.run(KVServer).history()} == {"ok"}


@EACH
def test_no_fault_and_no_write_can_be_left_out(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    done = broken.run(broken.draft).only(Faulted)
    needed = [at for at, each in enumerate(done) if each.name != "heal" and each.args.get("wish") != "get"]
    assert len(needed) >= 2
    for left_out in needed:
        with monkeypatch.context() as patched:
            leave_out(left_out, patched)
            assert broken.verdict(broken.draft) != broken.invariant, done[left_out]


def leave_out(number: int, patched: pytest.MonkeyPatch) -> None:
    """Let simulations schedule all but one of the actions that they are told to."""
    at, told = Simulation.at, iter(range(1000))

    def most_at(sim: Simulation, time: float) -> Faults:
        return Planner(lambda name, args: None).as_faults() if next(told) == number else at(sim, time)

    patched.setattr(Simulation, "at", most_at)


def test_a_server_that_no_run_breaks_is_named() -> None:
    assert broken_by(drafts.ReadsAtOnce).build.__name__ == "old_read"
    with pytest.raises(LookupError, match="draft is KVServer: runs break ExecutesEveryCopy, "):
        broken_by(KVServer)


def run(name: str, kind: type[KVServer] | None = None) -> tuple[Simulation, Trace]:
    """The run of the draft of that name, with the store unless another kind is given."""
    broken = OF[name]
    sim = broken.build(audited(kind or KVServer))
    sim.judge_by(())
    return sim, sim.run(broken.end)


def got(trace: Trace) -> list[tuple[str, object]]:
    """What clients did, and what it gave."""
    return [(operation.name, operation.value) for operation in trace.history()]


def leaders(trace: Trace) -> list[str]:
    """Who has been elected, in order."""
    return [event.node for event in trace.only(Changed) if event.after.get("role") is Role.LEADER]


def values(sim: Simulation, name: str) -> dict[str, object]:
    """The keys and values of a server."""
    server = sim.node(name)
    assert isinstance(server, KVServer)
    return {key: record.value for key, record in server.machine.keyspace.records.items()}


# Sessions


def test_the_log_has_the_request_twice_with_the_draft_and_with_the_store() -> None:
    for kind, milk in ((drafts.ExecutesEveryCopy, "milk milk "), (KVServer, "milk ")):
        sim, trace = run("ExecutesEveryCopy", kind)
        requests = [entry.data for entry in sim.state["n1"].entries if "Append" in entry.data]
        assert len(requests) == 2
        assert got(trace) == [("append", None), ("get", milk)]


def test_ann_is_told_that_a_name_is_taken_by_herself() -> None:
    assert got(run("RemembersNumbers", drafts.RemembersNumbers)[1]) == [("cas", False), ("get", "ann")]
    assert got(run("RemembersNumbers")[1]) == [("cas", True), ("get", "ann")]


def test_a_server_without_its_sessions_differs_from_the_others_from_then_on() -> None:
    sim, _ = run("SnapshotsKeysAlone", drafts.SnapshotsKeysAlone)
    assert [values(sim, name)["list"] for name in ("n1", "n2", "n3")] == ["milk milk ", "milk ", "milk "]
    sim, trace = run("SnapshotsKeysAlone")
    assert [values(sim, name)["list"] for name in ("n1", "n2", "n3")] == ["milk "] * 3
    assert leaders(trace) == ["n1", "n1"] and sim.state["n1"].base >= 3


# Answers and reads


def test_what_was_answered_early_is_lost_and_what_the_store_answers_late_is_not() -> None:
    _, early = run("AnswersEarly", drafts.AnswersEarly)
    _, late = run("AnswersEarly")
    assert got(early) == [("put", None), ("get", None)] and got(late) == [("put", None), ("get", "1")]
    assert returned(early, 0) < 0.3 < 0.45 < returned(late, 0)


def returned(trace: Trace, number: int) -> float:
    operation: Operation = trace.history()[number]
    assert operation.returned is not None
    return operation.returned


def test_the_old_leader_answers_from_before_and_the_store_waits_for_the_new_one() -> None:
    for name in ("ReadsAtOnce", "TrustsItsClock"):
        _, draft = run(name, OF[name].draft)
        _, store = run(name)
        assert [client.value for client in draft.history()] == [None, None]
        assert [client.value for client in store.history()] == [None, "1"]
        assert leaders(draft)[-2:] == ["n1", "n2"]


def test_with_a_bound_for_clocks_that_is_wide_enough_a_lease_is_harmless_in_the_same_run() -> None:
    class Careful(KVServer):
        def __init__(self, voters: tuple[str, ...], options: Options) -> None:
            super().__init__(voters, Options(options.heartbeat, options.election, lease=True, drift=0.85))

    sim = slow_clock(Careful)
    assert judged(sim.run(1.5)).holds is True


# Leases and watches


def test_a_lock_is_free_at_one_server_and_taken_at_another() -> None:
    _, trace = run("ExpiresByOwnClock", drafts.ExpiresByOwnClock)
    assert [value for name, value in got(trace) if name == "get"] == [None, "ann"]
    sim, trace = run("ExpiresByOwnClock")
    assert [value for name, value in got(trace) if name == "get"] == [None, None]
    assert values(sim, "n1") == values(sim, "n2") == {}


def test_the_second_event_is_all_that_the_watcher_of_a_server_without_history_hears() -> None:
    def heard(kind: type[KVServer]) -> list[str]:
        sim, _ = run("TellsOnlyNews", kind)
        return [event.record.value for event in sim.state["bob"].told]

    assert heard(drafts.TellsOnlyNews) == ["2"] and heard(KVServer) == ["1", "2"]
