"""Results of proposals: Done once executed, Lost once that is certain, Refused before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lessons.agreement.raft import Done, Entry, Kind, Lost, NotLeader, Propose, Refused, Role, Unknown, storage
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, TimeoutNow
from lessons.sim import DiskModel
from tests.agreement.raft.stage import QUIET, Stage, append, entries, piece
from tests.agreement.raft.troupe import Troupe


def test_a_follower_names_the_leader_and_does_nothing() -> None:
    stage = Stage()
    assert stage.ask("ann", Propose("x")) == NotLeader(None)
    stage.say("n2", append(1, 0, 0))
    assert stage.ask("ann", Propose("x")) == NotLeader("n2")
    assert stage.log == []


def test_results_come_once_each_in_the_order_of_the_log() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"), Propose("y"))
    assert stage.say("bob", Propose("z")) == []
    stage.say("n2", Appended(1, True, 3, 0), Appended(1, True, 3, 0))
    assert (stage.heard("ann"), stage.heard("bob")) == ([Done(2, "1"), Done(3, "2")], [])
    stage.say("n3", Appended(1, True, 4, 0), Appended(1, True, 4, 0))
    assert (stage.heard("ann"), stage.heard("bob")) == ([], [Done(4, "3")])
    assert stage.server.machine.commands == ["x", "y", "z"]


def test_the_same_command_twice_is_two_commands() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"), Propose("x"))
    stage.say("n2", Appended(1, True, 3, 0))
    assert stage.heard("ann") == [Done(2, "1"), Done(3, "2")]


def test_a_cluster_of_one_answers_when_its_own_disk_has_the_command() -> None:
    stage = Stage(size=1, disk=DiskModel(sync=0.1), options=replace(QUIET, heartbeat=0.5, election=(1.0, 1.1)))
    stage.wait(2.0)
    assert stage.server.role is Role.LEADER
    assert stage.say("ann", Propose("x")) == []
    stage.wait(0.15)
    assert stage.heard("ann") == [Done(2, "")]


def test_the_leader_does_not_count_itself_before_its_disk_has_the_entry() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, disk=DiskModel(sync=0.01))
    troupe.elect("n1")
    troupe.wait(0.2)
    troupe.sim.faults.crash("n3")
    troupe.sim.faults.slow_disk("n1", 100.0)  # a second
    troupe.say("n1", Propose("x"))
    troupe.wait(0.9)
    assert troupe.terms("n2") == [1, 1] and troupe.server("n1").commit == 1 and troupe.heard() == []
    troupe.wait(0.5)
    assert troupe.heard() == [Done(2, "")]


def test_a_leader_that_falls_answers_later_what_others_have_committed() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"), Propose("y"))
    noop, x = stage.server.log.entry(1), stage.server.log.entry(2)
    stage.say("n2", append(2, 0, 0, noop, x, Entry(2, Kind.NOOP)))
    assert (stage.server.role, stage.heard("ann")) == (Role.FOLLOWER, [])
    stage.say("n2", append(2, 3, 2, commit=3))
    assert stage.heard("ann") == [Done(2, "1"), Lost(3)]


def test_lost_is_said_when_another_entry_is_committed_there_and_not_before() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"))
    stage.say("n2", append(2, 1, 1, *entries(2, 2, start=2)))
    assert stage.log[1:] == [(2, "x2"), (2, "x3")] and stage.heard("ann") == []
    stage.say("n2", append(2, 3, 2, commit=1))
    assert stage.heard("ann") == []
    stage.say("n2", append(2, 3, 2, commit=2))
    assert stage.heard("ann") == [Lost(2)]


def test_an_index_that_is_used_again_by_the_same_leader_decides_nothing_yet() -> None:
    # A leader of term 2 removes x and y here; n3 still has them, and is elected in term 4.
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"), Propose("y"))
    old = stage.server.log.entries
    stage.say("n2", append(2, 0, 0, *entries(2)))
    stage.lead(term=3)
    stage.say("bob", Propose("z"))
    assert [term for term, _ in stage.log] == [2, 3, 3] and stage.heard("ann") == []
    stage.say("n3", append(4, 0, 0, *old, Entry(4, Kind.NOOP), commit=4))
    assert stage.heard("ann") == [Done(2, "1"), Done(3, "2")]
    assert stage.heard("bob") == [Lost(3)]


def test_who_falls_behind_a_snapshot_says_that_it_does_not_know_what_is_in_it() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"), Propose("y"), Propose("z"))
    stage.say("n2", piece(2, 3, 1, 0, b"x y", True))
    stage.say("n2", append(2, 3, 1, *entries(2, start=4), commit=4))
    assert stage.heard("ann") == [Unknown(2), Unknown(3), Lost(4)]
    assert stage.server.machine.commands == ["x", "y", "x4"] and stage.server.proposals == {}


def test_a_crash_answers_nothing() -> None:
    stage = Stage()
    stage.lead(term=1)
    stage.say("ann", Propose("x"))
    stage.crash()
    stage.say("n2", append(1, 2, 1, commit=2))
    assert stage.server.machine.text == "x" and stage.heard("ann") == []


def test_a_full_disk_refuses_and_the_command_is_never_executed() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, machine=Ledger)
    troupe.elect("n1")
    troupe.wait(0.1)
    troupe.sim.faults.limit_disk("n1", 0)
    troupe.say("n1", Propose("x"))
    troupe.wait(0.1)
    (answer,) = troupe.heard()
    assert isinstance(answer, Refused) and "full" in answer.why
    troupe.sim.faults.limit_disk("n1", None)
    troupe.say("n1", Propose("y"))
    troupe.wait(2.0)
    assert troupe.heard() == [Done(2, "1")]
    troupe.sim.faults.restart("n1")
    troupe.elect("n2")
    troupe.wait(2.0)
    assert [troupe.server(name).machine.commands for name in troupe.names] == [["y"]] * 3


def at_once(stage: Stage, action: Callable[[], Any]) -> Any:
    """What ``action`` returns, called in an event of the server."""
    done: list[Any] = []
    stage.server.after(0, lambda: done.append(action()))
    stage.wait()
    return done[0]


def test_what_is_proposed_at_one_moment_is_written_at_once() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    before = len(list(storage._frames(stage.server.disk.read("raft.log"))))
    outcomes = at_once(stage, lambda: [stage.server.propose(command) for command in "xyz"])
    assert len(list(storage._frames(stage.server.disk.read("raft.log")))) == before + 1
    stage.say("n2", Appended(1, True, 4, 0))
    assert [outcome.result() for outcome in outcomes] == [Done(2, "1"), Done(3, "2"), Done(4, "3")]


def test_what_finds_no_room_is_refused_with_all_that_came_at_the_same_moment() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.sim.faults.limit_disk("n1", len(stage.server.disk.read("raft.log")) + 60)  # enough for one
    outcomes = at_once(stage, lambda: [stage.server.propose(command) for command in ("x" * 20, "y" * 20)])
    assert [type(outcome.result()) for outcome in outcomes] == [Refused, Refused] and stage.log == [(1, "")]
    stage.say("ann", Propose("z"))
    assert stage.log == [(1, ""), (1, "z")]


def test_a_command_that_no_message_could_carry_is_refused() -> None:
    stage = Stage(options=replace(QUIET, size=12))
    stage.lead(term=1)
    assert stage.ask("ann", Propose("x" * 11)) == Refused("command has 13 bytes as JSON: at most 12 may be")
    assert stage.ask("ann", Propose("\U0001f600")) == Refused("command has 14 bytes as JSON: at most 12 may be")
    assert stage.say("ann", Propose("x" * 10)) == [] and stage.log[1:] == [(1, "x" * 10)]


def test_who_falls_before_a_command_is_in_the_log_says_that_it_was_not_done() -> None:
    stage = Stage()
    stage.lead(term=1)
    outcome, _ = at_once(stage, lambda: (stage.server.propose("x"), stage.server.follow(None)))
    assert outcome.result() == NotLeader(None) and stage.log == [(1, "")]


def test_a_leader_that_cannot_write_its_first_entry_does_not_lead() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0))
    for peer in stage.peers:
        stage.peer(peer).votes = True
    room = 40  # enough for the vote, not for the entry after it
    stage.sim.faults.limit_disk("n1", len(stage.server.disk.read("raft.log")) + room)
    stage.say("n2", TimeoutNow(1))
    assert (stage.server.role, stage.server.term, stage.server.vote) == (Role.FOLLOWER, 2, "n1")


@pytest.mark.parametrize("text", ["", "\x00", "a\nb", 'quote"', "\u2028\U0001f600", "\ud800", "x" * 10_000])
@pytest.mark.parametrize("compact_after", [1, 1000])
def test_any_text_is_a_command(text: str, compact_after: int) -> None:
    options = replace(QUIET, heartbeat=0.5, election=(1.0, 1.1), compact_after=compact_after)
    stage = Stage(size=1, options=options)
    stage.wait(2.0)
    assert stage.say("ann", Propose(text)) == [Done(2, "")]
    stage.crash()
    stage.wait(2.0)
    assert stage.server.machine.text == text
