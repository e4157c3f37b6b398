"""The cluster's time: the leader says it with each command, and clocks of servers decide nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import Entry, Kind, Options, Role
from lessons.agreement.raft.messages import Appended
from lessons.agreement.replicated_kv.answers import Granted, NoLease
from lessons.agreement.replicated_kv.commands import Command, Grant, KeepAlive, Put, Register, Tick
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.text import to_text
from lessons.agreement.replicated_kv.timekeeping import ClusterClock
from tests.agreement.raft.stage import QUIET, append
from tests.agreement.replicated_kv.cluster import Cluster
from tests.agreement.replicated_kv.stage import TICKING, Stage


def led(options: Options = QUIET, limits: Limits | None = None) -> Stage:
    """A leader of term 1 that has committed its first entry."""
    stage = Stage(options=options, limits=limits)
    stage.lead(term=1)
    stage.confirm()
    stage.forget()
    return stage


def command(stage: Stage, do: Grant | Tick | Put, time: float) -> Entry:
    """An entry of an earlier leader, term 1, who said that it was ``time``."""
    return Entry(1, Kind.COMMAND, to_text(Command(do, time=time)))


def test_a_clock_stands_still_until_it_begins_and_goes_on_from_what_was_agreed() -> None:
    clock = ClusterClock()
    assert clock.read(7.0, 1000.0) == 7.0
    clock.begin(7.0, 1000.0)
    assert clock.read(7.0, 1002.5) == 9.5
    assert clock.read(12.0, 1002.5) == 12.0
    clock.stop()
    assert clock.read(9.5, 1100.0) == 9.5


def test_every_command_is_stamped_with_the_seconds_since_the_first_leader() -> None:
    stage = led()
    stage.propose(Put("x", "1"))
    stage.wait(10.0)
    stage.propose(Put("x", "2"))
    first, second = stage.times
    assert 0 < first < 0.1 and 10.0 < second - first < 10.1


def test_a_new_leader_goes_on_from_the_time_in_its_log_whatever_its_own_clock_says() -> None:
    stage = Stage()
    stage.say("n2", append(1, 0, 0, command(stage, Put("x", "1"), 500.0)))
    stage.wait(50.0)
    stage.lead(term=2)
    stage.confirm()
    assert stage.server.machine.time == 500.0
    stage.wait(3.0)
    stage.propose(Put("x", "2"))
    assert 503.0 < stage.times[-1] < 503.2


def test_a_leader_that_does_not_know_the_agreed_time_yet_says_none_of_its_own() -> None:
    stage = Stage()
    stage.lead(term=1)
    stage.wait(5.0)
    stage.propose(Put("x", "1"))
    assert stage.times == [0.0]
    stage.wait(1.0)
    stage.propose(Put("x", "2"))
    assert 1.0 < stage.times[-1] < 1.2


def test_a_jump_of_the_time_of_day_changes_nothing() -> None:
    stage = led()
    stage.propose(Put("x", "1"))
    for seconds in (3600.0, -7200.0):
        stage.sim.faults.step_clock("n1", seconds)
        stage.propose(Put("x", "2"))
    assert stage.times[-1] < 1.0


def test_a_leader_whose_clock_is_fast_makes_time_pass_faster() -> None:
    stage = led()
    stage.sim.faults.drift_clock("n1", 2.0)
    stage.propose(Put("x", "1"))
    before = stage.times[-1]
    stage.wait(10.0)
    stage.propose(Put("x", "2"))
    assert stage.times[-1] - before == pytest.approx(20.0, abs=0.2)


# Ticks


def test_the_leader_says_the_time_when_a_lease_is_over_and_not_before() -> None:
    stage = led(TICKING)
    assert stage.propose(Grant(1.0)) == Granted(1, 1.0)
    stage.propose(Put("x", "1", 1))
    stage.wait(0.8)
    assert len(stage.times) == 2
    stage.wait(0.4)
    assert len(stage.times) == 3 and stage.times[2] >= stage.times[0] + 1.0
    stage.confirm()
    assert stage.server.machine.keyspace.records == {}
    stage.wait(2.0)
    assert len(stage.times) == 3


def test_it_says_so_once_however_long_that_takes_to_be_committed() -> None:
    stage = led(TICKING)
    stage.propose(Grant(0.5))
    stage.wait(5.0)
    assert len(stage.times) == 2
    assert stage.server.machine.leases.all != {}, "it is over when the log says so"


def test_a_session_that_is_silent_for_too_long_is_ended_by_a_tick_too() -> None:
    stage = led(TICKING, Limits(idle=2.0))
    stage.propose(Register())
    stage.wait(2.2)
    stage.confirm()
    assert stage.server.machine.sessions.all == {} and len(stage.times) == 2


def test_a_follower_never_ends_a_lease_by_itself() -> None:
    stage = Stage(options=TICKING)
    stage.say("n2", append(1, 0, 0, command(stage, Grant(1.0), 0.0), commit=1))
    stage.wait(50.0)
    assert list(stage.server.machine.leases.all) == [1] and stage.server.log.last == 1


def test_a_leader_that_has_fallen_says_the_time_no_more() -> None:
    stage = led(TICKING)
    stage.propose(Grant(1.0))
    stage.say("n2", Appended(2, False, 0, 0))
    assert stage.server.role is Role.FOLLOWER
    stage.wait(5.0)
    assert len(stage.times) == 1


def test_a_full_disk_puts_a_tick_off() -> None:
    stage = led(TICKING)
    stage.propose(Grant(1.0))
    stage.sim.faults.limit_disk("n1", 0)
    stage.wait(2.0)
    assert len(stage.times) == 1
    stage.sim.faults.limit_disk("n1", None)
    stage.wait(0.2)
    assert len(stage.times) == 2


# Clusters


def test_a_lease_outlives_its_leader_by_the_time_that_nobody_led() -> None:
    cluster = Cluster()
    lease = cluster.do(lambda ann: ann.grant(1.0))
    cluster.do(lambda ann: ann.put("x", "1", lease))
    cluster.wait(0.5)
    for _ in range(2):  # ten seconds without a majority
        for name in cluster.followers:
            cluster.sim.faults.crash(name)
        cluster.wait(5.0)
        for name in cluster.names:
            cluster.sim.faults.restart(name)
        cluster.until(lambda: cluster.leader is not None)
    assert cluster.do(lambda ann: ann.get("x")) == "1"
    cluster.wait(1.5)
    assert cluster.do(lambda ann: ann.get("x")) is None


def test_a_holder_that_keeps_its_lease_alive_has_it_through_a_change_of_leader() -> None:
    cluster = Cluster()
    lease = cluster.do(lambda ann: ann.grant(1.0))
    cluster.do(lambda ann: ann.put("x", "1", lease))
    for round_ in range(10):
        cluster.wait(0.3)
        cluster.do(lambda ann: ann.keep_alive(lease))
        if round_ == 4:
            cluster.sim.faults.crash(cluster.leader)
    assert cluster.do(lambda ann: ann.get("x")) == "1"


@pytest.mark.parametrize("rates", [(1.0, 1.0, 1.0), (0.5, 1.5, 1.0), (2.0, 0.5, 1.0)], ids=str)
def test_keys_are_gone_everywhere_at_the_same_entry_however_clocks_run(rates: tuple[float, ...]) -> None:
    cluster = Cluster(options=replace(Options(), election=(0.15, 0.6)))
    for name, rate in zip(cluster.names, rates, strict=True):
        cluster.sim.faults.drift_clock(name, rate)
    for number in range(3):
        lease = cluster.do(lambda ann, ttl=0.3 * (number + 1): ann.grant(ttl))
        cluster.do(lambda ann, key=f"k{number}", lease=lease: ann.put(key, "1", lease))
    cluster.wait(5.0)
    states = [cluster.server(name).expired for name in cluster.names]
    assert len(states[0]) == 3 and states[0] == states[1] == states[2]
    assert all(cluster.values(name) == {} for name in cluster.names)


def test_who_comes_too_late_with_a_sign_of_life_is_told_so() -> None:
    stage = led(TICKING)
    stage.propose(Grant(1.0))
    stage.wait(0.95)
    stage.propose(Put("x", "1"))
    stage.wait(0.2)
    assert stage.propose(KeepAlive(1)) == NoLease(1)
