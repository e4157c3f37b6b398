"""A disk that is full at any one write: nothing is said that is not durable, and later all goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lessons.agreement.raft import Propose
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, RequestVote, TimeoutNow
from lessons.agreement.raft.storage import Storage
from lessons.sim import DiskModel
from tests.agreement.raft.stage import QUIET, Stage, append, entries, piece
from tests.agreement.raft.test_storage import filling

#: Who says what to the server, one after the other: it votes, follows, overwrites, commits, compacts and installs.
CONVERSATION: list[tuple[str, Any]] = [
    ("n2", RequestVote(1, 0, 0)),
    ("n2", append(1, 0, 0, *entries(1, 1, 1))),
    ("n3", append(2, 1, 1, *entries(2, 2, start=2), commit=2)),
    ("n2", RequestVote(4, 3, 2)),
    ("n2", append(4, 3, 2, *entries(4, 4, start=4), commit=5)),
    ("n3", piece(5, 9, 5, 0, b"theirs", True)),
    ("n3", append(5, 9, 5, *entries(5, start=10), commit=10)),
    ("n2", RequestVote(6, 10, 5)),
]
OPTIONS = replace(QUIET, compact_after=4)


def full_at(stage: Stage, at: int) -> Any:
    """Let write number ``at`` of the server fail, once."""
    disk = filling(stage.server.disk, at)
    stage.server.storage = Storage(disk)
    stage.server.storage.load()
    return disk


def told(stage: Stage) -> tuple[Any, ...]:
    """What must not be forgotten."""
    server = stage.server
    return server.term, server.vote, server.log.base, server.log.entries, server.snapshot


def writes() -> int:
    """How many writes the conversation takes."""
    stage = Stage(options=OPTIONS, machine=Ledger)
    disk = full_at(stage, 10**6)
    for sender, message in CONVERSATION:
        stage.say(sender, message)
    done: int = disk.done
    return done


@pytest.mark.parametrize("at", range(writes()))
def test_what_the_server_knows_is_on_disk_all_the_same(at: int) -> None:
    stage = Stage(options=OPTIONS, machine=Ledger, disk=DiskModel(keep=0.0))
    full_at(stage, at)
    for sender, message in CONVERSATION:
        stage.say(sender, message)
    before = told(stage)
    stage.crash()
    assert told(stage) == before


@pytest.mark.parametrize("at", range(writes()))
def test_a_message_that_could_not_be_dealt_with_was_as_good_as_lost(at: int) -> None:
    stage, undisturbed = Stage(options=OPTIONS, machine=Ledger), Stage(options=OPTIONS, machine=Ledger)
    disk = full_at(stage, at)
    for sender, message in CONVERSATION:
        expected, answers, was_full = undisturbed.say(sender, message), stage.say(sender, message), disk.done > at
        assert answers == expected or (was_full and answers == [])
        if answers != expected:
            assert stage.say(sender, message) == expected  # it is sent again
    assert told(stage)[:2] == told(undisturbed)[:2]
    assert stage.server.machine.commands == undisturbed.server.machine.commands


def test_a_term_that_was_adopted_is_durable_before_it_is_told_even_if_the_entries_found_no_room() -> None:
    stage = Stage(disk=DiskModel(keep=0.0))
    stage.say("n2", append(1, 0, 0))
    full_at(stage, 1)
    assert stage.say("n3", append(5, 0, 0, *entries(5))) == []
    answers = stage.say("n2", append(1, 0, 0))
    stage.crash()
    assert answers == [Appended(5, False, 0, 0)] and stage.server.term == 5


def test_a_leader_that_cannot_write_goes_on_leading_with_what_it_has() -> None:
    stage = Stage(machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("x"))
    stage.sim.faults.limit_disk("n1", 0)
    stage.say("ann", Propose("y"))
    stage.say("n2", Appended(1, True, 2, 0))
    assert stage.server.machine.commands == ["x"] and stage.server.role.value == "leader"


def test_a_snapshot_that_finds_no_room_is_taken_later() -> None:
    stage = Stage(options=OPTIONS, machine=Ledger)
    stage.say("n2", append(1, 0, 0, *entries(*[1] * 5)))
    stage.sim.faults.limit_disk("n1", 0)
    stage.say("n2", append(1, 5, 1, commit=4))
    assert (stage.server.applied, stage.server.base, len(stage.terms)) == (4, 0, 5)
    stage.sim.faults.limit_disk("n1", None)
    stage.say("n2", append(1, 5, 1, commit=5))
    assert (stage.server.applied, stage.server.base, len(stage.terms)) == (5, 5, 0)


def test_an_order_to_stand_that_cannot_be_followed_leaves_a_follower() -> None:
    stage = Stage()
    stage.say("n2", append(3, 0, 0))
    stage.sim.faults.limit_disk("n1", 0)
    assert stage.say("n2", TimeoutNow(3))[1:] == []
    assert (stage.server.role.value, stage.server.term) == ("follower", 3)
