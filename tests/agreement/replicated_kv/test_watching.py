"""Watches: all that happens, in order, once; whoever tells it, and whatever becomes of messages and servers."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft import NotLeader, Options, Refused
from lessons.agreement.replicated_kv import watching
from lessons.agreement.replicated_kv.answers import Event, Record
from lessons.agreement.replicated_kv.commands import Delete, Grant, Put, Revoke, Txn, prefix_end
from lessons.agreement.replicated_kv.messages import Compacted, Malformed, Told, Watch
from lessons.agreement.replicated_kv.rules import Limits
from lessons.sim import Link, LogNormal, Nemesis
from tests.agreement.raft.stage import QUIET, append
from tests.agreement.replicated_kv.cluster import Cluster
from tests.agreement.replicated_kv.stage import Stage


def led(limits: Limits | None = None) -> Stage:
    """A leader with x = 1, y = 1 and x = 2, at revisions 1, 2 and 3."""
    stage = Stage(limits=limits)
    stage.lead(term=1)
    stage.confirm()
    for key, value in (("x", "1"), ("y", "1"), ("x", "2")):
        stage.propose(Put(key, value))
    stage.forget()
    return stage


X1, Y1 = Event(1, "x", Record("x", "1", 1, 1)), Event(2, "y", Record("y", "1", 2, 2))
X2 = Event(3, "x", Record("x", "2", 1, 3, 2))


def test_what_has_happened_since_a_revision_is_told_at_once() -> None:
    stage = led()
    assert stage.ask("ann", Watch("", "", 1, 5.0)) == Told(1, 3, (X1, Y1, X2))
    assert stage.ask("ann", Watch("", "", 2, 5.0)) == Told(2, 3, (Y1, X2))
    assert stage.ask("ann", Watch("x", None, 1, 5.0)) == Told(1, 3, (X1, X2))
    assert stage.ask("ann", Watch("x", prefix_end("x"), 2, 5.0)) == Told(2, 3, (X2,))


def test_a_watch_waits_for_the_next_change_of_what_it_watches() -> None:
    stage = led()
    assert stage.say("ann", Watch("x", None, 4, 5.0)) == []
    stage.propose(Put("y", "2"), sender="bob")
    assert stage.heard("ann") == []
    stage.propose(Delete("x"), sender="bob")
    assert stage.heard("ann") == [Told(4, 5, (Event(5, "x", None),))]


def test_after_its_time_a_watch_is_told_up_to_where_nothing_has_happened() -> None:
    stage = led()
    stage.say("ann", Watch("z", None, 2, 1.0))
    stage.wait(0.9)
    assert stage.heard("ann") == []
    stage.wait(0.2)
    assert stage.heard("ann") == [Told(2, 3, ())]
    stage.say("ann", Watch("z", None, 10, 1.0))
    stage.wait(1.1)
    assert stage.heard("ann") == [Told(10, 9, ())]


def test_a_follower_tells_what_it_has_executed_and_no_more() -> None:
    entries = led().server.log.entries
    stage = Stage()
    stage.say("n2", append(1, 0, 0, *entries, commit=3))
    assert stage.ask("ann", Watch("", "", 1, 5.0)) == Told(1, 2, (X1, Y1))
    assert stage.say("ann", Watch("", "", 3, 5.0)) == []
    stage.say("n2", append(1, 4, 1, commit=4))
    assert stage.heard("ann") == [Told(3, 3, (X2,))]


def test_who_hears_of_no_leader_sends_its_watchers_elsewhere() -> None:
    stage = Stage()
    stage.say("ann", Watch("x", None, 1, 1.0))
    stage.wait(1.1)
    assert stage.heard("ann") == [NotLeader(None)]


def test_what_is_forgotten_is_called_compacted_with_what_is_left() -> None:
    stage = led(Limits(events=2))
    assert stage.ask("ann", Watch("", "", 1, 5.0)) == Compacted(2)
    assert stage.ask("ann", Watch("", "", 2, 5.0)) == Told(2, 3, (Y1, X2))


def test_a_transaction_is_told_as_a_whole() -> None:
    stage = led()
    many = tuple(Put(f"k{number:03}", "1") for number in range(60))
    stage.propose(Txn(then=many))
    stage.propose(Txn(then=many))
    stage.propose(Put("x", "3"))
    told = stage.ask("ann", Watch("", "", 4, 5.0))
    assert (told.first, told.last, len(told.events)) == (4, 5, 120)
    told = stage.ask("ann", Watch("", "", told.last + 1, 5.0))
    assert (told.first, told.last, len(told.events)) == (6, 6, 1)


def test_the_end_of_a_lease_is_told_as_the_removal_of_its_keys() -> None:
    stage = led()
    lease = stage.propose(Grant(5.0)).lease
    stage.propose(Put("a", "1", lease))
    stage.propose(Put("b", "1", lease))
    stage.propose(Revoke(lease))
    assert stage.ask("ann", Watch("", "", 6, 5.0)).events == (Event(6, "a", None), Event(6, "b", None))


def test_a_server_holds_only_so_many_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WATCHES", 2)
    stage = led()
    assert stage.say("ann", *[Watch("x", None, 4, 1.0)] * 3) == [Refused("there are 2 watches: ask another server")]
    stage.wait(1.1)
    assert stage.heard("ann") == [Told(4, 3, ())] * 2 and stage.server.watches == []


@pytest.mark.parametrize(
    ("watch", "words"),
    [
        (Watch("", None, 1, 1.0), "key is ''"),
        (Watch("b", "a", 1, 1.0), "end is 'a'"),
        (Watch("x", None, 0, 1.0), "since is 0: it must be a whole number from 1"),
        (Watch("x", None, 1, 61.0), "hold is 61.0: it must be a time over 0 and up to 60 seconds"),
        (Watch("x", None, 1, float("nan")), "hold is nan"),
    ],
    ids=str,
)
def test_a_watch_that_makes_no_sense_is_refused_in_words(watch: Watch, words: str) -> None:
    (answer,) = Stage(options=QUIET).say("ann", watch)
    assert isinstance(answer, Malformed) and words in answer.why


# Streams


def happened(cluster: Cluster) -> list[Any]:
    """All events, as the leader has them."""
    return list(cluster.server().machine.keyspace.events)


def test_a_stream_tells_everything_from_the_beginning_on() -> None:
    cluster = Cluster()
    for number in range(5):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
    cluster.wait()
    assert cluster.told() == happened(cluster) and len(cluster.told()) == 5


def test_a_stream_of_a_prefix_tells_of_nothing_else() -> None:
    cluster = Cluster()
    told: list[Event] = []
    cluster.client("bob").watch(told.append, "a/", prefix_end("a/"))
    for key in ("a/1", "b/1", "a", "a/2"):
        cluster.do(lambda ann, key=key: ann.put(key, "1"))
    cluster.wait()
    assert [event.key for event in told] == ["a/1", "a/2"]


def test_a_stream_goes_on_after_a_change_of_leader_without_loss_or_repetition() -> None:
    cluster = Cluster()
    for number in range(12):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
        if number % 3 == 2:
            cluster.sim.faults.restart(cluster.leader)
    cluster.wait(3.0)
    assert [event.record.value for event in cluster.told()] == [str(number) for number in range(12)]


def test_a_stream_goes_on_at_another_server_when_its_own_is_cut_off() -> None:
    cluster = Cluster()
    stream = cluster.client("eve").stream
    own = stream.server
    others = [name for name in cluster.names if name != own]
    cluster.sim.faults.bridge("ann", [own], [*others, "eve"])
    cluster.until(lambda: cluster.leader in others)
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait(3.0)
    assert len(cluster.told()) == 1 and stream.server != own


@pytest.mark.parametrize("seed", range(10))
def test_streams_are_whole_where_messages_are_lost_doubled_and_overtake_each_other(seed: int) -> None:
    cluster = Cluster(seed=seed, link=Link(LogNormal(0.003, 1.0), loss=0.1, duplicate=0.1))
    cluster.sim.unleash(Nemesis(("crash", "partition"), every=0.5, lasting=0.3), cluster.sim.now + 2.0)
    for number in range(10):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
    cluster.wait(5.0)
    assert [event.record.value for event in cluster.told()] == [str(number) for number in range(10)]


def test_a_stream_that_is_too_slow_ends_and_says_what_is_left() -> None:
    cluster = Cluster(limits=Limits(events=3))
    cluster.sim.faults.isolate("eve")
    for number in range(5):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
    cluster.sim.faults.heal()
    cluster.wait(5.0)
    stream = cluster.client("eve").stream
    assert (stream.compacted, stream.stopped, cluster.told()) == (3, True, [])
    told: list[Event] = []
    cluster.client("eve").watch(told.append, "x", None, stream.compacted)
    cluster.wait(1.0)
    assert [event.revision for event in told] == [3, 4, 5]


def test_a_stream_that_was_stopped_tells_no_more() -> None:
    cluster = Cluster()
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait()
    cluster.client("eve").stream.stop()
    cluster.do(lambda ann: ann.put("x", "2"))
    cluster.wait()
    assert len(cluster.told()) == 1


def test_events_survive_in_snapshots() -> None:
    cluster = Cluster(options=Options(compact_after=3))
    cluster.sim.faults.isolate("eve")
    for number in range(8):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
    for name in cluster.names:
        cluster.sim.faults.restart(name)
    cluster.sim.faults.heal()
    cluster.wait(3.0)
    assert all(cluster.server(name).log.base >= 6 for name in cluster.names)
    assert [event.record.value for event in cluster.told()] == [str(number) for number in range(8)]
