"""What a leader keeps of its leases: when heartbeats were sent, until when it leads, in which term it named an heir."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from lessons.agreement.raft import Options, Role, TransferLeadership
from lessons.agreement.raft.messages import Appended, AppendEntries, TimeoutNow
from tests.agreement.raft.stage import QUIET, Stage, append

LEASE = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0), check_quorum=True, lease=True, drift=0.1)
SAFE = 0.9  # seconds after a heartbeat was sent: the shortest election timeout, less the drift


def led(size: int = 3, options: Options = LEASE) -> Stage:
    """A leader of term 1, whose first entry is committed; no heartbeat has been answered."""
    stage = Stage(size, options=options)
    stage.lead(term=1)
    for follower in stage.peers[: size - 1]:
        stage.say(follower, Appended(1, True, 1, 0))
    stage.forget()
    return stage


def beat(stage: Stage) -> int:
    """The round of the next heartbeat."""
    stage.forget()
    stage.wait(0.5)
    return stage.heard("n3", AppendEntries)[-1].round


def answer(stage: Stage, follower: str, round: int, term: int = 1) -> None:
    stage.say(follower, Appended(term, True, stage.server.log.last, round))


def test_a_lease_is_counted_from_the_sending_of_the_heartbeat_and_what_is_confirmed_is_forgotten() -> None:
    stage = led()
    earlier, later = beat(stage), beat(stage)
    sent = dict(stage.server.sent_at)
    assert {earlier, later} <= set(sent) and sent[later] == pytest.approx(sent[earlier] + 0.5)
    answer(stage, "n2", earlier)
    assert stage.server.lease_until == sent[earlier] + SAFE and list(stage.server.sent_at) == [later]
    answer(stage, "n2", later)
    assert stage.server.lease_until == sent[later] + SAFE and stage.server.sent_at == {}


def test_a_late_answer_to_an_older_heartbeat_makes_no_lease_shorter() -> None:
    stage = led()
    earlier, later = beat(stage), beat(stage)
    answer(stage, "n2", later)
    until = stage.server.lease_until
    answer(stage, "n3", earlier)
    answer(stage, "n2", earlier)
    assert stage.server.lease_until == until > -inf


def test_a_lease_counts_from_the_last_heartbeat_that_a_majority_has_answered_and_not_from_one_of_them() -> None:
    stage = led(size=5)
    earlier, later = beat(stage), beat(stage)
    sent = dict(stage.server.sent_at)
    answer(stage, "n2", later)
    assert stage.server.lease_until == -inf
    answer(stage, "n3", earlier)
    assert stage.server.lease_until == sent[earlier] + SAFE
    answer(stage, "n4", later)
    assert stage.server.lease_until == sent[later] + SAFE


def test_who_never_hears_from_a_majority_has_no_lease() -> None:
    stage = led(size=5)
    answer(stage, "n2", beat(stage))
    assert stage.server.role is Role.LEADER and stage.server.lease_until == -inf


def test_without_the_option_nothing_is_kept() -> None:
    stage = led(options=replace(LEASE, lease=False))
    answer(stage, "n2", beat(stage))
    assert stage.server.sent_at == {} and stage.server.lease_until == -inf


def test_who_leaves_office_keeps_neither_lease_nor_heartbeats() -> None:
    stage = led()
    answer(stage, "n2", beat(stage))
    beat(stage)
    assert stage.server.sent_at and stage.server.lease_until > -inf
    stage.say("n3", append(2, 0, 0))
    assert stage.server.sent_at == {} and stage.server.lease_until == -inf


def test_an_offer_ends_the_lease_of_its_term_and_the_next_office_has_one_again() -> None:
    stage = led()
    answer(stage, "n2", beat(stage))
    assert stage.server.lease_until > -inf and stage.server.offered == 0
    stage.say("bob", TransferLeadership("n2"))
    assert stage.heard("n2", TimeoutNow) == [TimeoutNow(1)]
    assert stage.server.lease_until == -inf and stage.server.offered == 1
    answer(stage, "n3", beat(stage))
    assert stage.server.lease_until == -inf and stage.server.sent_at == {}
    stage.say("n3", append(2, 0, 0))
    stage.lead(term=3)
    answer(stage, "n3", beat(stage), term=3)
    assert stage.server.lease_until > -inf and stage.server.offered == 1
